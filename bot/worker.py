"""A worker holds a share of the lanes and brings what lies in them to its end.

A lane is read from its start when it is taken over, and from there on; what is read stays in the store until it is
done. So a lost answer, a lost connection or a lost worker loses nothing, and reading twice does nothing twice.
"""

import asyncio
import logging
import time
from collections.abc import Mapping

from bot.channels.channel import Channel
from bot.inbox import WIDTH as AT_RECEPTION
from bot.inbox import Incoming
from bot.metrics.metrics import Metrics
from bot.outbox import SEND_SECONDS, Leaving
from bot.outbox import WIDTH as IN_FLIGHT
from bot.reception import Reception
from bot.store.protocol import START, Store, StoreUnavailable

log = logging.getLogger(__name__)
LEASE_SECONDS = 12.0
WAIT_SECONDS = 4.0
LOOK_SECONDS = 1.5  # between two looks for free lanes; each renews the lease
AT_ONCE = 100  # entries of one look
ROOM, ROOM_OUT = 1000, 20_000
"""Entries read and not done, before reading pauses: the store keeps them as well as we do. There is more room for what
leaves: it may wait long for a platform's tokens, and must not stand in front of what may go at once."""
DRAIN_SECONDS = 6.5  # of the ten that a stop may take


class Worker:
    """Holds lanes until told to stop. `name` must be new at every start: it is what fences a former self."""

    def __init__(
        self,
        name: str,
        store: Store,
        reception: Reception,
        channels: Mapping[str, Channel],
        wait: float = WAIT_SECONDS,
        lease: float = LEASE_SECONDS,
        metrics: Metrics | None = None,
    ) -> None:
        """`wait`: how long one look at a lane may wait, in seconds."""
        self._name, self._store, self._wait, self._lease = name, store, wait, lease
        self._stop = asyncio.Event()
        self._lanes: dict[int, asyncio.Task[None]] = {}
        self._owned: frozenset[int] = frozenset()
        self._anew: set[int] = set()
        self._metrics = metrics or Metrics()
        self._incoming = Incoming(store, reception, self._pause, self._dropped, self._metrics)
        self._leaving = Leaving(store, channels, self._pause, self._dropped, self._metrics)

    @property
    def lanes(self) -> int:
        """How many lanes it holds."""
        return len(self._owned)

    def tell(self) -> None:
        """Put lanes and work in hand into the metrics, as they are now."""
        self._metrics.lanes.set(self.lanes)
        for name, size, width in (
            ("inbox", self._incoming.size, AT_RECEPTION),
            ("outbox", self._leaving.size, IN_FLIGHT),
        ):
            self._metrics.working.set(size, name)
            self._metrics.capacity.set(width, name)

    def stop(self) -> None:
        """Take nothing new; run() returns once what is under way is done, or after DRAIN_SECONDS."""
        self._stop.set()

    async def run(self) -> None:
        """Work until stop()."""
        renewed = 0.0
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self._owned = frozenset(await self._store.own_lanes(self._name, self._lease))
                renewed = began
            except StoreUnavailable:
                log.warning("the store is away; trying again")
                if began - renewed > self._lease:
                    self._owned = frozenset()  # by now somebody else may have them
            for lane in self._owned:
                if lane not in self._lanes or self._lanes[lane].done():
                    self._lanes[lane] = asyncio.create_task(self._lane(lane))
            await self._pause(LOOK_SECONDS if self._owned and renewed == began else 0.5)
        began = time.monotonic()
        for reading in self._lanes.values():
            reading.cancel()  # reading takes nothing away, so nothing is lost with it
        ends = (self._incoming.end(DRAIN_SECONDS / 2), self._leaving.end(min(SEND_SECONDS, DRAIN_SECONDS)))
        await asyncio.gather(*self._lanes.values(), *ends, return_exceptions=True)
        try:
            await self._store.release_lanes(self._name)
        except StoreUnavailable:
            log.warning("the lanes were not given back; their lease runs out by itself")
        log.info("drained", extra={"seconds": round(time.monotonic() - began, 2)})

    async def idle(self) -> None:
        """Return once nothing is queued, at work or leaving: for the terminal and tests."""
        quiet = 0
        while quiet < 5:
            quiet = quiet + 1 if not (self._incoming.size or self._leaving.size) else 0
            await asyncio.sleep(0.01)

    async def _lane(self, lane: int) -> None:
        inbox = outbox = START
        self._anew.discard(lane)
        while lane in self._owned and not self._stop.is_set():
            # A crowd of messages must not keep replies from leaving, nor the other way round.
            more_in, more_out = self._incoming.size < ROOM, self._leaving.size < ROOM_OUT
            if not (more_in or more_out):
                await self._pause(0.02)
                continue
            try:
                batch = await self._store.read(
                    lane,
                    self._name,
                    inbox if more_in else None,
                    outbox if more_out else None,
                    AT_ONCE,
                    self._wait if more_in and more_out else 0.05,
                )
            except StoreUnavailable:
                await self._pause(0.5)
                continue
            except Exception:
                # What cannot be read now must not end the lane; it is there still.
                log.exception("a lane could not be read", extra={"lane": lane})
                await self._pause(1.0)
                continue
            if lane in self._anew:
                # What was put down must come before what follows it.
                self._anew.discard(lane)
                inbox = outbox = START
                await self._pause(0.2)
                continue
            inbox, outbox = batch.inbox or inbox, batch.outbox or outbox
            for ticket in batch.tickets:
                self._incoming.put(ticket)
            for outgoing in batch.outgoing:
                self._leaving.put(outgoing)
        self._incoming.purge(lane)
        self._leaving.purge(lane)

    def _dropped(self, lane: int) -> None:
        """Something of this lane was put down undone: forget what follows it, and read the lane from its start."""
        self._anew.add(lane)
        self._incoming.purge(lane)
        self._leaving.purge(lane)

    async def _pause(self, seconds: float) -> bool:
        """Sleep; True when told to stop."""
        if self._stop.is_set():
            return True
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return False
        return True
