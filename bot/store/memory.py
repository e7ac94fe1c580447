"""The store in memory: for `stadtbote talk` and quick tests. It passes the contract that Redis passes."""

import asyncio
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.conversation import Conversation, Line, Status
from bot.message import RANK, Arrival, DeliveryState
from bot.store.keys import lane_of
from bot.store.protocol import (
    AlreadyDone,
    Change,
    Conflict,
    DeadLetter,
    Held,
    Outgoing,
    Ticket,
    Write,
)

HEARTBEAT = 15.0


@dataclass
class _Kept:
    state: str
    version: int
    epoch: int
    last: float
    lines: list[str] = field(default_factory=list)
    parts: dict[str, DeliveryState] = field(default_factory=dict)
    externals: dict[str, str] = field(default_factory=dict)
    early: dict[str, DeliveryState] = field(default_factory=dict)


class MemoryStore:
    """See bot.store.protocol.Store. One process, one event loop."""

    def __init__(self, lanes: int = 1, retention: timedelta = timedelta(days=30)) -> None:
        self.lanes = lanes
        self._retention = retention
        self._kept: dict[str, _Kept] = {}
        self._seen: set[tuple[str, str, str]] = set()
        self._ids = itertools.count(1)
        self._numbers = itertools.count(1001)
        self._inbox: dict[int, dict[str, tuple[str, Arrival]]] = defaultdict(dict)
        self._inbox_taken: dict[str, int] = {}
        self._outbox: dict[int, dict[str, Outgoing]] = defaultdict(dict)
        self._outbox_taken: set[str] = set()
        self._dead: list[tuple[str, DeadLetter]] = []
        self._news = asyncio.Condition()
        self._watchers: list[asyncio.Queue[Change]] = []

    # --- inbox ---------------------------------------------------------------------------------------------

    async def append(self, conversation: str, arrival: Arrival) -> bool:
        name = (arrival.channel, arrival.chat, arrival.id)
        if name in self._seen:
            return False
        self._seen.add(name)
        self._inbox[lane_of(conversation, self.lanes)][str(next(self._ids))] = (conversation, arrival)
        await self._notify()
        return True

    async def bury(self, conversation: str, arrival: Arrival, reason: str, ticket: Ticket | None = None) -> None:
        lane = lane_of(conversation, self.lanes)
        name = (arrival.channel, arrival.chat, arrival.id)
        if ticket is not None:
            if self._inbox[lane].pop(ticket.id, None) is None:
                return
        elif name in self._seen:
            return
        self._seen.add(name)
        letter = DeadLetter(str(next(self._ids)), lane, datetime.now(UTC), reason, arrival)
        self._dead.append((conversation, letter))

    async def dead(self) -> list[DeadLetter]:
        return [letter for _, letter in self._dead]

    async def receive(self, lane: int, count: int, wait: float) -> list[Ticket]:
        def fresh() -> list[str]:
            return [i for i in self._inbox[lane] if i not in self._inbox_taken][:count]

        await self._until(lambda: bool(fresh()), wait)
        taken = fresh()
        for i in taken:
            self._inbox_taken[i] = 1
        return [Ticket(lane, i, self._inbox[lane][i][1]) for i in taken]

    async def reclaim(self, lane: int) -> list[Ticket]:
        found = []
        for i, (_, arrival) in self._inbox[lane].items():
            if i in self._inbox_taken:
                self._inbox_taken[i] += 1
                found.append(Ticket(lane, i, arrival, self._inbox_taken[i]))
        return found

    async def finish(self, ticket: Ticket) -> None:
        self._inbox[ticket.lane].pop(ticket.id, None)

    # --- conversations -------------------------------------------------------------------------------------

    async def load(self, conversation: str) -> Held:
        kept = self._kept.get(conversation)
        if kept is None or not kept.version:
            return Held(None, 0)
        return Held(Conversation.from_json(kept.state), kept.version)

    async def keep(self, conversation: str, version: int, write: Write, ticket: Ticket | None = None) -> int:
        lane = lane_of(conversation, self.lanes)
        if ticket is not None and ticket.id not in self._inbox[lane]:
            raise AlreadyDone(conversation)
        kept = self._kept.get(conversation)
        if (kept.version if kept else 0) != version:
            raise Conflict(conversation)
        if ticket is not None:
            del self._inbox[lane][ticket.id]
        c = write.conversation
        last = c.last_citizen.timestamp() if c.last_citizen else 0.0
        if kept is None or write.erase:
            kept = _Kept("", version, 0, 0.0)
            self._kept[conversation] = kept
        if write.erase:
            self._dead = [(cid, d) for cid, d in self._dead if cid != conversation]
            outbox = self._outbox[lane]
            self._outbox[lane] = {i: o for i, o in outbox.items() if o.conversation != conversation}
        kept.state, kept.version, kept.epoch, kept.last = c.to_json(), version + 1, c.epoch, last
        kept.lines += [line.to_json() for line in write.lines]
        for sending in write.sendings:
            i = str(next(self._ids))
            self._outbox[lane][i] = Outgoing(lane, i, conversation, c.epoch, sending)
            kept.parts[sending.id] = DeliveryState.QUEUED
        await self._notify(Change(c.id, c.channel, c.chat, c.status, c.team, kept.version))
        return kept.version

    async def transcript(self, conversation: str) -> list[Line]:
        kept = self._kept.get(conversation)
        return [Line.from_json(line) for line in kept.lines] if kept else []

    async def deliveries(self, conversation: str) -> Mapping[str, DeliveryState]:
        kept = self._kept.get(conversation)
        return dict(kept.parts) if kept else {}

    # --- outbox --------------------------------------------------------------------------------------------

    async def outgoing(self, lane: int, count: int, wait: float) -> list[Outgoing]:
        def fresh() -> list[str]:
            return [i for i in self._outbox[lane] if i not in self._outbox_taken][:count]

        await self._until(lambda: bool(fresh()), wait)
        taken = fresh()
        self._outbox_taken.update(taken)
        return [self._outbox[lane][i] for i in taken]

    async def unsent(self, lane: int) -> list[Outgoing]:
        return [o for i, o in self._outbox[lane].items() if i in self._outbox_taken]

    async def take(self, outgoing: Outgoing) -> tuple[str, float]:
        o = outgoing
        kept = self._kept[o.conversation]
        if o.id not in self._outbox[o.lane]:
            return "gone", kept.last
        if kept.parts.get(o.sending.id) is DeliveryState.SENDING:
            kept.parts[o.sending.id] = DeliveryState.UNKNOWN
            del self._outbox[o.lane][o.id]
            return "unknown", kept.last
        if o.sending.by == "bot" and not o.sending.urgent and kept.epoch != o.epoch:
            kept.parts[o.sending.id] = DeliveryState.DROPPED
            del self._outbox[o.lane][o.id]
            return "stale", kept.last
        kept.parts[o.sending.id] = DeliveryState.SENDING
        return "send", kept.last

    async def settle(self, outgoing: Outgoing, state: DeliveryState, external: str = "", reason: str = "") -> None:
        del reason
        o = outgoing
        kept = self._kept[o.conversation]
        if state is DeliveryState.QUEUED:
            kept.parts[o.sending.id] = state
            return
        if external:
            early = kept.early.pop(external, state)
            state = early if RANK[early] > RANK[state] else state
            kept.externals[external] = o.sending.id
        self._raise(kept, o.sending.id, state)
        self._outbox[o.lane].pop(o.id, None)
        await self._notify(Change(o.conversation, o.sending.channel, o.sending.chat, "", "", 0))

    async def report(self, conversation: str, external: str, state: DeliveryState, reason: str = "") -> None:
        del reason
        kept = self._kept.setdefault(conversation, _Kept("", 0, 0, 0.0))
        part = kept.externals.get(external)
        if part:
            self._raise(kept, part, state)
        elif external not in kept.early or RANK[state] > RANK[kept.early[external]]:
            kept.early[external] = state
        await self._notify(Change(conversation, "", "", "", "", 0))

    # --- lists ---------------------------------------------------------------------------------------------

    async def open(self) -> list[tuple[Conversation, int]]:
        all_ = [(Conversation.from_json(k.state), k.version) for k in self._kept.values() if k.version]
        return [(c, v) for c, v in all_ if c.status in (Status.WAITING, Status.ASSIGNED)]

    async def recent(self, limit: int) -> list[Conversation]:
        kept = sorted((k for k in self._kept.values() if k.version), key=lambda k: -k.last)
        return [Conversation.from_json(k.state) for k in kept[:limit]]

    async def leases(self, before: datetime) -> list[str]:
        return [c.id for c, _ in await self.open() if c.lease_until and c.lease_until <= before]

    async def next_number(self) -> int:
        return next(self._numbers)

    async def own_lanes(self, worker: str, seconds: float) -> Sequence[int]:
        del worker, seconds
        return range(self.lanes)

    async def release_lanes(self, worker: str) -> None:
        del worker

    async def tidy(self, now: datetime) -> int:
        border = (now - self._retention).timestamp()
        old = [cid for cid, kept in self._kept.items() if kept.last < border]
        for cid in old:
            del self._kept[cid]
        return len(old)

    async def changes(self) -> AsyncIterator[Change | None]:
        queue: asyncio.Queue[Change] = asyncio.Queue()
        self._watchers.append(queue)
        try:
            yield None
            while True:
                try:
                    yield await asyncio.wait_for(queue.get(), HEARTBEAT)
                except TimeoutError:
                    yield None
        finally:
            if queue in self._watchers:  # close() may have been quicker
                self._watchers.remove(queue)

    async def ping(self) -> None:
        """Always there."""

    async def close(self) -> None:
        self._watchers.clear()

    # --- small things --------------------------------------------------------------------------------------

    def _raise(self, kept: _Kept, part: str, state: DeliveryState) -> None:
        old = kept.parts.get(part)
        if old is None or RANK[state] > RANK[old]:
            kept.parts[part] = state

    async def _notify(self, change: Change | None = None) -> None:
        if change:
            for queue in self._watchers:
                queue.put_nowait(change)
        async with self._news:
            self._news.notify_all()

    async def _until(self, ready: Callable[[], bool], wait: float) -> None:
        async with self._news:
            try:
                await asyncio.wait_for(self._news.wait_for(ready), wait)
            except TimeoutError:
                return
