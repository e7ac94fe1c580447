"""The database's tables brought up to this program's: laid out, upgraded, or refused with one clear sentence."""

import logging
import sqlite3
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from faq.database import open_engine, reading, writing

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

REVISION = "0007"
"""The newest step in faq/migrations/versions, here so that a database that is up to date needs no Alembic."""

log = logging.getLogger(__name__)
_LOCK = 7_461_646_115
_WAIT = "120s"  # for another process that upgrades a large database
_FOLDER = Path(__file__).parent / "migrations"
_alembic = threading.Lock()  # its operations are bound to one database at a time, for the whole process


class DatabaseUnusable(Exception):
    """The database cannot be opened, upgraded or written; the message says why, and holds no password."""


def shared(database: str | Engine) -> Engine:
    """An engine that somebody opened already, or the one of this address. Raises DatabaseUnusable."""
    return open_database(database) if isinstance(database, str) else database


def open_database(url: str) -> Engine:
    """An engine for this SQLAlchemy URL, whose tables are those that this program knows. Raises DatabaseUnusable."""
    try:
        engine = open_engine(url)
    except (SQLAlchemyError, ImportError, ValueError) as error:
        raise DatabaseUnusable(f"The database's address cannot be used ({_cause(error, '')}).") from None
    try:
        bring_up(engine)
    except SQLAlchemyError as error:
        engine.dispose()
        raise unusable(error, url) from None
    except DatabaseUnusable:
        engine.dispose()
        raise
    return engine


def unusable(error: SQLAlchemyError, url: str) -> DatabaseUnusable:
    """What a driver said, as one sentence."""
    return DatabaseUnusable(f"The database cannot be used ({_cause(error, url)}).")


def bring_up(engine: Engine) -> None:
    """Upgrade the tables, all or nothing; of many processes that start at once one does it, the others wait.

    A database from before revisions were kept (0.1.0) is taken over with all it holds. Raises DatabaseUnusable.
    """
    with reading(engine) as db:
        if revision(db) == REVISION:
            return
    with _alembic, writing(engine) as db:
        if engine.dialect.name == "postgresql":
            _prepare_postgres(db)
        found = revision(db)
        if found == REVISION:
            return
        _upgrade(db, found)
    if found:
        log.info("the database was upgraded", extra={"from": found, "to": REVISION})


def revision(db: Connection) -> str:
    """The last step that the database took; "" for an empty one, and for one of 0.1.0."""
    if not inspect(db).has_table("alembic_version"):
        return ""
    rows = db.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return ",".join(rows)


def knows(found: str) -> bool:
    """Can this program work on a database of that revision, after an upgrade if need be?"""
    return not found or found in _known(_steps())


def _prepare_postgres(db: Connection) -> None:
    encoding = db.execute(text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        raise DatabaseUnusable(f"The database's encoding is {encoding}. Make one with ENCODING 'UTF8'.")
    db.execute(text(f"SET LOCAL lock_timeout = '{_WAIT}'"))
    db.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))


def _upgrade(db: Connection, found: str) -> None:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext

    from faq.migrations import ForeignTable

    steps = _steps()
    if found and found not in _known(steps):
        raise DatabaseUnusable(
            f"The database is of a newer version than this program (its revision is {found}, this program's "
            f"{REVISION}). Install the newer version again, or restore a backup from before the upgrade."
        )
    with EnvironmentContext(
        Config(), steps, fn=lambda at, _: steps._upgrade_revs("head", at), destination_rev="head"
    ) as environment:
        environment.configure(connection=db)
        try:
            environment.run_migrations()
        except ForeignTable as error:
            raise DatabaseUnusable(
                f'The database holds a table "{error}" that is not Stadtbote\'s. Give Stadtbote a database of its own.'
            ) from None


def _steps() -> "ScriptDirectory":
    from alembic.script import ScriptDirectory  # an eighth of a second, and needed once in a version's life

    return ScriptDirectory(str(_FOLDER))


def _known(steps: "ScriptDirectory") -> set[str]:
    return {step.revision for step in steps.walk_revisions()}


def _cause(error: Exception, url: str) -> str:
    if isinstance(error, ImportError):
        return f"its driver is missing: {error.name}"
    if isinstance(error, ArgumentError) or not isinstance(error, DBAPIError) or error.orig is None:
        return type(error).__name__  # its text may repeat the address
    if isinstance(error.orig, sqlite3.Error):
        return str(error.orig)
    said = next((line for line in str(error.orig).splitlines() if line.strip()), type(error.orig).__name__)
    password = make_url(url).password if url else None
    return said.replace(str(password), "***") if password else said
