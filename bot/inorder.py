"""Work in order for one key, keys side by side."""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

log = logging.getLogger(__name__)
T = TypeVar("T")


class InOrder(Generic[T]):
    """Runs `work` on items: in order for one key, all keys side by side. Whatever is scarce, `work` waits for it
    itself, so that one key's waiting takes nothing from the others."""

    def __init__(self, work: Callable[[T], Awaitable[None]], dropped: Callable[[T], None]) -> None:
        """`dropped` is told of an item whose work ended in an error: it is not done."""
        self._work, self._dropped = work, dropped
        self._queues: dict[str, deque[T]] = defaultdict(deque)
        self._tasks: set[asyncio.Task[None]] = set()
        self.stopped = False
        self.size = 0  # items queued or at work

    def put(self, key: str, item: T) -> None:
        """Queue an item behind its key's others."""
        queue = self._queues[key]
        queue.append(item)
        self.size += 1
        if len(queue) == 1:
            task = asyncio.create_task(self._drain(key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def purge(self, match: Callable[[T], bool]) -> None:
        """Forget the items that match and have not come to the head of their key."""
        for queue in self._queues.values():
            kept = [item for n, item in enumerate(queue) if n == 0 or not match(item)]
            self.size -= len(queue) - len(kept)
            queue.clear()
            queue.extend(kept)

    def stop(self) -> None:
        """Begin nothing more; what has begun goes on. What was not begun is still with the store."""
        self.stopped = True

    async def done(self, seconds: float) -> None:
        """Wait until what has begun is done, at most so long."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)

    async def _drain(self, key: str) -> None:
        queue = self._queues[key]
        while queue:
            if not self.stopped:
                try:
                    await self._work(queue[0])
                except Exception:
                    # The item stays with the store and is read again; the loop must live on.
                    log.exception("a piece of work failed and stays with the store", extra={"conversation": key})
                    self._dropped(queue[0])
            queue.popleft()
            self.size -= 1
        del self._queues[key]
