"""What leans on the entry at hand: "und was kostet das?", "und für meinen Sohn?", "geht das auch online?"."""

from dataclasses import replace
from datetime import datetime

from bot.conversation import Candidate, Conversation
from bot.effects import Reply, Say, Turn
from bot.events import CitizenWrote
from bot.judging.answering import answer, at_hand, clarify, sure, which
from bot.judging.choices import ASK_HUMAN
from bot.judging.pinning import in_front
from bot.policy import Policy, Townhall
from nlu.questions import holds_its_matter

ASPECTS = {
    "follow_up_cost": "fee",
    "follow_up_documents": "documents",
    "follow_up_location": "office",
    "follow_up_duration": "duration",
    "follow_up_deadline": "deadline",
    "follow_up_online": "online",
    "follow_up_appointment": "appointment",
    "follow_up_person": "persons",
}
PERSONS = "persons"


def aspects_of(e: CitizenWrote) -> tuple[str, ...]:
    """Which facts are asked for: by the words, else by the model."""
    if e.manner.aspects and (e.manner.bare or e.manner.points or e.manner.goes_on):
        return e.manner.aspects
    if e.manner.person and e.manner.bare:
        return (PERSONS,)
    intent = e.understanding.intent if e.understanding else ""
    meant = ASPECTS.get(intent, "")
    return (meant,) if meant else ()


def followed(c: Conversation, e: CitizenWrote, policy: Policy, townhall: Townhall, now: datetime) -> Turn | None:
    """The turn for a follow-up, None for what stands alone."""
    aspects = aspects_of(e)
    if not aspects:
        return None
    best = sure(c, e)
    if not c.entry:
        foreseen = best is not None and best.score >= policy.verbatim
        leans = e.manner.bare and c.offered and not foreseen  # words without a matter mean one of those
        known = e.findings is not None and e.findings.decision == "clarify" and bool(e.manner.person)  # "für Kinder"
        if not leans and (best or not e.manner.bare or known):
            return None
        if len(c.offered) == 1:
            only = c.offered[0]  # nothing was left to choose: whoever asks on means it
            return _told(at_hand(c, Candidate(only.entry, "", only.title, 1.0, only.topic)), aspects)
        c = replace(c, misses=0, about="" if c.offered else e.masked)
        return Turn(c, (Say(which(c.offered, "clarify.which") if c.offered else Reply("follow_up.about")),))
    if e.manner.person and e.manner.bare:
        return _for_someone(c, e, aspects, townhall, now)
    if not e.manner.bare:
        if best and best.entry != c.entry:
            return _elsewhere(c, best, e, townhall, now)
        if not best and (holds_its_matter(e.masked) or not (e.manner.points or _likeliest(c, e))):
            return None  # it names something, and the entry at hand is not known to be it
    return _told(c, aspects)


def _likeliest(c: Conversation, e: CitizenWrote) -> bool:
    """Does the search find the entry at hand before all others, unsure as it is? "Brauche ich eine Vollmacht?" """
    return bool(e.findings and e.findings.matches and e.findings.matches[0].entry == c.entry)


def _told(c: Conversation, aspects: tuple[str, ...]) -> Turn:
    reply = Reply("follow_up", entry=c.entry, revision=c.revision, aspects=aspects, otherwise=(ASK_HUMAN,))
    return Turn(replace(c, misses=0, pending=""), (Say(reply),))


def _elsewhere(c: Conversation, best: Candidate, e: CitizenWrote, townhall: Townhall, now: datetime) -> Turn:
    """Another matter with the same question: of it only what was asked, where the words say what that is.

    Where to go is more than an address: of that the whole answer tells.
    """
    c = replace(c, question=e.masked)
    aspects = tuple(aspect for aspect in e.manner.aspects if aspect != "office")
    if not aspects or best.topic in townhall.people_topics or in_front(c, best, townhall):
        return answer(c, best, townhall, now)
    c = at_hand(c, best)
    reply = Reply("follow_up", entry=c.entry, revision=c.revision, aspects=aspects, whole=True)
    return Turn(c, (Say(reply),))


def _for_someone(c: Conversation, e: CitizenWrote, aspects: tuple[str, ...], townhall: Townhall, now: datetime) -> Turn:
    """The same for somebody else: an entry of its own, else what the entry at hand says about them."""
    best = sure(c, e)
    if best and best.entry != c.entry:
        return answer(replace(c, question=e.masked), best, townhall, now)
    options = e.findings.options if e.findings and e.findings.decision == "clarify" else ()
    if options and options[0].entry != c.entry:
        return clarify(replace(c, question=e.masked), options)
    return _told(c, tuple(dict.fromkeys((*aspects, PERSONS))))
