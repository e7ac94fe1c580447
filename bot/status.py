"""Who is acting in a conversation, and every way in which that may change."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """Who is acting."""

    BOT = "bot"
    WAITING = "waiting"  # for a clerk; the bot says nothing more
    ASSIGNED = "assigned"  # a clerk speaks
    RESOLVED = "resolved"  # the clerk is done; the next message is the bot's again


class Change(StrEnum):
    """The kinds of event that may change a status."""

    HANDOFF_OPENED = "handoff_opened"
    HANDOFF_WITHDRAWN = "handoff_withdrawn"
    CLERK_CLAIMED = "clerk_claimed"
    CLERK_RELEASED = "clerk_released"  # back to the queue
    CLERK_HANDED_BACK = "clerk_handed_back"  # back to the bot
    CLERK_RESOLVED = "clerk_resolved"
    CLERK_REOPENED = "clerk_reopened"
    CLERK_TRANSFERRED = "clerk_transferred"  # to another team's queue
    CLERK_PASSED_ON = "clerk_passed_on"  # to a colleague, at once
    CLERK_TOOK_BACK = "clerk_took_back"  # undone: whoever had it has it again
    CLERK_PUT_BACK = "clerk_put_back"  # undone: it waits again
    LEASE_EXPIRED = "lease_expired"
    CLERK_FELL_SILENT = "clerk_fell_silent"
    CITIZEN_STAYED_AWAY = "citizen_stayed_away"
    CITIZEN_RETURNED = "citizen_returned"
    ERASED = "erased"


S, C = Status, Change
TRANSITIONS: Mapping[Status, Mapping[Change, Status]] = {
    S.BOT: {
        C.HANDOFF_OPENED: S.WAITING,
        C.CLERK_CLAIMED: S.ASSIGNED,
        C.CLERK_TOOK_BACK: S.ASSIGNED,
        C.CLERK_PUT_BACK: S.WAITING,
        C.ERASED: S.BOT,
    },
    S.WAITING: {
        C.CLERK_CLAIMED: S.ASSIGNED,
        C.CLERK_TRANSFERRED: S.WAITING,
        C.CLERK_PASSED_ON: S.ASSIGNED,
        C.CLERK_TOOK_BACK: S.ASSIGNED,
        C.CLERK_PUT_BACK: S.WAITING,
        C.HANDOFF_WITHDRAWN: S.BOT,
        C.CLERK_HANDED_BACK: S.BOT,
        C.CLERK_RESOLVED: S.RESOLVED,
        C.ERASED: S.BOT,
    },
    S.ASSIGNED: {
        C.CLERK_CLAIMED: S.ASSIGNED,
        C.CLERK_RELEASED: S.WAITING,
        C.CLERK_TRANSFERRED: S.WAITING,
        C.CLERK_PASSED_ON: S.ASSIGNED,
        C.CLERK_TOOK_BACK: S.ASSIGNED,  # from a colleague who has not looked yet
        C.CLERK_PUT_BACK: S.WAITING,
        C.CLERK_HANDED_BACK: S.BOT,
        C.CLERK_RESOLVED: S.RESOLVED,
        C.LEASE_EXPIRED: S.WAITING,
        C.CLERK_FELL_SILENT: S.WAITING,
        C.CITIZEN_STAYED_AWAY: S.RESOLVED,
        C.ERASED: S.BOT,
    },
    S.RESOLVED: {
        C.CITIZEN_RETURNED: S.BOT,
        C.HANDOFF_OPENED: S.WAITING,
        C.CLERK_REOPENED: S.ASSIGNED,
        C.CLERK_TOOK_BACK: S.ASSIGNED,
        C.CLERK_PUT_BACK: S.WAITING,
        C.ERASED: S.BOT,
    },
}
"""TRANSITIONS[status][change] is the next status; a missing pair is refused (NotNow)."""


class NotNow(Exception):
    """That is not possible in this state of the conversation. `why` is a key of the console's texts, `facts` fill it
    in."""

    def __init__(self, why: str, **facts: Any) -> None:
        super().__init__(why)
        self.why, self.facts = why, facts
