"""The real product as a child process: `stadtbote up` in a state directory of its own, ended as by Ctrl-C.

    async with Simulator() as sim, product(sim, nlu_url="off") as running:
        await running.ready()

At the end it must leave with status 0, no process behind, and nothing confidential in its log.
"""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from bot.composition import Core, build_core
from bot.ports import free_port
from bot.settings import PREFIX, Settings, read
from bot.simulator import Simulator
from bot.valkey import embedded

T = TypeVar("T")
STARTING = 420.0  # seconds; with an empty cache the encoder is built first, the model trained
ENDING = 120.0
SHORTEST_SECRET = 6  # characters
QUIET = {"nlu_url": "off", "metrics_port": "0"}  # no Rasa; no fixed port that another run may have
Pid = tuple[int, str]
"""A process and when it began: numbers are used again."""


@dataclass
class Product:
    """A running product. Whatever is put into `confidential` must not be in its log at the end."""

    url: str
    home: Path
    environment: dict[str, str]
    process: asyncio.subprocess.Process
    log_file: Path
    session: aiohttp.ClientSession
    confidential: set[str] = field(default_factory=set)

    @property
    def log(self) -> str:
        """What it has written so far."""
        return self.log_file.read_text("utf-8", "replace")

    @property
    def lines(self) -> list[str]:
        """Those of the log that are written to their end."""
        return self.log.split("\n")[:-1]

    @property
    def settings(self) -> Settings:
        """As its processes read them."""
        return read(self.environment, self.home)

    async def until(self, check: Callable[[], T], seconds: float = 120.0) -> T:
        """Wait until check() is true; returns its value. For what can only be looked at."""
        async with asyncio.timeout(seconds):
            while not (found := check()):
                await asyncio.sleep(0.05)
            return found

    async def state(self) -> tuple[int, dict[str, Any]]:
        """/ready: (status, body); (0, {}) while nobody listens."""
        try:
            async with self.session.get(f"{self.url}/ready") as answer:
                return answer.status, await answer.json()
        except (aiohttp.ClientError, TimeoutError):
            return 0, {}

    async def reaches(self, fits: Callable[[int, dict[str, Any]], bool], seconds: float = STARTING) -> dict[str, Any]:
        """Wait until /ready fits; returns its body."""
        status, body = 0, dict[str, Any]()
        try:
            async with asyncio.timeout(seconds):
                while not fits(status, body):
                    assert self.process.returncode is None, f"it ended:\n{self.log}"
                    await asyncio.sleep(0.1)
                    status, body = await self.state()
        except TimeoutError:
            raise AssertionError(f"/ready stays at {status} {body}\n{self.log}") from None
        return body

    async def serves(self) -> None:
        """Wait until the web edge answers, whatever else is up."""
        await self.reaches(lambda status, body: status != 0)

    async def ready(self) -> None:
        """Wait until every part has been up."""
        await self.reaches(lambda status, body: status == 200)

    def child(self, name: str) -> int:
        """The pid of one of its processes: web, worker, clock, simulator, valkey, rasa; 0 when there is none."""
        return next(iter(self.pids(name)), 0)

    def pids(self, name: str) -> set[int]:
        """The pids of all its processes of that kind."""
        marks = {"valkey": "valkey-server", "rasa": "serve.py"}
        wanted = marks.get(name, f"bot\0{name}\0")
        return {pid for pid, _ in tree(self.process.pid) if wanted in command_line(pid)}

    @asynccontextmanager
    async def core(self) -> AsyncIterator[Core]:
        """The objects of one more process of this installation: to look into its store."""
        settings = self.settings
        values = {**vars(settings), "redis_url": settings.redis_url or embedded(self.home).url}
        core = build_core(Settings(**values))
        try:
            yield core
        finally:
            await core.close()

    async def users_add(self, name: str, role: str, password: str, display_name: str) -> None:
        """`stadtbote users add`, as an administrator does it."""
        self.confidential.add(password)
        arguments = ["users", "add", name, "--role", role, "--display-name", display_name, "--password-stdin"]
        status, output = await stadtbote(*arguments, environment=self.environment, folder=self.home, typed=password)
        assert status == 0, output


