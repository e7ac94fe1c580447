"""What outlives the retention is forgotten, and files that nobody knows: now and then, beside the clock's ticks.

Looking through all files takes the longer the more there are. The ticks must not wait for it: the clock's lease would
run out meanwhile, and another clock begin the same.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from bot.attachments.tidying import tidy_files
from bot.attachments.vault import Vault
from bot.processes.life import end
from bot.store.protocol import Store, StoreUnavailable

log = logging.getLogger(__name__)
TIDY_SECONDS = 600.0  # between two beginnings


class Tidying:
    """One look at a time. `clock` gives seconds that only grow."""

    def __init__(self, store: Store, vault: Vault, clock: Callable[[], float]) -> None:
        self._store, self._vault, self._clock = store, vault, clock
        self._began: float | None = None
        self._task: asyncio.Task[None] | None = None

    def begin(self, now: datetime) -> bool:
        """Begin a look where it is time for one and none is under way; was one begun?"""
        busy = self._task is not None and not self._task.done()
        if busy or (self._began is not None and self._clock() - self._began < TIDY_SECONDS):
            return False
        self._began, self._task = self._clock(), asyncio.create_task(self._look(now))
        return True

    async def close(self) -> None:
        """Break off what is under way: the next look finds the rest."""
        await end([self._task] if self._task else [])

    async def _look(self, now: datetime) -> None:
        try:
            await self._store.tidy(now)
            await tidy_files(self._vault, self._store)
        except StoreUnavailable:
            log.warning("the store is away; it is tidied later")
        except Exception:
            log.exception("tidying was broken off")
