"""`stadtbote up`: every process under one roof, started in order, restarted when one falls, ended together."""

import asyncio
import contextlib
import ctypes
import fcntl
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TextIO

from redis.exceptions import RedisError

from bot import runtime
from bot.parts import Parts
from bot.processes import OWNER, stop_event
from bot.rasa import RasaServer, rasa_server
from bot.redis import connect
from bot.settings import PREFIX, Settings, SettingsError
from bot.store.keys import PREFIX as KEYS
from bot.store.keys import key
from bot.valkey import embedded

log = logging.getLogger(__name__)
GRACE_SECONDS = 10.0
LONGEST_PAUSE = 30.0
PR_SET_PDEATHSIG = 1
SIMULATOR_HOST = "127.0.0.1"


@dataclass
class Child:
    """One process to keep alive; `log` is a file for what it prints, when that is nothing for people."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    log: Path | None = None
    process: asyncio.subprocess.Process | None = None


class Supervisor:
    """Keeps children alive until stopped; ends them in reverse order."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False

    async def start(self, child: Child) -> None:
        """Start it and watch it from now on."""
        self.children.append(child)
        await self._spawn(child)
        self._tasks.append(asyncio.create_task(self._watch(child)))

    async def stop(self) -> None:
        """End the children, the last started first: who writes ends before what is written to."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        late = asyncio.get_running_loop().time() + GRACE_SECONDS
        for group in (("web", "clock", "simulator"), ("worker",), ("rasa",), ("valkey",)):
            chosen = [c for c in self.children if c.name.rstrip("0123456789") in group and _alive(c)]
            for child in chosen:
                assert child.process
                child.process.terminate()
            # Rasa holds nothing that could be lost, and takes its time to end.
            left = 2.0 if group == ("rasa",) else max(1.0, late - asyncio.get_running_loop().time())
            await asyncio.gather(*(self._ended(child, left) for child in chosen))

    async def _ended(self, child: Child, seconds: float) -> None:
        assert child.process
        try:
            await asyncio.wait_for(child.process.wait(), seconds)
        except TimeoutError:
            log.warning("had to be killed", extra={"child": child.name})
            child.process.kill()
            await child.process.wait()

    async def _spawn(self, child: Child) -> None:
        with contextlib.ExitStack() as stack:
            output = stack.enter_context(child.log.open("wb")) if child.log else None
            child.process = await asyncio.create_subprocess_exec(
                *child.command,
                env={**os.environ, **child.environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is ours to pass on, in order
                preexec_fn=die_with_parent,
            )

    async def _watch(self, child: Child) -> None:
        pause = 0.5
        while True:
            assert child.process
            began = asyncio.get_running_loop().time()
            code = await child.process.wait()
            if self._stopping:
                return
            lived = asyncio.get_running_loop().time() - began
            pause = 0.5 if lived > 60 else min(pause * 2, LONGEST_PAUSE)
            log.error("a process ended; starting it again", extra={"child": child.name, "code": code, "in": pause})
            await asyncio.sleep(pause)
            await self._spawn(child)


def _alive(child: Child) -> bool:
    return child.process is not None and child.process.returncode is None


def die_with_parent() -> None:
    """Should the supervisor be killed, Linux ends its children: none is left behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def claim_home(home: Path) -> TextIO:
    """One Stadtbote per state directory. The returned file holds the lock until it is closed."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (home / "stadtbote.lock").open("w")
    except OSError as error:
        raise SettingsError(
            f"The state directory {home} cannot be written ({error.strerror}). Correct its rights, or set {PREFIX}HOME."
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SettingsError(
            f"Another Stadtbote runs with the state directory {home.name}/. Stop it first, or set {PREFIX}HOME."
        ) from None
    return lock


def claim_port(host: str, port: int, instead: str) -> None:
    """Raise SettingsError when the port is taken; the processes bind it themselves a moment later."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(
                f"{host}:{port} cannot be used ({error.strerror}). Stop the other program, or {instead}."
            ) from None


async def up(settings: Settings, say: Callable[[str], None], simulator: int | None = None) -> None:
    """Run everything until Ctrl-C or SIGTERM; with the simulator on that port, if one is given."""
    stop = stop_event()
    supervisor = Supervisor()
    with claim_home(settings.home):
        claim_port(settings.host, settings.port, f"set {PREFIX}PORT or {PREFIX}HOST")
        if simulator:
            claim_port(SIMULATOR_HOST, simulator, "give another --simulator-port")
        try:
            own = not settings.redis_url
            if own:
                server = embedded(settings.home)
                await supervisor.start(Child("valkey", server.command))
                settings = replace(settings, redis_url=server.url)
            await _reachable(settings)
            if own:
                await _bury_the_dead(settings)
            await _prepared(settings, say)
            settings, rasa = _understanding(settings, say)
            runtime.write(settings)
            environment = _environment(settings)
            if simulator:
                environment |= _simulated(settings, simulator)
                command = [*_self("simulator"), "--port", str(simulator)]
                await supervisor.start(Child("simulator", command, environment))
            for name in ("web", "worker", "clock"):
                await supervisor.start(Child(name, _self(name), environment))
            await _told(settings, say, simulator, stop)
            # Only now: its start takes all the processor there is, and keywords understand meanwhile.
            watch = asyncio.create_task(_train_and_serve(supervisor, rasa, say)) if rasa else None
            await stop.wait()
            say("Stopping …")
            if watch:
                watch.cancel()
                await asyncio.gather(watch, return_exceptions=True)
        finally:
            await supervisor.stop()
            runtime.forget(settings)
            say("Stopped.")


