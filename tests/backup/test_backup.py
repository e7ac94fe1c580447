"""Backup and restore on the real Valkey and both databases, without the product's processes."""

import asyncio
import json
import os
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from bot.backup import sql
from bot.backup.archive import KEY, POSTGRES, SQLITE, VALKEY, BackupError, Manifest
from bot.backup.archive import read as read_archive
from bot.backup.conversations import make_safe, running, started
from bot.backup.make import Made, back_up
from bot.backup.restore import Restored, restore
from bot.composition import secret_key
from bot.console.accounts import Accounts
from bot.console.sessions import Sessions
from bot.conversation import Conversation, Line
from bot.message import Arrival, DeliveryState
from bot.settings import Settings, SettingsError
from bot.state import UNFINISHED, prepare_state
from bot.store.protocol import Sending, Write
from bot.store.redis import RedisStore
from bot.supervisor.claims import claim_home
from bot.valkey import embedded
from faq.catalogue import Catalogue
from faq.database import open_engine, writing
from tests.console.house import PASSWORD, QUICK
from tests.faq.town import content
from tests.postgres import Postgres
from tests.sql.old import lay_out

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CID = "00000001aaaaaaaaaaaa"


def quiet(member: str, share: float) -> None:
    assert 0 <= share <= 1


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(Settings(), home=tmp_path / "home", lanes=4)


def laid_out(settings: Settings) -> Settings:
    """A state with a key, an entry and an account."""
    settings.home.mkdir(mode=0o700, exist_ok=True)
    secret_key(settings)
    catalogue = Catalogue.open(settings.database)
    draft = catalogue.save_draft("hund", content(), "kim")
    catalogue.publish("hund", draft.id, "kim")
    Accounts(catalogue.engine, QUICK).add("kim", PASSWORD, "clerk")
    catalogue.close()
    return settings


def entries(settings: Settings) -> list[str]:
    catalogue = Catalogue.open(settings.database)
    try:
        assert Accounts(catalogue.engine, QUICK).verify("kim", PASSWORD)
        return [revision.entry for revision in catalogue.live()]
    finally:
        catalogue.close()


@asynccontextmanager
async def store_of(settings: Settings) -> AsyncIterator[RedisStore]:
    """The embedded server of a state directory, at work."""
    async with started(settings.home):
        store = RedisStore(embedded(settings.home).url, settings.lanes, settings.retention_days)
        try:
            yield store
        finally:
            await store.close()


def arrival(id: str) -> Arrival:
    return Arrival("telegram", id, "c", {"text": "grüß gott 🏛"})


async def busy(store: RedisStore) -> None:
    """A conversation with a reply that nobody sent, one that is being sent, and a message that nobody handled."""
    lines = (Line("m1", "citizen", NOW, "hallo", "hallo"),)
    sendings = tuple(Sending(f"r{n}.0", f"r{n}", "telegram", "c", {"text": "Guten Tag"}, "bot") for n in (1, 2))
    await store.keep(CID, 0, Write(Conversation(CID, "telegram", "c", last_citizen=NOW), lines, sendings))
    await store.append(CID, arrival("m2"))


async def made(settings: Settings, file: Path) -> Made:
    return await back_up(settings, file, NOW, quiet)


async def put_back(settings: Settings, file: Path, replace: bool = False) -> Restored:
    return await restore(settings, file, replace, NOW, quiet)


def contents(file: Path, folder: Path) -> Manifest:
    folder.mkdir()
    return read_archive(file, folder, quiet)


# --- there and back ----------------------------------------------------------------------------------------


