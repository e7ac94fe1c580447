"""From the inbox to reception: each arrival until it is done, or a dead letter after five tries."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.inorder import InOrder
from bot.logs import about, name_of
from bot.metrics.metrics import Metrics
from bot.reception import Reception
from bot.store.protocol import AlreadyDone, Fenced, Store, StoreUnavailable, Ticket

log = logging.getLogger(__name__)
TRIES = 5  # of one message, whichever workers make them, before it is a dead letter
WIDTH = 8  # messages at reception at once: more would only queue before the models
Pause = Callable[[float], Awaitable[bool]]
"""Sleep so many seconds; True when the worker is told to stop meanwhile."""
Dropped = Callable[[int], None]
"""Something of this lane was put down without being done: the lane must be read anew."""


class Incoming:
    """Tickets on their way through reception."""

    def __init__(self, store: Store, reception: Reception, pause: Pause, dropped: Dropped, metrics: Metrics) -> None:
        self._store, self._reception, self._pause, self._dropped = store, reception, pause, dropped
        self._metrics = metrics
        self._width = asyncio.Semaphore(WIDTH)
        self._work: InOrder[Ticket] = InOrder(self._handle, lambda ticket: dropped(ticket.lane))

    @property
    def size(self) -> int:
        """Tickets queued or at work."""
        return self._work.size

    def put(self, ticket: Ticket) -> None:
        """Behind the others of its conversation."""
        self._work.put(ticket.conversation, ticket)

    def purge(self, lane: int) -> None:
        """Forget what was read of a lane and has not begun."""
        self._work.purge(lambda ticket: ticket.lane == lane)

    async def end(self, seconds: float) -> None:
        """Begin nothing more; wait for what has begun, at most so long."""
        self._work.stop()
        await self._work.done(seconds)

    async def _handle(self, ticket: Ticket) -> None:
        with about(conversation=ticket.conversation, arrival=name_of(ticket.arrival.channel, ticket.arrival.id)):
            await self._handled(ticket)

    async def _handled(self, ticket: Ticket) -> None:
        where = {"entry": ticket.id, "lane": ticket.lane}
        counted = False
        while True:
            try:
                async with self._width:  # not while it pauses: one that fails must not delay the others
                    if self._work.stopped:
                        return
                    if not counted and await self._store.begin(ticket) > TRIES:
                        await self._bury(ticket)
                        return
                    counted = True
                    await self._reception.handle(ticket)
                    return
            except AlreadyDone:
                return  # its reply stands
            except Fenced:
                self._metrics.fenced.inc()
                log.info("another worker has the lane now", extra=where)
                self._dropped(ticket.lane)
                return
            except StoreUnavailable:
                if await self._pause(0.5):  # the store's fault is not the message's: it does not count
                    return
            except Exception:
                # Whatever it is, it must not delay the other conversations.
                log.exception("a message failed", extra=where)
                counted = False
                if await self._pause(0.2):
                    return

    async def _bury(self, ticket: Ticket) -> None:
        reason = f"failed {TRIES} times"
        await self._store.bury(ticket.conversation, ticket.arrival, reason, ticket)
        self._metrics.dead_letters.labels(ticket.arrival.channel, "failed").inc()
        log.error("dead letter", extra={"entry": ticket.id, "lane": ticket.lane, "reason": reason})
