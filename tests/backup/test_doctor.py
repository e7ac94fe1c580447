"""`stadtbote doctor`: each thing that is wrong has its line, with what to do; nothing is changed by asking."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis
from sqlalchemy import text

from bot.backup import sql
from bot.commands import doctor
from bot.commands.doctor import examine
from bot.conversation import Conversation
from bot.message import Arrival
from bot.settings import Settings
from bot.state import UNFINISHED, prepare_state
from bot.store.protocol import Write
from bot.store.redis import RedisStore
from faq.catalogue import Catalogue
from faq.database import writing
from faq.releases import Releases
from faq.schema import REVISION, open_database
from tests.backup.test_backup import laid_out
from tests.faq.town import CORPUS, content
from tests.sql.old import lay_out
from tests.valkey import valkey


@pytest.fixture
def settings(tmp_path: Path, redis_url: str) -> Settings:
    (tmp_path / "cache" / "encoder").mkdir(parents=True)
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    return Settings(home=home, cache=tmp_path / "cache", nlu_url="off", redis_url=redis_url)


@pytest.fixture
def on_both(settings: Settings, database_url: str) -> Settings:
    """On SQLite and on PostgreSQL."""
    return replace(settings, database_url=database_url)


async def to_do(settings: Settings) -> dict[str, str]:
    """What needs doing."""
    return {f.what: f.to_do for f in [f async for f in examine(settings)] if f.to_do and not f.warning}


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[RedisStore]:
    found = RedisStore(settings.redis_url, settings.lanes, settings.retention_days)
    yield found
    await found.close()


async def test_a_town_whose_table_is_not_live(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "town").mkdir()
    (tmp_path / "town" / "town.yml").write_bytes((CORPUS / "town.yml").read_bytes())
    settings = replace(settings, corpus=str(tmp_path / "town"))
    prepare_state(settings, lambda _: None)
    assert "nothing is published yet, so nothing can be answered" in (await to_do(settings))["corpus"]
    catalogue = Catalogue.open(settings.database)
    catalogue.save_draft("hund", content(), "kim")
    catalogue.close()
    assert "1 draft waits" in (await to_do(settings))["corpus"]
    assert "`stadtbote prepare` loads it" in (await to_do(replace(settings, corpus="")))["corpus"]


async def test_nothing_to_do(on_both: Settings) -> None:
    laid_out(on_both)
    assert await to_do(on_both) == {}


async def test_a_release_that_was_tried_with_another_encoder(on_both: Settings) -> None:
    laid_out(on_both)
    catalogue = Catalogue.open(on_both.database)
    made = Releases(catalogue.engine, encoder="e6").propose(
        {"a": catalogue.save_draft("a", content(), "kim").id}, "kim"
    )
    Releases(catalogue.engine).publish(made.id, "toni", four_eyes=True, why="Eilt")
    catalogue.close()
    assert "was tried with e6" in (await to_do(on_both))["release"]


async def test_the_folder_of_files(settings: Settings) -> None:
    laid_out(settings)
    files, what = settings.files, "files of citizens and clerks"
    assert what not in await to_do(settings)
    files.mkdir(mode=0o755)
    assert "chmod 700" in (await to_do(settings))[what]
    files.chmod(0o700)
    assert await to_do(settings) == {}
    files.rmdir()
    files.write_text("no folder")
    assert "cannot be read and written" in (await to_do(settings))[what]
    assert await to_do(replace(settings, attachments="off")) == {}


async def test_texts_that_nobody_has_reviewed_are_a_warning(settings: Settings) -> None:
    warned = [f for f in [f async for f in examine(settings)] if f.warning]
    assert [f.what for f in warned] == ["emergency texts"]
    assert str(warned[0]).startswith("warning ")
    assert "de, en, tr, uk, ar, ru, fr" in warned[0].to_do


async def test_asking_changes_nothing(settings: Settings, empty_database_url: str) -> None:
    older = replace(settings, database_url=empty_database_url)
    lay_out(older.database)
    found = [str(f) async for f in examine(older)]
    assert "ok       database: it is upgraded at the next start, from revision none" in found
    assert sql.revision(older.database) == ""


async def test_before_the_first_start(tmp_path: Path) -> None:
    (tmp_path / "encoder").mkdir()
    assert await to_do(Settings(home=tmp_path / "home", cache=tmp_path, nlu_url="off")) == {}
    assert not (tmp_path / "home").exists()


async def test_what_wordings_teach_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out(settings)

    async def lessons() -> str:
        (line,) = [f.what async for f in examine(settings) if f.what.startswith("lessons of wordings")]
        return line

    assert "do not count (2.0 wordings an entry; they do with more than 2)" in await lessons()
    catalogue = Catalogue.open(settings.database)
    for entry in ("hund", "katze"):
        said = content(variants=[f"{entry} {number}" for number in range(9)])
        head = catalogue.get(entry)
        draft = catalogue.save_draft(entry, said, "kim", head.head.id if head else None)
        catalogue.publish(entry, draft.id, "kim")
    catalogue.close()
    assert "count for 50% (10.0 wordings an entry; 18 count in full)" in await lessons()
    monkeypatch.setattr("faq.retrieval.learned.MOST", 39)
    assert "20 wordings of 2 entries would take minutes" in await lessons()


async def test_the_database(on_both: Settings) -> None:
    engine = open_database(on_both.database)
    assert "prepare" in (await to_do(on_both))["corpus"]
    with writing(engine) as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert f"9999 is newer than this program's ({REVISION})" in (await to_do(on_both))["database"]
    engine.dispose()
    for url in ("postgresql+psycopg://kim:gehe1m@127.0.0.1:1/x", f"sqlite:///{on_both.cache}/encoder", "sonstwas"):
        told = (await to_do(replace(on_both, database_url=url)))["database"]
        assert "STADTBOTE_DATABASE_URL" in told
        assert "gehe1m" not in told


async def test_the_state_directory(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out(settings)
    settings.home.chmod(0o755)
    (settings.home / UNFINISHED).touch()
    (settings.home / "replaced-20261122T090000").mkdir()
    monkeypatch.setattr(doctor, "ROOM", 1 << 60)
    assert set(await to_do(settings)) == {"state directory", "restore", "replaced-20261122T090000", "disk space"}


async def test_a_queue_that_stands_still(
    settings: Settings, store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid_out(settings)
    cid = "00000001aaaaaaaaaaaa"
    await store.append(cid, Arrival("telegram", "1", "c", {"text": "hallo"}))
    await store.bury(cid, Arrival("telegram", "2", "c", {}), "broken")
    assert set(await to_do(settings)) == {"dead letters"}
    later = time.time() + 120
    monkeypatch.setattr(time, "time", lambda: later)
    found = await to_do(settings)
    assert "stadtbote dead list" in found["dead letters"]
    assert "is a worker running" in found["unhandled messages"]


@pytest.mark.parametrize("lanes", [8, 32])
async def test_another_number_of_lanes(settings: Settings, store: RedisStore, lanes: int) -> None:
    laid_out(settings)
    for number in range(32):
        conversation = Conversation(f"{number:08x}aaaaaaaaaaaa", "telegram", "c", last_citizen=datetime.now(UTC))
        await store.keep(conversation.id, 0, Write(conversation))
    assert await to_do(settings) == {}
    assert set(await to_do(replace(settings, lanes=lanes))) == {f"STADTBOTE_LANES={lanes}"}


async def test_a_store_that_forgets(settings: Settings) -> None:
    laid_out(settings)
    with valkey() as url, redis.Redis.from_url(url) as client:
        client.config_set("appendfsync", "no")
        client.config_set("maxmemory-policy", "allkeys-lru")
        named = [f async for f in examine(replace(settings, redis_url=url)) if f.to_do and not f.warning]
        assert {f.what for f in named} == {"what is acknowledged is on disk"}
        assert any("noeviction" in f.to_do for f in named)
        assert any("appendfsync always" in f.to_do for f in named)
    assert "STADTBOTE_REDIS_URL" in (await to_do(replace(settings, redis_url=url)))["store"]


async def test_rasa_that_does_not_answer(settings: Settings) -> None:
    laid_out(settings)
    away = replace(settings, nlu_url="http://127.0.0.1:1")
    assert "keywords" in (await to_do(away))["Rasa"]
    missing = replace(settings, nlu_url="", rasa_python="/nowhere/python")
    assert "make rasa" in (await to_do(missing))["Rasa"]
