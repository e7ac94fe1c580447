"""Who waits for news of which conversation: one watcher of the store per process, however many pages are open."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from bot.store.protocol import Store, StoreUnavailable

log = logging.getLogger(__name__)
PAUSE = 1.0  # seconds before the store is watched again after a failure


class TooMany(Exception):
    """No further stream is opened, for this visitor or at all: the page asks from time to time instead."""


class Bell:
    """Rings when there may be news. Rings that nobody heard yet become one."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.must_look = True  # a change was named, not only a heartbeat

    def ring(self, named: bool) -> None:
        """There may be news; `named` if the store named this very conversation."""
        self.must_look = self.must_look or named
        self._event.set()

    async def wait(self, seconds: float) -> bool:
        """Wait for a ring; False if none came in time."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return False
        self._event.clear()
        return True


class Live:
    """Fans the store's changes out. `each` streams at most for one conversation, `all_` in this process."""

    def __init__(self, store: Store, each: int = 4, all_: int = 2000) -> None:
        self._store, self._each, self._all = store, each, all_
        self._bells: dict[str, set[Bell]] = defaultdict(set)
        self._watcher: asyncio.Task[None] | None = None
        self.closing = False

    @property
    def streams(self) -> int:
        """How many pages are being told."""
        return sum(len(bells) for bells in self._bells.values())

    def admit(self, conversation: str) -> None:
        """May one more stream be opened? Raises TooMany."""
        if self.closing or len(self._bells.get(conversation, ())) >= self._each or self.streams >= self._all:
            raise TooMany(conversation)

    @contextmanager
    def follow(self, conversation: str) -> Iterator[Bell]:
        """A bell for one conversation, from now on."""
        bell = Bell()
        self._bells[conversation].add(bell)
        if self._watcher is None:
            self._watcher = asyncio.create_task(self._watch())
        try:
            yield bell
        finally:
            self._bells[conversation].discard(bell)
            if not self._bells[conversation]:
                del self._bells[conversation]
            if not self._bells and self._watcher:
                self._watcher.cancel()
                self._watcher = None

    async def close(self) -> None:
        """End all streams, so that the process can stop at once."""
        self.closing = True
        self._ring_all()
        watcher, self._watcher = self._watcher, None
        if watcher:
            watcher.cancel()
            await asyncio.gather(watcher, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            try:
                async for change in self._store.changes():
                    if self._watcher is not asyncio.current_task():
                        return  # wait_for can swallow a cancellation that comes together with a change
                    if change is None:
                        self._ring_all()
                    elif not change.people:
                        for bell in tuple(self._bells.get(change.conversation, ())):
                            bell.ring(named=True)
            except StoreUnavailable:
                log.warning("the store is away; the chat pages are told when it is back")
            await asyncio.sleep(PAUSE)

    def _ring_all(self) -> None:
        for bells in tuple(self._bells.values()):
            for bell in tuple(bells):
                bell.ring(named=False)
