"""Reports of proofs in SQL: what a release was proved to do, and what became of each trial under it."""

import json
import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, or_, select, update

from faq.database import reading, writing
from faq.proving.outcome import Outcome
from faq.proving.prove import Proof
from faq.rows import AT_ONCE, batched
from faq.trial_tables import reports, trials

KEEP = 50
"""Of so many proofs every trial's outcome is kept, some 80 kB each; of older ones what changed."""


@dataclass(frozen=True)
class Kept:
    """A proof of `release` against `base` ("" where nothing was live); `report` as faq.proving.prove says."""

    release: str
    base: str
    verdict: str
    at: datetime
    report: Mapping[str, Any]


class Reports:
    """All reports in one database. Safe to share between threads."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine, self._now = engine, now

    def keep(self, release: str, base: str, proof: Proof) -> None:
        """Write it down; earlier ones stay."""
        both = {id: [_row(proof.before[id]) if base else None, _row(after)] for id, after in proof.after.items()}
        values = {"release": release, "base": base, "verdict": proof.verdict, "at": self._now()}
        with writing(self._engine) as db:
            report = _without(proof.report, _erased(db, proof.report))
            made = db.execute(insert(reports).values(**values, report=_packed(report), outcomes=_packed(both)))
            assert made.inserted_primary_key is not None
            old = (reports.c.id <= made.inserted_primary_key[0] - KEEP) & (reports.c.outcomes != b"")
            db.execute(update(reports).where(old).values(outcomes=b""))

    def of(self, release: str, base: str | None = None) -> Kept | None:
        """The last of that release, against that base if one is named."""
        chosen = select(*_told).where(reports.c.release == release)
        if base is not None:
            chosen = chosen.where(reports.c.base == base)
        with reading(self._engine) as db:
            row = db.execute(chosen.order_by(reports.c.id.desc()).limit(1)).first()
        return _read(row) if row else None

    def outcomes(self, release: str) -> tuple[Mapping[str, Outcome], datetime | None]:
        """What becomes of each trial (by id) under that release, as the last proof saw it that had it on either side;
        and when that was. Empty and None where none did."""
        either = or_(reports.c.release == release, reports.c.base == release)
        chosen = select(reports.c.release, reports.c.at, reports.c.outcomes).where(either, reports.c.outcomes != b"")
        with reading(self._engine) as db:
            row = db.execute(chosen.order_by(reports.c.id.desc()).limit(1)).first()
        if row is None:
            return {}, None
        side = 1 if row.release == release else 0
        found = json.loads(zlib.decompress(row.outcomes))
        return {id: _outcome(both[side]) for id, both in found.items() if both[side]}, row.at


def forget(db: Connection, erased: Collection[str]) -> None:
    """Whatever reports tell of these trials, they tell without their words. A part of what erases them, for good."""
    for id in db.execute(select(reports.c.id)).scalars().all():  # one at a time: there may be many, and large ones
        packed = db.execute(select(reports.c.report).where(reports.c.id == id)).scalar_one()
        report = json.loads(zlib.decompress(packed))
        if (told := _without(report, erased)) != report:
            db.execute(update(reports).where(reports.c.id == id).values(report=_packed(told)))


def _erased(db: Connection, report: Mapping[str, Any]) -> set[str]:
    """The trials of it that were erased while they were asked. Until it is kept nobody erases another."""
    named = sorted({line["trial"] for part in _LISTS for line in report[part]})
    there = set[str]()
    for some in batched(named, AT_ONCE):
        there |= set(db.execute(select(trials.c.id).where(trials.c.id.in_(some)).with_for_update(read=True)).scalars())
    return {*named} - there


def _without(report: Mapping[str, Any], erased: Collection[str]) -> dict[str, Any]:
    def told(line: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**line, "question": ""} if line["trial"] in erased else line

    return {**report, **{part: [told(line) for line in report[part]] for part in _LISTS}}


_LISTS = ("changed", "orphaned")
_told = (reports.c.release, reports.c.base, reports.c.verdict, reports.c.at, reports.c.report)


def _packed(plain: Mapping[str, Any]) -> bytes:
    return zlib.compress(json.dumps(plain, separators=(",", ":")).encode(), 1)


def _read(row: Any) -> Kept:
    return Kept(row.release, row.base, row.verdict, row.at, json.loads(zlib.decompress(row.report)))


def _row(outcome: Outcome) -> list[Any]:
    return [outcome.decision, outcome.entry, outcome.probability, list(outcome.offered)]


def _outcome(row: list[Any]) -> Outcome:
    decision, entry, probability, offered = row
    return Outcome(decision, entry, probability, tuple(offered))
