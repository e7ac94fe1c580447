"""What the FAQ found becomes an answer, a question back, or the admission that it is not known."""

from dataclasses import replace
from datetime import datetime

from bot.conversation import Candidate, Conversation, Option, Reason
from bot.effects import Choice, Record, Reply, Say, Turn
from bot.events import CitizenWrote, Findings
from bot.judging.asking import BEGIN
from bot.judging.choices import ASK_HUMAN, FEEDBACK, HUMAN, NO, NONE
from bot.judging.handing import handoff, offer
from bot.judging.pinning import in_front
from bot.policy import Policy, Townhall
from faq.policy import OPTION
from nlu.fallback import OUTSIDE
from nlu.manner import PAUSES
from nlu.text import words

OFFERED = 3
FOREIGN = 0.6  # the confidence in it from which OUTSIDE counts against a sure match …
PLAINLY = 0.8  # … and from which nothing unsure is offered
_ONE = {"clarify.other": "clarify.other_one"}
"""How the question back is put where there is one option only."""


def sure(c: Conversation, e: CitizenWrote) -> Candidate | None:
    """The match that may be given as the answer: sure enough, and not turned down before."""
    first = first_of(e)
    return first if first and first.entry not in c.rejected else None


def first_of(e: CitizenWrote) -> Candidate | None:
    """The first match where it is sure enough for an answer; a district alone asks nothing that could be answered."""
    if e.asked and e.asked.only_district:
        return None
    if e.findings is None or e.findings.decision != "answer" or not e.findings.matches:
        return None
    return e.findings.matches[0]


def is_foreign(e: CitizenWrote, least: float = FOREIGN) -> bool:
    """Was it understood, at least so surely, as no matter of the town?"""
    return e.understanding is not None and e.understanding.intent == OUTSIDE and e.understanding.confidence >= least


def found(c: Conversation, e: CitizenWrote, policy: Policy, townhall: Townhall, now: datetime) -> Turn:
    """The turn for a question, by what was found for it."""
    if e.asked and e.asked.only_district:  # it answers something, or nothing; it asks nothing
        return Turn(c, (Say(which(c.offered, "clarify.which") if c.offered else Reply("ask.again")),))
    c = replace(c, question=e.masked)
    best = sure(c, e)
    if best and (best.elsewhere or best.score >= policy.verbatim or not is_foreign(e)):
        return answer(replace(c, rejected=(), passed=()), best, townhall, now)
    if e.elsewhere:
        told = Reply("other_town", {"place": e.elsewhere}, (HUMAN,))
        return Turn(replace(c, misses=0, offered=()), (Say(told),))
    findings = e.findings or Findings("withhold")
    # What the town pinned in front of the likeliest entry is told, whichever of several is meant.
    likely = findings.matches[0] if findings.decision == "clarify" and findings.matches else None
    if likely and not is_foreign(e) and likely.entry not in c.rejected and (turn := in_front(c, likely, townhall)):
        return turn
    if findings.decision == "answer" or (findings.decision == "clarify" and not _declines(e, findings)):
        if c.rejected:  # what was passed over when it was offered does not come back, in other words the same again
            c = replace(c, passed=tuple(dict.fromkeys((*c.passed, *(o.entry for o in c.offered)))))
        options = tuple(o for o in findings.options if o.entry not in {*c.rejected, *c.passed})
        if options:
            return clarify(c, options, "clarify.other" if first_of(e) and not best else "clarify")
        if c.rejected:
            return offer(replace(c, offered=(), entry="", revision=""), "rejected.again", Reason.REJECTED)
    if is_foreign(e, 0.0):  # understood as no matter of ours, said as often as it is asked, and nobody is queued for it
        return offer(replace(c, misses=0, offered=()), OUTSIDE, Reason.NOT_UNDERSTOOD)
    silent = e.manner.wants == PAUSES or not words(e.masked)  # "?", then "öhm": nobody is queued for that
    c = replace(c, misses=min(c.misses + 1, policy.misses - 1) if silent else c.misses + 1)
    if c.offered and e.manner.bare and c.misses < policy.misses:  # "wann?" is about one of them
        return Turn(c, (Say(which(c.offered, "clarify.which")),))
    c = replace(c, offered=())  # the matter at hand stays: the next words may mean it
    if c.misses >= policy.misses:
        return handoff(c, Reason.NOT_UNDERSTOOD, townhall, now)
    if c.entry and e.manner.bare:  # "geht das": it means the answer, which does not say
        return Turn(c, (Say(Reply("follow_up", entry=c.entry, revision=c.revision, otherwise=(ASK_HUMAN,))),))
    return offer(c, "miss", Reason.NOT_UNDERSTOOD)


