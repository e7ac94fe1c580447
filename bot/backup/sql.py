"""The database's part of a backup: SQLite by its own backup call, PostgreSQL by pg_dump and pg_restore."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import URL, inspect, make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.backup.archive import SQLITE, BackupError, Progress
from faq import schema
from faq.database import open_engine, reading
from faq.schema import DatabaseUnusable, unusable

PAGES = 1024  # copied in one go: four megabytes
PROGRAMS = {"dump": "pg_dump", "restore": "pg_restore"}


def kind(database: str) -> str:
    """sqlite or postgresql."""
    return make_url(database).get_backend_name()


def sqlite_file(database: str) -> Path:
    """Where a SQLite database lies. Raises BackupError for one that is no file."""
    name = make_url(database).database or ""
    if not name or name.startswith((":", "file:")):
        raise BackupError("The SQLite database is no plain file: copy it by other means.")
    return Path(name).absolute()


def revision(database: str) -> str:
    """The revision of a database, which is not upgraded by asking. Raises DatabaseUnusable."""
    engine = open_engine(database)
    try:
        with reading(engine) as db:
            return schema.revision(db)
    except SQLAlchemyError as error:
        raise unusable(error, database) from None
    finally:
        engine.dispose()


def laid_out(database: str) -> bool:
    """Does it hold tables of Stadtbote? Raises DatabaseUnusable."""
    engine = open_engine(database)
    try:
        names = set(inspect(engine).get_table_names())
        return bool(names & {"alembic_version", "faq_revisions", "accounts"})
    except SQLAlchemyError as error:
        raise unusable(error, database) from None
    finally:
        engine.dispose()


def copy_sqlite(source: Path, target: Path, progress: Progress) -> None:
    """One consistent view of a database that may be in use, as a file of its own, checked. Raises DatabaseUnusable."""

    def tell(_: int, left: int, total: int) -> None:
        progress(SQLITE, 1 - left / total if total else 1.0)

    try:
        with closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as live:
            live.execute("PRAGMA busy_timeout=5000")
            live.execute("BEGIN")  # one view from the first page to the last, however long it takes
            live.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            target.touch(0o600)
            with closing(sqlite3.connect(target)) as copy:
                live.backup(copy, pages=PAGES, progress=tell)
                copy.execute("PRAGMA journal_mode=DELETE")  # all in one file
    except sqlite3.Error as error:
        raise DatabaseUnusable(f"The database cannot be copied ({error}).") from None
    check_sqlite(target)


def check_sqlite(file: Path) -> None:
    """Raises BackupError when it is damaged."""
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as db:
            found = db.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.Error as error:
        found = str(error)
    if found != "ok":
        raise BackupError(f"The database is damaged ({found.splitlines()[0]}). Put an earlier backup back.")


def program(what: str) -> str | None:
    """pg_dump or pg_restore, where it is installed."""
    return shutil.which(PROGRAMS[what])


def dump_postgres(database: str, target: Path) -> None:
    """By pg_dump, in its custom format. Raises BackupError."""
    target.touch(0o600)
    _run("dump", database, "--format=custom", f"--file={target}")


def restore_postgres(database: str, source: Path) -> None:
    """By pg_restore, in one transaction, over whatever tables of Stadtbote are there. Raises BackupError."""
    _run("restore", database, "--clean", "--if-exists", "--single-transaction", "--exit-on-error", str(source))


def _run(what: str, database: str, *arguments: str) -> None:
    found = program(what)
    if found is None:
        raise BackupError(f"{PROGRAMS[what]} is not installed here. Install PostgreSQL's client programs.")
    address, environment = _libpq(make_url(database))
    command = [found, "--no-password", "--no-owner", "--no-privileges", f"--dbname={address}", *arguments]
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own program, no shell
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or [f"status {done.returncode}"]
        raise BackupError(f"PostgreSQL refused: {said[0]}")


def _libpq(url: URL) -> tuple[str, dict[str, str]]:
    """The address for PostgreSQL's own programs; the password goes by the environment, never the process list."""
    from psycopg.conninfo import make_conninfo  # there whenever such an address works

    parts: dict[str, Any] = {
        "host": url.host,
        "port": url.port,
        "dbname": url.database,
        "user": url.username,
        **url.query,
    }
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    return make_conninfo("", **{k: v for k, v in parts.items() if v}), {**os.environ, **password}
