"""Making a backup: conversations first, the database after, so that every revision a conversation names is in it."""

import asyncio
import contextlib
import fcntl
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.backup import archive, conversations, files, fits, sql
from bot.backup.archive import FILES, FITTED, KEY, POSTGRES, SQLITE, VALKEY, BackupError, Manifest, Progress
from bot.composition import secret_key
from bot.parts import product_version
from bot.settings import PREFIX, Settings
from bot.supervisor.claims import claim_home

STAGE = ".backup"
ROOM = 1.2  # of what was measured: the disk needs that much for the copies


@dataclass(frozen=True)
class Made:
    """A backup: its file, what is in it, and what it does not hold and must be kept by other means."""

    file: Path
    size: int
    manifest: Manifest
    elsewhere: tuple[str, ...]


async def back_up(settings: Settings, file: Path, now: datetime, progress: Progress) -> Made:
    """Everything that this installation holds, into a new file that its owner alone may read.

    Raises BackupError, DatabaseUnusable, SettingsError. Nothing is left behind then.
    """
    home = settings.home
    if not home.is_dir():
        raise BackupError(f"There is nothing to back up: no state directory {home}. Is {PREFIX}HOME right?")
    with _new(file) as target, _one_at_a_time(home), _stage(home) as folder:
        elsewhere = list(_never_held(settings))
        if settings.redis_url:
            elsewhere.append(
                "conversations, queue and sessions: they are in your Redis server; back it up by its own means, before "
                "this command runs"
            )
        else:
            async with _at_work(home):
                _room(home, home / "valkey")
                await conversations.snapshot(home, folder, progress)
        # After the conversations: all files that they name are there, but for what was erased meanwhile.
        if needed := files.size(settings.files):
            _free(home, needed)
            await asyncio.to_thread(files.pack, settings.files, folder / FILES, progress)
        revision = sql.revision(settings.database)
        if told := _database(settings, folder, progress):
            elsewhere.append(told)
        fits.pack(home, folder / FITTED)  # after the database: what a release is pinned to was written before it
        if not settings.secret:
            secret_key(settings)
            (folder / KEY).touch(0o600)
            shutil.copyfile(home / KEY, folder / KEY)
        manifest = Manifest(
            now,
            product_version(),
            revision,
            settings.lanes,
            archive.fingerprint(secret_key(settings)),
            "external" if settings.redis_url else "embedded",
            sql.kind(settings.database),
            {name: archive.measured(folder / name) for name in archive.MEMBERS if (folder / name).exists()},
        )
        with os.fdopen(os.dup(target), "wb") as stream:
            await asyncio.to_thread(archive.write, stream, manifest, folder, progress)
        return Made(file, os.fstat(target).st_size, manifest, tuple(elsewhere))


def _database(settings: Settings, folder: Path, progress: Progress) -> str:
    """Into the folder; returns why it is not, if it is not."""
    if sql.kind(settings.database) == "sqlite":
        source = sql.sqlite_file(settings.database)
        _room(settings.home, source)
        sql.copy_sqlite(source, folder / SQLITE, progress)
        return ""
    if sql.program("dump") is None:
        return (
            "corpus, accounts and audit: they are in your PostgreSQL, and pg_dump is not installed here; back it up by "
            "its own means, after this command ran"
        )
    progress(POSTGRES, 0.0)
    sql.dump_postgres(settings.database, folder / POSTGRES)
    progress(POSTGRES, 1.0)
    return ""


def _never_held(settings: Settings) -> Iterator[str]:
    yield "settings and tokens: .env and the environment"
    if settings.corpus:
        yield f"the town's own files: the folder {settings.corpus}"
    if settings.secret:
        yield f"the installation's key: {PREFIX}SECRET"


@contextmanager
def _new(file: Path) -> Iterator[int]:
    """A file that was not there before; gone again when the block fails."""
    try:
        target = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise BackupError(f"{file} exists already. Name another file, or remove that one.") from None
    except OSError as error:
        raise BackupError(f"{file} cannot be written ({error.strerror}).") from None
    try:
        yield target
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    finally:
        os.close(target)


@contextmanager
def _one_at_a_time(home: Path) -> Iterator[None]:
    with (home / "backup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError("Another backup of this state directory is being made.") from None
        yield


@contextmanager
def _stage(home: Path) -> Iterator[Path]:
    """Where the parts lie until they are in the file: beside what they are copies of, and as secret."""
    folder = home / STAGE
    shutil.rmtree(folder, ignore_errors=True)  # of one that was killed: the lock is ours
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def _at_work(home: Path) -> AsyncIterator[None]:
    """With the embedded server running: the one that runs, else one of our own, and nobody starts another meanwhile."""
    async with contextlib.AsyncExitStack() as stack:
        if not await conversations.running(home):
            stack.enter_context(claim_home(home))
            await stack.enter_async_context(conversations.started(home))
        yield


def _room(home: Path, source: Path) -> None:
    found = [f for f in source.rglob("*") if f.is_file()] if source.is_dir() else [source]
    _free(home, sum(f.stat().st_size for f in found))


def _free(home: Path, size: int) -> None:
    needed = int(size * ROOM)
    free = shutil.disk_usage(home).free
    if free < needed:
        raise BackupError(
            f"The disk of {home} has {free >> 20} MB free; the backup needs up to {needed >> 20} MB there."
        )


def described(made: Made) -> Iterator[str]:
    """What to tell the one who asked for it."""
    names = {VALKEY: "conversations", SQLITE: "database", POSTGRES: "database", KEY: "key", FILES: "files"}
    names |= {FITTED: "thresholds"}
    for name, member in made.manifest.files.items():
        yield f"{names[name]:<14} {name}, {member.size / 1e6:.1f} MB"
    yield f"{'written':<14} {made.file}, {made.size / 1e6:.1f} MB; only you may read it"
    yield f"{'to do':<14} encrypt it and keep it elsewhere: it holds citizens' words and the installation's key"
    for what in made.elsewhere:
        yield f"{'not in it':<14} {what}"
