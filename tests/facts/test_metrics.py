"""Every metric, counted by hand on a log with every kind of conversation: first the table, then what it must give."""

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from bot.facts.fact import Fact, FactKind, name_of
from bot.facts.kept import Facts
from bot.numbers.metric import METRICS, SPLITS, by_reason, percentile
from bot.numbers.period import Period
from bot.numbers.read import Cut, Numbers
from faq.schema import open_database

# day hour channel language kind                 by         topic    office   team reason   value count entry
LOG = """
23  8     telegram de      begun                 -          -        -        -    -        -     1     -
23  8     telegram de      answered              search     ausweise amt      -    -        900   1     perso
23  8     telegram de      praised               -          ausweise amt      -    -        -     1     perso
23  9     telegram de      answered              follow_up  ausweise amt      -    -        -     1     perso
23  9     webchat  de      begun                 -          -        -        -    -        -     1     -
23  9     webchat  de      clarified             -          kfz      -        -    -        500   1     -
23  9     webchat  de      answered              choice     kfz      amt      -    -        -     1     auto
23  9     webchat  de      rejected              -          kfz      amt      -    -        -     1     auto
23  9     webchat  de      clarified             again      kfz      -        -    -        450   1     -
23  9     webchat  de      clarified_in_vain     -          kfz      -        -    -        -     1     -
23  9     webchat  de      handed_off            -          kfz      -        b    rejected -     1     -
23  10    webchat  de      claimed               -          kfz      -        b    -        60    1     -
23  10    webchat  de      first_reply           -          kfz      -        b    -        90    1     -
23  10    webchat  de      resolved              -          kfz      -        b    answered 600   1     -
23  10    webchat  de      resolved              -          kfz      -        b    answered 600   -1    -
23  11    webchat  de      resolved              -          kfz      -        b    forwarded 900  1     -
23  11    telegram tr      begun                 -          -        -        -    -        -     1     -
23  11    telegram tr      withheld              miss       -        -        -    -        200   1     -
23  11    telegram tr      office                question   -        amt      -    -        -     1     -
23  12    telegram tr      clarified             office     -        -        -    -        -     1     -
23  12    telegram tr      office                choice     -        amt      -    -        -     1     -
23  12    telegram tr      alarm                 danger     -        -        -    -        -     1     -
23  23    telegram tr      said                  stopped    -        -        -    -        -     1     -
24  8     telegram de      begun                 -          -        -        -    -        -     1     -
24  8     telegram de      said                  greeting   -        -        -    -        -     1     -
24  8     telegram de      answered              search     wohnen   amt2     -    -        800   1     wohngeld
24  8     telegram de      answered              search     ausweise amt      -    -        700   1     perso
24  8     telegram de      withheld              later      -        -        -    -        100   1     -
24  9     telegram de      handed_off            -          -        -        a    asked    -     1     -
24  9     telegram de      claimed               -          -        -        a    -        30    1     -
24  9     telegram de      claimed               -          -        -        a    -        300   1     -
24  9     telegram de      claimed               -          -        -        a    -        300   -1    -
24  9     telegram de      resolved              -          -        -        a    erased   100   1     -
24  9     telegram de      erased                -          -        -        -    -        -     1     -
24  10    webchat  de      rated                 -          -        -        b    -        0     1     -
24  10    webchat  de      rated                 -          -        -        b    -        0     -1    -
24  10    webchat  de      rated                 -          -        -        b    -        1     1     -
24  10    webchat  de      rated                 -          -        -        a    -        0     1     -
20  10    webchat  de      begun                 -          -        -        -    -        -     1     -
20  10    webchat  de      withheld              unsaid     kfz      -        -    -        -     1     auto
"""

#                 both days  23rd  24th  telegram  Turkish  topic ausweise  the two days before
HAND = {
    "conversations": (4, 3, 1, 3, 1, 0, 0),
    "questions": (9, 6, 3, 8, 3, 3, 0),
    "at_once": (5, 3, 2, 5, 1, 3, 0),
    "asked_back": (2, 2, 0, 1, 1, 0, 0),
    "withheld": (2, 1, 1, 2, 1, 0, 0),
    "clarified": (3, 3, 0, 1, 1, 0, 0),
    "in_vain": (1, 1, 0, 0, 0, 0, 0),
    "answers": (5, 3, 2, 4, 0, 3, 0),
    "rejected": (1, 1, 0, 0, 0, 0, 0),
    "praised": (1, 1, 0, 1, 0, 1, 0),
    "handed_off": (2, 1, 1, 1, 0, 0, 0),
    "ended": (2, 1, 1, 1, 0, 0, 0),
    "rated": (2, 0, 2, 0, 0, 0, 0),
    "liked": (1, 0, 1, 0, 0, 0, 0),
    "alarms": (1, 1, 0, 1, 1, 0, 0),
    "stopped": (1, 1, 0, 1, 1, 0, 0),
    "erased": (1, 0, 1, 1, 0, 0, 0),
}
BERLIN = ZoneInfo("Europe/Berlin")
BOTH = Period(date(2026, 11, 23), date(2026, 11, 24))
CUTS = (
    (BOTH, Cut()),
    (Period(BOTH.first, BOTH.first), Cut()),
    (Period(BOTH.last, BOTH.last), Cut()),
    (BOTH, Cut(channel="telegram")),
    (BOTH, Cut(channel="telegram", language="tr")),
    (BOTH, Cut(topic="ausweise")),
    (BOTH.before, Cut()),
)


