"""The fact of a handoff, made from what an event did to its conversation: pure."""

from dataclasses import replace
from datetime import datetime

from bot.conversation import Conversation, Outcome, Status
from bot.events import (
    CitizenStayedAway,
    ClerkCalled,
    ClerkClaimed,
    ClerkHandedBack,
    ClerkReopened,
    ClerkResolved,
    ClerkUndid,
    ClerkWrote,
    Event,
)
from bot.handoff.callback import Call
from bot.handoff.fact import Handoff
from bot.policy import Townhall


def noted(before: Conversation, after: Conversation, event: Event, townhall: Townhall, now: datetime) -> Conversation:
    """`after` with its fact: opened, first claimed, first answered, ended. It is open exactly while `after` is."""
    if after.number != before.number or not after.number:
        return replace(after, handoff=_opened(after, event, townhall, now) if after.number else None)
    h = after.handoff  # as it was, or with the citizen's rating
    if h is None:
        return after
    if after.is_open:
        if isinstance(event, ClerkReopened):
            h = replace(h, ended=None, outcome="")
        elif isinstance(event, ClerkUndid):
            h = _restored(h, before)
        if h.ended is None:
            h = _under_way(h, after, event, townhall, now)
    elif before.is_open and h.ended is None:
        h = replace(h, ended=now, outcome=_outcome(event))
    return replace(after, handoff=h)


def _opened(c: Conversation, event: Event, townhall: Townhall, now: datetime) -> Handoff:
    if isinstance(event, ClerkClaimed):
        return Handoff(c.number, c.team, c.topic, c.channel, "", now, c.due, claimed=now)
    begins = townhall.begins(c.team)
    return Handoff(c.number, c.team, c.topic, c.channel, str(c.reason or ""), now, c.due, begins=begins)


def _restored(h: Handoff, before: Conversation) -> Handoff:
    """As before the verb that is undone; a rating and a call that reached somebody have happened nevertheless."""
    was = before.before.fact if before.before else None
    if was is None or was.number != h.number:
        return replace(h, ended=None, outcome="")
    replied = h.replied
    if before.before and before.before.callback and before.callback and replied == before.callback.reached:
        replied = was.replied  # by the very call
    return replace(was, claimed=h.claimed if replied else was.claimed, replied=replied, rating=h.rating, rated=h.rated)


def _under_way(h: Handoff, c: Conversation, event: Event, townhall: Townhall, now: datetime) -> Handoff:
    reached = isinstance(event, ClerkCalled) and event.call is Call.REACHED
    claimed = h.claimed or (now if c.status is Status.ASSIGNED or reached else None)
    replied = h.replied or (now if isinstance(event, ClerkWrote) or reached else None)
    begins = h.begins
    if c.team != h.team:
        begins = townhall.begins(c.team) or begins
    return replace(h, team=c.team, topic=c.topic, due=c.due, claimed=claimed, replied=replied, begins=begins)


def _outcome(event: Event) -> str:
    if isinstance(event, ClerkResolved):
        return str(event.outcome)
    if isinstance(event, ClerkHandedBack):
        return "back"
    if isinstance(event, ClerkCalled):
        return str(Outcome.ANSWERED)
    return "silent" if isinstance(event, CitizenStayedAway) else "withdrawn"
