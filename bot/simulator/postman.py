"""Delivers webhooks as the platforms do: patiently, repeatedly, in order where they keep order."""

import asyncio
import itertools
import random
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp

from .clock import Clock, Signal

WAIT = 60.0
"""Seconds that a platform waits for our 2xx (Telegram's figure; no bot should ever need them)."""
LONGEST_RETRY_AFTER = 3600.0


def nothing() -> None:
    """Nobody waits for the arrival."""


@dataclass(eq=False)
class Parcel:
    """One body to deliver. Parcels of one `key` keep their order; it is delivered `copies` times."""

    key: str
    body: bytes
    headers: Mapping[str, str]
    copies: int = 1
    arrived: Callable[[], None] = nothing
    failed: Callable[[str], None] = lambda reason: None
    attempts: int = field(default=0, init=False)


class Postman:
    """Posts parcels to an address and repeats each until it hears a 2xx.

    `in_order`: a parcel that is refused holds up its key (Telegram); otherwise the next one overtakes it (Meta).
    When `stalled_limit` keys are held up, nothing else is posted until one of them moves (Telegram: about 80).
    """

    def __init__(
        self,
        clock: Clock,
        backoff: Callable[[int], float],
        *,
        in_order: bool,
        connections: int = 40,
        stalled_limit: int | None = None,
    ) -> None:
        self.url = ""
        self.archive: list[Parcel] | None = None  # a list: what was put is kept there, for replay()
        self.waiting = 0  # parcels that have not arrived, refused ones and those under way included
        self.stalled: set[str] = set()  # keys whose first parcel was refused and waits for its next attempt
        self.signal = Signal()
        self._clock = clock
        self._backoff = backoff
        self._in_order = in_order
        self._stalled_limit = stalled_limit
        self._numbers = itertools.count(1)
        self._lanes: dict[str, deque[Parcel]] = {}
        self._connections = asyncio.Semaphore(connections)  # first come, first served
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    def aim(self, url: str, connections: int | None = None) -> None:
        """Deliver there from now on, over so many connections at once; with "" everything waits."""
        self.url = url
        if connections:
            self._connections = asyncio.Semaphore(connections)
        self.signal.fire()

    def put(self, parcel: Parcel) -> None:
        """Deliver this, after earlier parcels of its key."""
        if self.archive is not None:
            self.archive.append(parcel)
        self._put(parcel)

    def scatter(self, parcels: Iterable[Parcel], rng: random.Random) -> int:
        """Deliver every copy of each by itself, all in a drawn order; returns how many posts that makes."""
        copies = [
            replace(parcel, key=f"{parcel.key}#{next(self._numbers)}", copies=1)
            for parcel in parcels
            for _ in range(parcel.copies)
        ]
        rng.shuffle(copies)
        for copy in copies:
            self._put(copy)
        return len(copies)

    def replay(self, rng: random.Random, repeats: tuple[int, int] = (1, 1)) -> int:
        """Deliver what is in the archive again, each so many times, in a drawn order: the same bytes, whenever.

        Platforms do so for days, and so does whoever recorded the bodies: a signature holds no time.
        """
        old = [replace(p, copies=rng.randint(*repeats), arrived=nothing) for p in self.archive or ()]
        return self.scatter(old, rng)

    def _put(self, parcel: Parcel) -> None:
        self.waiting += 1
        if parcel.key in self._lanes:
            self._lanes[parcel.key].append(parcel)
        else:
            lane = self._lanes[parcel.key] = deque([parcel])
            self._start(self._serve(parcel.key, lane))

    def withdraw(self) -> None:
        """Forget what has not arrived. A post under way is broken off: its parcel may have been taken."""
        for task in tuple(self._tasks):
            task.cancel()
        self._tasks.clear()
        self._lanes.clear()
        self.stalled.clear()
        self.waiting = 0
        self.signal.fire()

    async def close(self) -> None:
        """Withdraw everything and close the connections."""
        tasks = tuple(self._tasks)
        self.withdraw()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session:
            await self._session.close()
            self._session = None

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, key: str, lane: deque[Parcel]) -> None:
        while lane:
            parcel = lane[0]
            pause = await self._attempt(parcel)
            if pause is None:
                lane.popleft()
                self.stalled.discard(key)
            elif self._in_order:
                self.stalled.add(key)
                self.signal.fire()
                await self._clock.sleep(pause)
            else:
                lane.popleft()
                self._start(self._try_again(parcel, pause))
            self.signal.fire()
        del self._lanes[key]

    async def _try_again(self, parcel: Parcel, pause: float | None) -> None:
        while pause is not None:
            await self._clock.sleep(pause)
            pause = await self._attempt(parcel)
        self.signal.fire()

    def _must_wait(self, key: str) -> bool:
        limit = self._stalled_limit
        blocked = limit is not None and len(self.stalled) >= limit and key not in self.stalled
        return not self.url or blocked

    async def _attempt(self, parcel: Parcel) -> float | None:
        """None once all copies have arrived, else the seconds until the next attempt."""
        while parcel.copies > 0:
            while self._must_wait(parcel.key):
                await self.signal.wait()
            async with self._connections:
                reason, retry_after = await self._post(parcel)
            if reason:
                parcel.attempts += 1
                parcel.failed(reason)
                return self._backoff(parcel.attempts) if retry_after is None else retry_after
            parcel.copies -= 1
        self.waiting -= 1
        parcel.arrived()
        return None

    async def _post(self, parcel: Parcel) -> tuple[str, float | None]:
        """The reason of the failure ("" for none), and the Retry-After that came with it."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=WAIT)
            )
        try:
            async with self._session.post(
                self.url,
                data=parcel.body,
                headers={"Content-Type": "application/json", **parcel.headers},
                allow_redirects=False,
            ) as answer:
                await answer.read()
                if 200 <= answer.status < 300:
                    return "", None
                said = answer.headers.get("Retry-After", "")
                pause = min(float(said), LONGEST_RETRY_AFTER) if said.isdigit() else None
                return f"Wrong response from the webhook: {answer.status} {answer.reason}", pause
        except TimeoutError:
            return "Read timeout expired", None
        except aiohttp.ClientError as error:
            return f"Connection failed: {type(error).__name__}", None
