"""A form that was sent twice: what the same clerk asks for a second time has been done."""

from datetime import datetime, timedelta

from bot.conversation import Conversation
from bot.events import (
    ClerkCalled,
    ClerkHandedBack,
    ClerkReleased,
    ClerkReopened,
    ClerkResolved,
    ClerkTransferred,
    Event,
)
from bot.handoff.callback import Call
from bot.status import Status

RING = timedelta(seconds=20)  # nobody calls twice in vain within it


def done_already(c: Conversation, event: Event, now: datetime) -> bool:
    """Is it what this clerk's last verb brought about? A button's second press neither does more nor is refused."""
    match event:
        case ClerkReopened():
            return c.owner == event.clerk
        case ClerkReleased():
            return c.status is Status.WAITING and _last(c, event.clerk, "release")
        case ClerkHandedBack():
            return c.status is Status.BOT and _last(c, event.clerk, "back")
        case ClerkResolved():
            return c.status is Status.RESOLVED and c.outcome == event.outcome and _last(c, event.clerk, "resolve")
        case ClerkTransferred():
            return (c.owner, c.team) == (event.to, event.team) and c.is_open and _last(c, event.clerk, "transfer")
        case ClerkCalled():
            return _called(c, event, now)
        case _:
            return False


def _called(c: Conversation, event: ClerkCalled, now: datetime) -> bool:
    if event.call is Call.DONE:
        return c.status is Status.RESOLVED and c.callback is not None and _last(c, event.clerk, "resolve")
    tried = c.callback.tried if c.callback else None
    twice = tried is not None and now - tried < RING
    return event.call is Call.NOT_REACHED and twice and _last(c, event.clerk, "call")


def _last(c: Conversation, clerk: str, verb: str) -> bool:
    return c.before is not None and (c.before.clerk, c.before.verb) == (clerk, verb)
