"""State and transcript of conversations: what a turn writes, and the lists that conversations stand in."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.attachments.attachment import Attachment
from bot.conversation import Conversation, Line
from bot.facts.fact import Fact
from bot.handoff.fact import Handoff
from bot.message import DeliveryState
from bot.store.inbox import Ticket
from bot.store.outbox import Sending


@dataclass(frozen=True, slots=True)
class Held:
    """A conversation as loaded; version 0 is one that does not exist yet."""

    conversation: Conversation | None
    version: int


@dataclass(frozen=True, slots=True)
class Write:
    """What one turn leaves behind. `look`: when the clock should look at it; `urgency`: its place in the queue,
    unix time by which somebody should read it; `quiet`: nothing changed that anybody sees, so watchers are not told;
    `handoff`: the fact that changed; `attachments`: those that are new or wanted, QUEUED ones to be fetched at once;
    `facts`: what it brought about, for figures."""

    conversation: Conversation
    lines: tuple[Line, ...] = ()
    sendings: tuple[Sending, ...] = ()
    erase: bool = False
    look: datetime | None = None
    urgency: float = 0.0
    quiet: bool = False
    handoff: Handoff | None = None
    attachments: tuple[Attachment, ...] = ()
    facts: tuple[Fact, ...] = ()


class Conversations(Protocol):
    """State and transcript, versioned."""

    async def load(self, conversation: str) -> Held:
        """The conversation and its version."""
        ...

    async def keep(self, conversation: str, version: int, write: Write, ticket: Ticket | None = None) -> int:
        """Write a turn and return the new version. Raises Conflict, AlreadyDone, Fenced, StoreUnavailable."""
        ...

    async def transcript(self, conversation: str) -> list[Line]:
        """All lines, oldest first."""
        ...

    async def deliveries(self, conversation: str) -> Mapping[str, DeliveryState]:
        """State of every part by its id."""
        ...

    async def queue(self, teams: Collection[str] | None, limit: int) -> list[tuple[Conversation, int]]:
        """Waiting and assigned conversations of these teams (None: of all) with their versions, most urgent first,
        the waiting ones before the assigned, at most `limit` of each."""
        ...

    async def waiting(self, teams: Collection[str] | None) -> int:
        """How many wait for these teams (None: for any)."""
        ...

    async def recent(self, limit: int) -> list[Conversation]:
        """Conversations by their last activity, newest first."""
        ...

    async def earlier(self, before: float | None, limit: int) -> list[tuple[float, Conversation]]:
        """The next `limit` conversations by their last activity (unix seconds), newest first, that lie before that
        time; None: from the newest. What happens meanwhile moves a conversation to the front."""
        ...

    async def numbered(self, number: int) -> list[str]:
        """Conversations that had a handoff of that number, within the retention."""
        ...

    async def due(self, before: datetime, limit: int = 500) -> list[str]:
        """Conversations that the clock should look at: their time came before `before`."""
        ...

    async def handoffs(self, since: datetime, until: datetime) -> list[Handoff]:
        """What became of the handoffs that were opened in that time (`until` not included), oldest first."""
        ...

    async def handoff(self, conversation: str, number: int) -> Handoff | None:
        """What became of one handoff of this conversation, None when there is none of that number."""
        ...

    async def next_number(self) -> int:
        """The next handoff number."""
        ...
