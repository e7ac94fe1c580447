"""The figures of a period as a table: a line a day, a column a metric. For spreadsheets, and for the command line."""

import csv
import io
from collections.abc import Mapping, Sequence

from bot.numbers.metric import METRICS, Sum
from bot.numbers.period import DAY, Period
from faq.sources.csv_table import safe


def by_day(days: Mapping[str, Sequence[Sum]], period: Period) -> list[tuple[str, list[int]]]:
    """(day, the metrics' counts in the order of METRICS) of every day, whether or not anything happened."""
    found = []
    for n in range(period.days):
        day = (period.first + n * DAY).isoformat()
        found.append((day, [metric.counted(days.get(day, ())) for metric in METRICS.values()]))
    return found


def as_csv(lines: Sequence[tuple[str, list[int]]], day: str, names: Mapping[str, str]) -> str:
    """As a German spreadsheet opens it: semicolons, and a mark that says UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([safe(day), *(safe(names[key]) for key in METRICS)])
    for date, counts in lines:
        writer.writerow([date, *counts])
    return "\ufeff" + out.getvalue()
