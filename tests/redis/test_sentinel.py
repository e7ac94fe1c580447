"""A primary behind Sentinels: found, lost, and found again elsewhere by the same client."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from redis.exceptions import RedisError

from bot.redis import Script, many, subscribed
from tests.patience import patient
from tests.valkey import Topology, replication, sentinel

pytestmark = pytest.mark.slow


@pytest.fixture
def topology() -> Iterator[Topology]:
    with sentinel() as servers:
        yield servers


@pytest.fixture
async def client(topology: Topology) -> Any:
    made = patient(topology.url)
    yield made
    await made.aclose()


async def forever(pubsub: Any) -> None:
    """Listen and hear nothing."""
    while True:
        await pubsub.get_message(ignore_subscribe_messages=True, timeout=1)


async def test_after_a_failover_the_same_client_writes_to_the_new_primary(topology: Topology, client: Any) -> None:
    put = Script(client, "redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1])")
    assert await put(keys=["a"], args=["kept"]) == b"kept"
    assert (await many(client, [("SET", "c", "1"), ("WAIT", 1, 60_000)]))[1] == 1  # the replica has both
    async with subscribed(client, "news") as pubsub:
        topology.servers[0].kill()
        refused = 0
        async with asyncio.timeout(120):
            while True:
                try:
                    await put(keys=["b"], args=["after"])
                    break
                except (RedisError, OSError):
                    refused += 1
                    await asyncio.sleep(0.05)
            with pytest.raises((RedisError, OSError)):  # the old primary's subscription says that it is over
                await forever(pubsub)
    assert refused
    assert await client.get("a") == b"kept"
    assert topology.servers[1].ask("GET", "b") == b"after"
    async with subscribed(client, "news") as pubsub:
        await client.publish("news", "again")
        async with asyncio.timeout(120):
            while not (message := await pubsub.get_message(ignore_subscribe_messages=True, timeout=1)):
                pass
    assert message["data"] == b"again"


async def test_a_primary_that_was_demoted_takes_no_write(topology: Topology, client: Any) -> None:
    await client.set("a", "1")
    connections = [client.set(f"k{i}", "x") for i in range(5)]
    await asyncio.gather(*connections)
    topology.sentinels[0].ask("SENTINEL", "FAILOVER", "town")
    async with asyncio.timeout(120):
        while b"role:slave" not in replication(topology.servers[0]):
            await asyncio.sleep(0.1)
        while True:
            try:
                await asyncio.gather(*(client.set(f"n{i}", "y") for i in range(5)))
                break
            except (RedisError, OSError):
                await asyncio.sleep(0.05)
    assert [topology.servers[1].ask("GET", f"n{i}") for i in range(5)] == [b"y"] * 5
