"""Answers that the town pinned above all others: to a question in their words, or in place of the entry it means."""

from dataclasses import replace
from functools import lru_cache

from bot.conversation import Candidate, Conversation
from bot.effects import Reply, Say, Turn
from bot.events import CitizenWrote
from bot.judging.choices import HUMAN
from bot.notices import at_hand
from bot.policy import Townhall
from faq.retrieval.text import content_words, stem
from faq.town import Pinned


def pinned(c: Conversation, e: CitizenWrote, townhall: Townhall) -> Turn | None:
    """The turn for a question that says what a pinned answer's wording says; None where none does."""
    if not townhall.pinned:
        return None
    first = e.findings.matches[0].topic if e.findings and e.findings.matches else ""
    said = _stems(e.masked)
    for pin in townhall.pinned:
        topics = {first, c.topic} - {""}
        if at_hand(pin, topics, c.district) and any(_says(said, wording) for wording in pin.wordings):
            return _told(c, pin, "")
    return None


def in_front(c: Conversation, candidate: Candidate, townhall: Townhall) -> Turn | None:
    """The pinned answer that stands in front of this entry; None where none does."""
    for pin in townhall.pinned:
        if candidate.entry in pin.entries and at_hand(pin, {candidate.topic, c.topic} - {""}, c.district):
            return _told(c, pin, candidate.topic)
    return None


def _told(c: Conversation, pin: Pinned, topic: str) -> Turn:
    """What follows means this answer, and no entry."""
    text, is_german = pin.text(c.language)
    written = pin.signed.at or pin.first
    params = {"as_of": written.date().isoformat()} if written else {}
    before = "notice.german_only" if is_german else ""
    reply = Reply(f"pinned.{pin.level}", params, (HUMAN,), text=text, before=before)
    c = replace(c, misses=0, offered=(), pending="", entry="", revision="", title="", office="", office_asked="")
    return Turn(replace(c, topic=topic or c.topic), (Say(reply),))


def _says(said: frozenset[str], wording: str) -> bool:
    """Do all of the wording's words stand there, in whatever order?"""
    wanted = _stems(wording)
    return bool(wanted) and wanted <= said


@lru_cache(maxsize=2000)
def _stems(text: str) -> frozenset[str]:
    """The stems of the words that say what it is about."""
    return frozenset(map(stem, content_words(text)))
