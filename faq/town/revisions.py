"""What people set for the town, in SQL: each section's immutable revisions, the newest of which is live.

Every call is one transaction. A section that nobody changed has no revision; town.yml holds then. `serial()` grows by
one with each change, so that a process polls one number.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, func, insert, select, update

from faq.database import reading, writing
from faq.tables import PERSON, WHY, town_counter, town_revisions

FILE = "town.yml"
"""Author of a section's first revision, which keeps what the file said when somebody first changed it."""


@dataclass(frozen=True)
class Kept:
    """One revision of a section; `number` 0 is the file's own, which nobody has changed yet. `at` is aware UTC."""

    section: str
    number: int
    content: Any
    author: str
    why: str
    at: datetime


class Overtaken(Exception):
    """Somebody else changed the section in the meantime; `newest` is theirs."""

    def __init__(self, newest: Kept) -> None:
        self.newest = newest
        super().__init__(f"{newest.section} was changed in the meantime; look at the newer version first")


class TownRevisions:
    """The sections in one database. Safe to share between threads; many processes may use one database."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine, self._now = engine, now

    def serial(self) -> int:
        """How often anything was changed."""
        with reading(self._engine) as db:
            return _serial(db)

    def newest(self) -> tuple[int, dict[str, Kept]]:
        """The serial, and the live revision of each section that was ever changed, in one view."""
        with reading(self._engine) as db:
            return _serial(db), _newest(db)

    def history(self, section: str, limit: int = 50) -> tuple[Kept, ...]:
        """The latest revisions, newest first."""
        t = town_revisions
        query = select(t).where(t.c.section == section).order_by(t.c.number.desc()).limit(limit)
        with reading(self._engine) as db:
            return tuple(_read(row) for row in db.execute(query).all())

    def get(self, section: str, number: int) -> Kept | None:
        """That revision."""
        t = town_revisions
        with reading(self._engine) as db:
            row = db.execute(select(t).where(t.c.section == section, t.c.number == number)).first()
        return _read(row) if row else None

    def save(
        self,
        changes: Mapping[str, Any],
        author: str,
        why: str,
        based_on: Mapping[str, int],
        seed: Mapping[str, Any],
        check: Callable[[Mapping[str, Any], Mapping[str, Any]], None],
    ) -> list[Kept]:
        """Keep these sections' documents as new live revisions, all or none; returns those that differ from what was
        live.

        `based_on`: the number of the revision that the author saw, by section; raises Overtaken when a newer one is
        there. `seed`: what the file says, by section. `check` is given the live documents and the new ones, while
        nobody else can change any; what it raises leaves everything as it was.
        """
        with writing(self._engine) as db:
            # One change at a time, also on PostgreSQL: two that fit alone might not fit together.
            db.execute(select(town_counter.c.serial).with_for_update())
            live = _newest(db)
            documents = {section: kept.content for section, kept in live.items()}
            for section in changes:
                seen = live.get(section) or self._file(section, seed[section])
                if section in based_on and based_on[section] != seen.number:
                    raise Overtaken(seen)
            fresh = {s: c for s, c in changes.items() if c != documents.get(s, seed[s])}
            if not fresh:
                return []
            check(documents, fresh)
            saved = []
            for section, content in fresh.items():
                number = live[section].number if section in live else 0
                if not number:
                    number = 1
                    _keep(db, Kept(section, number, seed[section], FILE, "", self._now()))
                kept = Kept(section, number + 1, content, author[:PERSON], why[:WHY], self._now())
                _keep(db, kept)
                saved.append(kept)
            db.execute(update(town_counter).values(serial=town_counter.c.serial + 1))
            return saved

    def _file(self, section: str, content: Any) -> Kept:
        return Kept(section, 0, content, FILE, "", self._now())


def _keep(db: Connection, kept: Kept) -> None:
    # Not sorted: the first team takes what nobody else takes.
    content = json.dumps(kept.content)  # in ASCII, so that any text can be kept
    values = {"section": kept.section, "number": kept.number, "author": kept.author, "why": kept.why, "at": kept.at}
    db.execute(insert(town_revisions).values(content=content, **values))


def _serial(db: Connection) -> int:
    return int(db.execute(select(town_counter.c.serial)).scalar_one())


def _newest(db: Connection) -> dict[str, Kept]:
    t = town_revisions
    last = select(t.c.section, func.max(t.c.number).label("number")).group_by(t.c.section).subquery()
    found = select(t).join(last, and_(t.c.section == last.c.section, t.c.number == last.c.number))
    return {row.section: _read(row) for row in db.execute(found).all()}


def _read(row: Row[Any]) -> Kept:
    return Kept(row.section, row.number, json.loads(row.content), row.author, row.why, row.at)
