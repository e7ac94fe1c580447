"""What time alone brings about: when the clock must look at a conversation, and which event has then happened."""

import math
from datetime import datetime, timedelta

from bot.conversation import Conversation, Status
from bot.events import CitizenFellSilent, CitizenStayedAway, ClerkFellSilent, Event, FormLeft, LeaseExpired
from bot.policy import Policy

_LONGEST_WAIT = timedelta(days=62).total_seconds()


def _deadlines(c: Conversation, policy: Policy) -> list[tuple[datetime, Event]]:
    if c.asks and c.last_citizen:
        return [(c.last_citizen + policy.form_left, FormLeft())]
    if c.status is not Status.ASSIGNED:
        return []
    found: list[tuple[datetime, Event]] = []
    if c.lease_until:
        found.append((c.lease_until, LeaseExpired()))
    if c.clerk_owes:
        found.append((c.clerk_owes + policy.silence, ClerkFellSilent()))
    if c.citizen_owes and c.reminded:
        found.append((c.reminded + policy.closing, CitizenStayedAway()))
    elif c.citizen_owes:
        found.append((c.citizen_owes + policy.reminder, CitizenFellSilent()))
    return sorted(found, key=lambda pair: pair[0])


def next_look(c: Conversation, policy: Policy) -> datetime | None:
    """When the clock must look at it (aware UTC); None: never."""
    return next((at for at, _ in _deadlines(c, policy)), None)


def overdue(c: Conversation, policy: Policy, now: datetime) -> Event | None:
    """What has happened because nobody did anything; None: nothing yet."""
    return next((event for at, event in _deadlines(c, policy) if at <= now), None)


def urgency(c: Conversation, window: float | None) -> float:
    """By when somebody should read it (unix seconds): min(promised time, end of the messenger's window), else since
    when it waits, which puts those without a promise in front of all that have one later. `window`: seconds after the
    citizen's last message in which we may write, None: for ever."""
    times = [c.due.timestamp()] if c.due else []
    if window is not None and c.last_citizen:
        times.append((c.last_citizen + timedelta(seconds=window)).timestamp())
    if times:
        return min(times)
    return c.waiting_since.timestamp() if c.waiting_since else 0.0


def place(c: Conversation, window: float | None) -> float:
    """Its place in the queue, less is earlier: by urgency to the second, then by how long it waits.

    One number, as the stores sort by one: waiting times of the last 62 days (a promise lies at most 60 ahead) share
    one second of it. A double holds seconds of today to 2e-7, so who came a few seconds earlier stands before.
    """
    by = urgency(c, window)
    waits = by - c.waiting_since.timestamp() if c.waiting_since else 0.0
    return math.floor(by) + (1.0 - min(max(waits / _LONGEST_WAIT, 0.0), 1.0)) * 0.999