@asynccontextmanager
async def product(
    simulator: Simulator | None = None,
    *,
    arguments: Iterable[str] = (),
    home: Path | None = None,
    interrupt: bool = True,
    **settings: str,
) -> AsyncIterator[Product]:
    """Start it, connected to the simulator if there is one; `settings` are named as in Settings.

    `home` outlives it where it is given. Without `interrupt` the block ends the product itself.
    """
    with tempfile.TemporaryDirectory(prefix="sb-") as folder:
        place = home or Path(folder) / "home"
        place.mkdir(exist_ok=True)
        port = settings.pop("port", "") or str(free_port())
        environment = clean_environment() | (simulator.environment() if simulator else {})
        environment |= {PREFIX + "HOME": str(place), PREFIX + "PORT": port}
        environment |= {PREFIX + name.upper(): value for name, value in (QUIET | settings).items()}
        environment = {name: value for name, value in environment.items() if value}
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *command("up", *arguments), env=environment, cwd=folder, stdout=output, stderr=output
            )
        family: set[Pid] = set()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session:
            running = Product(f"http://127.0.0.1:{port}", place, environment, process, log, session)
            try:
                yield running
                family = tree(process.pid)
                if interrupt:
                    process.send_signal(signal.SIGINT)
                async with asyncio.timeout(ENDING):
                    status = await process.wait()
            finally:
                family |= tree(process.pid)
                if process.returncode is None:
                    process.kill()
                    await process.wait()
                await gone(family)
        assert not interrupt or status == 0, f"it ended with {status}:\n{running.log}"
        check_log(running, simulator)


async def gone(family: Iterable[Pid]) -> None:
    """None of these processes is left; after a moment, as a kernel needs one."""
    left = set(family)
    try:
        async with asyncio.timeout(60):
            while left := {one for one in left if began(one[0]) == one[1]}:
                await asyncio.sleep(0.02)
    except TimeoutError:
        names = [command_line(pid).replace("\0", " ") for pid, _ in left]
        for pid, _ in left:
            os.kill(pid, signal.SIGKILL)
        raise AssertionError(f"left behind: {names}") from None


def check_log(running: Product, simulator: Simulator | None) -> None:
    """Neither words, names, numbers nor secrets are in the log, and no traceback."""
    log, secrets = running.log, set(running.confidential)
    secrets |= {v for k, v in running.environment.items() if k.endswith(("TOKEN", "SECRET")) and k.startswith(PREFIX)}
    key = running.home / "secret.key"
    if key.exists():
        secrets.add(key.read_text("ascii").strip())
    accounts = [a for p in (simulator.telegram, simulator.whatsapp) for a in p.accounts.values()] if simulator else []
    for account in accounts:
        secrets |= {account.name, account.key}
        secrets |= {said.text for said in account.said if " " in said.text}  # one word may stand there by chance
    found = {secret for secret in secrets if len(secret) >= SHORTEST_SECRET and secret in log}
    assert not found, f"confidential, and in the log: {found}\n{log}"
    assert "Traceback" not in log, log


# --- processes ---------------------------------------------------------------------------------------------


def command(*arguments: str) -> list[str]:
    """`stadtbote …` of this environment."""
    return [str(Path(sys.executable).with_name("stadtbote")), *arguments]


def clean_environment() -> dict[str, str]:
    """The environment without settings of whoever runs the tests; nothing leaves this machine."""
    found = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return found | {PREFIX + "LINKS": "off", PREFIX + "FOUR_EYES": "off"}  # one editor works there


async def stadtbote(
    *arguments: str, environment: dict[str, str], folder: Path, typed: str = "", seconds: float = 300.0
) -> tuple[int, str]:
    """Run a command to its end: (status, all it wrote)."""
    process = await asyncio.create_subprocess_exec(
        *command(*arguments),
        env=environment,
        cwd=folder,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(seconds):
            output, _ = await process.communicate(typed.encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, output.decode("utf-8", "replace")


def tree(pid: int) -> set[Pid]:
    """A process and all below it."""
    parents = {int(p.name): _parent(int(p.name)) for p in Path("/proc").iterdir() if p.name.isdigit()}
    family = {pid} if pid in parents else set()
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return {(one, began(one)) for one in family}


def began(pid: int) -> str:
    """When a process began, "" when there is none or only its grave."""
    fields = _stat(pid)
    return "" if not fields or fields[0] in "ZX" else fields[19]


def command_line(pid: int) -> str:
    """Its words, each ended by a zero."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace")
    except OSError:
        return ""


def _parent(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def _stat(pid: int) -> list[str]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()  # the name before it may hold anything


def copy_of(home: Path, place: Path) -> Path:
    """A state directory that begins as that one, without its locks and sockets."""
    shutil.copytree(home, place, ignore=shutil.ignore_patterns("*.lock", "*.sock", "runtime.json"))
    return place