async def _bury_the_dead(settings: Settings) -> None:
    """In a store of our own nobody works yet: what killed processes said and held need not run out first."""
    redis = connect(settings.redis_url, timeout=2)
    lanes = [key(lane, "owner") for lane in range(settings.lanes)]
    try:
        await Parts(redis, ()).leave()
        await redis.delete(f"{KEYS}:{{workers}}:seen", OWNER, *lanes)
    finally:
        await redis.aclose()


async def _prepared(settings: Settings, say: Callable[[str], None]) -> None:
    from sqlalchemy.exc import SQLAlchemyError  # SQL and corpus: needed once, here

    from bot.state import prepare_state

    try:
        await asyncio.to_thread(prepare_state, settings, say)
    except (SQLAlchemyError, ImportError) as error:
        cause = str(error) if isinstance(error, ImportError) else type(error).__name__  # the text may hold a password
        raise SettingsError(
            f"The database cannot be used ({cause}). "
            f"Check {PREFIX}DATABASE_URL and its driver, or leave it out to use SQLite in the state directory."
        ) from None


def _understanding(settings: Settings, say: Callable[[str], None]) -> tuple[Settings, RasaServer | None]:
    """The local Rasa, where nothing else is said; its address is known before it is up."""
    if settings.nlu_url:
        return settings, None
    # Hexadecimal: Rasa would take a token that begins with "-" for an option, and not start.
    server = rasa_server(settings, secrets.token_hex(24))
    if server is None:
        say("Rasa's environment is missing: understanding by keywords. `make rasa` sets it up.")
        return replace(settings, nlu_url="off"), None
    return replace(settings, nlu_url=server.url, nlu_token=server.token), server


async def _train_and_serve(supervisor: Supervisor, rasa: RasaServer, say: Callable[[str], None]) -> None:
    try:
        command, environment = await asyncio.to_thread(rasa.prepare, say)
    except Exception:
        log.exception("Rasa could not be trained; understanding by keywords")
        return
    await supervisor.start(Child("rasa", command, environment, rasa.settings.home / "rasa.log"))


async def _reachable(settings: Settings, seconds: float = 10.0) -> None:
    redis = connect(settings.redis_url, timeout=2)
    late = asyncio.get_running_loop().time() + seconds
    try:
        while True:
            try:
                await redis.ping()
                return
            except (RedisError, OSError) as error:
                if asyncio.get_running_loop().time() > late:
                    raise SettingsError(
                        f"The Redis server does not answer ({type(error).__name__}). "
                        f"Check {PREFIX}REDIS_URL, or leave it out to use the embedded server."
                    ) from None
            await asyncio.sleep(0.05)
    finally:
        await redis.aclose()


async def _told(settings: Settings, say: Callable[[str], None], simulator: int | None, stop: asyncio.Event) -> None:
    """Say what to open once it can be opened."""
    while not stop.is_set():
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(_local(settings.host), settings.port)
            writer.close()
            break
        await asyncio.sleep(0.1)
    say(f"Web chat      {settings.base_url}/")
    say(f"Console       {settings.base_url}/console")
    if simulator:
        say(f"Simulator     http://{SIMULATOR_HOST}:{simulator}/   (two telephones: Telegram and WhatsApp)")
    if not settings.telegram_token and not simulator:
        say(f"Telegram      off: {PREFIX}TELEGRAM_TOKEN is empty")
    say("Stop with Ctrl-C.")


def _local(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound


def _self(command: str) -> list[str]:
    return [sys.executable, "-m", "bot", command]


def _environment(settings: Settings) -> dict[str, str]:
    """What the children must know beyond the environment and .env."""
    return {
        PREFIX + "HOME": str(settings.home),
        PREFIX + "CACHE": str(settings.cache),
        PREFIX + "REDIS_URL": settings.redis_url,
        PREFIX + "NLU_URL": settings.nlu_url,
        PREFIX + "NLU_TOKEN": settings.nlu_token,
    }


def _simulated(settings: Settings, port: int) -> dict[str, str]:
    """Channels that have no account of their own are connected to the simulator."""
    from bot.simulator import defaults

    root = f"http://{SIMULATOR_HOST}:{port}"
    found: dict[str, str] = {}
    if not settings.telegram_token:
        found |= {"TELEGRAM_TOKEN": defaults.TELEGRAM_TOKEN, "TELEGRAM_API_URL": root + "/telegram"}
    if not settings.whatsapp_enabled:
        found |= {
            "WHATSAPP_ENABLED": "on",
            "WHATSAPP_TOKEN": defaults.WHATSAPP_TOKEN,
            "WHATSAPP_PHONE_NUMBER_ID": defaults.WHATSAPP_PHONE_NUMBER_ID,
            "WHATSAPP_APP_SECRET": defaults.WHATSAPP_APP_SECRET,
            "WHATSAPP_VERIFY_TOKEN": defaults.WHATSAPP_VERIFY_TOKEN,
            "WHATSAPP_API_URL": root + "/whatsapp",
        }
    return {PREFIX + name: value for name, value in found.items()}
