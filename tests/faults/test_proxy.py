"""The proxy does what it is told, and nothing else."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest

from tests.faults.proxy import Proxy

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Echo:
    """An upstream that answers every line with itself, and writes down what it heard."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            self.heard.append(line)
            writer.write(line)
            await writer.drain()
        writer.close()


@pytest.fixture
async def echo() -> Echo:
    return Echo()


@pytest.fixture(params=[False, True], ids=["tcp", "unix"])
async def proxy(request: pytest.FixtureRequest, echo: Echo) -> AsyncIterator[Proxy]:
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    async with Proxy(f"{host}:{port}", unix=request.param) as made:
        yield made
    server.close()


async def connect(proxy: Proxy) -> Ends:
    if "/" in proxy.address:
        return await asyncio.open_unix_connection(proxy.address)
    host, _, port = proxy.address.rpartition(":")
    return await asyncio.open_connection(host, int(port))


async def ask(ends: Ends, line: bytes = b"hallo\n", seconds: float = 60.0) -> bytes:
    """What comes back; b"" for a connection that broke. Raises TimeoutError."""
    try:
        ends[1].write(line)
        await ends[1].drain()
        return await asyncio.wait_for(ends[0].readline(), seconds)
    except ConnectionError:
        return b""


async def until(check: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not check():
            await asyncio.sleep(0.01)


async def test_it_passes_on_both_ways(proxy: Proxy) -> None:
    ends = await connect(proxy)
    assert [await ask(ends, b"a\n"), await ask(ends, b"b\n")] == [b"a\n", b"b\n"]
    assert proxy.there.passed == proxy.back.passed == 4
    ends[1].close()
    await until(lambda: not proxy.connections)


async def test_answers_come_late_and_questions_in_time(proxy: Proxy, echo: Echo) -> None:
    ends = await connect(proxy)
    proxy.back.delay = 0.3
    began = time.monotonic()
    answer = asyncio.create_task(ask(ends))
    await until(lambda: echo.heard)
    assert not answer.done()
    assert await answer == b"hallo\n"
    assert time.monotonic() - began >= 0.3


async def test_a_throttled_way_takes_its_time(proxy: Proxy) -> None:
    ends = await connect(proxy)
    proxy.there.rate = 1000.0
    began = time.monotonic()
    await ask(ends, b"x" * 299 + b"\n")
    assert time.monotonic() - began >= 0.3


async def test_half_open_swallows_and_says_nothing(proxy: Proxy, echo: Echo) -> None:
    ends = await connect(proxy)
    proxy.there.swallow = True
    with pytest.raises(TimeoutError):
        await ask(ends, seconds=0.2)
    assert not echo.heard
    proxy.calm()
    assert await ask(ends, b"da\n") == b"da\n"


async def test_an_answer_may_be_lost_when_the_question_arrived(proxy: Proxy, echo: Echo) -> None:
    ends = await connect(proxy)
    proxy.back.after = 0
    assert await ask(ends) == b""
    assert echo.heard == [b"hallo\n"]


async def test_a_cut_in_the_middle_passes_so_many_bytes(proxy: Proxy, echo: Echo) -> None:
    ends = await connect(proxy)
    proxy.there.after = 3
    assert await ask(ends) == b""
    assert proxy.there.passed == 3
    await until(lambda: not proxy.connections)
    proxy.calm()
    assert await ask(await connect(proxy)) == b"hallo\n"


async def test_a_cut_counts_all_connections_together(proxy: Proxy, echo: Echo) -> None:
    proxy.there.left = 8
    first, second = await connect(proxy), await connect(proxy)
    assert await ask(first) == b"hallo\n"
    assert await ask(second) == b""
    assert await ask(first) == b""
    assert proxy.there.passed == 8
    assert echo.heard[0] == b"hallo\n"


async def test_cut_and_refuse_break_old_and_new(proxy: Proxy, echo: Echo) -> None:
    ends = await connect(proxy)
    assert await ask(ends) == b"hallo\n"
    proxy.refuse = True
    proxy.cut()
    assert await ask(ends) == b""
    assert await ask(await connect(proxy)) == b""
    assert len(echo.heard) == 1


async def test_bytes_and_requests_are_doubled(proxy: Proxy, echo: Echo) -> None:
    ends = await connect(proxy)
    proxy.there.double = True
    assert await ask(ends) == b"hallo\n"
    await until(lambda: len(echo.heard) == 2)
    proxy.calm()
    echo.heard.clear()
    proxy.repeats = 2
    again = await connect(proxy)
    assert await ask(again) == b"hallo\n"
    await until(lambda: len(echo.heard) == 3)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(again[0].readline(), 0.1)  # the other answers go nowhere


async def test_an_upstream_that_is_away_is_seen_as_such() -> None:
    async with Proxy("127.0.0.1:9") as proxy:
        assert await ask(await connect(proxy)) == b""
