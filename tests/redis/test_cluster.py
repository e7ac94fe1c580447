"""What happens to a cluster under a running client: slots move, nodes die, hang and come back."""

import asyncio
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from redis.crc import key_slot
from redis.exceptions import RedisError

import bot.redis_cluster
from bot.conversation import Conversation, Line, Status
from bot.redis import Script, connect, many, subscribed
from bot.store.keys import key
from bot.store.protocol import Conflict, Sending, StoreUnavailable, Write
from bot.store.redis import RedisStore
from tests.patience import patient
from tests.valkey import Server, Topology, cluster, replication, until

pytestmark = pytest.mark.slow
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LIMIT = 3.0  # seconds that one answer may take where some never come


@pytest.fixture(scope="module")
def topology() -> Iterator[Topology]:
    with cluster(patience=60_000) as servers:
        yield servers


@pytest.fixture
async def client(topology: Topology) -> Any:
    made = patient(topology.url)
    yield made
    await made.aclose()


def key_on(topology: Topology, server: Server, name: str, count: int = 3) -> str:
    """A key that this one of the first `count` servers holds, by a tag of its own."""
    for n in range(1000):
        slot = key_slot(f"{name}-{n}".encode())
        i = topology.servers.index(server)
        if i * 16384 // count <= slot < (i + 1) * 16384 // count:
            return f"{{{name}-{n}}}"
    raise AssertionError("no such key")


async def heals(client: Any, key: str) -> float:
    """Seconds until a write works again."""
    began = time.monotonic()
    async with asyncio.timeout(120):
        while True:
            try:
                await client.set(key, "well")
                return time.monotonic() - began
            except (RedisError, OSError):
                await asyncio.sleep(0.05)


def name(server: Server) -> str:
    """As the cluster calls it."""
    found = server.ask("CLUSTER", "MYID")
    assert isinstance(found, bytes)
    return found.decode()


def begin_move(slot: int, old: Server, new: Server) -> None:
    """From now on keys of the slot may lie here or there."""
    new.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", name(old))
    old.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", name(new))


async def move(slot: int, old: Server, new: Server, at_once: int) -> None:
    """Key by key."""
    while keys := old.ask("CLUSTER", "GETKEYSINSLOT", slot, at_once):
        assert isinstance(keys, list)
        await asyncio.to_thread(old.ask, "MIGRATE", "127.0.0.1", new.port, "", 0, 5000, "KEYS", *keys)
        await asyncio.sleep(0.05)


def end_move(slot: int, new: Server, all_: list[Server]) -> None:
    """The slot is the new one's, and everybody knows."""
    for server in (new, *(one for one in all_ if one is not new)):
        server.ask("CLUSTER", "SETSLOT", slot, "NODE", name(new))


async def test_a_slot_moves_while_it_is_written_to(topology: Topology, client: Any) -> None:
    old, new = topology.servers[0], topology.servers[1]
    tag = key_on(topology, old, "move")
    slot = key_slot(tag[1:-1].encode())
    done = asyncio.Event()
    counts = {f"{tag}:{n}": 0 for n in range(8)}

    async def write(key: str) -> None:
        while not done.is_set():
            answer = await client.incr(key)  # an error here fails the test: nothing died
            counts[key] += 1
            assert answer == counts[key]
            await asyncio.sleep(0)

    async def all_went_on() -> None:
        before = dict(counts)
        async with asyncio.timeout(60):
            while not all(counts[key] > before[key] + 2 for key in counts):
                await asyncio.sleep(0.01)

    writers = [asyncio.create_task(write(key)) for key in counts]
    await all_went_on()
    begin_move(slot, old, new)
    fresh = f"{tag}:fresh"
    assert await client.set(fresh, "asked") is True  # not on the old node any more: ASK
    assert await many(client, [("GET", fresh), ("GET", fresh)]) == [b"asked"] * 2
    await move(slot, old, new, 10)
    end_move(slot, new, topology.servers)
    await all_went_on()  # … and on, by MOVED
    done.set()
    await asyncio.gather(*writers)
    assert [int(value) for value in await many(client, [("GET", key) for key in counts])] == list(counts.values())
    assert await client.node_of(tag) == ("127.0.0.1", new.port)


