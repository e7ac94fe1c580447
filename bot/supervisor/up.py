"""`stadtbote up`, from the first claim to the last farewell."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import replace
from typing import Any

from redis.exceptions import RedisError

from bot import runtime
from bot.composition import redis_of
from bot.processes import notify
from bot.processes.life import stopping
from bot.processes.sockets import told
from bot.settings import PREFIX, Settings, SettingsError
from bot.supervisor.child import Child
from bot.supervisor.claims import claim, claim_home, claim_sockets
from bot.supervisor.ears import Ears
from bot.supervisor.graves import Graves
from bot.supervisor.serving import serve_models
from bot.supervisor.supervisor import Supervisor
from bot.supervisor.understanding import understanding
from bot.valkey import embedded

log = logging.getLogger(__name__)
SIMULATOR_HOST = "127.0.0.1"
COMPUTING = 5  # added to a worker's priority: an acknowledgement must not wait behind a model
Say = Callable[[str], None]


async def up(settings: Settings, say: Say, simulator: int | None = None) -> None:
    """Run everything until Ctrl-C or SIGTERM; with the simulator on that port, if one is given.

    SIGHUP replaces web, worker and clock one by one, without an error for anybody.
    """
    with stopping() as stop, claim_home(settings.home), contextlib.ExitStack() as stack:
        sockets = {name: stack.enter_context(one) for name, one in claim_sockets(settings).items()}
        if simulator:
            claim(SIMULATOR_HOST, simulator, "give another --simulator-port").close()
        own = not settings.redis_url
        server = embedded(settings.home) if own else None
        settings = replace(settings, redis_url=server.url) if server else settings
        graves = Graves(settings)
        async with Ears() as ears:
            supervisor = Supervisor(ears, graves.bury)
            asides: list[asyncio.Task[None]] = []
            try:
                if server:
                    await supervisor.start(Child("valkey", server.command, foreign=True))
                await _reachable(settings)
                if server:
                    await graves.bury_all()
                await _prepared(settings, say)
                settings, places = understanding(settings, say)
                runtime.write(settings)
                for child in _children(settings, sockets, ears.environment, simulator):
                    await supervisor.start(child)
                await _first(supervisor.ready("web"), stop)
                _tell(settings, say, simulator)
                notify.tell(notify.READY)
                asides.append(asyncio.create_task(_rolling(supervisor, stop)))
                if places:
                    # Only now: a start takes all the processor there is, and keywords understand meanwhile.
                    asides.append(asyncio.create_task(serve_models(supervisor, settings, places, say)))
                await stop.wait()
                notify.tell(notify.STOPPING)
                say("Stopping …")
            finally:
                for task in asides:
                    task.cancel()
                await asyncio.gather(*asides, return_exceptions=True)
                await supervisor.stop()
                await graves.close()
                runtime.forget(settings)
                say("Stopped.")


async def _rolling(supervisor: Supervisor, stop: asyncio.Event) -> None:
    """Each SIGHUP is a rolling restart, unless it says that the terminal is gone."""
    asked, terminal = asyncio.Event(), sys.stdin is not None and os.isatty(0)

    def hung_up() -> None:
        if terminal and not os.isatty(0):
            stop.set()
        else:
            asked.set()

    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hung_up)
    while True:
        await asked.wait()
        asked.clear()
        log.info("rolling restart")
        whole = await supervisor.roll()
        log.info("rolling restart: done" if whole else "rolling restart: given up")


def _children(
    settings: Settings, sockets: Mapping[str, socket.socket], environment: Mapping[str, str], simulator: int | None
) -> Iterator[Child]:
    """The processes of ours, in the order in which they start."""
    environment = {**environment, **_environment(settings)}
    if simulator:
        environment |= _simulated(settings, simulator)
        yield Child("simulator", [*_self("simulator"), "--port", str(simulator)], environment)
    port, passed = settings.metrics_port, tuple(one.fileno() for one in sockets.values())
    for kind, many in (("web", settings.web_processes), ("worker", settings.worker_processes), ("clock", 1)):
        for number in range(1, many + 1):
            own = {**environment, PREFIX + "METRICS_PORT": str(port)}
            child = Child(kind if many == 1 else f"{kind}{number}", _self(kind), own, ours=True)
            if kind == "web":
                child.environment, child.passed = {**own, **told(sockets)}, passed
            if kind == "worker":
                child.nice = COMPUTING
            yield child
            port += bool(port)


async def _prepared(settings: Settings, say: Say) -> None:
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


async def _reachable(settings: Settings, seconds: float = 10.0) -> None:
    redis = redis_of(settings)
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


async def _first(work: Coroutine[Any, Any, None], stop: asyncio.Event) -> None:
    """Until it is done or we are to stop."""
    tasks = {asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())}
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()


def _tell(settings: Settings, say: Say, simulator: int | None) -> None:
    """What to open."""
    say(f"Web chat      {settings.base_url}/")
    say(f"Console       {settings.console_base_url}/console")
    if simulator:
        say(f"Simulator     http://{SIMULATOR_HOST}:{simulator}/   (two telephones: Telegram and WhatsApp)")
    if not settings.telegram_token and not simulator:
        say(f"Telegram      off: {PREFIX}TELEGRAM_TOKEN is empty")
    say("Stop with Ctrl-C.")


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
