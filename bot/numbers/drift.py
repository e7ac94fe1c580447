"""The drift alarm: have answers become worse? Two tests over days, with floors that keep small numbers quiet. Pure.

What is compared, and when it alarms, is told to people as numbers.drift_what; how often it is wrong, and how long it
takes, in docs/numbers.md (tests/facts/test_drift.py measures it).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from bot.numbers.metric import METRICS, Sum
from bot.numbers.period import DAY, Period

RECENT, BEFORE = 7, 28  # days
Z = 4.0
RISE = 0.05  # of the share of bad answers
QUESTIONS = 40  # in the recent days
T = 4.0
FALL = 50  # thousandths of the mean probability
DAILY = 5  # questions of a day whose mean counts
DAYS_RECENT, DAYS_BEFORE = 4, 10  # days that have so many


@dataclass(frozen=True, slots=True)
class Drift:
    """An alarm. `language` is "" for all of them together; `what`: share (of bad answers) or score (mean probability of
    the likeliest entry); `recent` and `before` are shares of one."""

    language: str
    what: str
    recent: float
    before: float


@dataclass(frozen=True, slots=True)
class Daily:
    """What one day says: questions, bad answers, and the probabilities (thousandths) of `valued` questions."""

    questions: int = 0
    bad: int = 0
    valued: int = 0
    total: int = 0


def watched(today: date) -> Period:
    """The whole days that are looked at; today is not over."""
    return Period.of_days(RECENT + BEFORE, today - DAY)


def drifts(rows: Iterable[tuple[str, str, Sum]], today: date) -> list[Drift]:
    """The alarms of this day. `rows`: (day, language or "" for all, sum) of the watched days."""
    by: dict[str, dict[str, list[Sum]]] = {}
    for day, language, s in rows:
        by.setdefault(language, {}).setdefault(day, []).append(s)
    days = [watched(today).first + n * DAY for n in range(RECENT + BEFORE)]
    found = []
    for language in sorted(by):
        daily = [_daily(by[language].get(day.isoformat(), [])) for day in days]
        found += judged(language, daily[BEFORE:], daily[:BEFORE])
    return found


def judged(language: str, recent: Sequence[Daily], before: Sequence[Daily]) -> list[Drift]:
    """Both tests."""
    found = []
    asked, earlier = sum(d.questions for d in recent), sum(d.questions for d in before)
    bad, bad_before = min(asked, sum(d.bad for d in recent)), min(earlier, sum(d.bad for d in before))
    if asked >= QUESTIONS and earlier >= QUESTIONS:
        share, past = bad / asked, bad_before / earlier
        if share - past >= RISE and two_proportions(bad, asked, bad_before, earlier) >= Z:
            found.append(Drift(language, "share", share, past))
    means, past_means = _means(recent), _means(before)
    if len(means) >= DAYS_RECENT and len(past_means) >= DAYS_BEFORE:
        mean, past = sum(means) / len(means), sum(past_means) / len(past_means)
        if past - mean >= FALL and welch(past_means, means) >= T:
            found.append(Drift(language, "score", mean / 1000, past / 1000))
    return found


def two_proportions(bad: int, n: int, bad_before: int, n_before: int) -> float:
    """z of the difference, with the pooled share (Fleiss, Levin & Paik: Statistical Methods for Rates and Proportions,
    section 3.1)."""
    pooled = (bad + bad_before) / (n + n_before)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / n_before))
    return (bad / n - bad_before / n_before) / spread if spread else 0.0


def welch(higher: Sequence[float], lower: Sequence[float]) -> float:
    """t of the difference of two means whose variances may differ (Welch 1947); infinite where neither varies."""
    (m1, v1), (m2, v2) = _moments(higher), _moments(lower)
    spread = math.sqrt(v1 / len(higher) + v2 / len(lower))
    return (m1 - m2) / spread if spread else math.inf * (m1 > m2) if m1 != m2 else 0.0


def _moments(values: Sequence[float]) -> tuple[float, float]:
    mean = sum(values) / len(values)
    return mean, sum((v - mean) ** 2 for v in values) / (len(values) - 1)


def _means(daily: Sequence[Daily]) -> list[float]:
    return [d.total / d.valued for d in daily if d.valued >= DAILY]


def _daily(sums: Sequence[Sum]) -> Daily:
    asked = METRICS["questions"].takes
    valued = [s for s in sums if any(take.takes(s) for take in asked)]
    return Daily(
        METRICS["questions"].counted(sums),
        METRICS["withheld"].counted(sums) + METRICS["rejected"].counted(sums),
        sum(s.valued for s in valued),
        sum(s.total for s in valued),
    )
