"""What a store is. State, transcript, queue, outbox and "done" of one conversation change in one atomic write.

Everything of one conversation lies in one lane (bot.store.keys), so that on Redis one script can touch it all. A lane
has one holder at a time. What the inbox and outbox of a lane hold is what is not done yet: whoever becomes the holder
reads both from the start, so nothing is lost with a worker. Each step of a holder is checked against the lane's
lease in the same atomic step (fenced): whoever lost the lane can change nothing any more.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.attachments.attachment import Attachment
from bot.conversation import Conversation, Line
from bot.handoff.fact import Handoff
from bot.message import Arrival, DeliveryState, Part, Rate
from bot.store.presence import Presence

START = "0-0"
"""Where a new holder begins to read."""
_COUNTED = 10**12  # entries in memory are counted and stay below; a stream's milliseconds have been above since 2001


class Conflict(Exception):
    """Somebody else changed the conversation since it was loaded: load again and judge again."""


class AlreadyDone(Exception):
    """This arrival was handled before: write nothing."""


class Fenced(Exception):
    """Another worker holds this lane now: drop the work, it is theirs."""


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
    arrival: str = ""  # what logs call the arrival that it answers (bot.logs.name_of)
    arrived: float = 0.0  # unix time when that was kept, on the last part of a reply; 0.0: none, or not known


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
class Outgoing:
    """A part as read from the outbox."""

    lane: int
    id: str  # of the entry in the outbox
    holder: str
    conversation: str
    epoch: int
    sending: Sending


@dataclass(frozen=True, slots=True)
class Batch:
    """What one look at a lane found; `inbox` and `outbox` are where the next look goes on."""

    tickets: tuple[Ticket, ...]
    outgoing: tuple[Outgoing, ...]
    inbox: str
    outbox: str


@dataclass(frozen=True, slots=True)
class Write:
    """What one turn leaves behind. `look`: when the clock should look at it; `urgency`: its place in the queue,
    unix time by which somebody should read it; `quiet`: nothing changed that anybody sees, so watchers are not told;
    `handoff`: the fact that changed; `attachments`: those that are new or wanted, QUEUED ones to be fetched at once."""

    conversation: Conversation
    lines: tuple[Line, ...] = ()
    sendings: tuple[Sending, ...] = ()
    erase: bool = False
    look: datetime | None = None
    urgency: float = 0.0
    quiet: bool = False
    handoff: Handoff | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A part that has not come to its end: queued or being sent."""

    part: str
    state: DeliveryState
    by: str  # bot or clerk


@dataclass(frozen=True, slots=True)
class Change:
    """What watchers are told: which conversation, and who may want to look again. Never words."""

    conversation: str
    channel: str
    chat: str
    status: str
    team: str
    version: int
    people: bool = False  # nothing of it changed but who looks at it or types


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An arrival that could not be handled, with its reason."""

    id: str  # unique over all lanes
    conversation: str
    at: datetime
    reason: str
    arrival: Arrival


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


class Outbox(Protocol):
    """Parts on their way to citizens."""

    async def reserve(self, bucket: str, rate: Rate) -> float:
        """Take the next token of a bucket that all workers share: seconds to wait until it is there."""
        ...

    async def reserve_chat(self, outgoing: Outgoing, rate: Rate) -> float:
        """The same for the bucket of this conversation."""
        ...

    async def hold_back(self, outgoing: Outgoing, rate: Rate, seconds: float) -> None:
        """The platform asked for patience in this conversation: its bucket stays empty for so long."""
        ...

    async def take(self, outgoing: Outgoing, token: str) -> tuple[str, float]:
        """Ask, in one atomic step, whether it may be sent now, and mark it as being sent.

        `token` names the asker's attempt: who asks again with it, because the answer was lost, is told the same.

        Returns ("send" | "stale" | "unknown" | "gone", unix time of the citizen's last message). "unknown":
        somebody began to send it and never said how it ended. Raises Fenced.
        """
        ...

    async def settle(self, outgoing: Outgoing, state: DeliveryState, external: str = "", reason: str = "") -> None:
        """What became of a taken part; QUEUED gives it back for another try. Whoever sent it may say so, also
        after losing the lane: it is the truth."""
        ...

    async def report(self, conversation: str, external: str, state: DeliveryState, reason: str = "") -> None:
        """A platform's report, durable when this returns; never moves a delivery backwards, and may come before
        settle() and again."""
        ...

    async def unsettled(self, conversation: str) -> list[Unsettled]:
        """Parts of this conversation that are queued or being sent."""
        ...

    async def doubt(self, conversation: str, part: str) -> bool:
        """Nobody waits for this part any longer: if it is still being sent, it is unknown from now on."""
        ...


class Attachments(Protocol):
    """Files of conversations, by name; their content lies in the vault (bot.attachments.vault)."""

    async def attachments(self, conversation: str) -> list[Attachment]:
        """All files of a conversation, in no order."""
        ...

    async def wanted(self, now: datetime, for_: timedelta, limit: int) -> list[tuple[str, Attachment]]:
        """Take at most `limit` files that are to be fetched by now; nobody else is given them `for_` so long."""
        ...

    async def settle_attachment(self, conversation: str, attachment: Attachment, again: datetime | None) -> bool:
        """What became of a file, and when it is to be fetched again. False, and nothing kept, where the conversation
        knows no such file (any more): it was erased."""
        ...


class Lanes(Protocol):
    """Who works on what."""

    lanes: int

    async def own_lanes(self, worker: str, seconds: float) -> Sequence[int]:
        """Renew this worker's share of the lanes and return it; a worker that stops calling loses them."""
        ...

    async def release_lanes(self, worker: str) -> None:
        """Give the lanes of a worker back at once: at its shutdown, or by whoever saw it die."""
        ...

    async def read(
        self, lane: int, holder: str, inbox: str | None, outbox: str | None, count: int, wait: float
    ) -> Batch:
        """What came after these entries (START: from the beginning; None: leave it out), at most `count` of each;
        waits up to `wait` seconds for something. Takes nothing away: after an error, ask again."""
        ...


class Store(Inbox, Conversations, Outbox, Attachments, Lanes, Presence, Protocol):
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


def summary(conversation: Conversation, version: int) -> dict[str, Any]:
    """A Change as JSON."""
    c = conversation
    return {"c": c.id, "ch": c.channel, "chat": c.chat, "s": c.status, "t": c.team, "v": version}
