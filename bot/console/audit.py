"""What staff did, in SQL: who, what, on which object, when. Never citizens' words, never a typed password or name."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import BigInteger, Column, Engine, Integer, MetaData, Table, insert, select

from faq.database import Moment, PlainText, reading, writing
from faq.schema import shared

metadata = MetaData()
audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("who", PlainText(64), nullable=False),  # "" when nobody is signed in
    Column("what", PlainText(64), nullable=False),  # a key of the console's texts: audit.<what>
    Column("object", PlainText(200), nullable=False),  # a conversation, an entry, an account
)


@dataclass(frozen=True, slots=True)
class Deed:
    """One line; `at` is aware UTC."""

    at: datetime
    who: str
    what: str
    object: str


class Audit:
    """The table in a database: at this SQLAlchemy URL, or behind an engine that others share."""

    def __init__(self, database: str | Engine, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine, self._now = shared(database), now

    async def record(self, who: str, what: str, object_: str = "") -> None:
        """Write it down, durably, before the caller goes on."""
        await asyncio.to_thread(self._insert, who, what, object_)

    async def latest(self, limit: int = 200) -> list[Deed]:
        """The newest deeds, newest first."""
        return await asyncio.to_thread(self._latest, limit)

    async def last(self, what: str, object_: str, since: datetime) -> Deed | None:
        """Who did that to it last, not before `since`."""
        return await asyncio.to_thread(self._last, what, object_, since)

    async def active(self, since: datetime) -> frozenset[str]:
        """Who did anything at all since then, by user name."""
        return await asyncio.to_thread(self._active, since)

    def _last(self, what: str, object_: str, since: datetime) -> Deed | None:
        chosen = select(audit).where(audit.c.at >= since, audit.c.what == what, audit.c.object == object_)
        with reading(self._engine) as db:
            row = db.execute(chosen.order_by(audit.c.id.desc()).limit(1)).first()
        return Deed(row.at, row.who, row.what, row.object) if row else None

    def _active(self, since: datetime) -> frozenset[str]:
        with reading(self._engine) as db:
            return frozenset(db.execute(select(audit.c.who).where(audit.c.at >= since).distinct()).scalars())

    def _insert(self, who: str, what: str, object_: str) -> None:
        with writing(self._engine) as db:
            db.execute(insert(audit).values(at=self._now(), who=who[:64], what=what[:64], object=object_[:200]))

    def _latest(self, limit: int) -> list[Deed]:
        with reading(self._engine) as db:
            rows = db.execute(select(audit).order_by(audit.c.id.desc()).limit(limit)).all()
        return [Deed(r.at, r.who, r.what, r.object) for r in rows]