async def test_what_was_there_is_there_again_and_nothing_happens_by_itself(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    async with store_of(laid_out(settings)) as store, Redis.from_url(embedded(settings.home).url) as redis:
        await busy(store)
        ident, _ = await Sessions(redis).start("kim", 1)
        number = await store.next_number()
        done = await made(settings, file)
        await store.append(CID, arrival("m3"))  # after the backup: it is not in it
    assert file.stat().st_mode & 0o777 == 0o600
    assert set(done.manifest.files) == {KEY, SQLITE, VALKEY}
    assert not (settings.home / ".backup").exists()
    assert not (settings.home / "valkey" / "dump.rdb").exists()

    there = replace(settings, home=tmp_path / "there")
    restored = await put_back(there, file)
    assert (restored.arrivals, restored.parts, restored.aside) == (1, 2, None)
    assert secret_key(there) == secret_key(settings)
    assert entries(there) == ["hund"]
    for path in there.home.rglob("*"):
        assert path.is_dir() or path.suffix in {".lock", ".sqlite-shm", ".sqlite-wal"} or _private(path), path
    async with store_of(there) as store, Redis.from_url(embedded(there.home).url) as redis:
        assert [line.text for line in await store.transcript(CID)] == ["hallo"]
        assert set((await store.deliveries(CID)).values()) == {DeliveryState.UNKNOWN}
        ages = await store.ages()
        assert (ages.inbox, ages.outbox) == (0, 0)
        (letter,) = await store.dead()
        assert (letter.arrival, letter.reason) == (arrival("m2"), "restored from a backup")
        # Repeats are still known, numbers go on, and nobody is signed in.
        assert not await store.append(CID, arrival("m2"))
        assert await store.append(CID, arrival("m3"))
        assert await store.next_number() == number + 1
        assert await Sessions(redis).find(ident) is None
        assert (await redis.config_get("appendonly"))["appendonly"] in ("yes", b"yes")
    async with store_of(there) as store:  # and it is on disk
        assert (await store.ages()).inbox == 1


def _private(path: Path) -> bool:
    return path.stat().st_mode & 0o077 == 0 or any(p.stat().st_mode & 0o077 == 0 for p in path.parents)


async def test_while_everything_is_being_written(settings: Settings, tmp_path: Path) -> None:
    """Of what is written one after the other, a backup holds a beginning, and all that it says is whole."""
    file, stop, written = tmp_path / "b.tar.gz", asyncio.Event(), [0]
    laid_out(settings)

    async def write(store: RedisStore) -> None:
        catalogue = Catalogue.open(settings.database)
        while not stop.is_set():
            # As in the product: a conversation names what was published before.
            state = catalogue.get("hund")
            draft = catalogue.save_draft("hund", content(answer=f"Nr. {written[0]}"), "kim", state.head.id)
            catalogue.publish("hund", draft.id, "kim")
            line = Line(f"l{written[0]}", "bot", NOW, "x" * 500, "", entry="hund", revision=draft.id)
            version = (await store.load(CID)).version
            await store.keep(CID, version, Write(Conversation(CID, "telegram", "c", last_citizen=NOW), (line,)))
            written[0] += 1
            await asyncio.sleep(0)
        catalogue.close()

    async with store_of(settings) as store:
        writer = asyncio.create_task(write(store))
        while written[0] < 20:
            await asyncio.sleep(0.01)
        await made(settings, file)
        at = written[0]
        while written[0] < at + 5:
            await asyncio.sleep(0.01)
        stop.set()
        await writer
    there = replace(settings, home=tmp_path / "there")
    await put_back(there, file)
    async with store_of(there) as store:
        lines = await store.transcript(CID)
    assert 20 <= len(lines) < written[0]
    assert [line.id for line in lines] == [f"l{number}" for number in range(len(lines))]
    catalogue = Catalogue.open(there.database)
    assert all(catalogue.revision(line.revision) is not None for line in lines)
    catalogue.close()


async def test_a_backup_of_what_does_not_run(settings: Settings, tmp_path: Path) -> None:
    async with store_of(laid_out(settings)) as store:
        await busy(store)
    await made(settings, tmp_path / "b.tar.gz")
    assert not await running(settings.home)
    there = replace(settings, home=tmp_path / "there")
    assert (await put_back(there, tmp_path / "b.tar.gz")).parts == 2


async def test_the_journal_of_a_database_that_is_gone(settings: Settings, tmp_path: Path) -> None:
    """It would be played into the one that was put back."""
    await made(laid_out(settings), tmp_path / "b.tar.gz")
    there = replace(settings, home=tmp_path / "there")
    other = Catalogue.open(laid_out(there).database)
    other.save_draft("katze", content(), "kim")
    journal = (there.home / f"{SQLITE}-wal").read_bytes()
    other.close()
    assert len(journal) > 4096
    for path in (there.home / SQLITE, there.home / KEY):
        path.unlink()
    (there.home / f"{SQLITE}-wal").write_bytes(journal)
    await put_back(there, tmp_path / "b.tar.gz")
    catalogue = Catalogue.open(there.database)
    assert catalogue.get("katze") is None
    catalogue.close()
    assert entries(there) == ["hund"]


async def test_a_long_path(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no socket fits into the state directory; the folder that it lies in instead goes with it."""
    far = replace(settings, home=tmp_path / ("x" * 100) / "home")
    far.home.parent.mkdir()
    await made(laid_out(settings), tmp_path / "b.tar.gz")
    with tempfile.TemporaryDirectory(prefix="sb-") as short:
        monkeypatch.setattr(tempfile, "tempdir", short)
        await put_back(far, tmp_path / "b.tar.gz")
        assert not list(Path(short).iterdir())
    assert entries(far) == ["hund"]


async def test_an_older_database_is_backed_up_as_it_is(settings: Settings, tmp_path: Path) -> None:
    settings.home.mkdir()
    lay_out(settings.database)
    done = await made(settings, tmp_path / "b.tar.gz")
    assert done.manifest.revision == ""
    assert sql.revision(settings.database) == ""
    there = replace(settings, home=tmp_path / "there")
    await put_back(there, tmp_path / "b.tar.gz")
    catalogue = Catalogue.open(there.database)
    assert [revision.entry for revision in catalogue.live()] == ["hund"]
    catalogue.close()


# --- refused -----------------------------------------------------------------------------------------------


async def test_nothing_is_overwritten(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    file.write_text("mine", "utf-8")
    with pytest.raises(BackupError, match="exists already"):
        await made(laid_out(settings), file)
    assert file.read_text("utf-8") == "mine"
    with pytest.raises(BackupError, match="cannot be written"):
        await made(settings, tmp_path / "nowhere" / "b.tar.gz")
    with pytest.raises(BackupError, match="nothing to back up"):
        await made(replace(settings, home=tmp_path / "nothing"), tmp_path / "c.tar.gz")
    assert not (tmp_path / "c.tar.gz").exists()


async def test_a_damaged_database_makes_no_backup(settings: Settings, tmp_path: Path) -> None:
    laid_out(settings)
    database = settings.home / "stadtbote.sqlite"
    with closing(sqlite3.connect(database)) as db:
        db.execute("PRAGMA journal_mode=DELETE")
    with database.open("r+b") as stream:
        stream.seek(4096 * 3)
        stream.write(os.urandom(4096 * 6))
    with pytest.raises(Exception, match=r"damaged|malformed|cannot be copied|cannot be used"):
        await made(settings, tmp_path / "b.tar.gz")
    assert not (tmp_path / "b.tar.gz").exists()
    assert not (settings.home / ".backup").exists()


async def test_restore_waits_for_an_end(settings: Settings, tmp_path: Path) -> None:
    await made(laid_out(settings), tmp_path / "b.tar.gz")
    with claim_home(settings.home), pytest.raises(SettingsError, match="Another Stadtbote runs"):
        await put_back(settings, tmp_path / "b.tar.gz", replace=True)
    assert entries(settings) == ["hund"]


async def test_a_present_state_is_kept(settings: Settings, tmp_path: Path) -> None:
    async with store_of(laid_out(settings)) as store:
        await busy(store)
    await made(settings, tmp_path / "b.tar.gz")
    there = laid_out(replace(settings, home=tmp_path / "there"))
    catalogue = Catalogue.open(there.database)
    catalogue.save_draft("katze", content(), "kim")
    catalogue.close()
    key = secret_key(there)
    with pytest.raises(BackupError, match="a state already") as refused:
        await put_back(there, tmp_path / "b.tar.gz")
    assert "--replace" in str(refused.value)
    assert secret_key(there) == key
    done = await put_back(there, tmp_path / "b.tar.gz", replace=True)
    assert done.aside is not None
    assert (done.aside / KEY).read_bytes() == key
    old = Catalogue.open(f"sqlite:///{done.aside / SQLITE}")
    assert old.get("katze") is not None
    old.close()
    assert secret_key(there) == secret_key(settings)
    assert entries(there) == ["hund"]


async def test_what_does_not_fit_is_refused_and_nothing_is_touched(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    await made(laid_out(settings), file)
    there = replace(settings, home=tmp_path / "there")
    for wrong, named in (
        (replace(there, lanes=5), "STADTBOTE_LANES=4"),
        (replace(there, secret="y" * 32), "STADTBOTE_SECRET"),
        (replace(there, redis_url="redis://nowhere:1"), "STADTBOTE_REDIS_URL"),
        (replace(there, database_url="postgresql+psycopg://nowhere/x"), "STADTBOTE_DATABASE_URL"),
    ):
        with pytest.raises(BackupError, match=named):
            await put_back(wrong, file)
        assert {path.name for path in there.home.iterdir()} == {"stadtbote.lock"}
    manifest = contents(file, tmp_path / "in")
    assert "newer" in _refused(replace_revision(manifest, "9999"), there, tmp_path / "in")


def replace_revision(manifest: Manifest, revision: str) -> Manifest:
    return Manifest.from_json(json.dumps({**json.loads(manifest.to_json()), "revision": revision}).encode())


def _refused(manifest: Manifest, settings: Settings, stage: Path) -> str:
    from bot.backup.restore import _fits

    with pytest.raises(BackupError) as error:
        _fits(manifest, settings, stage)
    return str(error.value)


async def test_a_damaged_backup_touches_nothing(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    await made(laid_out(settings), file)
    file.write_bytes(file.read_bytes()[:-3000])
    with pytest.raises(BackupError, match="damaged"):
        await put_back(settings, file, replace=True)
    assert entries(settings) == ["hund"]
    assert not (settings.home / ".restore").exists()


async def test_a_key_of_ones_own_is_not_in_the_file(settings: Settings, tmp_path: Path) -> None:
    own = replace(settings, secret="x" * 32)
    done = await made(laid_out(own), tmp_path / "b.tar.gz")
    assert KEY not in done.manifest.files
    assert any("STADTBOTE_SECRET" in what for what in done.elsewhere)
    assert (b"x" * 32) not in (tmp_path / "b.tar.gz").read_bytes()
    there = replace(own, home=tmp_path / "there")
    with pytest.raises(BackupError, match="STADTBOTE_SECRET"):
        await put_back(replace(there, secret=""), tmp_path / "b.tar.gz")
    await put_back(there, tmp_path / "b.tar.gz")
    assert entries(there) == ["hund"]


async def test_a_restore_that_was_killed_is_not_started_on(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made(laid_out(settings), tmp_path / "b.tar.gz")
    there = laid_out(replace(settings, home=tmp_path / "there", corpus=""))

    class Killed(BaseException):
        pass

    for at in range(3):
        calls = iter(range(100))

        def move(source: Path, target: Path, at: int = at, calls: Iterator[int] = calls) -> None:
            if next(calls) == at:
                raise Killed
            os.replace(source, target)

        with monkeypatch.context() as patched:
            patched.setattr("shutil.move", move)
            with pytest.raises(Killed):
                await restore(there, tmp_path / "b.tar.gz", True, datetime(2026, 11, 22, 9, at, tzinfo=UTC), quiet)
        assert (there.home / UNFINISHED).exists()
        with pytest.raises(SettingsError, match="restore FILE --replace"):
            prepare_state(there, print)
    await put_back(there, tmp_path / "b.tar.gz", replace=True)
    assert not (there.home / UNFINISHED).exists()
    assert entries(there) == ["hund"]


# --- servers of the town's own -----------------------------------------------------------------------------


async def test_a_redis_of_ones_own_is_named_and_made_safe(settings: Settings, tmp_path: Path, redis_url: str) -> None:
    own = replace(laid_out(settings), redis_url=redis_url)
    done = await made(own, tmp_path / "b.tar.gz")
    assert (done.manifest.store, set(done.manifest.files)) == ("external", {KEY, SQLITE})
    assert any("Redis" in what for what in done.elsewhere)
    await put_back(replace(own, home=tmp_path / "there"), tmp_path / "b.tar.gz")
    store = RedisStore(redis_url, own.lanes, own.retention_days)
    await busy(store)
    async with Redis.from_url(redis_url) as redis:
        ident, _ = await Sessions(redis).start("kim", 1)
        assert await make_safe(redis_url, own) == (1, 2)
        assert await Sessions(redis).find(ident) is None
    await store.close()


@pytest.fixture
def on_postgres(settings: Settings, postgres_server: Postgres) -> Settings:
    if sql.program("dump") is None or sql.program("restore") is None:
        pytest.skip("pg_dump and pg_restore are not installed")
    return laid_out(replace(settings, database_url=postgres_server.make()))


async def test_postgresql_there_and_back(on_postgres: Settings, tmp_path: Path, postgres_server: Postgres) -> None:
    file = tmp_path / "b.tar.gz"
    done = await made(on_postgres, file)
    assert set(done.manifest.files) == {KEY, POSTGRES, VALKEY}
    there = replace(on_postgres, home=tmp_path / "there", database_url=postgres_server.make_empty())
    assert (await put_back(there, file)).aside is None
    assert entries(there) == ["hund"]
    catalogue = Catalogue.open(there.database)  # changed since …
    catalogue.save_draft("katze", content(), "kim")
    catalogue.close()
    with pytest.raises(BackupError, match="tables in PostgreSQL"):
        await put_back(replace(there, home=tmp_path / "new"), file)
    done_again = await put_back(there, file, replace=True)
    catalogue = Catalogue.open(there.database)  # … and back again; the old one is kept
    assert catalogue.get("katze") is None
    catalogue.close()
    assert done_again.aside is not None
    sql.restore_postgres(elsewhere := postgres_server.make_empty(), done_again.aside / POSTGRES)
    catalogue = Catalogue.open(elsewhere)
    assert catalogue.get("katze") is not None
    catalogue.close()


async def test_postgresql_without_its_programs(
    on_postgres: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "program", lambda what: None)
    done = await made(on_postgres, tmp_path / "b.tar.gz")
    assert set(done.manifest.files) == {KEY, VALKEY}
    assert any("pg_dump is not installed" in what for what in done.elsewhere)


async def test_postgresql_that_refuses(on_postgres: Settings, tmp_path: Path) -> None:
    engine = open_engine(on_postgres.database)
    with writing(engine) as db:
        db.execute(text("DROP ROLE IF EXISTS somebody"))
        db.execute(text("CREATE ROLE somebody LOGIN PASSWORD 'gehe1m'"))
        db.execute(text("GRANT SELECT ON alembic_version TO somebody"))
    engine.dispose()
    wrong = replace(on_postgres, database_url=on_postgres.database.replace("postgres@", "somebody:gehe1m@"))
    with pytest.raises(BackupError, match="permission denied") as refused:
        await made(wrong, tmp_path / "b.tar.gz")
    assert "gehe1m" not in str(refused.value)
    assert not (tmp_path / "b.tar.gz").exists()