def log() -> list[Fact]:
    facts = []
    for n, line in enumerate(LOG.strip().splitlines()):
        cells = [None if cell == "-" else cell for cell in line.split()]
        day, hour, channel, language, kind, by, topic, office, team, reason, value, count, entry = cells
        at = datetime(2026, 11, int(day or 0), int(hour or 0) - 1, tzinfo=UTC)  # the town's clock is an hour ahead
        facts.append(
            Fact(
                name_of(n),
                at,
                FactKind(kind or ""),
                "00000001aaaaaaaaaaaa",
                channel or "",
                language or "",
                topic or "",
                office or "",
                team or "",
                entry or "",
                reason=reason or "",
                by=by or "",
                value=int(value) if value else None,
                count=int(count or 1),
            )
        )
    return facts


@pytest.fixture
def numbers(database_url: str) -> Iterator[tuple[Numbers, Engine]]:
    engine = open_database(database_url)
    some = log()
    random.Random(7).shuffle(some)
    kept = Facts(engine, BERLIN)
    for at in range(0, len(some), 7):
        kept.take(some[max(0, at - 3) : at + 7])  # some of them twice
    yield Numbers(engine), engine
    engine.dispose()


def test_figures_are_those_counted_by_hand(numbers: tuple[Numbers, Engine]) -> None:
    assert set(HAND) == set(METRICS)
    for at, (period, cut) in enumerate(CUTS):
        sums = numbers[0].read(period, cut).sums
        assert {key: METRICS[key].counted(sums) for key in HAND} == {key: by[at] for key, by in HAND.items()}, cut


def test_reasons_outcomes_waits_entries_and_splits(numbers: tuple[Numbers, Engine]) -> None:
    read = numbers[0].read(BOTH, Cut())
    assert by_reason(read.sums, FactKind.HANDED_OFF) == {"asked": 1, "rejected": 1}
    assert by_reason(read.sums, FactKind.RESOLVED) == {"erased": 1, "forwarded": 1}
    assert [percentile(read.spreads["wait"], share) for share in (0.5, 0.9)] == [30, 60]  # 300 was taken back
    assert percentile(read.spreads["first_reply"], 0.9) == 90
    answers = {
        entry: (c["answered"], c["rejected"], c["praised"]) for entry, c in read.entries.items() if c["answered"]
    }
    assert answers == {"perso": (3, 0, 1), "wohngeld": (1, 0, 0), "auto": (1, 1, 0)}
    questions = {
        split: {k: METRICS["questions"].counted(s) for k, s in by.items()} for split, by in read.splits.items()
    }
    assert questions["channel"] == {"telegram": 8, "webchat": 1}
    assert questions["language"] == {"de": 6, "tr": 3}
    assert questions["topic"] == {"ausweise": 3, "kfz": 1, "wohnen": 1}
    assert questions["office"] == {"amt": 4, "amt2": 1}
    # The same, asked another way: under a condition it is read from another table.
    turkish = numbers[0].read(BOTH, Cut(language="tr"))
    assert METRICS["questions"].counted(turkish.splits["channel"]["telegram"]) == 3
    assert "language" not in turkish.splits
    assert numbers[0].read(BOTH, Cut(channel="telegram")).entries["perso"]["answered"] == 3
    assert METRICS["conversations"].counted(numbers[0].read(BOTH, Cut()).before) == 0
    week = numbers[0].read(Period(date(2026, 11, 21), date(2026, 11, 24)), Cut())
    assert METRICS["withheld"].counted(week.before) == 1
    assert numbers[0].first_day() == "2026-11-20"


def test_a_lead_counts_the_handoffs_of_own_teams(numbers: tuple[Numbers, Engine]) -> None:
    for cut in (Cut(teams=frozenset({"b"})), Cut(channel="webchat", teams=frozenset({"b"}))):
        read = numbers[0].read(BOTH, cut)
        told = {key: METRICS[key].counted(read.sums) for key in ("handed_off", "ended", "rated", "liked")}
        assert told == {"handed_off": 1, "ended": 1, "rated": 1, "liked": 1}
        assert read.spreads["wait"] == {60: 1}
    assert METRICS["questions"].counted(numbers[0].read(BOTH, Cut(teams=frozenset({"b"}))).sums) == 9


def test_every_sum_is_what_its_facts_give(numbers: tuple[Numbers, Engine]) -> None:
    """Whatever is asked for: the sums agree with the facts themselves."""
    facts = [f for f in log() if f.at.astimezone(BERLIN).date() >= BOTH.first]
    for split in SPLITS:
        for value in {getattr(f, split) for f in facts} - {""}:
            counted: Counter[tuple[str, str]] = Counter()
            for f in facts:
                if getattr(f, split) == value:
                    counted[f.kind, f.by] += f.count
            read: Counter[tuple[str, str]] = Counter()
            for s in numbers[0].read(BOTH, Cut(**{split: value})).sums:
                read[s.kind, s.by] += s.n
            assert +read == +counted, (split, value)


@given(st.lists(st.integers(0, 50), min_size=1), st.sampled_from([0.1, 0.5, 0.9, 1.0]))
def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(values: list[int], share: float) -> None:
    found = percentile(Counter(values), share)
    assert found in values
    assert sum(v <= found for v in values) >= share * len(values) - 1e-9
    assert sum(v < found for v in values) < share * len(values)


def test_periods() -> None:
    year = Period(date(2025, 11, 24), date(2026, 11, 23))
    assert (year.days, year.step) == (365, "month")
    for period in (year, Period(date(2026, 1, 1), date(2026, 3, 31)), BOTH):
        steps = list(period.steps())
        assert (steps[0].first, steps[-1].last) == (period.first, period.last)
        assert sum(step.days for step in steps) == period.days
        assert all(b.first - a.last == timedelta(days=1) for a, b in itertools.pairwise(steps))
    assert BOTH.before == Period(date(2026, 11, 21), date(2026, 11, 22))
    with pytest.raises(ValueError, match="before it begins"):
        Period(BOTH.last, BOTH.first)
