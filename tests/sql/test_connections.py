"""Connections: few, tried before use, given back clean, and never a hang without end."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.console.accounts import Accounts
from bot.console.audit import Audit
from faq import database
from faq.catalogue import Catalogue
from faq.database import AT_MOST, reading, writing
from faq.releases.kept import changing
from tests.console.house import PASSWORD, QUICK
from tests.faq.town import content
from tests.postgres import Postgres, postgres


@pytest.fixture
def url(postgres_server: Postgres) -> str:
    return postgres_server.make()


def connections(url: str) -> int:
    """How many of the product's are open to this database."""
    plain = url.replace("+psycopg", "")
    with psycopg.connect(plain) as db:
        row = db.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'stadtbote'"
        ).fetchone()
        assert row
        return int(row[0])


def test_a_process_holds_few_connections(url: str) -> None:
    """Catalogue, accounts and audit, asked by thirty threads at once."""
    catalogue = Catalogue.open(url)
    accounts, audit = Accounts(catalogue.engine, QUICK), Audit(catalogue.engine)
    accounts.add("kim", PASSWORD, "clerk")
    most, together = 0, threading.Barrier(30)

    def ask(number: int) -> None:
        nonlocal most
        together.wait()
        for _ in range(5):
            catalogue.serial()
            accounts.get("kim")
            audit._insert("kim", "x", str(number))
            most = max(most, connections(url))

    with ThreadPoolExecutor(30) as pool:
        list(pool.map(ask, range(30)))
    assert 1 < most <= AT_MOST
    assert 0 < connections(url) <= database.KEPT
    catalogue.close()
    until(lambda: connections(url) == 0)


def test_the_server_may_be_restarted() -> None:
    with postgres() as server:
        catalogue = Catalogue.open(server.make())
        draft = catalogue.save_draft("hund", content(), "kim")
        with reading(catalogue.engine) as one, reading(catalogue.engine) as two:  # both kept open in the pool
            assert one.scalar(text("SELECT 1")) == two.scalar(text("SELECT 1"))
        server.stop()
        with pytest.raises(SQLAlchemyError):
            catalogue.serial()
        server.start()
        assert catalogue.publish("hund", draft.id, "kim") == catalogue.serial() == 1
        server.stop()
        server.start()
        assert catalogue.serial() == 1
        catalogue.close()


def test_a_connection_that_failed_is_clean_again(database_url: str) -> None:
    catalogue = Catalogue.open(database_url)
    for _ in range(12):  # more often than there are connections
        with pytest.raises(SQLAlchemyError):
            fail(catalogue)
    assert catalogue.serial() == 0
    catalogue.close()


def test_a_view_does_not_move(database_url: str) -> None:
    """What is published in the midst of a reader's questions is seen by its next transaction."""
    catalogue = Catalogue.open(database_url)
    draft = catalogue.save_draft("hund", content(), "kim")
    question = text("SELECT (SELECT serial FROM faq_counter), (SELECT live FROM faq_entries)")
    with reading(catalogue.engine) as db:
        before = db.execute(question).one()
        catalogue.publish("hund", draft.id, "kim")
        assert db.execute(question).one() == before == (0, None)
    with reading(catalogue.engine) as db:
        assert db.execute(question).one() == (1, draft.id)
    catalogue.close()


def test_readers_write_nothing(url: str) -> None:
    catalogue = Catalogue.open(url)
    with pytest.raises(SQLAlchemyError, match="read-only"), reading(catalogue.engine) as db:
        db.execute(text("UPDATE faq_counter SET serial = 99"))
    catalogue.save_draft("hund", content(), "kim")  # the same connection writes when it is to write
    catalogue.close()


def test_an_editor_who_hangs_does_not_hang_the_others(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for a lock has an end, and so has a process that stopped in the midst of a change."""
    waits = tuple(s.replace("10s", "100ms").replace("60s", "700ms") for s in database._SESSION)
    assert waits != database._SESSION
    monkeypatch.setattr(database, "_SESSION", waits)
    hangs, works = Catalogue.open(url), Catalogue.open(url)
    with pytest.raises(SQLAlchemyError, match="idle-in-transaction"):
        hang(hangs, works)
    assert saved(works)
    for catalogue in (hangs, works):
        catalogue.close()


def fail(catalogue: Catalogue) -> None:
    with writing(catalogue.engine) as db:
        db.execute(text("UPDATE faq_counter SET serial = 99"))
        db.execute(text("SELECT nonsense"))


def hang(hangs: Catalogue, works: Catalogue) -> None:
    """In the midst of a change, until it was given up; the others work on."""
    with changing(hangs.engine) as db:
        with pytest.raises(SQLAlchemyError, match="lock timeout"):
            works.save_draft("hund", content(), "kim")
        until(lambda: saved(works))
        db.execute(text("SELECT 1"))


def saved(catalogue: Catalogue) -> bool:
    """Save one, if the lock can be had."""
    try:
        state = catalogue.get("hund")
        catalogue.save_draft("hund", content(), "kim", state.head.id if state else None)
    except SQLAlchemyError:
        return False
    return True


def until(check: Callable[[], bool]) -> None:
    late = datetime.now(UTC).timestamp() + 120
    while not check():
        assert datetime.now(UTC).timestamp() < late


def test_an_error_does_not_tell_what_was_to_be_written(database_url: str) -> None:
    """It goes into the log."""
    engine = database.open_engine(database_url)
    try:
        with pytest.raises(SQLAlchemyError) as error, writing(engine) as db:
            db.execute(text("INSERT INTO nowhere VALUES (:asked)"), {"asked": "Wo bekomme ich einen Ausweis?"})
        assert "Ausweis" not in str(error.value)
    finally:
        engine.dispose()
