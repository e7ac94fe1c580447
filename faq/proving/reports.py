"""Reports of proofs in SQL: what a release was proved to do, and what became of each trial under it."""

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, insert, or_, select, update

from faq.database import reading, writing
from faq.proving.outcome import Outcome
from faq.proving.prove import Proof
from faq.trial_tables import reports

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
            made = db.execute(insert(reports).values(**values, report=_packed(proof.report), outcomes=_packed(both)))
            assert made.inserted_primary_key is not None
            old = (reports.c.id <= made.inserted_primary_key[0] - KEEP) & (reports.c.outcomes != b"")
            db.execute(update(reports).where(old).values(outcomes=b""))

    def forget(self, trial: str) -> None:
        """Whatever reports tell of this trial, they tell without its words."""
        with writing(self._engine) as db:
            for row in db.execute(select(reports.c.id, reports.c.report)).all():
                report = json.loads(zlib.decompress(row.report))
                told = [line for line in (*report["changed"], *report["orphaned"]) if line["trial"] == trial]
                for line in told:
                    line["question"] = ""
                if told:
                    db.execute(update(reports).where(reports.c.id == row.id).values(report=_packed(report)))

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
