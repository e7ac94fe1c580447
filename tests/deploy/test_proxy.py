"""deploy/proxy/: nginx itself reads the file, and runs it in front of a stand-in for Stadtbote."""

import asyncio
import os
import re
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.edge import LARGEST
from bot.ports import free_ports
from bot.webchat.stream import HEARTBEAT
from tests.deploy.files import DEPLOY

CONFIG = (DEPLOY / "proxy" / "nginx.conf").read_text("utf-8")
CADDY_CONFIG = (DEPLOY / "proxy" / "Caddyfile").read_text("utf-8")
SEARCHED = os.environ.get("PATH", os.defpath) + ":/usr/sbin"
NGINX, CADDY = shutil.which("nginx", path=SEARCHED), shutil.which("caddy", path=SEARCHED)
here = pytest.mark.skipif(NGINX is None, reason="nginx is not installed: deploy/proxy/nginx.conf was not tried")
with_caddy = pytest.mark.skipif(CADDY is None, reason="caddy is not installed: deploy/proxy/Caddyfile was not tried")
CHAT, CONSOLE = "chat.stadt.example", "konsole.stadt.example"
OURS = ("80", "443", "8443", "8080", "8081")
"""Ports in the file: plain, chat, console; Stadtbote's chat and console."""


@dataclass
class Seen:
    """What reached the stand-in."""

    paths: list[str] = field(default_factory=list)
    forwarded: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    read_on: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Front:
    """nginx, running: where it listens and what it let through."""

    session: aiohttp.ClientSession
    ports: dict[str, int]
    seen: Seen

    def url(self, path: str, port: str = "443") -> str:
        scheme = "http" if port == "80" else "https"
        return f"{scheme}://{CONSOLE if port == '8443' else CHAT}:{self.ports[port]}{path}"

    async def status(self, path: str, port: str = "443", method: str = "GET", **more: object) -> int:
        async with self.session.request(method, self.url(path, port), allow_redirects=False, **more) as answer:  # type: ignore[arg-type]
            await answer.read()
            return answer.status


def configured(folder: Path, ports: dict[str, int]) -> Path:
    """The file as on a town's machine, but with ports and certificates of its own."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=stadt.example", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    text = re.sub(
        r"^(\s*listen )(?:\[::\]:)?(\d+)(.*);", lambda m: f"{m[1]}127.0.0.1:{ports[m[2]]}{m[3]};", CONFIG, flags=re.M
    )
    # Once a line for both families, and twice the same address now.
    lines: list[str] = []
    for line in text.splitlines():
        if not (line.lstrip().startswith("listen ") and lines[-1] == line):
            lines.append(line)
    text = "\n".join(lines)
    text = re.sub(r"^(\s*server 127\.0\.0\.1:)(8080|8081)\b", lambda m: f"{m[1]}{ports[m[2]]}", text, flags=re.M)
    text = re.sub(r"/etc/ssl/stadtbote/\w+\.pem", str(folder / "cert.pem"), text)
    text = re.sub(r"/etc/ssl/stadtbote/\w+\.key", str(folder / "key.pem"), text)
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path = folder / "nginx.conf"
    path.write_text(
        f"pid {folder}/pid; error_log stderr; daemon off; master_process off;\n"
        f"events {{}}\nhttp {{ access_log off; {temporary}\n{text}\n}}\n",
        "utf-8",
    )
    return path


def stand_in(seen: Seen) -> web.Application:
    """Answers everything, and remembers it."""

    async def streamed(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"data: first\n\n")
        await seen.read_on.wait()
        await response.write(b"data: second\n\n")
        return response

    async def any_(request: web.Request) -> web.StreamResponse:
        seen.paths.append(request.path)
        seen.forwarded.append(request.headers.get("X-Forwarded-For", ""))
        seen.hosts.append(request.host)
        seen.sizes.append(len(await request.read()))
        return await streamed(request) if request.path.endswith("/events") else web.Response(text="ok")

    app = web.Application(client_max_size=2 * LARGEST)
    app.router.add_route("*", "/{path:.*}", any_)
    return app


class Resolver(aiohttp.abc.AbstractResolver):
    """Every name is this machine."""

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[aiohttp.abc.ResolveResult]:
        return [{"hostname": host, "host": "127.0.0.1", "port": port, "family": 2, "proto": 0, "flags": 0}]

    async def close(self) -> None:
        """Nothing to close."""


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Front]:
    assert NGINX
    ports = dict(zip(OURS, free_ports(len(OURS)), strict=True))
    seen = Seen()
    runner = web.AppRunner(stand_in(seen), shutdown_timeout=0.1)
    await runner.setup()
    for ours in ("8080", "8081"):
        await web.TCPSite(runner, "127.0.0.1", ports[ours]).start()
    path = configured(folder, ports)
    process = await asyncio.create_subprocess_exec(NGINX, "-p", str(folder), "-c", str(path), stderr=subprocess.DEVNULL)
    connector = aiohttp.TCPConnector(ssl=unproved(), resolver=Resolver(), limit=0)
    try:
        async with aiohttp.ClientSession(connector=connector) as session:
            await up(ports["80"])
            yield Front(session, ports, seen)
    finally:
        seen.read_on.set()
        process.terminate()
        await process.wait()
        await runner.cleanup()


def unproved() -> ssl.SSLContext:
    """The certificate is the test's own."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def up(port: int) -> None:
    async with asyncio.timeout(90):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            writer.close()
            return


