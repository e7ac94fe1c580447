"""facts_of(before, event, turn, …): what a turn brought about. Pure: told by the event, the effects and the states.

Figures, the gap loop and the drift alarm rest on this alone; tests/facts plays every kind of conversation.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from bot.conversation import Conversation, Reason
from bot.effects import Erase, OpenHandoff, Record, Reply, Say, Turn
from bot.events import CitizenWrote, Event
from bot.facts.fact import Fact, FactKind, name_of
from bot.facts.handoffs import became
from bot.handoff.fact import Handoff
from bot.judging.choices import NONE
from bot.judging.rating import rated_number
from bot.message import Kind
from nlu.text import cap

PAUSE = timedelta(hours=24)
"""Whoever writes after so long begins a conversation."""
LONGEST = 500  # characters of a question
CLARIFIES = frozenset({"clarify", "clarify.one", "clarify.other", "clarify.other_one"})
OFFICE_TOLD = frozenset({"hours", "places.here", "places.some"})
WITHHOLDS = frozenset({"miss", "out_of_scope", "other_town", "rejected.again", "questions.miss"})
LATER = "questions.open"
"""One of several questions in a message, named and put off."""
BY_RELEASE = frozenset(
    {
        *(FactKind.ANSWERED, FactKind.CLARIFIED, FactKind.CLARIFIED_IN_VAIN, FactKind.WITHHELD, FactKind.OFFICE),
        *(FactKind.REJECTED, FactKind.PRAISED),
    }
)
"""Questions, and what was thought of answers: by the release that was in force."""
TURNED_DOWN = frozenset({"rejected.rephrase", "rejected.offer"})
BESIDE = frozenset({"disclosure", "questions.more"})
"""Replies that answer nothing, as notices do."""


class Sources(Protocol):
    """What is known of an entry's revision; the phrasebook knows it."""

    def about(self, entry: str, revision: str) -> tuple[str, str, str]:
        """Its topic, its office and the revision's id; "" for what is not known."""
        ...

    def unsaid(self, reply: Reply, language: str) -> bool:
        """Does the entry say nothing of what this follow-up asks?"""
        ...


@dataclass(frozen=True, slots=True)
class Stamp:
    """`version`: of the conversation, after the turn; `now` is aware UTC, `today` the town's day."""

    version: int
    now: datetime
    today: date


def facts_of(before: Conversation, event: Event, turn: Turn, stamp: Stamp, sources: Sources) -> tuple[Fact, ...]:
    """The turn's facts, in the order in which things happened."""
    making = _Making(before, event, turn, stamp, sources)
    return tuple(making.handoffs()) if not isinstance(event, CitizenWrote) else tuple(making.citizen(event))


