"""Findings that an editor calls right, and why. Another text makes another finding, which comes back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, delete, insert, select

from faq.database import reading, writing
from faq.lint.finding import Finding
from faq.lint.tables import dismissed
from faq.tables import PERSON, WHY


@dataclass(frozen=True)
class Dismissal:
    """Who dismissed a finding, why and when; `at` is aware UTC."""

    id: str
    rule: str
    by: str
    why: str
    at: datetime


class NoReason(ValueError):
    """A finding is dismissed with a reason that others can read."""


class Dismissals:
    """All of one database. Safe to share between threads; many processes may use one database."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine, self._now = engine, now

    def all(self) -> Mapping[str, Dismissal]:
        """By the finding's id."""
        with reading(self._engine) as db:
            rows = db.execute(select(dismissed)).all()
        return {row.id: Dismissal(row.id, row.rule, row.by, row.why, row.at) for row in rows}

    def dismiss(self, finding: Finding, by: str, why: str) -> None:
        """It is right so; the last reason holds. Raises NoReason."""
        if not why.strip():
            raise NoReason
        told = {"id": finding.id, "rule": finding.rule, "by": by[:PERSON], "why": why.strip()[:WHY], "at": self._now()}
        with writing(self._engine) as db:
            db.execute(delete(dismissed).where(dismissed.c.id == finding.id))
            db.execute(insert(dismissed).values(told))

    def restore(self, id: str) -> bool:
        """It counts again. False where it was not dismissed."""
        with writing(self._engine) as db:
            gone = db.execute(delete(dismissed).where(dismissed.c.id == id))
        return bool(gone.rowcount)
