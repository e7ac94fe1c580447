"""Arrivals, from the moment they are kept until they are done; what cannot be done becomes a dead letter."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.message import Arrival

_COUNTED = 10**12  # entries in memory are counted and stay below; a stream's milliseconds have been above since 2001


@dataclass(frozen=True, slots=True)
class Ticket:
    """An arrival as read from the inbox: what to give back when it is done."""

    lane: int
    id: str
    holder: str
    conversation: str
    arrival: Arrival

    @property
    def arrived(self) -> float:
        """Unix time when it was kept: a stream's entry is named by it, in milliseconds. 0.0: not known (in memory)."""
        milliseconds = int(self.id.partition("-")[0])
        return milliseconds / 1000 if milliseconds > _COUNTED else 0.0


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An arrival that could not be handled, with its reason."""

    id: str  # unique over all lanes
    conversation: str
    at: datetime
    reason: str
    arrival: Arrival


class Inbox(Protocol):
    """Durable arrivals, each once, until they are done."""

    async def append(self, conversation: str, arrival: Arrival) -> bool:
        """Durably keep an arrival; False for a repeat within eight days. Raises StoreUnavailable."""
        ...

    async def begin(self, ticket: Ticket) -> int:
        """Count a try, durably, before it is made; returns the count. Raises AlreadyDone, Fenced."""
        ...

    async def finish(self, ticket: Ticket) -> None:
        """Done, with nothing to write. Raises Fenced."""
        ...

    async def bury(self, conversation: str, arrival: Arrival, reason: str, ticket: Ticket | None = None) -> None:
        """Put an arrival with the dead letters (and off the inbox, with its ticket). Raises Fenced."""
        ...

    async def dead(self, limit: int = 1000) -> list[DeadLetter]:
        """The oldest dead letters, oldest first."""
        ...

    async def replay(self, letter: str) -> bool:
        """Move a dead letter back to its inbox; False when there is none of that id (any more)."""
        ...
