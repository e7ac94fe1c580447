"""Who opens a new SQLite database beside others waits for them, though SQLite's own busy timeout does not."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from faq.wal import switch_to_wal


def opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=0.2)


def mode(db: sqlite3.Connection) -> str:
    found: str = db.execute("PRAGMA journal_mode").fetchone()[0]
    return found


def test_a_database_that_others_are_just_opening_is_switched_when_they_let_go(tmp_path: Path) -> None:
    path, rests = tmp_path / "town.sqlite", 0
    with closing(opened(path)) as other, closing(opened(path)) as db:
        other.execute("CREATE TABLE t (x)")
        other.execute("BEGIN")
        other.execute("SELECT * FROM t").fetchall()

        def rest(_: float) -> None:
            nonlocal rests
            rests += 1
            other.execute("COMMIT")

        switch_to_wal(db, 60, rest)
        assert (mode(db), rests) == ("wal", 1)
        switch_to_wal(other, 0)
        assert mode(other) == "wal"


def test_one_that_nobody_lets_go_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "town.sqlite"
    with closing(opened(path)) as other, closing(opened(path)) as db:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            switch_to_wal(db, 0)


def test_another_mistake_is_not_tried_again(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("Dies ist keine Datenbank. " * 100, "utf-8")
    with closing(opened(tmp_path / "letter")) as db, pytest.raises(sqlite3.DatabaseError, match="not a database"):
        switch_to_wal(db, 60, lambda _: pytest.fail("tried again"))
