"""Facts in SQL, on SQLite and PostgreSQL: counted once, erased with their citizen's words, forgotten by age."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError

from bot.conversation import Conversation
from bot.facts.draining import Draining
from bot.facts.fact import Fact, FactKind
from bot.facts.kept import Facts
from bot.facts.tables import facts
from bot.store.memory import MemoryStore
from bot.store.protocol import Write
from faq.database import reading
from faq.schema import open_database

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
CID = "00000001aaaaaaaaaaaa"
OTHER = "00000001bbbbbbbbbbbb"
DAYS = (timedelta(days=90), timedelta(days=800))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_database(database_url)
    yield opened
    opened.dispose()


def fact(ident: str, cid: str = CID, kind: FactKind = FactKind.WITHHELD, **values: Any) -> Fact:
    known: dict[str, Any] = {"at": NOW, "kind": kind, "conversation": cid, "channel": "web", "text": "hund?"}
    return Fact(ident, **(known | values))


def rows(engine: Engine) -> dict[str, tuple[str, str, str]]:
    """(day, conversation, text) by id."""
    with reading(engine) as db:
        found = db.execute(select(facts.c.id, facts.c.day, facts.c.conversation, facts.c.text)).all()
    return {row.id: (row.day, row.conversation, row.text) for row in found}


def test_the_same_fact_is_counted_once_and_the_day_is_the_towns(engine: Engine) -> None:
    kept = Facts(engine, BERLIN)
    late = fact("f2", at=datetime(2026, 3, 28, 23, 30, tzinfo=UTC))  # half past midnight, the night that lacks an hour
    summer = fact("f3", at=datetime(2026, 10, 24, 22, 30, tzinfo=UTC))  # the night that has one twice
    assert kept.take([fact("f1"), late, summer]) == 3
    assert kept.take([fact("f1"), fact("f1"), fact("f4")]) == 1
    assert kept.take([]) == 0
    days = {ident: day for ident, (day, _, _) in rows(engine).items()}
    assert days == {"f1": "2026-11-23", "f2": "2026-03-29", "f3": "2026-10-25", "f4": "2026-11-23"}


def test_what_is_erased_keeps_its_counts_and_neither_words_nor_whose_they_were(engine: Engine) -> None:
    kept = Facts(engine, BERLIN)
    erased = fact("f3", kind=FactKind.ERASED, at=NOW + timedelta(minutes=1), text="")
    after = fact("f4", at=NOW + timedelta(minutes=2))
    some = [fact("f1"), fact("f2", OTHER), erased, after]
    for _ in range(2):  # the second time after a crash
        kept.take(some)
        day = "2026-11-23"
        assert rows(engine) == {
            "f1": (day, "", ""),
            "f2": (day, OTHER, "hund?"),
            "f3": (day, "", ""),
            "f4": (day, CID, "hund?"),
        }


def test_questions_go_by_age_and_so_do_rows(engine: Engine) -> None:
    kept = Facts(engine, BERLIN)
    for ident, days in (("new", 89), ("old", 91), ("oldest", 801)):
        kept.take([fact(ident, at=NOW - timedelta(days=days))])
    kept.forget(NOW, *DAYS)
    assert {ident: (whose, text) for ident, (_, whose, text) in rows(engine).items()} == {
        "new": (CID, "hund?"),
        "old": ("", ""),
    }


def test_whatever_a_channel_made_of_it_can_be_kept(engine: Engine) -> None:
    kept = Facts(engine, BERLIN)
    odd = fact("f1", topic="t" * 500, language="x" * 99, by="b" * 99, text="\0 halb \ud83d " + "w" * 9000)
    assert kept.take([odd]) == 1
    assert len(rows(engine)["f1"][2]) > 9000


async def left(store: MemoryStore, *some: Fact) -> None:
    held = await store.load(CID)
    await store.keep(CID, held.version, Write(Conversation(CID, "web", "c"), facts=some))


async def test_a_crash_between_database_and_store_counts_nothing_twice(engine: Engine) -> None:
    store, kept = MemoryStore(lanes=4), Facts(engine, BERLIN)
    await left(store, fact("f1"), fact("f2"))
    kept.take([item.fact for item in await store.facts(10) if item.fact])  # … and the clock died
    await left(store, fact("f3"))
    draining = Draining(store, lambda: kept, lambda: True, DAYS)
    assert not await draining.once()
    assert set(rows(engine)) == {"f1", "f2", "f3"}
    assert await store.facts(10) == []
    await left(store, *(fact(f"n{n}") for n in range(450)))
    assert [await draining.once() for _ in range(4)] == [True, True, False, False]
    assert len(rows(engine)) == 453


async def test_while_the_database_is_away_facts_wait(engine: Engine) -> None:
    class Away(Facts):
        def take(self, some: Any) -> int:
            raise OperationalError("no", {}, Exception())

    store = MemoryStore(lanes=4)
    await left(store, fact("f1"))
    with pytest.raises(OperationalError):
        await Draining(store, lambda: Away(engine, BERLIN), lambda: True, DAYS).once()
    assert [item.fact for item in await store.facts(10)] == [fact("f1")]


def test_a_fact_is_read_by_the_version_before_and_after() -> None:
    whole = fact("f1", language="de", value=0, count=-1)
    raw = whole.to_json()
    assert "text" not in raw
    assert "topic" not in raw
    assert Fact.from_json(raw, whole.text) == whole
    newer = raw.replace('"count":-1', '"count":-1,"mood":"good"')
    assert Fact.from_json(newer) == replace(whole, text="")
    with pytest.raises(ValueError, match="sung"):
        Fact.from_json(raw.replace("withheld", "sung"))
