"""Is what was acknowledged on disk? Every policy told apart, and the wait for the disk."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import ResponseError

from bot.durability import Durability, Fsync, NotOnDisk, durability, fsynced
from bot.ports import free_ports
from bot.redis import Script
from tests.patience import patient
from tests.valkey import QUICK, Server, cluster

PUT = "redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1])"


async def told(url: str) -> Durability:
    """durability() of an address."""
    client = patient(url)
    try:
        return await durability(client)
    finally:
        await client.aclose()


@asynccontextmanager
async def server(folder: Path, *options: str) -> AsyncIterator[str]:
    """One server with these options; its address."""
    one = Server(free_ports(1)[0], folder, (*QUICK, *options))
    one.start()
    try:
        yield f"redis://127.0.0.1:{one.port}"
    finally:
        one.kill()


async def test_the_embedded_server_and_a_cluster_of_its_kind_fsync_always(any_url: str) -> None:
    assert await told(any_url) == Durability(Fsync.ALWAYS)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--appendonly", "no"), "no append-only file"),
        (("--appendonly", "yes", "--appendfsync", "no"), "never fsyncs"),
        # Valkey 9.1.2 says at once what is not so; the day that it waits, this test tells.
        (("--appendonly", "yes", "--appendfsync", "everysec"), "does not truly say"),
        (("--appendonly", "yes", "--appendfsync", "always", "--no-appendfsync-on-rewrite", "yes"), "rewrites"),
    ],
)
async def test_a_server_that_may_lose_acknowledged_writes_is_named(
    tmp_path: Path, options: tuple[str, ...], says: str
) -> None:
    async with server(tmp_path, *options) as url:
        for _ in range(5):  # on a busy machine even an answer that was given at once may look like a wait for the disk
            if (found := await told(url)).fsync is Fsync.NEVER_SURE:
                break
    assert found.fsync is Fsync.NEVER_SURE
    assert says in " ".join(found.complaints)
    assert "acknowledged messages can be lost" in " ".join(found.complaints)


async def test_one_weak_primary_of_a_cluster_is_named(tmp_path: Path) -> None:
    with cluster() as servers:
        servers.servers[1].ask("CONFIG", "SET", "appendfsync", "no")
        servers.servers[2].ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        found = await told(servers.url)
    assert found.fsync is Fsync.NEVER_SURE
    first, second = sorted(found.complaints, key=lambda text: "memory" in text)
    assert first.startswith(f"127.0.0.1:{servers.servers[1].port}: it never fsyncs")
    assert second.startswith(f"127.0.0.1:{servers.servers[2].port}: it may throw messages away")


async def test_a_managed_server_that_forbids_config_is_never_sure(tmp_path: Path) -> None:
    async with server(
        tmp_path, "--appendonly", "yes", "--appendfsync", "always", "--rename-command", "CONFIG", ""
    ) as url:
        found = await told(url)
    assert found.fsync is Fsync.NEVER_SURE
    assert "does not tell its settings" in found.complaints[0]


async def test_a_server_that_waits_for_its_disk_is_believed() -> None:
    """No server at hand keeps the promise of WAITAOF under `everysec`, so one is played: a second passes in between."""
    ticks = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal ticks
        while head := await reader.readline():
            words = [(await reader.readline(), await reader.readline())[1].strip() for _ in range(int(head[1:]))]
            match words[0].upper():
                case b"HELLO":
                    answer = b"%2\r\n+server\r\n+played\r\n+proto\r\n:3\r\n"
                case b"CONFIG" if words[2] == b"append*":
                    answer = b"%2\r\n+appendonly\r\n+yes\r\n+appendfsync\r\n+everysec\r\n"
                case b"CONFIG":
                    answer = b"%0\r\n"
                case b"WAITAOF":
                    await asyncio.sleep(0.6)  # two fsyncs lie a second apart; less is enough to be told apart
                    ticks += 1
                    answer = b"*2\r\n:1\r\n:0\r\n"
                case _:
                    answer = b"+OK\r\n"
            writer.write(answer)
        writer.close()

    played = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with played:
        found = await told(f"redis://127.0.0.1:{played.sockets[0].getsockname()[1]}")
    assert found == Durability(Fsync.WAIT)
    assert ticks >= 3


async def test_a_write_waits_for_the_disk_wherever_its_key_lies(client: Any) -> None:
    put = Script(client, PUT)
    for n in range(12):
        assert await fsynced(put, [f"{{{n}}}"], [n], milliseconds=60_000) == str(n).encode()
    with pytest.raises(ResponseError):
        await fsynced(Script(client, "return redis.call('INCR', 'x', KEYS[1])"), ["{1}"], [], milliseconds=60_000)


async def test_what_is_not_on_disk_in_time_is_an_error(tmp_path: Path) -> None:
    async with server(tmp_path, "--appendonly", "yes", "--appendfsync", "no") as url:
        client = patient(url)
        with pytest.raises(NotOnDisk):
            await fsynced(Script(client, PUT), ["a"], ["x"], milliseconds=100)
        with pytest.raises(NotOnDisk):
            await fsynced(Script(client, PUT), ["a"], ["x"], milliseconds=100, replicas=1)
        await client.aclose()
