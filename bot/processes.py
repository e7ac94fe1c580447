"""The three processes of the product: web (edge), worker (reception and delivery), clock (what there is one of)."""

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
from datetime import UTC, datetime

from aiohttp import web
from redis.exceptions import RedisError

from bot import ask
from bot.answers import Answers
from bot.channels.channel import Channel
from bot.composition import Core, build_core, redis_of
from bot.conversation import NotNow
from bot.lease import Lease
from bot.message import Arrival
from bot.parts import Parts
from bot.rasa import names
from bot.reception import Reception
from bot.settings import Settings
from bot.store.keys import PREFIX
from bot.worker import Worker
from faq.encoder import EMBEDDED, Encoder, load_encoder
from faq.vectors import VectorCache
from nlu.client import RasaNlu
from nlu.keywords import KeywordNlu
from nlu.lookalike import look_alike
from nlu.profiles import LANGUAGES, LANGUAGES_DIR
from nlu.understand import Nlu

log = logging.getLogger(__name__)
BEAT = 3.0
LEASE_SECONDS = 10.0  # three beats and a little
OWNER = f"{PREFIX}:{{clock}}:owner"


def stop_event() -> asyncio.Event:
    """Set by SIGTERM and SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    return stop


def expected_parts(settings: Settings) -> tuple[str, ...]:
    """What /ready waits for in this installation."""
    return ("worker", "clock", "encoder", *(() if settings.nlu_url in ("", "off") else ("nlu",)))


# --- web ---------------------------------------------------------------------------------------------------


async def web_process(settings: Settings) -> None:
    """Serve until told to stop."""
    from bot.webapp import build_app  # the pages are needed by this process alone

    stop = stop_event()
    core = build_core(settings)
    app = build_app(core, expected_parts(settings))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=3.0)
    await runner.setup()
    await web.TCPSite(runner, settings.host, settings.port, reuse_port=hasattr(socket, "SO_REUSEPORT")).start()
    log.info("listening", extra={"host": settings.host, "port": settings.port})
    await stop.wait()
    await runner.cleanup()
    await core.close()


# --- worker ------------------------------------------------------------------------------------------------


def build_nlu(settings: Settings) -> Nlu:
    """Rasa with keywords behind it, or keywords alone."""
    keywords = KeywordNlu(names(settings))
    if settings.nlu_url in ("", "off"):
        return keywords
    return RasaNlu(settings.nlu_url.split(","), settings.nlu_token, fallback=keywords)


def encoder_loader(settings: Settings) -> tuple[Encoder, VectorCache]:
    """The encoder and its cache of vectors; takes seconds, so call it in a thread."""
    encoder = load_encoder(settings.encoder or EMBEDDED, settings.cache)
    return encoder, VectorCache(settings.cache / "vectors.sqlite")


def warm() -> None:
    """Read now what would be read at the first message: seconds that no citizen should wait."""
    for code in LANGUAGES:
        look_alike(LANGUAGES_DIR / code / "examples.yml")


async def worker_process(settings: Settings) -> None:
    """Handle arrivals and deliver replies until told to stop."""
    stop = stop_event()
    found: list[Answers] = []
    core = build_core(settings, find=lambda _: lambda entry, revision: found[0].revision(entry, revision))
    answers = Answers(core.catalogue, core.town)
    found.append(answers)
    nlu = build_nlu(settings)
    redis = redis_of(settings, timeout=ask.WAITING)
    reception = Reception(core.turns, nlu, answers, core.secret)
    name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
    worker = Worker(name, core.store, reception, core.channels, core.secret)

    async def attach() -> None:
        try:
            await asyncio.to_thread(warm)
            await answers.attach(lambda: encoder_loader(settings))
            log.info("encoder at work", extra={"encoder": answers.encoder})
        except Exception:
            # Words alone answer on: the ladder's first rung.
            log.exception("the encoder cannot be loaded; words alone answer")

    async def beat() -> None:
        parts = Parts(redis, ())
        while True:
            well = {"worker": True, "encoder": bool(answers.encoder)}
            if isinstance(nlu, RasaNlu):
                well["nlu"] = await nlu.probe()
            await parts.say(f"worker:{name}", well)
            await asyncio.sleep(BEAT)

    tasks = [asyncio.create_task(t) for t in (attach(), beat(), answers.follow(), ask.serve(redis, answers, nlu, stop))]
    running = asyncio.create_task(worker.run())
    await stop.wait()
    worker.stop()
    await running
    await _end(tasks)
    await Parts(redis, ()).leave(f"worker:{name}")
    await nlu.close()
    answers.close()
    await redis.aclose()
    await core.close()


# --- clock -------------------------------------------------------------------------------------------------


async def clock_process(settings: Settings) -> None:
    """Leases, retention, polling: of each there must be one, so a lease in Redis decides which clock ticks."""
    stop = stop_event()
    core = build_core(settings)
    redis = redis_of(settings)
    name = secrets.token_hex(8)
    lease = Lease(redis, OWNER, name, LEASE_SECONDS)
    pollers: list[asyncio.Task[None]] = []
    tidied = 0.0
    while not stop.is_set():
        try:
            if await lease.hold():
                if not pollers:
                    pollers = [asyncio.create_task(_connected(channel, core)) for channel in core.channels.values()]
                await tick(core, datetime.now(UTC))
                if asyncio.get_running_loop().time() - tidied > 600 or not tidied:
                    tidied = asyncio.get_running_loop().time()
                    await core.store.tidy(datetime.now(UTC))
            else:
                await _end(pollers)
                pollers = []
            await Parts(redis, ()).say(f"clock:{name}", {"clock": True})
        except Exception:
            log.exception("the clock missed a beat")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), BEAT)
    await _end(pollers)
    await Parts(redis, ()).leave(f"clock:{name}")
    with contextlib.suppress(RedisError, OSError):  # the store went first: the lease runs out by itself
        await lease.give_back()
    await redis.aclose()
    await core.close()


async def tick(core: Core, now: datetime) -> None:
    """Everything that time alone brings about."""
    for conversation in await core.store.leases(now):
        try:
            await core.desk.expire(conversation)
            log.info("lease expired", extra={"conversation": conversation})
        except (NotNow, KeyError):
            log.info("the lease was renewed in time", extra={"conversation": conversation})


async def _connected(channel: Channel, core: Core) -> None:
    """Fetch a channel's updates, or ask its platform to post them to us, until it works and then for ever."""

    async def deliver(arrival: Arrival) -> None:
        await core.deliver(arrival)

    while True:
        try:
            await channel.connect(f"{core.settings.base_url}/channels/{channel.name}")
            await channel.poll(deliver)
            return  # nothing to fetch: its platform posts
        except Exception:
            log.exception("a channel could not be connected; trying again", extra={"channel": channel.name})
            await asyncio.sleep(10)


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
