"""The loops of a worker process: lanes of the inbox to reception, lanes of the outbox to the channels.

Within a lane, one conversation is handled in order and one message at a time; conversations go side by side.
"""

import asyncio
import logging
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

from bot.channels.channel import Ambiguous, Channel, ChannelThrottled, NotConnected, Refused
from bot.conversation import conversation_id
from bot.message import DeliveryState
from bot.reception import Reception
from bot.store.protocol import Outgoing, Store, StoreUnavailable, Ticket

log = logging.getLogger(__name__)
LEASE_SECONDS = 15.0
WAIT_SECONDS = 2.0
TRIES = 5  # of one message, before it is a dead letter
LONGEST_PAUSE = 60.0
T = TypeVar("T")


class InOrder(Generic[T]):
    """Runs `work` on items: in order for one key, keys side by side, at most `width` at once."""

    def __init__(self, work: Callable[[T], Awaitable[None]], width: int) -> None:
        self._work = work
        self._width = asyncio.Semaphore(width)
        self._queues: dict[str, deque[T]] = defaultdict(deque)
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, key: str, item: T) -> None:
        """Queue an item behind its key's others."""
        queue = self._queues[key]
        queue.append(item)
        if len(queue) == 1:
            task = asyncio.create_task(self._drain(key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    @property
    def busy(self) -> int:
        """Items queued or at work."""
        return sum(len(q) for q in self._queues.values())

    async def done(self, seconds: float) -> None:
        """Wait until all is done, at most so long; what is left stays with the store."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)

    async def _drain(self, key: str) -> None:
        queue = self._queues[key]
        while queue:
            async with self._width:
                try:
                    await self._work(queue[0])
                except Exception:
                    # The item stays with the store and is handed out again; the loop must live on.
                    log.exception("a piece of work failed and stays with the store", extra={"conversation": key})
            queue.popleft()
        del self._queues[key]


class Worker:
    """Owns a share of the lanes until told to stop."""

    def __init__(
        self,
        name: str,
        store: Store,
        reception: Reception,
        channels: Mapping[str, Channel],
        secret: bytes,
        wait: float = WAIT_SECONDS,
    ) -> None:
        """`wait`: how long one look at a lane may wait, in seconds; a stop takes as long."""
        self._name, self._store, self._reception = name, store, reception
        self._channels, self._secret, self._wait = channels, secret, wait
        self._stop = asyncio.Event()
        self._lanes: dict[int, asyncio.Task[None]] = {}
        self._owned: frozenset[int] = frozenset()
        self._incoming: InOrder[Ticket] = InOrder(self._receive, 8)
        self._leaving: InOrder[Outgoing] = InOrder(self._send, 64)

    def stop(self) -> None:
        """Take nothing new; run() returns once what is under way is done."""
        self._stop.set()

    async def run(self) -> None:
        """Work until stop()."""
        renewed = 0.0
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self._owned = frozenset(await self._store.own_lanes(self._name, LEASE_SECONDS))
                renewed = began
            except StoreUnavailable:
                log.warning("the store is away; trying again")
                if began - renewed > LEASE_SECONDS:
                    self._owned = frozenset()  # by now somebody else may have them
            for lane in self._owned:
                if lane not in self._lanes or self._lanes[lane].done():
                    self._lanes[lane] = asyncio.create_task(self._lane(lane))
            await self._pause(LEASE_SECONDS / 3 if self._owned else 1.0)
        await asyncio.gather(*self._lanes.values(), return_exceptions=True)
        await self._incoming.done(5.0)
        await self._leaving.done(3.0)
        try:
            await self._store.release_lanes(self._name)
        except StoreUnavailable:
            log.warning("the lanes were not given back; their lease runs out by itself")

    async def idle(self) -> None:
        """Return once nothing is queued, at work or leaving: for the terminal and tests."""
        quiet = 0
        while quiet < 5:
            quiet = quiet + 1 if not (self._incoming.busy or self._leaving.busy) else 0
            await asyncio.sleep(0.01)

    async def _lane(self, lane: int) -> None:
        await asyncio.gather(self._inbox(lane), self._outbox(lane))

    async def _inbox(self, lane: int) -> None:
        fresh = True
        while lane in self._owned and not self._stop.is_set():
            try:
                tickets = await self._store.reclaim(lane) if fresh else await self._store.receive(lane, 50, self._wait)
                fresh = False
            except StoreUnavailable:
                await self._pause(0.5)
                continue
            for ticket in tickets:
                arrival = ticket.arrival
                self._incoming.put(conversation_id(self._secret, arrival.channel, arrival.chat), ticket)

    async def _outbox(self, lane: int) -> None:
        fresh = True
        while lane in self._owned and not self._stop.is_set():
            try:
                leaving = await self._store.unsent(lane) if fresh else await self._store.outgoing(lane, 50, self._wait)
                fresh = False
            except StoreUnavailable:
                await self._pause(0.5)
                continue
            for outgoing in leaving:
                self._leaving.put(outgoing.conversation, outgoing)

    async def _receive(self, ticket: Ticket) -> None:
        tries = ticket.tries
        while True:
            if tries > TRIES:
                await self._bury(ticket)
                return
            try:
                await self._reception.handle(ticket)
                return
            except StoreUnavailable:
                if self._stop.is_set():
                    return
                await self._pause(0.5)  # the store's fault is not the message's: it does not count
            except Exception:
                # Whatever it is, it must not delay the other conversations; after five tries it is a dead letter.
                log.exception("a message failed", extra={"lane": ticket.lane, "entry": ticket.id, "tries": tries})
                tries += 1
                await self._pause(min(0.05 * 2**tries, 1.0))

    async def _bury(self, ticket: Ticket) -> None:
        conversation = conversation_id(self._secret, ticket.arrival.channel, ticket.arrival.chat)
        log.error("dead letter", extra={"conversation": conversation, "reason": f"failed {TRIES} times"})
        await self._store.bury(conversation, ticket.arrival, f"failed {TRIES} times", ticket)

    async def _send(self, outgoing: Outgoing) -> None:
        pause = 1.0
        while True:
            verdict, last = await self._store.take(outgoing)
            if verdict != "send":
                if verdict == "unknown":
                    log.warning("nobody knows whether this was sent", extra={"conversation": outgoing.conversation})
                return
            state, external, reason, wait = await self._sent(outgoing, last)
            await self._store.settle(outgoing, state, external, reason)
            if state is not DeliveryState.QUEUED:
                return
            await self._pause(wait or pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            if self._stop.is_set():
                return  # it is queued: the next owner of the lane sends it

    async def _sent(self, outgoing: Outgoing, last: float) -> tuple[DeliveryState, str, str, float]:
        """(state, the platform's id, reason, seconds to wait before another try)."""
        sending = outgoing.sending
        channel = self._channels.get(sending.channel)
        if channel is None:
            return DeliveryState.FAILED, "", "channel off", 0.0
        if channel.limits.window is not None and time.time() - last > channel.limits.window:
            return DeliveryState.FAILED, "", "window", 0.0
        where = {"conversation": outgoing.conversation, "channel": sending.channel}
        try:
            external = await channel.send(sending.chat, sending.part)
        except ChannelThrottled as error:
            log.info("throttled", extra={**where, "seconds": error.retry_after})
            return DeliveryState.QUEUED, "", "", error.retry_after
        except NotConnected:
            log.warning("the platform cannot be reached", extra=where)
            return DeliveryState.QUEUED, "", "", 0.0
        except Refused as error:
            log.warning("refused by the platform", extra={**where, "reason": str(error)})
            return DeliveryState.FAILED, "", str(error), 0.0
        except Ambiguous as error:
            log.warning("delivery unknown", extra={**where, "reason": str(error)})
            return DeliveryState.UNKNOWN, "", str(error), 0.0
        except Exception:
            log.exception("a channel failed in sending", extra=where)
            return DeliveryState.UNKNOWN, "", "fault", 0.0
        return DeliveryState.SENT, external, "", 0.0

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return
