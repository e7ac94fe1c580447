"""One web process alone, its Redis-protocol server behind a proxy: to see what it answers while something is wrong."""

import asyncio
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import redis

from bot.composition import build_core
from bot.ports import free_port
from bot.settings import PREFIX, read
from bot.simulator import defaults
from bot.simulator.whatsapp_hooks import Element, Number, body_of, encode, sign
from bot.state import prepare_state
from bot.store.protocol import START
from bot.valkey import embedded
from tests.faults.proxy import Proxy
from tests.integration.product import clean_environment, command
from tests.valkey import wait_for

NUMBER = Number(defaults.WHATSAPP_BUSINESS_ID, defaults.WHATSAPP_PHONE_NUMBER_ID, defaults.WHATSAPP_DISPLAY_NUMBER)
CHATS = 7


def webhook(*names: str) -> tuple[bytes, dict[str, str]]:
    """A signed body with these messages, as Meta posts it; the chat is drawn from the name."""
    elements = []
    for name in names:
        phone = f"4915100000{sum(name.encode()) % CHATS:03d}"
        message = {"from": phone, "id": name, "timestamp": str(int(time.time())), "type": "text"}
        contact = {"profile": {"name": "Erika Mustermann"}, "wa_id": phone}
        elements.append(Element("messages", phone, message | {"text": {"body": "guten tag"}}, contact))
    raw = encode(body_of(elements, NUMBER))
    return raw, {"X-Hub-Signature-256": sign(defaults.WHATSAPP_APP_SECRET, raw), "Content-Type": "application/json"}


@dataclass
class Server:
    """A Valkey as the product starts it, that may be ended and started again, with the kernel lying to it."""

    home: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its own address, past the proxy."""
        return embedded(self.home).url

    @property
    def socket(self) -> str:
        """The path of its socket."""
        return self.url.removeprefix("unix://")

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.process = subprocess.Popen(
            embedded(self.home).command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_for(self.url)

    def end(self) -> None:
        """SIGKILL; nothing happens where it has ended by itself."""
        if self.process:
            self.process.kill()
            self.process.wait(60)

    def signal(self, number: signal.Signals) -> None:
        """Stop or continue it."""
        assert self.process
        self.process.send_signal(number)

    def ask(self, *words: str) -> Any:
        """One command, by an administrator."""
        with redis.Redis.from_url(self.url) as client:
            return client.execute_command(*words)

    @contextmanager
    def failing(self, call: str, error: str) -> Iterator[None]:
        """Every such call on the append-only file fails, e.g. ("fdatasync", "EIO") or ("write", "ENOSPC")."""
        assert self.process
        files = sorted((self.home / "valkey" / "appendonlydir").glob("*.incr.aof"))
        paths = [word for file in files for word in ("-P", str(file))]
        strace = subprocess.Popen(
            ["strace", "-f", "-qq", *paths, "-e", f"inject={call}:error={error}", "-p", str(self.process.pid)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _attached(self.process.pid)
            yield
        finally:
            strace.terminate()
            strace.wait(60)


def _attached(pid: int, seconds: float = 120.0) -> None:
    late = time.monotonic() + seconds
    while "TracerPid:\t0" in Path(f"/proc/{pid}/status").read_text("ascii"):
        assert time.monotonic() < late, "strace cannot attach"
        time.sleep(0.01)


@dataclass
class Edge:
    """The running web process, and what stands behind it."""

    url: str
    server: Server
    proxy: Proxy
    session: aiohttp.ClientSession
    environment: dict[str, str]
    acknowledged: list[str] = field(default_factory=list)

    async def post(self, *names: str) -> tuple[int, float]:
        """(status, seconds) of a webhook with these messages; 0: no answer."""
        raw, headers = webhook(*names)
        began = time.monotonic()
        try:
            async with self.session.post(f"{self.url}/channels/whatsapp", data=raw, headers=headers) as answer:
                await answer.read()
                status = answer.status
        except aiohttp.ClientError:
            status = 0
        if 200 <= status < 300:
            self.acknowledged += names
        return status, time.monotonic() - began

    async def refuses(self, names: Sequence[str], seconds: float) -> None:
        """They are answered 503, one of them within so many seconds: the machine may be busy, the product must not
        wait."""
        found = []
        for name in names:
            status, took = await self.post(name)
            assert status == 503
            if took < seconds:
                return
            found.append(took)
        raise AssertionError(f"refused only after {found} s")

    async def heals(self, name: str, seconds: float = 120.0) -> None:
        """The same message is posted, as platforms do, until it is taken."""
        async with asyncio.timeout(seconds):
            while (await self.post(name))[0] != 200:
                await asyncio.sleep(0.1)

    async def ready(self) -> dict[str, Any]:
        """/ready."""
        async with self.session.get(f"{self.url}/ready") as answer:
            body: dict[str, Any] = await answer.json()
            return body

    async def inbox(self) -> list[str]:
        """The ids of all messages that lie in the inbox; nobody takes them out of it."""
        settings = read({**self.environment, f"{PREFIX}REDIS_URL": self.server.url}, self.server.home)
        core = build_core(settings)
        try:
            found: list[str] = []
            for lane in range(core.store.lanes):
                batch = await core.store.read(lane, "a clerk of works", START, None, 10_000, 0.01)
                found += [ticket.arrival.payload["message"]["id"] for ticket in batch.tickets]
            return found
        finally:
            await core.close()


@asynccontextmanager
async def edge() -> AsyncIterator[Edge]:
    """A web process with the WhatsApp channel on, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="sb-") as folder:
        home = Path(folder)
        server = Server(home)
        server.start()
        try:
            async with Proxy(server.socket, unix=True) as proxy, aiohttp.ClientSession() as session:
                environment = _environment(home, f"unix://{proxy.address}")
                await asyncio.to_thread(prepare_state, read(environment, home), lambda _: None)
                process = await asyncio.create_subprocess_exec(*command("web"), env=environment, cwd=folder)
                try:
                    url = f"http://127.0.0.1:{environment[PREFIX + 'PORT']}"
                    await _listens(session, url)
                    yield Edge(url, server, proxy, session, environment)
                finally:
                    process.terminate()
                    await process.wait()
        finally:
            server.end()


def _environment(home: Path, redis_url: str) -> dict[str, str]:
    values = {
        "HOME": str(home),
        "PORT": str(free_port()),
        "METRICS_PORT": "0",
        "REDIS_URL": redis_url,
        "NLU_URL": "off",
        "SECRET": "x" * 32,
        "LOG_LEVEL": "error",
        "WHATSAPP_ENABLED": "on",
        "WHATSAPP_TOKEN": defaults.WHATSAPP_TOKEN,
        "WHATSAPP_PHONE_NUMBER_ID": defaults.WHATSAPP_PHONE_NUMBER_ID,
        "WHATSAPP_APP_SECRET": defaults.WHATSAPP_APP_SECRET,
        "WHATSAPP_VERIFY_TOKEN": defaults.WHATSAPP_VERIFY_TOKEN,
    }
    return clean_environment() | {PREFIX + name: value for name, value in values.items()}


async def _listens(session: aiohttp.ClientSession, url: str) -> None:
    async with asyncio.timeout(180):
        while True:
            try:
                async with session.get(f"{url}/health"):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)
