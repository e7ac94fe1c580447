"""Into the queue and back: when a person is needed."""

from dataclasses import replace
from datetime import datetime

from bot.conversation import Change, Conversation, Reason, Status
from bot.effects import Effect, OpenHandoff, Reply, Say, Turn
from bot.judging.asking import begun
from bot.judging.choices import CANCEL, HUMAN, NO_HUMAN
from bot.policy import Townhall

WHY = {Reason.PERSONAL: "handoff.why.personal", Reason.TOPIC: "handoff.why.topic"}
"""Reasons that the citizen is told; the others they know."""


FORMED = frozenset({Reason.ASKED, Reason.TOPIC})
"""Reasons for which a form may be asked: the matter at hand is surely the one that a person is needed for."""


def handoff(c: Conversation, reason: Reason, townhall: Townhall, now: datetime, at_once: bool = False) -> Turn:
    """Into the queue, with exactly one message that says what happens next; unless `at_once`, what the clerk must know
    is asked before, where the matter has a form that was not asked yet."""
    form = townhall.form(c.topic, c.entry) if reason in FORMED else None
    known = c.intake if c.intake and (c.intake.asking or (form and form.id == c.intake.form)) else None
    if form and not known and not at_once:
        return begun(c, form, reason)
    team = townhall.team(c.topic, c.district, c.language)
    desk = townhall.desks[team]
    c = c.moved(
        Change.HANDOFF_OPENED,
        reason=reason,
        team=team,
        waiting_since=now,
        due=townhall.due(team, c.topic),
        offered=(),
        misses=0,
        pending="",
        callback=None,
        disclosed=c.disclosed or now,
        intake=known.closed() if known else None,
    )
    params = {
        "team": desk.name,
        "opens": desk.opens.isoformat() if desk.opens else "",
        "phone": desk.phone,
    }
    key = "handoff.open" if desk.open else ("handoff.closed" if desk.opens else "handoff.unknown")
    if reason is Reason.DISTRESS and key == "handoff.closed":
        key = "handoff.distress"  # nobody in need may wait for us
    before = "intake.thanks" if known and known.given else WHY.get(reason, "")
    said = Say(Reply(key, params, (CANCEL,), before=before))
    return Turn(c, (OpenHandoff(reason), said))


def offer(c: Conversation, key: str, reason: Reason, *before: Effect, **params: str) -> Turn:
    """Say `key` and offer a person; a yes then hands off for `reason`."""
    return Turn(replace(c, pending=reason), (*before, Say(Reply(key, params, (HUMAN, NO_HUMAN)))))


def pending(c: Conversation) -> Reason:
    """Why a person was offered; without an offer they were asked for."""
    return Reason(c.pending) if c.pending else Reason.ASKED


def withdrawn(c: Conversation) -> Conversation:
    """The citizen does not want to wait any more."""
    return c.moved(Change.HANDOFF_WITHDRAWN, waiting_since=None, due=None, reason=None, callback=None)


def back(c: Conversation) -> Conversation:
    """Whoever writes after the clerk was done speaks to the bot again."""
    return c.moved(Change.CITIZEN_RETURNED, rejected=(), passed=()) if c.status is Status.RESOLVED else c
