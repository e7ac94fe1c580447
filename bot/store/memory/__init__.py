"""The store in memory: for `stadtbote talk` and quick tests. It passes the contract that Redis passes."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from bot.conversation import Status
from bot.message import DeliveryState
from bot.store.memory.attachments import AttachmentsRoom
from bot.store.memory.conversations import ConversationsRoom
from bot.store.memory.facts import FactsRoom
from bot.store.memory.inbox import InboxRoom
from bot.store.memory.lanes import LanesRoom
from bot.store.memory.outbox import OutboxRoom
from bot.store.memory.presence import PresenceRoom
from bot.store.memory.shelves import Shelves
from bot.store.protocol import Ages, Change, Outgoing, Ticket

HEARTBEAT = 15.0


class MemoryStore(InboxRoom, ConversationsRoom, OutboxRoom, AttachmentsRoom, FactsRoom, LanesRoom, PresenceRoom):
    """See bot.store.protocol.Store. One process, one event loop."""

    def __init__(self, lanes: int = 1, retention: timedelta = timedelta(days=30)) -> None:
        super().__init__(Shelves(lanes))
        self._retention = retention

    async def ages(self) -> Ages:
        now = time.time()
        inbox = [e.at for entries in self._shelves.inbox.values() for e in entries.values()]
        outbox = [e.at for entries in self._shelves.outbox.values() for e in entries.values()]
        some = [kept.conversation for kept in self._shelves.written()]
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
            len(self._shelves.dead),
            sum(len(facts) for facts in self._shelves.facts.values()),
        )

    async def tidy(self, now: datetime) -> int:
        border = (now - self._retention).timestamp()
        old = [cid for cid, kept in self._shelves.kept.items() if kept.last < border]
        for cid in old:
            del self._shelves.kept[cid]
            self._shelves.forget_files(cid)
        return len(old)

    async def upgrade(self) -> int:
        return 0

    async def quiesce(self) -> tuple[int, int]:
        arrivals = [e.what for entries in self._shelves.inbox.values() for e in entries.values()]
        parts = [e.what for entries in self._shelves.outbox.values() for e in entries.values()]
        self._shelves.inbox.clear()
        for ticket in arrivals:
            assert isinstance(ticket, Ticket)
            self._shelves.inter(ticket.conversation, ticket.arrival, "restored from a backup")
        for o in parts:
            assert isinstance(o, Outgoing)
            self._shelves.end(self._shelves.kept[o.conversation], o.lane, o.id, o.sending.id, DeliveryState.UNKNOWN)
        return len(arrivals), len(parts)

    async def changes(self) -> AsyncIterator[Change | None]:
        queue: asyncio.Queue[Change] = asyncio.Queue()
        self._shelves.watchers.append(queue)
        try:
            yield None
            while True:
                try:
                    yield await asyncio.wait_for(queue.get(), HEARTBEAT)
                except TimeoutError:
                    yield None
        finally:
            if queue in self._shelves.watchers:  # close() may have been quicker
                self._shelves.watchers.remove(queue)

    async def ping(self) -> None:
        """Always there."""

    async def close(self) -> None:
        self._shelves.watchers.clear()
