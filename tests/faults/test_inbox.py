"""While the inbox cannot be written: 503 within two seconds, no 2xx for what is not durable, and healing by itself."""

import asyncio
import itertools
import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.faults.edge import Edge, edge
from tests.faults.powerloss import STRACE

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
LIMIT = 2.0  # seconds; the best of some counts, as the machine may be busy
SOME = 10
NUMBERS = itertools.count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house() -> AsyncIterator[Edge]:
    async with edge() as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def web(house: Edge) -> AsyncIterator[Edge]:
    """The same, empty and well; at the end it is well again, and all that was acknowledged is in the inbox, once."""
    house.server.ask("FLUSHALL")
    house.acknowledged.clear()
    await house.heals(fresh())
    yield house
    await house.heals(fresh())
    found = await house.inbox()
    assert set(house.acknowledged) <= set(found)
    assert len(found) == len(set(found))


def fresh() -> str:
    """A message id that was never used."""
    return f"wamid.{next(NUMBERS)}"


def some() -> list[str]:
    return [fresh() for _ in range(SOME)]


async def test_the_store_is_away(web: Edge) -> None:
    web.server.end()
    names = some()
    await web.refuses(names, LIMIT)
    assert (await web.ready())["missing"] == ["redis"]
    web.server.start()
    for name in names:
        await web.heals(name)


async def test_the_store_is_frozen(web: Edge) -> None:
    web.server.signal(signal.SIGSTOP)
    names = some()
    try:
        await web.refuses(names, LIMIT)
    finally:
        web.server.signal(signal.SIGCONT)
    for name in names:
        await web.heals(name)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0"),
        ("REPLICAOF 127.0.0.1 9", "REPLICAOF NO ONE"),
        ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
    ],
    ids=["too few replicas", "a replica now", "out of memory"],
)
async def test_the_store_takes_no_writes(web: Edge, wrong: str, right: str) -> None:
    web.server.ask(*wrong.split())
    names = some()
    try:
        await web.refuses(names, LIMIT)
        assert (await web.ready())["missing"] == ["redis"]
    finally:
        web.server.ask(*right.split())
    for name in names:
        await web.heals(name)


@pytest.mark.skipif(not STRACE, reason="strace is not installed")
@pytest.mark.parametrize(("call", "error"), [("fdatasync", "EIO"), ("write", "ENOSPC")])
async def test_the_disk_fails(web: Edge, call: str, error: str) -> None:
    names = [fresh() for _ in range(12)]
    with web.server.failing(call, error):
        answers = await asyncio.gather(*(web.post(name) for name in names))
    assert {status for status, _ in answers} == {503}
    web.server.end()  # with `always` it has ended by itself: it cannot keep its promise
    web.server.start()
    for name in names:
        await web.heals(name)


async def test_half_open_connections(web: Edge) -> None:
    web.proxy.there.swallow = True
    names = some()
    try:
        await web.refuses(names, LIMIT)
    finally:
        web.proxy.calm()
    for name in names:
        await web.heals(name)


async def test_a_slow_store_is_waited_for(web: Edge) -> None:
    web.proxy.back.delay = 0.2
    try:
        await web.heals(fresh())
    finally:
        web.proxy.calm()


@pytest.mark.parametrize("cut", [0, 1, 40, 200, 400, 700, 1000])
async def test_the_connection_breaks_in_the_middle_of_an_append(web: Edge, cut: int) -> None:
    for way in (web.proxy.there, web.proxy.back):
        await web.heals(fresh())  # connections are open again
        way.after = cut
        web.proxy.cut()
        name = fresh()
        await web.post(name)
        web.proxy.calm()
        await web.heals(name)  # whether it was kept or not, the repeat makes it exactly one


async def test_an_append_whose_answer_is_lost_is_refused_and_kept_once(web: Edge) -> None:
    before = fresh()
    await web.heals(before)
    web.proxy.back.after = 0
    name = fresh()
    status, _ = await web.post(name)
    web.proxy.calm()
    assert status == 503
    await web.heals(name)
    assert (await web.inbox()).count(name) == 1


async def test_a_batch_is_acknowledged_only_as_a_whole(web: Edge) -> None:
    names = [fresh() for _ in range(40)]
    web.proxy.there.left = 4000  # somewhere among its elements, over however many connections they go
    web.proxy.cut()
    status, _ = await web.post(*names)
    web.proxy.calm()
    assert status == 503
    async with asyncio.timeout(120):
        while (await web.post(*names))[0] != 200:
            await asyncio.sleep(0.1)
    found = await web.inbox()
    assert [name for name in found if name in names].count(names[0]) == 1
    assert set(names) <= set(found)
