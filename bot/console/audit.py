"""What staff did, in SQL: who, what, on which object, when. Never citizens' words, never a typed password or name."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import BigInteger, Column, DateTime, Integer, MetaData, String, Table, func, insert, select

from faq.tables import open_engine, writing

_SCHEMA_LOCK = 7_461_646_117

metadata = MetaData()
audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, index=True),
    Column("who", String(64), nullable=False),  # "" when nobody is signed in
    Column("what", String(64), nullable=False),  # a key of the console's texts: audit.<what>
    Column("object", String(200), nullable=False),  # a conversation, an entry, an account
)


@dataclass(frozen=True, slots=True)
class Deed:
    """One line; `at` is aware UTC."""

    at: datetime
    who: str
    what: str
    object: str


class Audit:
    """The table in the database at this SQLAlchemy URL, laid out where it is missing."""

    def __init__(self, url: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine, self._now = open_engine(url), now
        with writing(self._engine) as db:
            if self._engine.dialect.name == "postgresql":
                db.execute(select(func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
            metadata.create_all(db)

    async def record(self, who: str, what: str, object_: str = "") -> None:
        """Write it down, durably, before the caller goes on."""
        await asyncio.to_thread(self._insert, who, what, object_)

    async def latest(self, limit: int = 200) -> list[Deed]:
        """The newest deeds, newest first."""
        return await asyncio.to_thread(self._latest, limit)

    def _insert(self, who: str, what: str, object_: str) -> None:
        with writing(self._engine) as db:
            db.execute(insert(audit).values(at=self._now(), who=who[:64], what=what[:64], object=object_[:200]))

    def _latest(self, limit: int) -> list[Deed]:
        with self._engine.connect() as db:
            rows = db.execute(select(audit).order_by(audit.c.id.desc()).limit(limit)).all()
        return [Deed(r.at if r.at.tzinfo else r.at.replace(tzinfo=UTC), r.who, r.what, r.object) for r in rows]
