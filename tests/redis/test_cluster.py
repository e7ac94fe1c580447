"""What happens to a cluster under a running client: slots move, nodes die, hang and come back."""

import asyncio
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from redis.crc import key_slot
from redis.exceptions import RedisError

from bot.redis import Script, connect, many, subscribed
from tests.valkey import Server, Topology, cluster, replication, until

pytestmark = pytest.mark.slow
LIMIT = 1.0  # seconds that one answer may take


@pytest.fixture(scope="module")
def topology() -> Iterator[Topology]:
    with cluster() as servers:
        yield servers


@pytest.fixture
async def client(topology: Topology) -> Any:
    made = connect(topology.url, timeout=LIMIT)
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
    async with asyncio.timeout(60):
        while True:
            try:
                await client.set(key, "well")
                return time.monotonic() - began
            except (RedisError, OSError):
                await asyncio.sleep(0.05)


async def test_a_slot_moves_while_it_is_written_to(topology: Topology, client: Any) -> None:
    old, new = topology.servers[0], topology.servers[1]
    tag = key_on(topology, old, "move")
    slot = key_slot(tag[1:-1].encode())
    here, there = str(old.ask("CLUSTER", "MYID"), "ascii"), str(new.ask("CLUSTER", "MYID"), "ascii")  # type: ignore[call-overload]
    done = asyncio.Event()
    counts = {f"{tag}:{n}": 0 for n in range(8)}

    async def write(key: str) -> None:
        while not done.is_set():
            answer = await client.incr(key)  # an error here fails the test: nothing died
            counts[key] += 1
            assert answer == counts[key]
            await asyncio.sleep(0)

    writers = [asyncio.create_task(write(key)) for key in counts]
    await asyncio.sleep(0.1)
    new.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", here)
    old.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", there)
    fresh = f"{tag}:fresh"
    assert await client.set(fresh, "asked") is True  # not on the old node any more: ASK
    assert await many(client, [("GET", fresh), ("GET", fresh)]) == [b"asked"] * 2
    while keys := old.ask("CLUSTER", "GETKEYSINSLOT", slot, 10):
        assert isinstance(keys, list)
        await asyncio.to_thread(old.ask, "MIGRATE", "127.0.0.1", new.port, "", 0, 5000, "KEYS", *keys)
    for server in (new, old, topology.servers[2]):
        server.ask("CLUSTER", "SETSLOT", slot, "NODE", there)
    await asyncio.sleep(0.2)  # … and on, by MOVED
    done.set()
    await asyncio.gather(*writers)
    assert [int(value) for value in await many(client, [("GET", key) for key in counts])] == list(counts.values())
    assert min(counts.values()) > 5
    assert await client.node_of(tag) == ("127.0.0.1", new.port)


async def test_a_node_that_dies_takes_nobody_along_for_long(topology: Topology, client: Any) -> None:
    dead = topology.servers[2]
    mine = key_on(topology, dead, "dead")
    await client.set(mine, "before")
    dead.kill()
    began = time.monotonic()
    results = await asyncio.gather(*(client.get(mine) for _ in range(100)), return_exceptions=True)
    assert all(isinstance(r, RedisError) for r in results)
    assert time.monotonic() - began < 20  # a queue of a hundred time limits would take longer
    dead.start()
    await heals(client, mine + ":again")
    assert await client.get(mine) == b"before"


async def test_a_node_that_hangs_fails_its_own_keys_within_the_limit_and_heals(topology: Topology, client: Any) -> None:
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
        assert time.monotonic() - began < 20
    finally:
        hanging.process.send_signal(signal.SIGCONT)
    await heals(client, mine)
    assert await client.get(other) == b"y"


async def test_a_replica_takes_over_and_the_same_client_goes_on() -> None:
    with cluster(replicas=3) as servers:
        client = connect(servers.url, timeout=LIMIT)
        mine = key_on(servers, servers.servers[0], "over", 3)
        put = Script(client, "return redis.call('SET', KEYS[1], ARGV[1])")
        await put(keys=[mine], args=["before"])
        async with subscribed(client, "news") as pubsub:
            await pubsub.get_message(timeout=1)
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
    client = connect(f"redis+cluster://127.0.0.1:1,{topology.url.partition('//')[2]}", timeout=LIMIT)
    await heals(client, "{seed}")
    await client.aclose()