class _Making:
    """One turn's facts."""

    def __init__(self, before: Conversation, event: Event, turn: Turn, stamp: Stamp, sources: Sources) -> None:
        self._before, self._turn, self._after = before, turn, turn.conversation
        self._stamp, self._sources, self._made = stamp, sources, 0
        self._was: Handoff | None = event.rated if isinstance(event, CitizenWrote) else None
        self._release = event.release if isinstance(event, CitizenWrote) else ""

    def handoffs(self) -> Iterator[Fact]:
        """What became of handoffs."""
        for b in became(self._before, self._turn, self._was, self._stamp.now):
            yield self._fact(
                b.kind,
                at=b.at,
                channel=b.handoff.channel,
                topic=b.handoff.topic,
                team=b.handoff.team,
                reason=b.reason,
                value=b.value,
                count=b.count,
            )

    def citizen(self, e: CitizenWrote) -> Iterator[Fact]:
        """All that a citizen's message brought about."""
        last = self._before.last_citizen
        rates = bool(rated_number(e.message.choice))
        if not rates and not self._before.is_open and (last is None or self._stamp.now - last >= PAUSE):
            yield self._fact(FactKind.BEGUN)
        found = [*self._turned_down(), *self._answers(e), *self.handoffs()]
        if any(isinstance(effect, Erase) for effect in self._turn.effects):
            found.append(self._fact(FactKind.ERASED))
        keys = [r.key for r in self._turn.replies if r.key not in BESIDE and not r.key.startswith("notice.")]
        if keys and not found:
            found.append(self._fact(FactKind.SAID, by=keys[-1]))
        yield from found

    def _turned_down(self) -> Iterator[Fact]:
        """Answers and offers that were not meant, and those that were praised."""
        b = self._before
        about = {"entry": b.entry, "revision": b.revision, "topic": b.topic, "text": _short(b.question)}
        keys = {e.key for e in self._turn.effects if isinstance(e, Record)}
        if "feedback_good" in keys and b.entry:
            topic, office, revision = self._sources.about(b.entry, b.revision)
            once = name_of(b.id, FactKind.PRAISED, b.entry, b.revision, self._stamp.today.isoformat())
            known = {"topic": topic or b.topic, "office": office, "revision": revision or b.revision}
            yield replace(self._fact(FactKind.PRAISED, **about | known), id=once)
        if "feedback_bad" in keys and b.entry:
            topic, office, revision = self._sources.about(b.entry, b.revision)
            known = {"topic": topic or b.topic, "office": office, "revision": revision or b.revision}
            yield self._fact(FactKind.REJECTED, **about | known)
        replies = {r.key for r in self._turn.replies}
        handed_off = any(isinstance(e, OpenHandoff) and e.reason is Reason.REJECTED for e in self._turn.effects)
        if b.offered and ("feedback_bad" in keys or replies & TURNED_DOWN or handed_off):
            topics = {o.topic for o in b.offered}
            topic = topics.pop() if len(topics) == 1 else ""
            yield self._fact(FactKind.CLARIFIED_IN_VAIN, topic=topic, text=_short(b.question))

    def _answers(self, e: CitizenWrote) -> Iterator[Fact]:
        """What each of its questions got."""
        rejected = any(isinstance(effect, Record) and effect.key == "feedback_bad" for effect in self._turn.effects)
        for effect in self._turn.effects:
            if not isinstance(effect, Say) or effect.by != "bot":
                continue
            reply = effect.reply
            part = next((p for p in e.parts if p.masked == effect.question), e) if effect.question else e
            if reply.key.startswith("emergency."):
                yield self._fact(FactKind.ALARM, by=reply.key.partition(".")[2])
            elif reply.key in ("answer", "follow_up"):
                yield self._answered(reply, part, bool(effect.question))
            elif reply.key.startswith("pinned."):
                yield self._fact(FactKind.ANSWERED, by="pinned", topic=self._after.topic, text=_short(part.masked))
            elif reply.key in OFFICE_TOLD:
                by = "choice" if e.message.kind is Kind.CHOICE else "question"
                yield self._fact(FactKind.OFFICE, by=by, office=reply.office, text=_short(part.masked))
            elif reply.key in CLARIFIES:
                topics = {o.topic for o in self._after.offered}
                topic = topics.pop() if len(topics) == 1 else ""
                asked = {"topic": topic, "value": _likely(part), "text": _short(self._after.question)}
                yield self._fact(FactKind.CLARIFIED, by="again" if rejected else "", **asked)
            elif reply.key == "office.which":
                yield self._fact(FactKind.CLARIFIED, by="office", text=_short(part.masked))
            elif reply.key in WITHHOLDS or reply.key == LATER:
                by = "later" if reply.key == LATER else reply.key
                yield self._fact(FactKind.WITHHELD, by=by, value=_likely(part), text=_short(part.masked))
            elif reply.key.startswith("handoff.") and self._is_unanswered(e):
                asked = {"value": _likely(part), "text": _short(self._after.question)}
                yield self._fact(FactKind.WITHHELD, by="handed_off", **asked)

    def _answered(self, reply: Reply, part: CitizenWrote, is_part: bool) -> Fact:
        topic, office, revision = self._sources.about(reply.entry, reply.revision)
        about: dict[str, Any] = {
            "entry": reply.entry,
            "topic": topic or self._after.topic,
            "office": office,
            "revision": revision or reply.revision,
        }
        if reply.key == "follow_up":
            if self._sources.unsaid(reply, self._after.language):
                return self._fact(FactKind.WITHHELD, by="unsaid", text=_short(part.masked), **about)
            return self._fact(FactKind.ANSWERED, by="follow_up", text=_short(part.masked), **about)
        searched = is_part or (part.message.kind is not Kind.CHOICE and self._after.question == part.masked)
        if searched:
            asked = {"by": "search", "value": _likely(part), "text": _short(part.masked)}
            return self._fact(FactKind.ANSWERED, **about | asked)
        offered = any(o.entry == reply.entry for o in self._before.offered)
        text = _short(self._before.question) if offered else ""
        return self._fact(FactKind.ANSWERED, by="choice", text=text, **about)

    def _is_unanswered(self, e: CitizenWrote) -> bool:
        """Is somebody handed off because this very question found nothing?"""
        reasons = {effect.reason for effect in self._turn.effects if isinstance(effect, OpenHandoff)}
        asked = {e.masked, *(part.masked for part in e.parts)} if e.findings or e.parts else set()
        return Reason.NOT_UNDERSTOOD in reasons and e.message.choice != NONE.data and self._after.question in asked

    def _fact(self, kind: FactKind, **values: Any) -> Fact:
        self._made += 1
        stamp, c = self._stamp, self._after
        ident = name_of(c.id, stamp.version, int(stamp.now.timestamp() * 1000), self._made)
        release = self._release if kind in BY_RELEASE else ""
        known = {"at": stamp.now, "channel": c.channel, "language": c.language, "release": release, **values}
        return Fact(ident, kind=kind, conversation=c.id, **known)


def _likely(e: CitizenWrote) -> int | None:
    """The probability of the likeliest entry, in thousandths; None where nothing was searched."""
    if e.findings is None:
        return None
    return round(1000 * max(0.0, min(1.0, e.findings.matches[0].score))) if e.findings.matches else 0


def _short(text: str) -> str:
    return cap(" ".join(text.split()), LONGEST)
