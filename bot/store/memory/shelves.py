"""What all rooms of the memory store share: what lies on its shelves, and who waits for news of it."""

import asyncio
import itertools
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.attachments.attachment import Attachment
from bot.conversation import Conversation
from bot.facts.fact import Fact
from bot.handoff.fact import Handoff
from bot.message import RANK, Arrival, DeliveryState
from bot.store.keys import lane_of
from bot.store.protocol import Change, DeadLetter, Fenced, Outgoing, Ticket

Name = tuple[str, str, str]
"""Channel, chat and id of an arrival: what repeats are known by."""


@dataclass
class Kept:
    """What is known of one conversation; version 0 is one that nobody has written yet."""

    state: str = ""
    version: int = 0
    epoch: int = 0
    last: float = 0.0
    urgency: float = 0.0
    look: float | None = None
    lines: list[str] = field(default_factory=list)
    handoffs: dict[int, Handoff] = field(default_factory=dict)
    parts: dict[str, DeliveryState] = field(default_factory=dict)
    authors: dict[str, str] = field(default_factory=dict)  # of the parts that are not settled
    tokens: dict[str, str] = field(default_factory=dict)
    externals: dict[str, str] = field(default_factory=dict)
    early: dict[str, DeliveryState] = field(default_factory=dict)

    @property
    def conversation(self) -> Conversation:
        """A fresh value of it, as a store elsewhere would give."""
        return Conversation.from_json(self.state)

    def forward(self, part: str, state: DeliveryState) -> None:
        """Move a part's delivery on, never back."""
        old = self.parts.get(part)
        if old is None or RANK[state] > RANK[old]:
            self.parts[part] = state


@dataclass(frozen=True)
class Entry:
    """Something in an inbox or outbox, since then (unix time)."""

    at: float
    what: Ticket | Outgoing


class Shelves:
    """All that is kept. One process, one event loop: what happens between two awaits is atomic."""

    def __init__(self, lanes: int) -> None:
        self.lanes = lanes
        self.kept: dict[str, Kept] = {}
        self.seen: set[Name] = set()
        self.numbers = itertools.count(1001)
        self.inbox: dict[int, dict[str, Entry]] = defaultdict(dict)
        self.outbox: dict[int, dict[str, Entry]] = defaultdict(dict)
        self.tries: Counter[str] = Counter()
        self.dead: dict[str, DeadLetter] = {}
        self.owners: dict[int, tuple[str, float]] = {}
        self.files: dict[str, dict[str, Attachment]] = {}
        self.fetch: dict[tuple[str, str], datetime] = {}
        self.facts: dict[int, dict[str, Fact]] = defaultdict(dict)
        self.watchers: list[asyncio.Queue[Change]] = []
        self._ids = itertools.count(1)
        self._news = asyncio.Condition()

    def id(self) -> str:
        """The next entry's, shaped like a stream's."""
        return f"{next(self._ids)}-0"

    def lane(self, conversation: str) -> int:
        """Where a conversation lives."""
        return lane_of(conversation, self.lanes)

    def written(self) -> list[Kept]:
        """Conversations that exist."""
        return [kept for kept in self.kept.values() if kept.version]

    def owner(self, lane: int) -> str:
        """Who holds the lane, "" when nobody does."""
        worker, until = self.owners.get(lane, ("", 0.0))
        return worker if until > time.monotonic() else ""

    def fence(self, item: Ticket | Outgoing) -> None:
        """Raises Fenced for one whose reader has lost the lane since."""
        if not item.holder or self.owner(item.lane) != item.holder:
            raise Fenced(item.id)

    def enter(self, conversation: str, arrival: Arrival) -> None:
        """Into the inbox."""
        lane, i = self.lane(conversation), self.id()
        self.inbox[lane][i] = Entry(time.time(), Ticket(lane, i, "", conversation, arrival))

    def inter(self, conversation: str, arrival: Arrival, reason: str) -> None:
        """To the dead letters."""
        ident = f"{self.lane(conversation)}.{self.id()}"
        self.dead[ident] = DeadLetter(ident, conversation, datetime.now(UTC), reason, arrival)

    def end(self, kept: Kept, lane: int, entry: str, part: str, state: DeliveryState | None) -> None:
        """Off the outbox; None leaves the part's state as it is."""
        if state is not None:
            kept.parts[part] = state
        kept.authors.pop(part, None)
        kept.tokens.pop(part, None)
        self.outbox[lane].pop(entry, None)

    def forget_files(self, conversation: str) -> None:
        """The names of a conversation's files, and that they were wanted."""
        for ident in self.files.pop(conversation, {}):
            self.fetch.pop((conversation, ident), None)

    async def notify(self, change: Change | None = None) -> None:
        """Tell the watchers, and wake whoever waits for work."""
        if change:
            for queue in self.watchers:
                queue.put_nowait(change)
        async with self._news:
            self._news.notify_all()

    async def until(self, ready: Callable[[], bool], wait: float) -> None:
        """Wait for that, `wait` seconds at most."""
        async with self._news:
            try:
                await asyncio.wait_for(self._news.wait_for(ready), wait)
            except TimeoutError:
                return


class Room:
    """A part of the store over the shelves."""

    def __init__(self, shelves: Shelves) -> None:
        self._shelves = shelves
        self.lanes = shelves.lanes
