"""The catalogue's tables and how its database is opened."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Engine,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
)

metadata = MetaData()

revisions = Table(
    "faq_revisions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("entry", String(160), nullable=False),
    Column("number", Integer, nullable=False),
    Column("content", Text, nullable=False),  # JSON; never changed after it was written
    Column("status", String(16), nullable=False),
    Column("author", String(120), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("entry", "number"),
)

entries = Table(
    "faq_entries",
    metadata,
    Column("entry", String(160), primary_key=True),
    Column("head", String(32), ForeignKey("faq_revisions.id"), nullable=False),
    Column("live", String(32), ForeignKey("faq_revisions.id"), nullable=True),
    Column("status", String(16), nullable=False),  # the head's, kept here so that lists need no join
    Column("topic", String(160), nullable=False),
    Column("question", Text, nullable=False),
    Column("words", Text, nullable=False),  # case-folded here: SQLite folds ASCII only
    Index("faq_entries_topic", "topic"),
)

events = Table(
    "faq_events",
    metadata,
    Column("serial", Integer, primary_key=True, autoincrement=False),
    Column("entry", String(160), nullable=False),
    Column("revision", String(32), nullable=True),  # None: no longer live
    Column("by", String(120), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)

# One row. Counting under its lock keeps serials in the order of commits, which a database's own
# sequence does not: a reader could see 5 before 4 is there, and would never ask for 4 again.
counter = Table(
    "faq_counter",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("serial", Integer, nullable=False),
)


def open_engine(url: str) -> Engine:
    """An engine for any SQLAlchemy URL; SQLite gets WAL, foreign keys and a busy timeout of five seconds."""
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    # The driver would begin late and upgrade a read lock, which fails at once under contention.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: on SQLite it takes the write lock at its start and so never deadlocks."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection
