"""The figures as their page shows them: tiles, small charts, tables. Pure but for the words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.console.chart import Column, filled
from bot.console.words import Words
from bot.facts.fact import FactKind
from bot.numbers.metric import METRICS, SPREADS, Sum, by_reason, merged, percentile
from bot.numbers.period import Period
from bot.numbers.read import Read

TILES = (
    *("conversations", "questions", "at_once", "asked_back", "withheld", "in_vain"),
    *("answers", "rejected", "praised", "handed_off", "alarms", "stopped", "erased"),
)
CHARTS = ("conversations", "questions", "at_once", "asked_back", "withheld", "rejected", "handed_off")
COLUMNS = ("at_once", "asked_back", "withheld", "rejected")
LISTED = 12  # rows of a table, the most frequent first

Name = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure: `value` with `share` beside it, what it was in the period before, and how that differs."""

    key: str
    value: str
    share: str
    before: str
    change: str
    direction: str  # up, down or same


@dataclass(frozen=True, slots=True)
class Chart:
    """A small chart; `of` is the key of what the whole bars are, "" where bars are filled whole."""

    key: str
    of: str
    columns: tuple[Column, ...]
    top: int
    marks: tuple[tuple[float, str, str], ...]  # labels of the axis: x, anchor, words


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a split: a name, its questions, the part of all questions (of 100), and (count, share) for COLUMNS."""

    value: str
    name: str
    questions: int
    width: float
    cells: tuple[tuple[int, str], ...]


def tiles(read: Read, keys: Sequence[str], t: Words) -> list[Tile]:
    """Figures with those of the period before."""
    sums = read.sums
    return [_tile(key, sums, read.before, t) for key in keys]


def _tile(key: str, sums: Sequence[Sum], before: Sequence[Sum], t: Words) -> Tile:
    n, was = METRICS[key].counted(sums), METRICS[key].counted(before)
    whole = METRICS[METRICS[key].of].counted(sums) if METRICS[key].of else 0
    whole_was = METRICS[METRICS[key].of].counted(before) if METRICS[key].of else 0
    share = t("numbers.of_share", share=t.percent(n / whole), n=t.number(whole)) if whole else ""
    if whole_was:
        told = t("numbers.was_share", share=t.percent(was / whole_was), n=t.number(whole_was))
    else:
        told = t("numbers.was", n=t.number(was))
    key_of = "numbers.more" if n > was else "numbers.less" if n < was else "numbers.same"
    direction = "up" if n > was else "down" if n < was else "same"
    return Tile(key, t.number(n), share, told, t(key_of, n=t.number(abs(n - was))), direction)


def charts(read: Read, period: Period, t: Words) -> list[Chart]:
    """One for each of CHARTS over the period's steps."""
    steps = list(period.steps())
    sums = [_during(read.days, step) for step in steps]
    labels = [label(step, period.step, t) for step in steps]
    found = []
    for key in CHARTS:
        of = METRICS[key].of if key != "handed_off" else ""
        parts = [METRICS[key].counted(some) for some in sums]
        wholes = [METRICS[of].counted(some) for some in sums] if of else parts
        columns = filled(labels, parts, wholes)
        found.append(Chart(key, of, columns, max(wholes, default=0), _marks(columns)))
    return found


def _during(days: Mapping[str, Sequence[Sum]], step: Period) -> list[Sum]:
    first, last = step.first.isoformat(), step.last.isoformat()
    return merged(s for day, some in days.items() if first <= day <= last for s in some)


def label(step: Period, kind: str, t: Words) -> str:
    """What a bar is called."""
    if kind == "month":
        return f"{step.first.month}/{step.first.year}"
    return t.day(step.first, year=False)


def _marks(columns: Sequence[Column]) -> tuple[tuple[float, str, str], ...]:
    if not columns:
        return ()
    first, last = columns[0], columns[-1]
    if len(columns) == 1:
        return ((first.x + first.width / 2, "middle", first.label),)
    return ((first.x, "start", first.label), (last.x + last.width, "end", last.label))


def rows(split: Mapping[str, Sequence[Sum]], name: Name, t: Words) -> tuple[list[Row], int]:
    """The most frequent, and how many more there are."""
    asked = {value: METRICS["questions"].counted(sums) for value, sums in split.items()}
    order = sorted((v for v, n in asked.items() if n or _any(split[v])), key=lambda v: (-asked[v], v))
    top = max(asked.values(), default=0) or 1
    found = []
    for value in order[:LISTED]:
        cells = tuple(_cell(key, split[value], t) for key in COLUMNS)
        found.append(Row(value, name(value), asked[value], round(100 * asked[value] / top, 1), cells))
    return found, max(0, len(order) - LISTED)


def _any(sums: Sequence[Sum]) -> bool:
    return any(METRICS[key].counted(sums) for key in COLUMNS)


def _cell(key: str, sums: Sequence[Sum], t: Words) -> tuple[int, str]:
    n, whole = METRICS[key].counted(sums), METRICS[METRICS[key].of].counted(sums)
    return n, t.percent(n / whole) if whole else "–"


def waits(read: Read, t: Words) -> list[tuple[str, str, str, int, str, str]]:
    """(key, half within, nine of ten within, how many, and the first two of the period before)."""
    found = []
    for key in SPREADS:
        now, was = read.spreads[key], read.spreads_before[key]
        told = [_span(percentile(values, share), t) for values in (now, was) for share in (0.5, 0.9)]
        found.append((key, told[0], told[1], sum(now.values()), told[2], told[3]))
    return found


def _span(seconds: int | None, t: Words) -> str:
    return "–" if seconds is None else t.span(seconds)


def reasons(read: Read) -> dict[str, int]:
    """Why conversations were handed off."""
    return by_reason(read.sums, FactKind.HANDED_OFF)


def outcomes(read: Read) -> dict[str, int]:
    """How handoffs ended."""
    return by_reason(read.sums, FactKind.RESOLVED)


def answered(read: Read) -> list[tuple[str, int, int]]:
    """(entry, times given, times rejected) of those given most often."""
    found = [(e, c["answered"], max(0, c["rejected"])) for e, c in read.entries.items() if c["answered"] > 0]
    return sorted(found, key=lambda x: (-x[1], x[0]))[:LISTED]


def rejected(read: Read) -> list[tuple[str, int, int]]:
    """(entry, times rejected, times given) of those rejected most often."""
    found = [(e, c["rejected"], max(0, c["answered"])) for e, c in read.entries.items() if c["rejected"] > 0]
    return sorted(found, key=lambda x: (-x[1], x[2], x[0]))[:LISTED]


def is_today(period: Period, today: date) -> bool:
    """Is a day in it that is not over?"""
    return period.last >= today
