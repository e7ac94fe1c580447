"""What somebody has typed into an entry's form and not saved: kept for them alone until they save or discard it."""

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from faq.database import reading, writing
from faq.editing.tables import typed

LARGEST = 400_000
"""Characters of a form as JSON: more than all languages of the longest entry that may be published."""

MOST, KEPT, UNDO = 30, timedelta(days=60), timedelta(days=1)
"""Forms of one person (the oldest goes), how long one lies, and how long a discarded one can be had back."""


class TooMuch(Exception):
    """The form is longer than what is kept; it can only be saved."""


@dataclass(frozen=True)
class Typing:
    """A form as it was typed, on top of which revision ("" for a new entry), and when; `entry` "" has no name yet."""

    entry: str
    based_on: str
    form: Mapping[str, str]
    at: datetime
    discarded: bool = False


class Typed:
    """Forms by person and entry. Calls block (SQL)."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine, self._now = engine, now

    def keep(self, person: str, entry: str, based_on: str, form: Mapping[str, str]) -> datetime:
        """In the place of what this person had typed here before; returns when. Raises TooMuch."""
        told = json.dumps(dict(form), ensure_ascii=False)
        if len(told) > LARGEST:
            raise TooMuch(f"a form of {len(told)} characters; {LARGEST} are kept")
        packed = zlib.compress(told.encode("utf-8", "replace"), 1)
        now = self._now()
        values: dict[str, Any] = {"based_on": based_on, "form": packed, "at": now, "discarded": None}
        with writing(self._engine) as db:
            if not db.execute(update(typed).where(_of(person, entry)).values(values)).rowcount:
                try:
                    with db.begin_nested():
                        db.execute(insert(typed).values(person=person, entry=entry, **values))
                except IntegrityError:  # another page of theirs was quicker
                    db.execute(update(typed).where(_of(person, entry)).values(values))
                self._bound(db, person, now)
        return now

    def _bound(self, db: Connection, person: str, now: datetime) -> None:
        db.execute(delete(typed).where(typed.c.at < now - KEPT))
        mine = select(typed.c.entry).where(typed.c.person == person).order_by(typed.c.at.desc(), typed.c.entry)
        too_many = db.execute(mine.offset(MOST)).scalars().all()
        db.execute(delete(typed).where(typed.c.person == person, typed.c.entry.in_(too_many)))

    def of(self, person: str, entry: str) -> Typing | None:
        """What they typed there, also if they discarded it within UNDO."""
        with reading(self._engine) as db:
            row = db.execute(select(typed).where(_of(person, entry))).first()
        if row is None or (row.discarded and row.discarded < self._now() - UNDO):
            return None
        return _typing(row)

    def mine(self, person: str) -> tuple[Typing, ...]:
        """All that they typed and neither saved nor discarded, the latest first."""
        chosen = select(typed).where(typed.c.person == person, typed.c.discarded.is_(None))
        with reading(self._engine) as db:
            return tuple(_typing(row) for row in db.execute(chosen.order_by(typed.c.at.desc())).all())

    def discard(self, person: str, entry: str) -> None:
        """No longer offered; `restore` within UNDO brings it back."""
        self._set(person, entry, self._now())

    def restore(self, person: str, entry: str) -> None:
        """As if it had not been discarded."""
        self._set(person, entry, None)

    def _set(self, person: str, entry: str, discarded: datetime | None) -> None:
        with writing(self._engine) as db:
            db.execute(update(typed).where(_of(person, entry)).values(discarded=discarded))

    def forget(self, person: str, entry: str) -> None:
        """It was saved."""
        with writing(self._engine) as db:
            db.execute(delete(typed).where(_of(person, entry)))


def _of(person: str, entry: str) -> ColumnElement[bool]:
    return and_(typed.c.person == person, typed.c.entry == entry)


def _typing(row: Row[Any]) -> Typing:
    form = json.loads(zlib.decompress(row.form))
    return Typing(row.entry, row.based_on, form, row.at, row.discarded is not None)
