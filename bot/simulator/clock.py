"""Time as the simulator sees it: the machine's, or one that a test turns by hand."""

import asyncio
import heapq
import itertools
import time
from typing import Protocol

START = 1_795_500_000.0
"""Where a ManualClock begins unless told otherwise: 24 November 2026, a Tuesday."""


class Clock(Protocol):
    """Seconds since 1970 and a way to wait."""

    def now(self) -> float:
        """Seconds since 1970."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return once that much of this clock's time has gone by."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait in real time."""
        await asyncio.sleep(seconds)


class ManualClock:
    """Stands still until advance() is called: limits and back-offs without waiting."""

    def __init__(self, start: float = START) -> None:
        self._now = start
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._number = itertools.count()
        self._signal = Signal()

    def now(self) -> float:
        """Seconds since 1970, as far as this clock was turned."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait until advance() has turned the clock that far."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._number), future))
        self._signal.fire()
        await future

    def advance(self, seconds: float) -> None:
        """Turn the clock on and wake whoever is due, the earliest first."""
        self._now += seconds
        while self._sleepers and self._sleepers[0][0] <= self._now:
            future = heapq.heappop(self._sleepers)[2]
            if not future.done():
                future.set_result(None)

    @property
    def due(self) -> list[float]:
        """In how many seconds each sleeper wakes, the earliest first."""
        return sorted(at - self._now for at, _, future in self._sleepers if not future.done())

    async def until_someone_sleeps(self, count: int = 1) -> None:
        """Return once that many wait on this clock: then advance() does not miss them."""
        while len(self.due) < count:
            await self._signal.wait()


class Signal:
    """Something happened: wakes everyone who waits, keeps nothing."""

    def __init__(self) -> None:
        self._waiters: list[asyncio.Future[None]] = []

    def fire(self) -> None:
        """Wake all who wait now."""
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def wait(self) -> None:
        """Return at the next fire()."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            await waiter
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)


async def wait_or_give_up(signal: Signal, clock: Clock, seconds: float) -> None:
    """Return at the next fire() of the signal, or after so many seconds of that clock."""
    racers = [asyncio.ensure_future(signal.wait()), asyncio.ensure_future(clock.sleep(seconds))]
    try:
        await asyncio.wait(racers, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for racer in racers:
            racer.cancel()
