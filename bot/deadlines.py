"""What time alone brings about: when the clock must look at a conversation, and which event has then happened."""

from datetime import datetime, timedelta

from bot.conversation import Conversation, Status
from bot.events import CitizenFellSilent, CitizenStayedAway, ClerkFellSilent, Event, LeaseExpired
from bot.policy import Policy


def _deadlines(c: Conversation, policy: Policy) -> list[tuple[datetime, Event]]:
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
    when it waits, which puts those without a promise in front of all that have one. `window`: seconds after the
    citizen's last message in which we may write, None: for ever."""
    times = [c.due.timestamp()] if c.due else []
    if window is not None and c.last_citizen:
        times.append((c.last_citizen + timedelta(seconds=window)).timestamp())
    if times:
        return min(times)
    return c.waiting_since.timestamp() if c.waiting_since else 0.0
