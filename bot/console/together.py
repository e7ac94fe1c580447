"""Many who ask for the same at about the same time are answered by one look."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Together(Generic[K, V]):
    """`read` gets what was asked for, each once, and gives all of it. One runs at a time, and what was asked for while
    one runs waits for the next: nobody is told what was read before they asked."""

    def __init__(self, read: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._read = read
        self._asked: dict[K, asyncio.Future[V]] = {}
        self._task: asyncio.Task[None] | None = None

    async def of(self, key: K) -> V:
        """What `read` gives for it; raises what it raises."""
        if key not in self._asked:
            self._asked[key] = asyncio.get_running_loop().create_future()
        answer = self._asked[key]
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        return await asyncio.shield(answer)  # who gives up takes nothing from the others

    async def _run(self) -> None:
        while self._asked:
            await asyncio.sleep(0)  # whoever was woken by the same event asks first
            asked, self._asked = self._asked, {}
            try:
                found = await self._read(list(asked))
            except Exception as error:  # noqa: BLE001 - it is theirs who asked
                for answer in asked.values():
                    answer.set_exception(error)
                    answer.exception()  # seen: nobody may be waiting any more
            else:
                for key, answer in asked.items():
                    answer.set_result(found[key])