def _declines(e: CitizenWrote, findings: Findings) -> bool:
    """Plainly no matter of the town, and nothing likely says who else does it."""
    return is_foreign(e, PLAINLY) and not any(option.elsewhere for option in findings.options)


def answer(c: Conversation, candidate: Candidate, townhall: Townhall, now: datetime) -> Turn:
    """The entry's answer, or a person where people alone answer on its topic."""
    if turn := in_front(c, candidate, townhall):
        return turn
    topic = candidate.topic or c.topic
    if topic in townhall.people_topics:
        return handoff(replace(c, topic=topic), Reason.TOPIC, townhall, now)
    c = at_hand(c, candidate)
    form = townhall.form(c.topic, c.entry)
    begin = (Choice(BEGIN + form.id, label=form.begin(c.language)),) if form else ()
    reply = Reply("answer", entry=c.entry, revision=c.revision, choices=(*FEEDBACK, *begin), easy=c.easy)
    return Turn(c, (Say(reply),))


def at_hand(c: Conversation, candidate: Candidate) -> Conversation:
    """The conversation is about this entry now: follow-ups and feedback mean it."""
    return replace(
        c,
        entry=candidate.entry,
        revision=candidate.revision,
        title=candidate.title,
        topic=candidate.topic or c.topic,
        rejected=tuple(entry for entry in c.rejected if entry != candidate.entry),
        misses=0,
        offered=(),
        pending="",
        office="",
        office_asked="",
        intake=None,
    )


def clarify(c: Conversation, options: tuple[Candidate, ...], key: str = "clarify") -> Turn:
    """Up to three to choose from, most likely first."""
    offered = tuple(Option(o.entry, o.title, o.topic) for o in options[:OFFERED])
    c = replace(c, offered=offered, entry="", revision="", pending="", office="", office_asked="", misses=0)
    return Turn(c, (Say(which(offered, key)),))


def which(offered: tuple[Option, ...], key: str) -> Reply:
    """The question back, with a button for each; of one alone whether it is meant."""
    if len(offered) == 1:
        yes = Choice(f"a:{offered[0].entry}", "button.yes")
        return Reply(_ONE.get(key, "clarify.one"), {"title": offered[0].title}, (yes, NO))
    buttons = tuple(Choice(f"a:{o.entry}", label=o.title) for o in offered)
    return Reply(key, choices=(*buttons, NONE))


def rejected(c: Conversation, e: CitizenWrote, townhall: Townhall, now: datetime) -> Turn:
    """The answer, or what was offered, was not meant: what else may be, once, then a person; never the same twice.

    Whoever says at once what is meant instead gets that.
    """
    record = Record("feedback_bad", text=c.entry)
    first_time = not c.rejected and not c.offered
    down = tuple(dict.fromkeys((*c.rejected, *(o.entry for o in c.offered), *((c.entry,) if c.entry else ()))))
    c = replace(c, rejected=down, offered=(), shown=(), entry="", revision="")
    meant = sure(c, e)
    if meant and e.manner.names and e.masked:
        turn = answer(replace(c, question=e.masked), meant, townhall, now)
        return replace(turn, effects=(record, *turn.effects))
    matches = e.findings.matches if e.findings else ()
    likely = bool(matches) and matches[0].score >= OPTION
    others = tuple(m for m in matches if likely and m.entry not in down)
    if first_time and others:
        turn = clarify(c, others, "clarify.other")
        return replace(turn, effects=(record, *turn.effects))
    return offer(c, "rejected.rephrase" if first_time else "rejected.offer", Reason.REJECTED, record)
