"""Putting a backup back: checked, built aside, then moved into place; the old state is kept."""

import asyncio
import itertools
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.backup import archive, conversations, files, fits, sql
from bot.backup.archive import FILES, FITTED, KEY, POSTGRES, SQLITE, VALKEY, BackupError, Manifest, Progress
from bot.parts import product_version
from bot.settings import PREFIX, Settings
from bot.state import UNFINISHED
from bot.supervisor.claims import claim_home
from faq import schema

STAGE = ".restore"
VAULT = "files"


@dataclass(frozen=True)
class Restored:
    """What was put back; `arrivals` went to the dead letters, `parts` became unknown; `aside`: the old state."""

    manifest: Manifest
    arrivals: int
    parts: int
    aside: Path | None


async def restore(settings: Settings, file: Path, replace: bool, now: datetime, progress: Progress) -> Restored:
    """Make this installation what it was. Raises BackupError, DatabaseUnusable, SettingsError.

    Until the last step nothing of the present state is touched. Unsent parts and unhandled arrivals of that time may
    have been sent and answered since: none of them goes out or is handled by itself.
    """
    with claim_home(settings.home):
        stage = settings.home / STAGE
        shutil.rmtree(stage, ignore_errors=True)  # of a restore that was killed: the lock is ours
        stage.mkdir(mode=0o700)
        try:
            manifest = await asyncio.to_thread(archive.read, file, stage, progress)
            _fits(manifest, settings, stage)
            present = list(_present(settings))
            if present and not replace:
                raise BackupError(
                    f"There is a state already ({', '.join(present)}). Name an empty state directory by {PREFIX}HOME, "
                    "or use --replace, which keeps the present one aside."
                )
            arrivals = parts = 0
            if VALKEY in manifest.files:
                arrivals, parts = await conversations.revive(stage, stage / VALKEY, settings)
            if SQLITE in manifest.files:
                sql.check_sqlite(stage / SQLITE)
            if FILES in manifest.files:
                await asyncio.to_thread(files.unpack, stage / FILES, stage / VAULT)
            if FITTED in manifest.files:
                fits.unpack(stage / FITTED, stage)
            aside = _aside(settings.home, now) if present else None
            await asyncio.to_thread(_put, settings, manifest, stage, aside)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    return Restored(manifest, arrivals, parts, aside)


def _fits(manifest: Manifest, settings: Settings, stage: Path) -> None:
    """Can this installation be what the backup's was?"""
    if not schema.knows(manifest.revision):
        raise BackupError(
            f"The backup is of a newer version ({manifest.version}) than this program ({product_version()}). "
            "Install that version to put it back."
        )
    if VALKEY in manifest.files and settings.redis_url:
        raise BackupError(
            f"The backup holds conversations of an embedded server, but {PREFIX}REDIS_URL names another. Leave that "
            f"out, or load {VALKEY} of the backup there by its own means and run `stadtbote restore --queue`."
        )
    if manifest.lanes != settings.lanes:
        raise BackupError(
            f"The backup's conversations lie in {manifest.lanes} lanes. Set {PREFIX}LANES={manifest.lanes}."
        )
    held = {SQLITE: "sqlite", POSTGRES: "postgresql"}
    if any(name in manifest.files and sql.kind(settings.database) != kind for name, kind in held.items()):
        raise BackupError(f"The backup's database is {manifest.database}; {PREFIX}DATABASE_URL names another kind.")
    key = (stage / KEY).read_text("ascii").strip() if KEY in manifest.files else settings.secret
    if archive.fingerprint((settings.secret or key).encode()) != manifest.key:
        raise BackupError(f"{PREFIX}SECRET is not the key of the backup: its conversations could not be found again.")


def _present(settings: Settings) -> Iterator[str]:
    """What a start would find."""
    if (settings.home / KEY).exists():
        yield KEY
    if (settings.home / "valkey" / "appendonlydir").exists():
        yield "conversations"
    if files.size(settings.files):
        yield "files"
    if any(fits.found(settings.home)):
        yield "thresholds"
    if sql.kind(settings.database) == "sqlite":
        if sql.sqlite_file(settings.database).exists():
            yield "a database"
    elif sql.laid_out(settings.database):
        yield "tables in PostgreSQL"


def _aside(home: Path, now: datetime) -> Path:
    """A name that nothing bears yet: two restores may come within a second."""
    name = f"replaced-{now:%Y%m%dT%H%M%S}"
    names = (name if number == 1 else f"{name}-{number}" for number in itertools.count(1))
    return next(path for path in map(home.joinpath, names) if not path.exists())


def _put(settings: Settings, manifest: Manifest, stage: Path, aside: Path | None) -> None:
    """The last step. Killed in its midst, it leaves a note that keeps Stadtbote from starting on a half."""
    home = settings.home
    note = home / UNFINISHED
    note.write_text("The restore of a backup was cut off here.\n", "utf-8")
    places: list[tuple[str, Path]] = []
    if KEY in manifest.files:
        places.append((KEY, home / KEY))
    if VALKEY in manifest.files:
        places.append(("valkey", home / "valkey"))
    if SQLITE in manifest.files:
        places.append((SQLITE, sql.sqlite_file(settings.database)))
    if FILES in manifest.files:
        places.append((VAULT, settings.files))
    places += [(name, home / name) for name in fits.PLACES]  # also where there are none: others belong to other entries
    if aside:
        aside.mkdir(mode=0o700)
    if POSTGRES in manifest.files:
        if aside and sql.laid_out(settings.database):
            sql.dump_postgres(settings.database, aside / POSTGRES)
        sql.restore_postgres(settings.database, stage / POSTGRES)
    for name, place in places:
        for old in (place, *(place.with_name(place.name + end) for end in ("-wal", "-shm"))):
            if old.exists() and aside:
                shutil.move(old, aside / old.name)
            elif old.is_dir():  # empty but for the socket of a server that was asked for
                shutil.rmtree(old)
            else:  # the journal of a database that is gone would be played into the new one
                old.unlink(missing_ok=True)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if (stage / name).exists():
            shutil.move(stage / name, place)
        _sync(place.parent)
    note.unlink()
    _sync(home)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def made_safe(arrivals: int, parts: int) -> Iterator[str]:
    """What a restored queue no longer does by itself."""
    yield f"{'made safe':<14} {parts} unsent parts are marked unknown, {arrivals} unhandled messages are dead letters"
    yield f"{'':<14} (stadtbote dead list); nothing of them goes out by itself. Staff must sign in again"


def described(done: Restored) -> Iterator[str]:
    """What to tell the one who asked for it."""
    at = f"{done.manifest.at:%Y-%m-%d %H:%M} UTC"
    yield f"{'restored':<14} the state of {at}, Stadtbote {done.manifest.version}"
    if VALKEY in done.manifest.files:
        yield from made_safe(done.arrivals, done.parts)
        yield f"{'to do':<14} what citizens had erased since {at} is there again: erase it once more"
    else:
        yield f"{'to do':<14} bring the Redis server back by its own means, then run: stadtbote restore --queue"
    if not {SQLITE, POSTGRES} & set(done.manifest.files):
        yield f"{'to do':<14} bring PostgreSQL back by its own means"
    if done.aside:
        yield f"{'kept aside':<14} {done.aside}: delete it when all is well, it holds citizens' words"
