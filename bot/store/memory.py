"""The store in memory: for `stadtbote talk` and quick tests. It passes the contract that Redis passes."""

import asyncio
import itertools
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.conversation import Conversation, Line, Status
from bot.handoff.fact import Handoff
from bot.message import RANK, Arrival, DeliveryState, Rate
from bot.store.keys import lane_of
from bot.store.memory_attachments import MemoryAttachments
from bot.store.memory_presence import MemoryPresence
from bot.store.protocol import (
    Ages,
    AlreadyDone,
    Batch,
    Change,
    Conflict,
    DeadLetter,
    Fenced,
    Held,
    Outgoing,
    Ticket,
    Unsettled,
    Write,
)

HEARTBEAT = 15.0
Name = tuple[str, str, str]


@dataclass
class _Kept:
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
        return Conversation.from_json(self.state)


@dataclass(frozen=True)
class _Entry:
    at: float
    what: Ticket | Outgoing


class MemoryStore(MemoryAttachments, MemoryPresence):
    """See bot.store.protocol.Store. One process, one event loop."""

    def __init__(self, lanes: int = 1, retention: timedelta = timedelta(days=30)) -> None:
        super().__init__()
        self.lanes = lanes
        self._retention = retention
        self._kept: dict[str, _Kept] = {}
        self._seen: set[Name] = set()
        self._ids = itertools.count(1)
        self._numbers = itertools.count(1001)
        self._inbox: dict[int, dict[str, _Entry]] = defaultdict(dict)
        self._outbox: dict[int, dict[str, _Entry]] = defaultdict(dict)
        self._tries: Counter[str] = Counter()
        self._dead: dict[str, DeadLetter] = {}
        self._owners: dict[int, tuple[str, float]] = {}
        self._workers: dict[str, float] = {}
        self._buckets: dict[str, float] = {}
        self._news = asyncio.Condition()
        self._watchers: list[asyncio.Queue[Change]] = []

    # --- inbox ---------------------------------------------------------------------------------------------

    async def append(self, conversation: str, arrival: Arrival) -> bool:
        if _name(arrival) in self._seen:
            return False
        self._seen.add(_name(arrival))
        self._enter(conversation, arrival)
        await self._notify()
        return True

    async def begin(self, ticket: Ticket) -> int:
        self._fence(ticket)
        if ticket.id not in self._inbox[ticket.lane]:
            raise AlreadyDone(ticket.id)
        self._tries[ticket.id] += 1
        return self._tries[ticket.id]

    async def finish(self, ticket: Ticket) -> None:
        self._fence(ticket)
        self._inbox[ticket.lane].pop(ticket.id, None)

    async def bury(self, conversation: str, arrival: Arrival, reason: str, ticket: Ticket | None = None) -> None:
        if ticket is not None:
            self._fence(ticket)
            if self._inbox[ticket.lane].pop(ticket.id, None) is None:
                return
        elif _name(arrival) in self._seen:
            return
        self._seen.add(_name(arrival))
        self._inter(conversation, arrival, reason)

    async def dead(self, limit: int = 1000) -> list[DeadLetter]:
        return list(self._dead.values())[:limit]

    async def replay(self, letter: str) -> bool:
        found = self._dead.pop(letter, None)
        if found is not None:
            self._enter(found.conversation, found.arrival)
            await self._notify()
        return found is not None

    # --- conversations -------------------------------------------------------------------------------------

    async def load(self, conversation: str) -> Held:
        kept = self._kept.get(conversation)
        return Held(kept.conversation, kept.version) if kept and kept.version else Held(None, 0)

    async def keep(self, conversation: str, version: int, write: Write, ticket: Ticket | None = None) -> int:
        lane = lane_of(conversation, self.lanes)
        if ticket is not None:
            self._fence(ticket)
            if ticket.id not in self._inbox[lane]:
                raise AlreadyDone(conversation)
        kept = self._kept.get(conversation)
        if (kept.version if kept else 0) != version:
            raise Conflict(conversation)
        if ticket is not None:
            del self._inbox[lane][ticket.id]
        if kept is None or write.erase:
            kept = self._kept[conversation] = _Kept(version=version)
        if write.erase:
            self._dead = {i: d for i, d in self._dead.items() if d.conversation != conversation}
            self._outbox[lane] = {i: e for i, e in self._outbox[lane].items() if e.what.conversation != conversation}
        self._keep_files(conversation, write)
        c = write.conversation
        kept.state, kept.version, kept.epoch = c.to_json(), version + 1, c.epoch
        kept.last = c.last_citizen.timestamp() if c.last_citizen else 0.0
        kept.urgency, kept.look = write.urgency, write.look.timestamp() if write.look else None
        kept.lines += [line.to_json() for line in write.lines]
        if write.handoff:
            kept.handoffs[write.handoff.number] = write.handoff
        for sending in write.sendings:
            i = self._id()
            self._outbox[lane][i] = _Entry(time.time(), Outgoing(lane, i, "", conversation, c.epoch, sending))
            kept.parts[sending.id], kept.authors[sending.id] = DeliveryState.QUEUED, sending.by
        await self._notify(None if write.quiet else Change(c.id, c.channel, c.chat, c.status, c.team, kept.version))
        return kept.version

    async def transcript(self, conversation: str) -> list[Line]:
        kept = self._kept.get(conversation)
        return [Line.from_json(line) for line in kept.lines] if kept else []

    async def deliveries(self, conversation: str) -> Mapping[str, DeliveryState]:
        kept = self._kept.get(conversation)
        return dict(kept.parts) if kept else {}

    async def queue(self, teams: Collection[str] | None, limit: int) -> list[tuple[Conversation, int]]:
        found: list[tuple[Conversation, int]] = []
        ranked = sorted((k for k in self._kept.values() if k.version), key=lambda k: k.urgency)
        for status in (Status.WAITING, Status.ASSIGNED):
            some = [(k.conversation, k.version) for k in ranked]
            found += [
                (c, v) for c, v in some if c.status is status and (teams is None or c.team in teams)
            ][:limit]  # fmt: skip
        return found

    async def waiting(self, teams: Collection[str] | None) -> int:
        return sum(c.status is Status.WAITING and (teams is None or c.team in teams) for c in self._conversations())

    async def recent(self, limit: int) -> list[Conversation]:
        kept = sorted((k for k in self._kept.values() if k.version), key=lambda k: -k.last)
        return [k.conversation for k in kept[:limit]]

    async def earlier(self, before: float | None, limit: int) -> list[tuple[float, Conversation]]:
        kept = [(k.last, k.conversation) for k in self._kept.values() if k.version and (not before or k.last < before)]
        return sorted(kept, key=lambda pair: -pair[0])[:limit]

    async def numbered(self, number: int) -> list[str]:
        return [cid for cid, kept in self._kept.items() if number in kept.handoffs]

    async def due(self, before: datetime, limit: int = 500) -> list[str]:
        found = [(k.look, cid) for cid, k in self._kept.items() if k.look is not None and k.look <= before.timestamp()]
        return [cid for _, cid in sorted(found)][:limit]

    async def handoffs(self, since: datetime, until: datetime) -> list[Handoff]:
        every = (h for kept in self._kept.values() for h in kept.handoffs.values())
        return sorted((h for h in every if since <= h.opened < until), key=lambda h: (h.opened, h.number))

    async def handoff(self, conversation: str, number: int) -> Handoff | None:
        kept = self._kept.get(conversation)
        return kept.handoffs.get(number) if kept else None

    async def next_number(self) -> int:
        return next(self._numbers)

    # --- outbox --------------------------------------------------------------------------------------------

    async def reserve(self, bucket: str, rate: Rate) -> float:
        now = time.time()
        room = (rate.burst - 1) / rate.per_second
        full = max(self._buckets.get(bucket, 0.0), now)
        self._buckets[bucket] = full + 1 / rate.per_second
        return max(0.0, full - room - now)

    async def reserve_chat(self, outgoing: Outgoing, rate: Rate) -> float:
        return await self.reserve(f"chat:{outgoing.conversation}", rate)

    async def hold_back(self, outgoing: Outgoing, rate: Rate, seconds: float) -> None:
        room = (rate.burst - 1) / rate.per_second
        self._buckets[f"chat:{outgoing.conversation}"] = time.time() + seconds + room

    async def take(self, outgoing: Outgoing, token: str) -> tuple[str, float]:
        o = outgoing
        self._fence(o)
        kept = self._kept[o.conversation]
        if o.id not in self._outbox[o.lane]:
            return "gone", kept.last
        if kept.parts.get(o.sending.id) is DeliveryState.SENDING:
            if kept.tokens.get(o.sending.id) == token:
                return "send", kept.last
            self._end(kept, o.lane, o.id, o.sending.id, DeliveryState.UNKNOWN)
            return "unknown", kept.last
        if o.sending.by == "bot" and not o.sending.urgent and kept.epoch != o.epoch:
            self._end(kept, o.lane, o.id, o.sending.id, DeliveryState.DROPPED)
            return "stale", kept.last
        kept.parts[o.sending.id], kept.tokens[o.sending.id] = DeliveryState.SENDING, token
        return "send", kept.last

    async def settle(self, outgoing: Outgoing, state: DeliveryState, external: str = "", reason: str = "") -> None:
        del reason
        o = outgoing
        kept = self._kept[o.conversation]
        if state is DeliveryState.QUEUED:
            if kept.parts.get(o.sending.id) is DeliveryState.SENDING:
                kept.parts[o.sending.id] = state
            return
        if external:
            early = kept.early.pop(external, state)
            state = early if RANK[early] > RANK[state] else state
            kept.externals[external] = o.sending.id
        self._raise(kept, o.sending.id, state)
        self._end(kept, o.lane, o.id, o.sending.id, None)
        await self._notify(Change(o.conversation, o.sending.channel, o.sending.chat, "", "", 0))

    async def report(self, conversation: str, external: str, state: DeliveryState, reason: str = "") -> None:
        del reason
        kept = self._kept.setdefault(conversation, _Kept())
        part = kept.externals.get(external)
        if part:
            self._raise(kept, part, state)
        elif external not in kept.early or RANK[state] > RANK[kept.early[external]]:
            kept.early[external] = state
        await self._notify(Change(conversation, "", "", "", "", 0))

    async def unsettled(self, conversation: str) -> list[Unsettled]:
        kept = self._kept.get(conversation)
        return [Unsettled(p, kept.parts[p], by) for p, by in kept.authors.items() if p in kept.parts] if kept else []

    async def doubt(self, conversation: str, part: str) -> bool:
        kept = self._kept.get(conversation)
        if kept is None or kept.parts.get(part) is not DeliveryState.SENDING:
            return False
        lane = lane_of(conversation, self.lanes)
        entries = [
            i for i, e in self._outbox[lane].items() if isinstance(e.what, Outgoing) and e.what.sending.id == part
        ]
        self._end(kept, lane, entries[0] if entries else "", part, DeliveryState.UNKNOWN)
        await self._notify(Change(conversation, "", "", "", "", 0))
        return True

    # --- lanes ---------------------------------------------------------------------------------------------

    async def own_lanes(self, worker: str, seconds: float) -> Sequence[int]:
        now = time.monotonic()
        self._workers = {w: at for w, at in self._workers.items() if now - at < seconds} | {worker: now}
        share = -(-self.lanes // len(self._workers))
        owned: list[int] = []
        for lane in sorted(range(self.lanes), key=lambda n: self._owner(n) != worker):
            if self._owner(lane) in ("", worker) and len(owned) < share:
                self._owners[lane] = (worker, now + seconds)
                owned.append(lane)
            elif self._owner(lane) == worker:
                del self._owners[lane]
        return sorted(owned)

    async def release_lanes(self, worker: str) -> None:
        self._workers.pop(worker, None)
        self._owners = {lane: held for lane, held in self._owners.items() if held[0] != worker}

    async def read(
        self, lane: int, holder: str, inbox: str | None, outbox: str | None, count: int, wait: float
    ) -> Batch:
        def after(entries: Mapping[str, _Entry], at: str | None) -> list[str]:
            return [] if at is None else [i for i in entries if _order(i) > _order(at)][:count]

        await self._until(lambda: bool(after(self._inbox[lane], inbox) or after(self._outbox[lane], outbox)), wait)
        arrived, leaving = after(self._inbox[lane], inbox), after(self._outbox[lane], outbox)
        tickets = [self._inbox[lane][i].what for i in arrived]
        outgoing = [self._outbox[lane][i].what for i in leaving]
        return Batch(
            tuple(replace(t, holder=holder) for t in tickets if isinstance(t, Ticket)),
            tuple(replace(o, holder=holder) for o in outgoing if isinstance(o, Outgoing)),
            arrived[-1] if arrived else inbox or "",
            leaving[-1] if leaving else outbox or "",
        )

    # --- the whole -----------------------------------------------------------------------------------------

    async def ages(self) -> Ages:
        now = time.time()
        inbox = [e.at for entries in self._inbox.values() for e in entries.values()]
        outbox = [e.at for entries in self._outbox.values() for e in entries.values()]
        some = list(self._conversations())
        since = [c.waiting_since.timestamp() for c in some if c.status is Status.WAITING and c.waiting_since]
        unhandled, unsent, waiting = (max(0.0, now - min(times)) if times else 0.0 for times in (inbox, outbox, since))
        states = Counter(c.status for c in some)
        return Ages(
            unhandled,
            unsent,
            waiting,
            len(inbox),
            len(outbox),
            states[Status.WAITING],
            states[Status.ASSIGNED],
            len(self._dead),
        )

    async def tidy(self, now: datetime) -> int:
        border = (now - self._retention).timestamp()
        old = [cid for cid, kept in self._kept.items() if kept.last < border]
        for cid in old:
            del self._kept[cid]
            self._forget_files(cid)
        return len(old)

    async def upgrade(self) -> int:
        return 0

    async def quiesce(self) -> tuple[int, int]:
        arrivals = [e.what for entries in self._inbox.values() for e in entries.values()]
        parts = [e.what for entries in self._outbox.values() for e in entries.values()]
        self._inbox.clear()
        for ticket in arrivals:
            assert isinstance(ticket, Ticket)
            self._inter(ticket.conversation, ticket.arrival, "restored from a backup")
        for o in parts:
            assert isinstance(o, Outgoing)
            self._end(self._kept[o.conversation], o.lane, o.id, o.sending.id, DeliveryState.UNKNOWN)
        return len(arrivals), len(parts)

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

    def _id(self) -> str:
        return f"{next(self._ids)}-0"

    def _enter(self, conversation: str, arrival: Arrival) -> None:
        lane, i = lane_of(conversation, self.lanes), self._id()
        self._inbox[lane][i] = _Entry(time.time(), Ticket(lane, i, "", conversation, arrival))

    def _inter(self, conversation: str, arrival: Arrival, reason: str) -> None:
        letter = DeadLetter(
            f"{lane_of(conversation, self.lanes)}.{self._id()}", conversation, datetime.now(UTC), reason, arrival
        )
        self._dead[letter.id] = letter

    def _owner(self, lane: int) -> str:
        worker, until = self._owners.get(lane, ("", 0.0))
        return worker if until > time.monotonic() else ""

    def _fence(self, item: Ticket | Outgoing) -> None:
        if not item.holder or self._owner(item.lane) != item.holder:
            raise Fenced(item.id)

    def _end(self, kept: _Kept, lane: int, entry: str, part: str, state: DeliveryState | None) -> None:
        """Off the outbox; None leaves the part's state as it is."""
        if state is not None:
            kept.parts[part] = state
        kept.authors.pop(part, None)
        kept.tokens.pop(part, None)
        self._outbox[lane].pop(entry, None)

    def _conversations(self) -> list[Conversation]:
        return [k.conversation for k in self._kept.values() if k.version]

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


def _name(arrival: Arrival) -> Name:
    return arrival.channel, arrival.chat, arrival.id


def _order(entry: str) -> int:
    return int(entry.partition("-")[0])


def _part(entry: _Entry) -> str:
    return entry.what.sending.id if isinstance(entry.what, Outgoing) else ""
