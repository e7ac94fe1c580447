"""Sums of facts out of SQL, over a period and under conditions. Calls block."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, case, func, select

from bot.facts.fact import FactKind as K
from bot.facts.tables import WAITS, days, entries, facts, sums
from bot.numbers.metric import SPLITS, SPREADS, Sum, merged
from bot.numbers.period import Period
from faq.database import reading

OF_HANDOFFS = frozenset({K.HANDED_OFF, K.CLAIMED, K.FIRST_REPLY, K.RESOLVED, K.RATED})
"""Kinds of facts that belong to a team."""
COARSE = 600
"""Seconds from which on a length of time is told in whole minutes."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What is looked at: "" is all of it. `teams`: of handoffs those of these teams; none: of all."""

    channel: str = ""
    language: str = ""
    topic: str = ""
    office: str = ""
    release: str = ""
    teams: frozenset[str] = frozenset()

    @property
    def conditions(self) -> dict[str, str]:
        """Those that there are, but for the teams."""
        return {name: value for name in SPLITS if (value := getattr(self, name))}

    def of(self, table: Table) -> list[ColumnElement[bool]]:
        """As conditions on a table that has these columns."""
        return [table.c[name] == value for name, value in self.conditions.items()]


@dataclass(frozen=True, slots=True)
class Read:
    """All that a page of figures is made of."""

    days: Mapping[str, tuple[Sum, ...]]  # by day
    before: tuple[Sum, ...]  # of the period before
    splits: Mapping[str, Mapping[str, tuple[Sum, ...]]]  # by split, then by its value; of questions and answers
    spreads: Mapping[str, Mapping[int, int]]  # how often each length of time occurred, in seconds
    spreads_before: Mapping[str, Mapping[int, int]]
    entries: Mapping[str, Counter[str]]  # by entry, how many facts of each kind

    @property
    def sums(self) -> list[Sum]:
        """Of the whole period."""
        return merged(s for some in self.days.values() for s in some)


class Numbers:
    """The figures of a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self, period: Period, cut: Cut, splits: Iterable[str] = SPLITS) -> Read:
        """Everything, in one view of the database."""
        with reading(self._engine) as db:
            by_day: dict[str, list[Sum]] = {}
            for s in _sums(db, period, cut, "day"):
                by_day.setdefault(s.day, []).append(s)
            return Read(
                {day: tuple(some) for day, some in by_day.items()},
                tuple(_sums(db, period.before, cut)),
                {split: _split(db, period, cut, split) for split in splits if split not in cut.conditions},
                _spreads(db, period, cut),
                _spreads(db, period.before, cut),
                _entries(db, period, cut),
            )

    def by_day(self, period: Period, split: str = "") -> list[tuple[str, str, Sum]]:
        """(day, value of the split, sum) of everything in the period."""
        columns = (sums.c.day, sums.c.name, sums.c.kind, sums.c.by, sums.c.reason, sums.c.n, sums.c.total)
        query = select(*columns, sums.c.valued).where(sums.c.split == split, _during(sums, period))
        with reading(self._engine) as db:
            return [(row[0], row[1], Sum(*row[2:])) for row in db.execute(query)]

    def first_day(self) -> str:
        """The first day of which anything is known, "" where nothing is."""
        with reading(self._engine) as db:
            return str(db.execute(select(func.min(sums.c.day)).where(sums.c.split == "")).scalar() or "")


def _during(table: Table, period: Period) -> ColumnElement[bool]:
    return table.c.day.between(period.first.isoformat(), period.last.isoformat())


def _sums(db: Connection, period: Period, cut: Cut, split: str = "") -> Iterable[Sum]:
    """Split by the day or by nothing: of questions and of handoffs, which may be some teams' only."""
    yield from _some(db, period, cut, split, handoffs=False)
    yield from _some(db, period, cut, split, handoffs=True)


def _some(db: Connection, period: Period, cut: Cut, split: str, handoffs: bool) -> Iterable[Sum]:
    conditions, teams = cut.conditions, cut.teams if handoffs else frozenset[str]()
    if len(conditions) + bool(teams) > 1:
        table, where = days, cut.of(days)
        where += [days.c.team.in_(sorted(teams))] if teams else []
    else:
        table = sums
        name, values = ("team", sorted(teams)) if teams else next(((n, [v]) for n, v in conditions.items()), ("", [""]))
        where = [sums.c.split == name, sums.c.name.in_(values)]
    where.append(table.c.kind.in_(sorted(OF_HANDOFFS)) if handoffs else table.c.kind.not_in(sorted(OF_HANDOFFS)))
    return _grouped(db, table, [_during(table, period), *where], (split,) if split else ())


def _split(db: Connection, period: Period, cut: Cut, split: str) -> dict[str, tuple[Sum, ...]]:
    found: dict[str, list[Sum]] = {}
    if cut.conditions:
        where = [_during(days, period), *cut.of(days), days.c[split] != "", days.c.kind.not_in(sorted(OF_HANDOFFS))]
        for s in _grouped(db, days, where, (split,)):
            found.setdefault(getattr(s, split), []).append(s)
    else:
        where = [_during(sums, period), sums.c.split == split, sums.c.kind.not_in(sorted(OF_HANDOFFS))]
        for s in _grouped(db, sums, where, ("name",)):
            found.setdefault(s.name, []).append(s)
    return {name: tuple(some) for name, some in found.items()}


def _grouped(db: Connection, table: Table, where: list[ColumnElement[bool]], split: tuple[str, ...]) -> Iterable[Sum]:
    names = ("kind", "by", "reason", *split)
    columns = [table.c[name] for name in names]
    added = [func.sum(table.c[name]).label(name) for name in ("n", "total", "valued")]
    for row in db.execute(select(*columns, *added).where(*where).group_by(*columns)):
        values: dict[str, Any] = dict(zip((*names, "n", "total", "valued"), row, strict=True))
        yield Sum(**values)


def _spreads(db: Connection, period: Period, cut: Cut) -> dict[str, Counter[int]]:
    found: dict[str, Counter[int]] = {key: Counter() for key in SPREADS}
    keys = {str(kind): key for key, kind in SPREADS.items()}
    # In these very words: a partial index is used by none that asks otherwise.
    where: list[Any] = [WAITS, _during(facts, period), facts.c.value.is_not(None), *cut.of(facts)]
    if cut.teams:
        where.append(facts.c.team.in_(sorted(cut.teams)))
    # In whole minutes from ten on, as they are shown: tens of thousands of different seconds would tell no more.
    value = case((facts.c.value < COARSE, facts.c.value), else_=facts.c.value - facts.c.value % 60)
    counted = select(facts.c.kind, value, func.sum(facts.c["count"])).where(*where)
    for kind, length, n in db.execute(counted.group_by(facts.c.kind, value)):
        found[keys[kind]][int(length)] += int(n)
    return found


def _entries(db: Connection, period: Period, cut: Cut) -> dict[str, Counter[str]]:
    if cut.conditions:
        table, name, where = entries, entries.c.entry, cut.of(entries)
    else:
        table, name, where = sums, sums.c.name, [sums.c.split == "entry"]
    query = select(name, table.c.kind, func.sum(table.c.n)).where(_during(table, period), *where)
    found: dict[str, Counter[str]] = {}
    for entry, kind, n in db.execute(query.group_by(name, table.c.kind)):
        found.setdefault(entry, Counter())[kind] += int(n)
    return found
