"""Editors at work while citizens ask: hundreds of edits, their releases, and all entries anew, under load.

A large corpus, made up as in growth_faq; its vectors are made by chance and lie in the cache, for encoding it all would
take hours. What an edit changes is encoded by the product itself. First the usual load, then the same with the edits.
"""

import asyncio
import json
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.ask import AskClient, AskUnavailable
from bot.composition import Core, redis_of
from bot.conversation import conversation_id
from bot.settings import Settings, project_root
from faq.encoder import EMBEDDED, load_encoder
from faq.entry import Draft, Revision
from faq.releases import Releases
from faq.retrieval.documents import documents_of
from faq.vectors import VectorCache, key_of
from tests.bench import openloop
from tests.bench.growth_faq import ByChance, made_up
from tests.bench.messages import SEED, Size
from tests.bench.tell import tell
from tests.bench.town import Town
from tests.integration.product import stadtbote

CATCH_UP = 300.0  # seconds for the worker to take in the large corpus, and after the last edit
SLICE = 500  # texts at once
OFFICE = '"office": "stadtservice"'  # as in made_up


@contextmanager
def prepared(entries: int) -> Iterator[tuple[list[Revision], Path]]:
    """The corpus, and a cache folder that holds its vectors; what was built before is shared with the usual one."""
    settings, revisions = Settings(), made_up(entries)
    encoder = load_encoder(settings.encoder or EMBEDDED, settings.cache)
    with TemporaryDirectory(prefix="sb-bench-") as name:
        folder = Path(name)
        for there in settings.cache.iterdir():
            if there.name.startswith("vectors.sqlite"):
                shutil.copyfile(there, folder / there.name)
            else:
                (folder / there.name).symlink_to(there.absolute())
        cache, chance = VectorCache(folder / "vectors.sqlite"), ByChance()
        documents = [document for revision in revisions for document in documents_of(revision)]
        told = [("query", wording) for d in documents for wording in d.wordings]
        told += [("passage", text) for d in documents for text in (d.wordings[0], *d.passages, d.page)]
        for some in _batched(told):
            vectors = chance.encode_passages([text for _, text in some])
            cache.fill((key_of(encoder, kind, text), one) for (kind, text), one in zip(some, vectors, strict=True))
        cache.close()
        yield revisions, folder


async def edits(town: Town, size: Size, revisions: Sequence[Revision]) -> dict[str, Any]:
    """The figures."""
    many, rate, seconds = size.edits
    async with town.running.core() as core:
        began = time.monotonic()
        drafts = [Draft(r.entry, r.content) for r in revisions]
        await asyncio.to_thread(core.catalogue.load, drafts, "bench", True)
        loaded = time.monotonic() - began
        caught = await _caught_up(core)
        tell(f"  {len(drafts)} entries loaded in {loaded:.1f} s, in force after {caught:.1f} s more")
        usual = await town.load.drive(openloop.poisson(rate, seconds, SEED + 4), "usual")
        work = asyncio.gather(_edit(core, many, seconds), _anew(town, seconds / 2))
        found = await town.load.drive(openloop.poisson(rate, seconds, SEED + 5), "edits")
        published, anew = await work
        found |= {
            "entries": len(drafts),
            **published,
            "import_s": round(anew, 1),
            "in_force_after_the_last_s": round(await _caught_up(core), 2),
            "usual_reply_ms": usual["reply_ms"],
            "p95_ratio": round(found["reply_ms"]["p95"] / max(usual["reply_ms"]["p95"], 1), 2),
            "usual_unanswered": usual["unanswered"],
        }
        found |= await _mixed(town, core)
    tell(f"  {_line(found)}")
    return found


async def _edit(core: Core, many: int, seconds: float) -> dict[str, Any]:
    """Drafts and their releases, spread evenly."""
    command = (sys.executable, "-m", "tests.bench.editors", core.settings.database, str(many), str(seconds))
    process = await asyncio.create_subprocess_exec(*command, cwd=project_root(), stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    assert process.returncode == 0, "the editors failed"
    found: dict[str, Any] = json.loads(said)
    return found


async def _anew(town: Town, after: float) -> float:
    """Every entry changes at once, in what is shown and not searched, by the product's own commands; seconds of the
    second one."""
    await asyncio.sleep(after)
    file = town.running.home / "anew.jsonl"
    await _faq(town, "export", str(file))
    told = file.read_text("utf-8")
    assert OFFICE in told
    file.write_text(told.replace(OFFICE, '"office": "rathaus"'), "utf-8")
    began = time.monotonic()
    await _faq(town, "import", str(file), "--publish")
    return time.monotonic() - began


async def _faq(town: Town, *arguments: str) -> None:
    environment, home = town.running.environment, town.running.home
    status, said = await stadtbote("faq", *arguments, environment=environment, folder=home, seconds=CATCH_UP)
    assert status == 0, said


async def _caught_up(core: Core) -> float:
    """Seconds until a worker answers by the live release."""
    live = core.catalogue.live_release()
    assert live is not None
    redis, began = redis_of(core.settings, timeout=10.0), time.monotonic()
    try:
        while time.monotonic() - began < CATCH_UP:
            try:
                told = await AskClient(redis).ask("Wie melde ich meinen Hund an?", "de")
            except AskUnavailable:
                continue
            if told["release"]["id"] == live.id and not told["words_only"]:
                return time.monotonic() - began
            await asyncio.sleep(0.1)
    finally:
        await redis.aclose()
    raise RuntimeError("no worker answers by the live release")


async def _mixed(town: Town, core: Core) -> dict[str, int]:
    """Of all answers that name an entry: how many releases, and how many whose revision is not of the release that they
    name, or that were found in another than they were told by."""
    releases, manifests = Releases(core.catalogue.engine), dict[str, Any]()
    answers = mixed = 0
    for platform, key in town.load.book.chats:
        asked: Sequence[Any] = ()
        for line in await core.store.transcript(conversation_id(core.secret, platform, key)):
            if line.by == "citizen":
                asked = line.matches
            elif line.by == "bot" and line.entry:
                answers += 1
                if line.release and line.release not in manifests:
                    manifests[line.release] = await asyncio.to_thread(releases.manifest, line.release)
                own = line.release and manifests[line.release].get(line.entry) == line.revision
                mixed += not own or any(match["release"] != line.release for match in asked)
    return {"answers": answers, "releases_seen": len(manifests), "mixed": mixed}


def _batched(told: Sequence[tuple[str, str]]) -> Iterator[Sequence[tuple[str, str]]]:
    return (told[first : first + SLICE] for first in range(0, len(told), SLICE))


def _line(found: dict[str, Any]) -> str:
    return (
        f"{found['edits']} edits and {found['entries']} entries anew: reply p95 {found['reply_ms']['p95']} ms, "
        f"usually {found['usual_reply_ms']['p95']} ms ({found['p95_ratio']} times), {found['mixed']} of "
        f"{found['answers']} answers mixed, {found['unanswered']} unanswered, in force "
        f"{found['in_force_after_the_last_s']} s after the last"
    )