async def test_a_lane_that_moves_is_never_half_written(topology: Topology) -> None:
    """While a slot's keys lie on two nodes, a script over several of them waits; it is not cut off in between."""
    slot = key_slot(key(1).rstrip(":").encode())
    old = topology.servers[slot * 3 // 16384]
    new = next(server for server in topology.servers if server is not old)
    store = RedisStore(topology.url, lanes=4, retention_days=1)
    cid, done, kept, refused = "00000001" + "a" * 12, asyncio.Event(), 0, 0

    async def write() -> None:
        nonlocal kept, refused
        n = 0
        while not done.is_set():
            n += 1
            try:
                version = (await store.load(cid)).version
                # Its place in the queue changes each time: keys that the script finds by itself.
                status = Status.WAITING if n % 2 else Status.ASSIGNED
                state = Conversation(cid, "telegram", "c", status=status, team=f"team-{n % 3}", last_citizen=NOW)
                line, sending = Line(f"m{n}", "citizen", NOW, "x", "x"), Sending(f"r{n}.0", "r", "t", "c", {}, "bot")
                kept = await store.keep(cid, version, Write(state, (line,), (sending,)))
            except (StoreUnavailable, Conflict):
                refused += 1
            await asyncio.sleep(0)

    async def goes_on() -> None:
        before = kept
        async with asyncio.timeout(60):
            while kept < before + 5:
                await asyncio.sleep(0.02)

    writing = asyncio.create_task(write())
    await goes_on()
    begin_move(slot, old, new)
    await move(slot, old, new, 1)
    end_move(slot, new, topology.servers)
    await goes_on()
    done.set()
    await writing
    version = (await store.load(cid)).version
    assert version == kept
    assert len(await store.transcript(cid)) == version
    assert len(await store.deliveries(cid)) == version
    assert len(await store.queue(None, 10)) == 1
    assert (await store.ages()).outbox == version
    await store.close()


async def test_a_node_that_dies_takes_nobody_along_for_long(topology: Topology, client: Any) -> None:
    dead = topology.servers[2]
    mine = key_on(topology, dead, "dead")
    await client.set(mine, "before")
    dead.kill()
    began = time.monotonic()
    results = await asyncio.gather(*(client.get(mine) for _ in range(100)), return_exceptions=True)
    assert all(isinstance(r, RedisError) for r in results)
    assert time.monotonic() - began < 60  # a queue of a hundred time limits would take longer
    dead.start()
    await heals(client, mine + ":again")
    assert await client.get(mine) == b"before"


async def test_a_node_that_hangs_fails_its_own_keys_within_the_limit_and_heals(
    topology: Topology, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.redis_cluster, "ASK_SECONDS", LIMIT)
    client = connect(topology.url, timeout=LIMIT)
    hanging, well = topology.servers[1], topology.servers[0]
    mine, other = key_on(topology, hanging, "hang"), key_on(topology, well, "well")
    await many(client, [("SET", mine, "x"), ("SET", other, "y")])
    assert hanging.process
    hanging.process.send_signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        results = await asyncio.gather(
            *(client.get(mine) for _ in range(50)), *(client.get(other) for _ in range(50)), return_exceptions=True
        )
        assert all(isinstance(r, RedisError) for r in results[:50])
        assert results[50:] == [b"y"] * 50  # asked before the others noticed; later the whole cluster is down
        assert time.monotonic() - began < 60  # one after the other they would take longer
    finally:
        hanging.process.send_signal(signal.SIGCONT)
    await heals(client, mine)
    assert await client.get(other) == b"y"
    await client.aclose()


async def test_a_replica_takes_over_and_the_same_client_goes_on() -> None:
    with cluster(replicas=3) as servers:
        client = patient(servers.url)
        mine = key_on(servers, servers.servers[0], "over", 3)
        put = Script(client, "return redis.call('SET', KEYS[1], ARGV[1])")
        await put(keys=[mine], args=["before"])
        async with subscribed(client, "news"):
            pass
        until(lambda: servers.servers[3].ask("DBSIZE") == 1, "it was not replicated")
        servers.servers[0].kill()
        await heals(client, mine + ":after")
        assert await client.get(mine) == b"before"
        assert await client.node_of(mine) == ("127.0.0.1", servers.servers[3].port)
        assert await put(keys=[mine], args=["after"]) == b"OK"
        servers.servers[0].start()  # comes back as a replica
        until(lambda: b"role:slave" in replication(servers.servers[0]), "it does not follow")
        assert await put(keys=[mine], args=["later"]) == b"OK"
        await client.aclose()


async def test_a_client_starts_with_some_of_the_seeds_away(topology: Topology) -> None:
    client = patient(f"redis+cluster://127.0.0.1:1,{topology.url.partition('//')[2]}")
    await heals(client, "{seed}")
    await client.aclose()
