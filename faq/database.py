"""How a database is opened, read and written: SQLite and PostgreSQL behave alike behind this module.

A process holds one engine, which catalogue, accounts and audit share.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    String,
    Table,
    Text,
    TypeDecorator,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.dialects import postgresql, sqlite

from faq.wal import switch_to_wal

# A process asks seldom and briefly: web, worker and clock together stay far below PostgreSQL's 100 connections.
KEPT, AT_MOST, WAIT_SECONDS = 2, 5, 10
BINARY = {"sqlite": "BINARY", "postgresql": "C"}
"""The collation that sorts by code points, the same order on both; the one of a PostgreSQL is its installer's."""

_POSTGRES = {
    "connect_timeout": 5,
    "fallback_application_name": "stadtbote",
    # A server that vanished without a word is given up after seconds, not after the two hours of TCP.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
_SESSION = (
    "SET TIME ZONE 'UTC'",
    "SET lock_timeout = '10s'",
    # A process that hangs in the midst of a change must not lock all editors out.
    "SET idle_in_transaction_session_timeout = '60s'",
)
_UNKEPT = re.compile("[\0\ud800-\udfff]")


class PlainText(TypeDecorator[str]):
    """Text without what PostgreSQL refuses and SQLite would cut at: NUL and halves of characters become U+FFFD."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """What is kept, or compared with what is kept."""
        return value if value is None else _UNKEPT.sub("\ufffd", value)


class LongText(PlainText):
    """The same, of any length."""

    impl = Text
    cache_ok = True


class Moment(TypeDecorator[datetime]):
    """A moment: aware on the way in, aware in UTC on the way out. SQLite forgets the zone, PostgreSQL turns it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Always kept in UTC."""
        return value if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """In UTC, whatever the server's own zone."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def open_engine(url: str) -> Engine:
    """An engine for a SQLAlchemy URL of SQLite or PostgreSQL; nothing is asked of the database yet.

    SQLite gets WAL, foreign keys and a busy timeout of ten seconds; PostgreSQL a small pool whose connections
    are tried before use (the server may have been restarted) and sessions in UTC with bounded waits. No error tells
    what was to be written: it goes into the log, and citizens' questions lie here.
    """
    chosen = make_url(url)
    if chosen.get_backend_name() == "sqlite":
        engine = create_engine(chosen, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    pool = {"pool_size": KEPT, "max_overflow": AT_MOST - KEPT, "pool_timeout": WAIT_SECONDS, "pool_pre_ping": True}
    arguments = _POSTGRES if chosen.get_driver_name() == "psycopg" else {}
    engine = create_engine(chosen, connect_args=arguments, hide_parameters=True, **pool)
    if chosen.get_backend_name() == "postgresql":
        event.listen(engine, "connect", _prepare_postgres)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    # The driver would begin late and upgrade a read lock, which fails at once under contention.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={WAIT_SECONDS * 1000}")
    switch_to_wal(connection, WAIT_SECONDS)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_postgres(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        for statement in _SESSION:
            cursor.execute(statement)
    connection.commit()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One view of the whole database: what others commit meanwhile is not seen, on both databases."""
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: on SQLite it takes the write lock at its start and so never deadlocks."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection


def upsert(db: Connection, table: Table) -> Any:
    """An INSERT that may say what happens on a conflict, of this database's kind."""
    return postgresql.insert(table) if db.dialect.name == "postgresql" else sqlite.insert(table)
