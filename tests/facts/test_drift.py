"""The drift alarm: what it says, how often it is wrong on a town that does not change, and how long it takes.

The figures of docs/numbers.md are those that these simulations give; a town's days differ more than chance alone has it
(a shared mood of each day), and the small languages are there, too.
"""

import asyncio
import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import nlu
from bot.facts.fact import Fact, FactKind, name_of
from bot.facts.kept import Facts
from bot.metrics.metrics import SPOKEN, Metrics
from bot.numbers.drift import BEFORE, RECENT, Daily, Drift, drifts, judged, two_proportions, watched, welch
from bot.numbers.metric import Sum
from bot.numbers.read import Numbers
from bot.numbers.watch import Watch
from faq.schema import open_database
from tests.facts.test_metrics import BERLIN

LANGUAGES = {"": 100, "de": 80, "tr": 7, "uk": 6, "en": 4, "ar": 2, "ru": 1}
"""Questions a day."""
TODAY = date(2026, 11, 23)


def day(r: random.Random, questions: int, bad: float, mean: float) -> Daily:
    """One day at the town: its own mood moves the share by a tenth of itself, and the mean by ten thousandths."""
    n = max(0, round(r.gauss(questions, questions**0.5)))
    share = min(1.0, max(0.0, r.gauss(bad, bad / 10)))
    wrong = sum(r.random() < share for _ in range(n))
    mood = r.gauss(mean, 10)
    total = round(sum(min(1000, max(0, r.gauss(mood, 220))) for _ in range(n)))
    return Daily(n, wrong, n, total)


def alarms_of(r: random.Random, questions: int, days: int, shift: int = 10**9, bad: float = 0.3) -> list[int]:
    """Days on which something alarms; from `shift` on the share of bad answers is another, and the mean 100 lower."""
    past = [day(r, questions, 0.15, 700) for _ in range(RECENT + BEFORE)]
    found = []
    for n in range(days):
        past.append(day(r, questions, *((bad, 600) if n >= shift else (0.15, 700))))
        window = past[-(RECENT + BEFORE) :]
        if judged("x", window[BEFORE:], window[:BEFORE]):
            found.append(n)
    return found


def test_a_town_that_does_not_change_is_left_alone() -> None:
    r = random.Random(20261123)
    years = {language: alarms_of(r, questions, 3 * 365) for language, questions in LANGUAGES.items()}
    beginnings = sum(len([n for n in found if n - 1 not in found]) for found in years.values())
    # Three years, seven series, both tests: at most once a year for the whole town.
    assert beginnings <= 3, years


@pytest.mark.parametrize(("questions", "within"), [(100, 4), (80, 5), (20, 7)])
def test_a_town_that_becomes_worse_is_noticed(questions: int, within: int) -> None:
    r = random.Random(7)
    delays = []
    for _ in range(20):
        found = alarms_of(r, questions, 14, shift=0)
        delays.append(found[0] + 1 if found else 99)
    assert sorted(delays)[17] <= within, delays  # nine of ten


def test_small_numbers_are_no_alarm() -> None:
    quiet = [Daily(5, 0, 5, 3500)] * BEFORE
    assert judged("ru", [Daily(5, 5, 0, 0)] * RECENT, quiet) == []  # 35 questions, all of them bad
    assert [d.what for d in judged("ru", [Daily(6, 6, 0, 0)] * RECENT, quiet)] == ["share"]
    much = [Daily(1000, 100, 0, 0)] * BEFORE
    assert judged("", [Daily(1000, 149, 0, 0)] * RECENT, much) == []  # sure, and too little to act upon
    assert judged("", [Daily()] * RECENT, [Daily()] * BEFORE) == []
    better = judged("", [Daily(100, 0, 100, 90000)] * RECENT, [Daily(100, 50, 100, 50000)] * BEFORE)
    assert better == []


def test_the_search_grows_unsure() -> None:
    before = [Daily(20, 2, 20, 20 * (700 + n % 3)) for n in range(BEFORE)]
    recent = [Daily(20, 2, 20, 20 * (640 + n % 3)) for n in range(RECENT)]
    (found,) = judged("de", recent, before)
    assert (found.what, found.language) == ("score", "de")
    assert round(found.before - found.recent, 2) == 0.06


def test_what_is_counted_comes_from_facts_by_language() -> None:
    period = watched(TODAY)
    assert (period.last, period.days) == (date(2026, 11, 22), 35)
    rows = []
    for n in range(35):
        at = (period.first + timedelta(days=n)).isoformat()
        bad = 8 if n >= BEFORE else 1
        for name in ("", "tr"):
            rows.append((at, name, Sum(FactKind.ANSWERED, "search", "", 10, 7000, 10)))
            rows.append((at, name, Sum(FactKind.ANSWERED, "choice", "", 5)))  # no question
            rows.append((at, name, Sum(FactKind.WITHHELD, "miss", "", bad // 2, 100, bad // 2)))
            rows.append((at, name, Sum(FactKind.REJECTED, "", "", bad - bad // 2)))
        rows.append((at, "de", Sum(FactKind.ANSWERED, "search", "", 50, 40000, 50)))
    found = drifts(rows, TODAY)
    assert [(d.language, d.what) for d in found if d.what == "share"] == [("", "share"), ("tr", "share")]
    assert all(isinstance(d, Drift) and d.recent > d.before for d in found if d.what == "share")


def test_the_tests_are_those_of_the_books() -> None:
    # Fleiss et al., 3rd edition, section 3.1: 15 of 100 against 25 of 100 give a z of 1.77 without correction.
    assert round(two_proportions(25, 100, 15, 100), 2) == 1.77
    assert two_proportions(0, 10, 0, 10) == 0.0
    # By hand: means 4 and 2, variances 4 and 1, so 2 / sqrt(4/3 + 1/3).
    assert round(welch([2, 4, 6], [1, 2, 3]), 3) == 1.549
    assert welch([1, 1], [1, 1]) == 0.0


async def test_the_metrics_say_it_while_this_is_the_clock_that_ticks(database_url: str) -> None:
    engine = open_database(database_url)
    noon, some = datetime(2026, 11, 23, 11, tzinfo=UTC), []
    for back in range(1, 36):
        for n in range(12):
            bad = n < (6 if back <= RECENT else 1)
            kind, by = (FactKind.WITHHELD, "miss") if bad else (FactKind.ANSWERED, "search")
            at = noon - timedelta(days=back)
            some.append(Fact(name_of(back, n), at, kind, "c", "telegram", "uk", by=by, value=300 if bad else 900))
    Facts(engine, BERLIN).take(some)
    metrics = Metrics("clock")
    watch = Watch(Numbers(engine), metrics.answers_worse, SPOKEN, lambda: False, lambda: TODAY)

    def told() -> dict[tuple[str, str], float]:
        samples = [s for family in metrics.answers_worse.collect() for s in family.samples]
        return {(s.labels["language"], s.labels["what"]): s.value for s in samples}

    assert await watch.once()
    alarms = {series for series, value in told().items() if value}
    assert alarms == {(language, what) for language in ("all", "uk") for what in ("share", "score")}
    assert len(told()) == 2 * 8
    running = asyncio.create_task(watch.run())
    await asyncio.sleep(0)
    assert told() == {}  # another clock ticks
    running.cancel()
    engine.dispose()


def test_the_languages_of_the_metric_are_those_that_are_understood() -> None:
    folders = Path(nlu.__file__).parent / "languages"
    assert set(SPOKEN) == {path.parent.name for path in folders.glob("*/replies.yml")}
