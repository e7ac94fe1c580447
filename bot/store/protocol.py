"""What a store is. State, transcript, queue, outbox and "done" of one conversation change in one atomic write.

Everything of one conversation lies in one lane (bot.store.keys), so that on Redis one script can touch it all.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.conversation import Conversation, Line
from bot.message import Arrival, DeliveryState, Part


class Conflict(Exception):
    """Somebody else changed the conversation since it was loaded: load again and judge again."""


class AlreadyDone(Exception):
    """This arrival was handled by another worker: write nothing."""


class StoreUnavailable(Exception):
    """The store cannot be reached or cannot write: answer 503, keep nothing, try again."""


@dataclass(frozen=True, slots=True)
class Held:
    """A conversation as loaded; version 0 is one that does not exist yet."""

    conversation: Conversation | None
    version: int


@dataclass(frozen=True, slots=True)
class Sending:
    """One part for the outbox."""

    id: str
    line: str
    channel: str
    chat: str
    part: Part
    by: str  # bot or clerk
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Ticket:
    """An arrival as handed out by the inbox: what to give back when it is done."""

    lane: int
    id: str
    arrival: Arrival
    tries: int = 1


@dataclass(frozen=True, slots=True)
class Write:
    """What one turn leaves behind."""

    conversation: Conversation
    lines: tuple[Line, ...] = ()
    sendings: tuple[Sending, ...] = ()
    erase: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A part as handed out by the outbox."""

    lane: int
    id: str  # of the entry in the outbox
    conversation: str
    epoch: int
    sending: Sending


@dataclass(frozen=True, slots=True)
class Change:
    """What watchers are told: which conversation, and who may want to look again. Never words."""

    conversation: str
    channel: str
    chat: str
    status: str
    team: str
    version: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An arrival that could not be handled, with its reason."""

    id: str
    lane: int
    at: datetime
    reason: str
    arrival: Arrival


class Store(Protocol):
    """Conversations, inbox and outbox."""

    lanes: int

    async def append(self, conversation: str, arrival: Arrival) -> bool:
        """Durably keep an arrival; False for a duplicate of the last eight days. Raises StoreUnavailable."""
        ...

    async def bury(self, conversation: str, arrival: Arrival, reason: str, ticket: Ticket | None = None) -> None:
        """Put an arrival with the dead letters (and off the inbox, with its ticket)."""
        ...

    async def dead(self) -> list[DeadLetter]:
        """The dead letters, oldest first."""
        ...

    async def receive(self, lane: int, count: int, wait: float) -> list[Ticket]:
        """The next arrivals of a lane; waits up to `wait` seconds for one."""
        ...

    async def reclaim(self, lane: int) -> list[Ticket]:
        """Arrivals that an earlier owner of the lane took and did not finish, oldest first."""
        ...

    async def load(self, conversation: str) -> Held:
        """The conversation and its version."""
        ...

    async def keep(self, conversation: str, version: int, write: Write, ticket: Ticket | None = None) -> int:
        """Write a turn and return the new version. Raises Conflict, AlreadyDone, StoreUnavailable."""
        ...

    async def finish(self, ticket: Ticket) -> None:
        """Done, with nothing to write."""
        ...

    async def transcript(self, conversation: str) -> list[Line]:
        """All lines, oldest first."""
        ...

    async def deliveries(self, conversation: str) -> Mapping[str, DeliveryState]:
        """State of every part by its id."""
        ...

    async def outgoing(self, lane: int, count: int, wait: float) -> list[Outgoing]:
        """The next parts of a lane to be sent, oldest first."""
        ...

    async def unsent(self, lane: int) -> list[Outgoing]:
        """Parts that an earlier owner of the lane took out and did not settle, oldest first."""
        ...

    async def take(self, outgoing: Outgoing) -> tuple[str, float]:
        """Ask, in one atomic step, whether it may be sent now, and mark it as being sent.

        Returns ("send" | "stale" | "unknown" | "gone", unix time of the citizen's last message). "unknown":
        somebody began to send it and never said how it ended.
        """
        ...

    async def settle(self, outgoing: Outgoing, state: DeliveryState, external: str = "", reason: str = "") -> None:
        """What became of a taken part; QUEUED gives it back for another try."""
        ...

    async def report(self, conversation: str, external: str, state: DeliveryState, reason: str = "") -> None:
        """A platform's report; never moves a delivery backwards, and may come before settle()."""
        ...

    async def open(self) -> list[tuple[Conversation, int]]:
        """Conversations waiting or assigned, with their versions."""
        ...

    async def recent(self, limit: int) -> list[Conversation]:
        """Conversations by their last activity, newest first."""
        ...

    async def leases(self, before: datetime) -> list[str]:
        """Assigned conversations whose lease ended before that time."""
        ...

    async def next_number(self) -> int:
        """The next handoff number."""
        ...

    async def own_lanes(self, worker: str, seconds: float) -> Sequence[int]:
        """Renew this worker's share of the lanes and return it; a worker that stops calling loses them."""
        ...

    async def release_lanes(self, worker: str) -> None:
        """Give the lanes back at once, at shutdown."""
        ...

    async def tidy(self, now: datetime) -> int:
        """Forget what has outlived the retention; returns how many conversations went."""
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


def summary(conversation: Conversation, version: int) -> dict[str, Any]:
    """A Change as JSON."""
    c = conversation
    return {"c": c.id, "ch": c.channel, "chat": c.chat, "s": c.status, "t": c.team, "v": version}
