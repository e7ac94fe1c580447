"""The examples that editors added, in SQL: immutable revisions, one above the other. None is live by itself: a release
names the one that it was made with."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, insert, select, update

from faq.database import reading, writing
from faq.examples.added import SHIPPED, Added
from faq.examples.tables import counter, revisions
from faq.tables import PERSON, WHY

Check = Callable[[Added, Added], None]


@dataclass(frozen=True)
class Kept:
    """One revision; `number` 0 is what ships, which nobody has added to yet. `at` is aware UTC."""

    number: int
    added: Added
    author: str
    why: str
    at: datetime

    @property
    def name(self) -> str:
        """What a release calls it."""
        return self.added.name


class Overtaken(Exception):
    """Somebody else changed the same examples in the meantime; `newest` is theirs."""

    def __init__(self, newest: Kept) -> None:
        self.newest = newest
        super().__init__("these examples were changed in the meantime; look at the newer version first")


class UnknownExamples(KeyError):
    """There are no examples of this name."""


class Examples:
    """The revisions in one database. Safe to share between threads; many processes may use one database."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine, self._now = engine, now

    def head(self) -> Kept:
        """The newest, which the next change is made upon."""
        with reading(self._engine) as db:
            return self._head(db)

    def number(self, number: int) -> Kept | None:
        """That revision."""
        with reading(self._engine) as db:
            return self._numbered(db, number)

    def named(self, name: str) -> Kept | None:
        """The first revision of that name; what ships for ""."""
        if name == SHIPPED:
            return self._shipped()
        t = revisions
        with reading(self._engine) as db:
            row = db.execute(select(t).where(t.c.name == name).order_by(t.c.number).limit(1)).first()
        return _read(row) if row else None

    def get(self, name: str) -> Added:
        """The document of that name. Raises UnknownExamples."""
        kept = self.named(name)
        if kept is None:
            raise UnknownExamples(name)
        return kept.added

    def history(self, limit: int = 50) -> tuple[Kept, ...]:
        """The latest, newest first."""
        with reading(self._engine) as db:
            rows = db.execute(select(revisions).order_by(revisions.c.number.desc()).limit(limit)).all()
        return tuple(_read(row) for row in rows)

    def save(
        self, language: str, intent: str, lines: Sequence[str], author: str, why: str, based_on: int, check: Check
    ) -> Kept:
        """Keep these lines as what is added there; the new revision, or the head where nothing differs.

        `based_on`: the revision that the author saw. Where somebody changed other examples since, both changes hold;
        where somebody changed the same ones to other lines, raises Overtaken. `check` is given what was and what would
        be, while nobody else can change anything; what it raises leaves everything as it was.
        """
        with writing(self._engine) as db:
            # One change at a time, also on PostgreSQL.
            serial = db.execute(select(counter.c.serial).with_for_update()).scalar_one()
            head, seen = self._head(db), self._numbered(db, based_on)
            added = head.added.having(language, intent, lines)
            if added == head.added:
                return head
            if seen is None or seen.added.of(language, intent) != head.added.of(language, intent):
                raise Overtaken(head)
            check(head.added, added)
            kept = Kept(serial + 1, added, author[:PERSON], why[:WHY], self._now())
            values = {"number": kept.number, "author": kept.author, "why": kept.why, "at": kept.at}
            db.execute(insert(revisions).values(name=added.name, content=added.json(), **values))
            db.execute(update(counter).values(serial=kept.number))
            return kept

    def _head(self, db: Connection) -> Kept:
        row = db.execute(select(revisions).order_by(revisions.c.number.desc()).limit(1)).first()
        return _read(row) if row else self._shipped()

    def _numbered(self, db: Connection, number: int) -> Kept | None:
        if number == 0:
            return self._shipped()
        row = db.execute(select(revisions).where(revisions.c.number == number)).first()
        return _read(row) if row else None

    def _shipped(self) -> Kept:
        return Kept(0, Added(), "", "", self._now())


def number_of(db: Connection, name: str) -> int:
    """The last revision of that name, 0 where there is none."""
    return db.execute(select(func.max(revisions.c.number)).where(revisions.c.name == name)).scalar() or 0


def _read(row: Row[Any]) -> Kept:
    return Kept(row.number, Added.read(json.loads(row.content)), row.author, row.why, row.at)
