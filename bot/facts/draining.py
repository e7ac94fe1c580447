"""The clock takes facts over from the store into the database, every second, and forgets them by age, every hour."""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from bot.facts.kept import Facts
from bot.store.protocol import Store, StoreUnavailable

log = logging.getLogger(__name__)
EVERY = 1.0  # seconds
FORGET_EVERY = 3600.0
AT_ONCE = 200  # facts of each lane
"""What one transaction holds stays small: on SQLite nobody else writes meanwhile."""


class Draining:
    """`mine` says whether this is the clock that ticks; with two, nothing would be counted twice."""

    def __init__(
        self,
        store: Store,
        facts: Callable[[], Facts],
        mine: Callable[[], bool],
        keep: tuple[timedelta, timedelta],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`facts` are those of the town as it is now; `keep`: for how long questions, and rows, are kept."""
        self._store, self._facts, self._mine, self._keep, self._now = store, facts, mine, keep, now
        self._forgot: float | None = None
        self._failing = False

    async def run(self) -> None:
        """For ever."""
        while True:
            try:
                if self._mine():
                    while await self.once():
                        pass
                    await self._forget()
                self._failing = False
            except (StoreUnavailable, SQLAlchemyError) as error:
                # Once for each time that it begins: a database that is away for a night must not fill the log.
                if not self._failing:
                    log.error("facts wait to be counted", extra={"reason": type(error).__name__})
                self._failing = True
            except Exception:
                log.exception("facts could not be counted")
            await asyncio.sleep(EVERY)

    async def once(self) -> bool:
        """Take over what waits, at most so much; may more be waiting? Raises StoreUnavailable, SQLAlchemyError."""
        left = await self._store.facts(AT_ONCE)
        if not left:
            return False
        known = [item.fact for item in left if item.fact is not None]
        await asyncio.to_thread(self._facts().take, known)
        # A crash here: they are taken over once more, which changes nothing.
        await self._store.drop_facts([item.place for item in left])
        lanes = [item.place.partition(".")[0] for item in left]
        return max(map(lanes.count, set(lanes))) >= AT_ONCE

    async def _forget(self) -> None:
        if self._forgot is not None and time.monotonic() - self._forgot < FORGET_EVERY:
            return
        self._forgot = time.monotonic()
        await asyncio.to_thread(self._facts().forget, self._now(), *self._keep)
