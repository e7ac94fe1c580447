"""The tables: laid out, taken over from 0.1.0, upgraded once by many processes, refused when they are too new."""

import asyncio
import re
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError

import faq.migrations
from bot.console import accounts, audit
from bot.console.accounts import Accounts
from bot.console.audit import Audit
from bot.facts import tables as facts
from bot.gaps import tables as gaps
from bot.settings import Settings
from bot.state import prepare_state
from faq import schema, tables, trial_tables
from faq.catalogue import Catalogue
from faq.database import open_engine, reading, writing
from faq.editing import tables as editing
from faq.entry import Status
from faq.examples import tables as examples
from faq.links import tables as links
from faq.lint import tables as lint
from faq.releases import Releases
from faq.releases import tables as releases
from faq.releases.release import name_of
from faq.schema import REVISION, DatabaseUnusable, open_database
from tests.console.house import QUICK
from tests.postgres import Postgres
from tests.sql.old import DOG, lay_out

EVERY = [
    tables.metadata,
    releases.metadata,
    examples.metadata,
    trial_tables.metadata,
    gaps.metadata,
    accounts.metadata,
    facts.metadata,
    audit.metadata,
    links.metadata,
    lint.metadata,
    editing.metadata,
]


def steps() -> ScriptDirectory:
    return ScriptDirectory(str(Path(faq.migrations.__file__).parent))


def test_the_newest_step_is_the_one_that_the_program_names() -> None:
    assert steps().get_heads() == [REVISION]


def test_steps_and_tables_agree(database_url: str) -> None:
    engine = open_database(database_url)
    with reading(engine) as db:
        context = MigrationContext.configure(db, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, EVERY) == []  # type: ignore[arg-type]
        assert schema.revision(db) == REVISION
    engine.dispose()


def test_a_difference_would_be_found(database_url: str) -> None:
    """The check above can fail: an index that no step lays out, a text that has become longer."""
    engine = open_database(database_url)
    with writing(engine) as db:
        db.execute(text("DROP INDEX ix_audit_at"))
        context = MigrationContext.configure(db, opts={"compare_type": True})
        found = [difference[0] for difference in compare_metadata(context, EVERY)]  # type: ignore[arg-type]
    assert found == ["add_index"]
    engine.dispose()


def test_a_database_of_the_first_release_is_taken_over(database_url: str) -> None:
    lay_out(database_url)
    catalogue = Catalogue.open(database_url)
    live = list(catalogue.live())
    assert [(r.id, r.content) for r in live] == [(DOG.id, DOG.content)]
    assert live[0].at == datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
    assert catalogue.serial() == 1
    assert catalogue.changes_since(0).changed == (live[0],)
    first = Releases(catalogue.engine).live()
    assert first is not None
    assert (first.number, first.entries, first.by) == (1, 1, "upgrade")
    assert first.id == name_of({"hund": DOG.id}, "", "", "")
    assert Releases(catalogue.engine).manifest(first.id) == {"hund": DOG.id}
    kim = Accounts(catalogue.engine, QUICK).get("kim")
    assert kim is not None
    assert (kim.display_name, kim.teams, kim.generation) == ("Kim Berger", frozenset({"a", "b"}), 3)
    (deed,) = asyncio.run(Audit(catalogue.engine).latest())
    assert (deed.who, deed.at) == ("toni", datetime(2026, 11, 2, 8, 31, tzinfo=UTC))
    # And it works on: revisions, serials and numbers of deeds go on where they were.
    draft = catalogue.save_draft("hund", DOG.content, "kim", DOG.id)
    assert (draft.number, catalogue.publish("hund", draft.id, "kim")) == (2, 2)
    assert [v.status for v in catalogue.history("hund")] == [Status.PUBLISHED, Status.ARCHIVED]
    asyncio.run(Audit(catalogue.engine).record("kim", "entry.published", "hund"))
    with reading(catalogue.engine) as db:
        assert schema.revision(db) == REVISION
        context = MigrationContext.configure(db, opts={"compare_type": True})
        assert compare_metadata(context, EVERY) == []  # type: ignore[arg-type]
    catalogue.close()


@pytest.mark.parametrize("tables", [("accounts",), ("faq_",), ("faq_", "accounts"), ("audit",)])
def test_the_first_release_laid_out_what_a_command_needed(database_url: str, tables: tuple[str, ...]) -> None:
    lay_out(database_url, *tables)
    engine = open_database(database_url)
    with reading(engine) as db:
        context = MigrationContext.configure(db, opts={"compare_type": True})
        assert compare_metadata(context, EVERY) == []  # type: ignore[arg-type]
    assert Catalogue(engine, lambda: datetime.now(UTC)).serial() == (1 if "faq_" in tables else 0)
    assert len(Accounts(engine, QUICK).all()) == (1 if "accounts" in tables else 0)
    engine.dispose()