@here
def test_nginx_finds_no_mistake(tmp_path: Path) -> None:
    assert NGINX
    path = configured(tmp_path, dict(zip(OURS, free_ports(len(OURS)), strict=True)))
    done = subprocess.run([NGINX, "-t", "-p", tmp_path, "-c", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


@here
async def test_chat_and_console_are_two_entrances(tmp_path: Path) -> None:
    async with running(tmp_path) as front:
        assert await front.status("/") == 200
        assert await front.status("/channels/telegram", method="POST", data=b"{}") == 200
        for path in ("/console", "/console/inbox", "/ready", "/metrics", "/metrics/x"):
            assert await front.status(path) == 404, path
        assert front.seen.paths == ["/", "/channels/telegram"]
        assert await front.status("/console/inbox", "8443") == 200
        assert await front.status("/metrics", "8443") == 404
        assert front.seen.paths[2:] == ["/console/inbox"]
        assert await front.status("/x", "80") == 308


@here
async def test_what_a_browser_claims_of_its_address_is_not_passed_on(tmp_path: Path) -> None:
    async with running(tmp_path) as front:
        for path, port in (("/", "443"), ("/chat/send", "443"), ("/channels/x", "443"), ("/console", "8443")):
            assert await front.status(path, port, headers={"X-Forwarded-For": "6.6.6.6"}) == 200
        assert front.seen.forwarded == ["127.0.0.1"] * 4
        assert front.seen.hosts == [CHAT, CHAT, CHAT, CONSOLE]


@here
async def test_three_megabytes_pass_where_platforms_post_and_nowhere_else(tmp_path: Path) -> None:
    async with running(tmp_path) as front:
        assert await front.status("/channels/whatsapp", method="POST", data=b"x" * LARGEST) == 200
        assert front.seen.sizes == [LARGEST]
        assert await front.status("/channels/whatsapp", method="POST", data=b"x" * (LARGEST + 1)) == 413
        assert await front.status("/chat/send", method="POST", data=b"x" * 64 * 1024) == 200
        assert await front.status("/chat/send", method="POST", data=b"x" * 200_000) == 413
        assert front.seen.sizes == [LARGEST, 64 * 1024]


@here
@pytest.mark.parametrize(("path", "port"), [("/chat/events", "443"), ("/console/events", "8443")])
async def test_events_come_at_once(path: str, port: str, tmp_path: Path) -> None:
    async with running(tmp_path) as front, asyncio.timeout(90), front.session.get(front.url(path, port)) as answer:
        assert await answer.content.readline() == b"data: first\n", "the second is only written after this was read"
        front.seen.read_on.set()
        assert b"second" in await answer.content.read()


@here
async def test_who_floods_the_chat_is_slowed_and_webhooks_never(tmp_path: Path) -> None:
    async with running(tmp_path) as front:
        sent = await asyncio.gather(*(front.status("/chat/send", method="POST") for _ in range(200)))
        assert set(sent) == {200, 429}
        assert sent.count(200) >= 20, "a classroom may write at once"
        posted = await asyncio.gather(*(front.status("/channels/telegram", method="POST") for _ in range(200)))
        assert set(posted) == {200}


def test_streams_outlive_their_heartbeat() -> None:
    waits = [int(n) for n in re.findall(r"location = /\w+/events \{[^}]*proxy_read_timeout (\d+)s", CONFIG)]
    assert len(waits) == 2
    assert all(wait > 2 * HEARTBEAT for wait in waits)


def test_metrics_are_in_neither_file() -> None:
    assert not re.search(r"94\d\d", CONFIG + CADDY_CONFIG)
    assert "/ready /metrics /metrics/*" in CADDY_CONFIG


@with_caddy
def test_caddy_finds_no_mistake(tmp_path: Path) -> None:
    assert CADDY
    configured(tmp_path, dict.fromkeys(OURS, 1))
    text = re.sub(r"/etc/ssl/stadtbote/\w+\.pem", str(tmp_path / "cert.pem"), CADDY_CONFIG)
    (tmp_path / "Caddyfile").write_text(
        re.sub(r"/etc/ssl/stadtbote/\w+\.key", str(tmp_path / "key.pem"), text), "utf-8"
    )
    done = subprocess.run(
        [CADDY, "validate", "--config", tmp_path / "Caddyfile", "--adapter", "caddyfile"],
        capture_output=True, text=True, env={"HOME": str(tmp_path), "PATH": SEARCHED},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
