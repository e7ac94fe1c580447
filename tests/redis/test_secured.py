"""Passwords and TLS, on every kind of installation."""

import asyncio
import contextlib
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.exceptions import RedisError

from bot.ports import free_ports
from bot.redis import Script, many, subscribed
from tests.patience import patient
from tests.valkey import QUICK, Server, cluster, sentinel, until

PASSWORD, WRITTEN = "geh@im", "geh%40im"


async def used(url: str) -> list[Any]:
    """What comes back from a client that does a little of everything."""
    client = patient(url)
    try:
        add = Script(client, "return redis.call('INCR', KEYS[1])")
        counted = [await add(keys=[f"{{{n}}}n"]) for n in range(9)]
        async with subscribed(client, "news"):
            return [*counted, *await many(client, [("GET", f"{{{n}}}n") for n in range(9)])]
    finally:
        await client.aclose()


async def refused(url: str) -> str:
    """What is said of a login or a certificate that does not fit."""
    client = patient(url)
    with pytest.raises((RedisError, OSError)) as raised:
        await client.get("x")
    await client.aclose()
    return str(raised.value)


@asynccontextmanager
async def tls_before(port: int, folder: Path) -> AsyncIterator[tuple[int, Path]]:
    """A TLS end before a server, as the package's Valkey is built without: (its port, its certificate)."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    make += ["-days", "2", "-keyout", str(key), "-out", str(certificate)]
    make += ["-subj", "/CN=valkey", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(make, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(copy(reader, forth), copy(back, writer))

    end = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context)
    async with end:
        yield end.sockets[0].getsockname()[1], certificate


async def test_tls_with_a_certificate_that_is_checked(tmp_path: Path) -> None:
    server = Server(free_ports(1)[0], tmp_path / "data", QUICK)
    server.start()
    server.ask("CONFIG", "SET", "requirepass", PASSWORD)
    try:
        async with tls_before(server.port, tmp_path) as (port, certificate):
            base = f"rediss://:{WRITTEN}@127.0.0.1:{port}"
            assert await used(f"{base}?ssl_ca_certs={certificate}") == [1] * 9 + [b"1"] * 9
            assert await used(f"{base}?ssl_cert_reqs=none") == [2] * 9 + [b"2"] * 9
            assert "certificate" in (await refused(base)).casefold()  # nobody known has signed it
            wrong = await refused(f"rediss://:{WRITTEN}x@127.0.0.1:{port}?ssl_ca_certs={certificate}")
            assert "geh" not in wrong
            assert "password" in wrong.casefold()
    finally:
        server.kill()


@pytest.mark.slow
async def test_a_cluster_with_a_password() -> None:
    with cluster() as topology:
        for server in topology.servers:
            server.ask("CONFIG", "SET", "masterauth", PASSWORD, "requirepass", PASSWORD)
        hosts = topology.url.partition("//")[2]
        assert await used(f"redis+cluster://:{WRITTEN}@{hosts}") == [1] * 9 + [b"1"] * 9
        for url in (topology.url, f"redis+cluster://:{WRITTEN}x@{hosts}"):
            assert "geh" not in await refused(url)


@pytest.mark.slow
async def test_a_primary_behind_sentinels_with_a_password() -> None:
    with sentinel() as topology:
        for server in topology.servers:
            server.ask("CONFIG", "SET", "masterauth", PASSWORD, "requirepass", PASSWORD)
        for one in topology.sentinels:
            one.ask("SENTINEL", "SET", "town", "auth-pass", PASSWORD)
        rest = topology.url.partition("//")[2]
        assert await used(f"redis+sentinel://:{WRITTEN}@{rest}") == [1] * 9 + [b"1"] * 9
        for url in (topology.url, f"redis+sentinel://:{WRITTEN}x@{rest}"):
            assert "geh" not in await refused(url)
        with redis.Redis(port=topology.servers[1].port, password=PASSWORD) as replica:
            until(lambda: replica.get("{1}n") == b"1", "the replica does not follow")