def test_a_newer_database_is_refused(database_url: str) -> None:
    engine = open_database(database_url)
    with writing(engine) as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseUnusable, match=r"newer version than this program \(its revision is 9999.*backup"):
        open_database(database_url)
    engine.dispose()


def test_somebody_elses_table_is_refused_and_nothing_is_changed(database_url: str) -> None:
    engine = open_engine(database_url)
    with writing(engine) as db:
        db.execute(text("CREATE TABLE audit (id INTEGER PRIMARY KEY, invoice VARCHAR(20))"))
    with pytest.raises(DatabaseUnusable, match='a table "audit" that is not Stadtbote'):
        open_database(database_url)
    assert inspect(engine).get_table_names() == ["audit"]
    engine.dispose()


def test_a_step_that_fails_leaves_the_database_as_it_was(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(database_url, "accounts")

    def fails(*_: object) -> None:
        raise DatabaseUnusable("no")

    monkeypatch.setattr("sqlalchemy.insert", fails)  # the last thing that the first step does
    with pytest.raises(DatabaseUnusable):
        open_database(database_url)
    engine = open_engine(database_url)
    assert inspect(engine).get_table_names() == ["accounts"]
    engine.dispose()


OPEN = """
import sys
from faq.catalogue import Catalogue
from faq.entry import Draft
from tests.faq.town import content
sys.stdin.read(1)
found = Catalogue.open(sys.argv[1])
found.load([Draft(f"entry-{number}", content()) for number in range(5)], "corpus", publish=True)
print(found.serial())
"""


@pytest.mark.slow
def test_of_many_processes_that_start_at_once_one_lays_it_out(database_url: str) -> None:
    command = [sys.executable, "-c", OPEN, database_url]
    many = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    for process in many:  # all are loaded: off they go
        assert process.stdin
        process.stdin.write("x")
        process.stdin.flush()
    assert [(p.communicate(timeout=60), p.returncode) for p in many] == [(("5\n", ""), 0)] * 6


# --- what cannot be used is said in one sentence ------------------------------------------------------------


def refused(url: str) -> str:
    with pytest.raises(DatabaseUnusable) as error:
        open_database(url)
    return str(error.value)


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    other.write_text("Dies ist keine Datenbank. " * 100, "utf-8")
    assert "not a database" in refused(f"sqlite:///{other}")
    assert "unable to open" in refused(f"sqlite:///{tmp_path}/nowhere/x.sqlite")
    assert "unable to open" in refused(f"sqlite:///{tmp_path}")
    with sqlite3.connect(other := tmp_path / "empty.sqlite") as db:
        db.execute("PRAGMA user_version = 1")
    assert "readonly" in refused(f"sqlite:///file:{other}?mode=ro&uri=true")


def test_addresses_that_cannot_be_used() -> None:
    for url in ("sonstwas", "postgresql+nodriver://x", "mongodb://x", "postgresql+psycopg://kim:gehe1m@nowhere:x/y"):
        said = refused(url)
        assert "address" in said
        assert "gehe1m" not in said
    said = refused("postgresql+psycopg://kim:gehe1m@127.0.0.1:1/town")
    assert "refused" in said
    assert "gehe1m" not in said


def test_a_server_that_refuses(postgres_server: Postgres) -> None:
    url = postgres_server.make()
    assert 'database "nowhere" does not exist' in refused(re.sub(r"/town\d+", "/nowhere", url))
    assert 'role "nobody" does not exist' in refused(url.replace("//postgres@", "//nobody:gehe1m@"))
    assert "LATIN1" in refused(postgres_server.make_empty("LATIN1"))


def test_a_database_that_cannot_be_written(database_url: str, tmp_path: Path) -> None:
    Catalogue.open(database_url).close()
    if database_url.startswith("sqlite"):
        database_url = database_url.replace("sqlite:///", "sqlite:///file:") + "?mode=ro&uri=true"
    else:
        owner = open_engine(database_url)
        with writing(owner) as db:
            db.execute(text("DROP ROLE IF EXISTS reader"))
            db.execute(text("CREATE ROLE reader LOGIN"))
            db.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"))
        database_url = database_url.replace("//postgres@", "//reader@")
    catalogue = Catalogue.open(database_url)
    assert catalogue.serial() == 0
    with pytest.raises(SQLAlchemyError, match=r"readonly|permission denied"):
        catalogue.check_writable()
    catalogue.close()
    with pytest.raises(DatabaseUnusable, match=r"readonly|permission denied"):
        prepare_state(Settings(home=tmp_path, database_url=database_url, secret="x" * 32), print)
