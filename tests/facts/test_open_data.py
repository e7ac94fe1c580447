"""Open data: no count under five, nor anything that tells one."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from bot.facts.fact import Fact, FactKind, name_of
from bot.facts.kept import Facts
from bot.numbers.metric import METRICS
from bot.numbers.open_data import LEAST, OPEN, Cell, as_csv, as_json, blurred, cells, hidden, months
from bot.numbers.period import Period
from bot.numbers.read import Numbers
from faq.schema import open_database

COUNTS = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.integers(1, 12), min_size=1)


@given(COUNTS)
def test_no_hidden_count_can_be_computed(counts: dict[str, int]) -> None:
    hide, whole = hidden(counts), sum(counts.values())
    told = {value: n for value, n in counts.items() if value not in hide}
    assert all(n >= LEAST for n in told.values())
    if not blurred(counts, hide):
        assert hide in (frozenset(), counts.keys())  # then nothing of it is published, or nothing was small
        return
    left = whole - sum(told.values())  # all that an outsider can work out
    assert not hide or len(hide) >= 2
    for value in hide:
        # Another number fits as well, from one on (what is nothing has no row), and one that is not small among them.
        fits = range(1, left - (len(hide) - 1) + 1)
        assert len(fits) > 1, (value, counts)
        assert LEAST in fits, (value, counts)


@given(COUNTS)
def test_no_more_is_hidden_than_it_takes(counts: dict[str, int]) -> None:
    hide = hidden(counts)
    small = {value for value, n in counts.items() if n < LEAST}
    assert small <= hide
    if not small or blurred(counts, small):
        assert hide == small


def test_five_that_make_up_five_are_not_hidden_by_that() -> None:
    ones = dict.fromkeys("abcde", 1)
    assert not blurred(ones, hidden(ones))
    assert hidden(ones | {"f": 30, "g": 8}) == {*ones, "g"}


def test_metrics_have_no_member_in_common() -> None:
    """Else the sum or the difference of two would be a third, which nobody looked after."""
    takes = [(take.kind, take.by, take.but) for key in OPEN for take in METRICS[key].takes]
    kinds = [kind for kind, *_ in takes]
    twice = {kind for kind in kinds if kinds.count(kind) > 1}
    assert not twice


def test_only_whole_months_that_are_over() -> None:
    def told(first: date, last: date, today: date) -> list[str]:
        return [f"{m.first}..{m.last}" for m in months(Period(first, last), today)]

    assert told(date(2026, 9, 15), date(2026, 11, 23), date(2026, 11, 23)) == [
        "2026-09-01..2026-09-30",
        "2026-10-01..2026-10-31",
    ]
    assert told(date(2026, 11, 1), date(2026, 11, 23), date(2026, 11, 30)) == []
    assert told(date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 1)) == ["2026-12-01..2026-12-31"]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_database(database_url)
    yield opened
    opened.dispose()


def test_an_export(engine: Engine) -> None:
    at, n = datetime(2026, 10, 31, 22, 30, tzinfo=UTC), 0
    some: list[Fact] = []
    for topic, many in (("ausweise", 9), ("kfz", 3), ("hund", 7), ("=cmd()", 20), ("", 6)):
        for _ in range(many):
            n += 1
            about = (topic, "steueramt" if topic in ("hund", "kfz") else "buergeramt")
            some.append(
                Fact(name_of(n), at, FactKind.WITHHELD, "c", "telegram", "de", *about, by="miss", text="geheim")
            )
    some.append(Fact("alone", at, FactKind.REJECTED, "c", "telegram", "tr", "kfz", entry="perso"))
    # Counted from the twentieth on, or forgotten up to there: no whole month.
    begun = datetime(2026, 9, 20, 9, tzinfo=UTC)
    some.append(
        Fact("before", begun, FactKind.WITHHELD, "c", "telegram", "de", "kfz", "kfz-stelle", by="miss", count=50)
    )
    Facts(engine, ZoneInfo("Europe/Berlin")).take(some)
    november = Period(date(2026, 9, 1), date(2026, 11, 23))
    found = cells(Numbers(engine), november, date(2026, 11, 23))
    told = {(c.metric, c.split, c.value): c.count for c in found}
    assert told["withheld", "", ""] == 45
    assert told["withheld", "topic", "kfz"] is None
    assert told["withheld", "topic", ""] is None  # the smallest beside it, which would tell it
    assert told["withheld", "topic", "hund"] == 7
    assert told["withheld", "channel", "telegram"] == 45
    assert told["rejected", "", ""] is None
    assert {c.month for c in found} == {"2026-10"}
    # By office it would be ten, less seven: three.
    assert {c.split for c in found} == {"", "channel", "language", "topic"}
    text = as_csv(found)
    assert "'=cmd()" in text
    assert "geheim" not in text
    made = json.loads(as_json(found, "Lindenfurt", at, {key: key for key in OPEN}, "note"))
    assert made["suppressed_below"] == 5
    assert [Cell(*row) for row in made["rows"]] == found
