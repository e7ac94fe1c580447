"""Many who ask together are answered by one look, and nobody by an old one."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.console.together import Together


class Books:
    """Reads what stands in `page`; a look takes until `open` is set."""

    def __init__(self) -> None:
        self.page, self.looks, self.open = 1, list[list[str]](), asyncio.Event()
        self.error: Exception | None = None

    async def read(self, keys: Sequence[str]) -> dict[str, tuple[str, int]]:
        self.looks.append(sorted(keys))
        page = self.page
        await self.open.wait()
        if self.error:
            raise self.error
        return {key: (key, page) for key in keys}


async def test_who_asks_at_the_same_time_is_answered_by_one_look() -> None:
    books = Books()
    together = Together(books.read)
    books.open.set()
    found = await asyncio.gather(*(together.of(key) for key in "abacab"))
    assert [name for name, _ in found] == list("abacab")
    assert books.looks == [["a", "b", "c"]]


async def test_who_asks_during_a_look_is_not_told_what_it_finds() -> None:
    books = Books()
    together = Together(books.read)
    first = asyncio.create_task(together.of("a"))
    while not books.looks:
        await asyncio.sleep(0)
    books.page = 2
    later = [asyncio.create_task(together.of("a")) for _ in range(5)]
    await asyncio.sleep(0)
    books.open.set()
    assert await first == ("a", 1)
    assert await asyncio.gather(*later) == [("a", 2)] * 5
    assert books.looks == [["a"], ["a"]]


async def test_an_error_is_theirs_who_asked_and_a_later_look_is_a_new_one() -> None:
    books = Books()
    together = Together(books.read)
    books.open.set()
    books.error = RuntimeError("away")
    for one in await asyncio.gather(together.of("a"), together.of("b"), return_exceptions=True):
        assert one is books.error
    books.error = None
    assert await together.of("a") == ("a", 1)


async def test_who_gives_up_takes_nothing_from_the_others() -> None:
    books = Books()
    together = Together(books.read)
    gone, stays = (asyncio.create_task(together.of("a")) for _ in range(2))
    while not books.looks:
        await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    books.open.set()
    assert await stays == ("a", 1)
