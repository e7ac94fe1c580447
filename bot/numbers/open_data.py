"""Figures that may be published: counts by month, without what would point at a person.

A count below five is missing, and so is whatever would give it away (secondary suppression). So that this can be kept
simple, and proved: months are over, counted and kept from their first day to their last, so no two exports differ by a
few days; the metrics have no member in common, so no sum of them is another one; splits are by one thing at a time, and
not by office: an entry's topic all but tells its office, and an office's count less those of its other topics would be
the one that is missing. What is left is that a split's counts add up to the month's, which `hidden` looks after.
"""

import csv
import io
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.numbers.metric import METRICS, Sum
from bot.numbers.period import DAY, Period
from bot.numbers.read import Cut, Numbers
from faq.sources.csv_table import safe

LEAST = 5
OPEN = ("conversations", "at_once", "asked_back", "withheld", "rejected", "handed_off")
BY = ("channel", "language", "topic")
COLUMNS = ("month", "metric", "split", "value", "count")


@dataclass(frozen=True, slots=True)
class Cell:
    """A count; None: not told. `split` is "" for the month's whole; `value` "" for what has none (no topic, say)."""

    month: str
    metric: str
    split: str
    value: str
    count: int | None


def months(period: Period, today: date) -> Iterator[Period]:
    """Those that the period touches and that are over."""
    first = period.first.replace(day=1)
    while first <= period.last:
        following = (first + 32 * DAY).replace(day=1)
        if following <= today:
            yield Period(first, following - DAY)
        first = following


def cells(numbers: Numbers, period: Period, today: date) -> list[Cell]:
    """Every cell of every month. Blocks."""
    found: list[Cell] = []
    first = numbers.first_day()
    for month in months(period, today):
        if month.first.isoformat() < first:  # counting began in its midst, or its first days are forgotten
            continue
        read = numbers.read(month, Cut(), BY)
        found += list(_month(month.first.strftime("%Y-%m"), read.sums, read.splits))
    return found


def _month(month: str, sums: Sequence[Sum], splits: Mapping[str, Mapping[str, Sequence[Sum]]]) -> Iterator[Cell]:
    for metric in OPEN:
        whole = METRICS[metric].counted(sums)
        if not whole:
            continue
        yield Cell(month, metric, "", "", whole if whole >= LEAST else None)
        for split in BY:
            counts = {value: n for value, s in splits[split].items() if (n := METRICS[metric].counted(s))}
            if not counts:
                continue
            if rest := max(0, whole - sum(counts.values())):
                counts[""] = rest
            hide = hidden(counts)
            if hide and not blurred(counts, hide):
                continue  # hidden, all of them together would tell what each of them is
            for value, n in sorted(counts.items()):
                yield Cell(month, metric, split, value, None if value in hide else n)


def hidden(counts: Mapping[str, int]) -> frozenset[str]:
    """Which of these counts, whose sum is known, are not told: those below LEAST, and as many others (the smallest
    first) as it takes to blur them."""
    order = sorted(counts, key=lambda value: (counts[value], value))
    hide = [value for value in order if counts[value] < LEAST]
    if not hide:
        return frozenset()
    for value in order[len(hide) :]:
        if blurred(counts, hide):
            break
        hide.append(value)
    return frozenset(hide)


def blurred(counts: Mapping[str, int], hide: Collection[str]) -> bool:
    """Could each of the hidden ones be LEAST, by what they sum up to? Everybody sees how many they are, and that none
    is nothing: what is nothing has no row. Five that make up five are one each."""
    return sum(counts[value] for value in hide) - (len(hide) - 1) >= LEAST


def as_csv(some: Sequence[Cell]) -> str:
    """With commas and dots, as open data are; a cell that is not told is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for c in some:
        writer.writerow([c.month, c.metric, c.split, safe(c.value), "" if c.count is None else c.count])
    return out.getvalue()


def as_json(some: Sequence[Cell], town: str, now: datetime, what: Mapping[str, str], note: str) -> str:
    """With a description of its own: `what` defines each metric, `note` says what is missing and why."""
    return json.dumps(
        {
            "title": f"Stadtbote: {town}",
            "publisher": town,
            "issued": now.date().isoformat(),
            "description": note,
            "suppressed_below": LEAST,
            "metrics": {metric: what[metric] for metric in OPEN},
            "fields": list(COLUMNS),
            "rows": [[c.month, c.metric, c.split, c.value, c.count] for c in some],
        },
        ensure_ascii=False,
        indent=1,
    )
