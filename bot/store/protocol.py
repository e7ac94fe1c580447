"""What a store is. State, transcript, queue, outbox and "done" of one conversation change in one atomic write.

Everything of one conversation lies in one lane (bot.store.keys), so that on Redis one script can touch it all. A lane
has one holder at a time. What the inbox and outbox of a lane hold is what is not done yet: whoever becomes the holder
reads both from the start, so nothing is lost with a worker. Each step of a holder is checked against the lane's
lease in the same atomic step (fenced): whoever lost the lane can change nothing any more.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.store.attachments import Attachments
from bot.store.changes import Change
from bot.store.conversations import Conversations, Held, Write
from bot.store.errors import AlreadyDone, Conflict, Fenced, StoreUnavailable
from bot.store.facts import Facts, Left
from bot.store.inbox import DeadLetter, Inbox, Ticket
from bot.store.lanes import START, Batch, Lanes
from bot.store.outbox import Outbox, Outgoing, Sending, Unsettled
from bot.store.presence import Presence

__all__ = [
    "START",
    "Ages",
    "AlreadyDone",
    "Attachments",
    "Batch",
    "Change",
    "Conflict",
    "Conversations",
    "DeadLetter",
    "Facts",
    "Fenced",
    "Held",
    "Inbox",
    "Lanes",
    "Left",
    "Outbox",
    "Outgoing",
    "Sending",
    "Store",
    "StoreUnavailable",
    "Ticket",
    "Unsettled",
    "Write",
]


@dataclass(frozen=True, slots=True)
class Ages:
    """How long the oldest of each has been there (seconds, 0.0 when there is none), and how many there are."""

    unhandled: float = 0.0  # message in the inbox
    unsent: float = 0.0  # part in the outbox
    waiting: float = 0.0  # citizen without a clerk
    inbox: int = 0
    outbox: int = 0
    waiting_count: int = 0
    assigned: int = 0
    dead: int = 0
    facts: int = 0  # that no database has taken over yet


class Store(Inbox, Conversations, Outbox, Attachments, Facts, Lanes, Presence, Protocol):
    """All of it, and what looks after the whole."""

    async def ages(self) -> Ages:
        """How long the oldest of each has been there."""
        ...

    async def tidy(self, now: datetime) -> int:
        """Forget what has outlived the retention; returns how many conversations went."""
        ...

    async def upgrade(self) -> int:
        """Take over what an older version kept otherwise; returns how many conversations were concerned."""
        ...

    async def quiesce(self) -> tuple[int, int]:
        """After a restore: what was unsent may have been sent since and becomes unknown, what was unhandled may have
        been answered since and goes to the dead letters. Returns (arrivals, parts)."""
        ...

    def changes(self) -> AsyncIterator[Change | None]:
        """Follow changes as they happen; None is a heartbeat (at least every 15 s) or a gap: look again."""
        ...

    async def ping(self) -> None:
        """Can we read and write? Raises StoreUnavailable."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...
