"""What came of the looks, in SQL: which address is due, and what is known of it. Every call is one transaction."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, delete, func, select, update

from faq.database import reading, upsert, writing
from faq.links.look import BROKEN, Outcome, State
from faq.links.tables import links
from faq.rows import AT_ONCE, batched

FRESH = timedelta(days=1)
"""So long a look is believed when somebody saves an entry."""

AGAIN: Mapping[State, timedelta] = {
    State.OK: timedelta(days=7),
    State.MOVED: timedelta(days=7),
    State.SHUT: timedelta(days=7),
    State.GONE: timedelta(days=1),
    State.REFUSED: timedelta(days=7),
    State.SAMPLE: timedelta(days=30),
}
_RETRIES = (timedelta(minutes=10), timedelta(hours=6), timedelta(days=1))
MANY = 5  # addresses without any answer, and none with one: then it is us who reach nobody
CERTAIN = 2  # looks in a row after which a server that does not answer counts as away


@dataclass(frozen=True)
class Look:
    """What is known of an address; `at` is aware UTC."""

    url: str
    state: State
    status: int
    target: str
    failures: int
    at: datetime

    @property
    def broken(self) -> bool:
        """Has an editor to do something? A server that was away once is only suspected."""
        return self.state in BROKEN and (self.state is not State.UNREACHABLE or self.failures >= CERTAIN)


class Links:
    """The links in one database. Safe to share between threads; many processes may use one database."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine, self._now = engine, now

    def want(self, urls: Iterable[str]) -> None:
        """Look at these soon: those that nobody has looked at lately."""
        now, named = self._now(), {_id(url): url for url in urls}
        with writing(self._engine) as db:
            known = {row.id: row for row in _rows(db, named)}
            old = [id for id, row in known.items() if row.at is not None and row.at < now - FRESH]
            for part in batched(old, AT_ONCE):
                db.execute(update(links).where(links.c.id.in_(part)).values(due=now))
            _add(db, {id: url for id, url in named.items() if id not in known}, now)

    def keep(self, urls: Iterable[str]) -> None:
        """These are all there are: new ones become due, others are forgotten."""
        now, named = self._now(), {_id(url): url for url in urls}
        with writing(self._engine) as db:
            known = set(db.execute(select(links.c.id)).scalars())
            for part in batched(sorted(known - named.keys()), AT_ONCE):
                db.execute(delete(links).where(links.c.id.in_(part)))
            _add(db, {id: url for id, url in named.items() if id not in known}, now)

    def due(self, limit: int) -> tuple[str, ...]:
        """Addresses to look at, the longest due first."""
        query = select(links.c.url).where(links.c.due <= self._now()).order_by(links.c.due, links.c.id).limit(limit)
        with reading(self._engine) as db:
            return tuple(db.execute(query).scalars())

    def record(self, url: str, outcome: Outcome) -> None:
        """What a look found; nothing where the address was forgotten meanwhile."""
        now, id = self._now(), _id(url)
        with writing(self._engine) as db:
            row = db.execute(select(links.c.failures).where(links.c.id == id).with_for_update()).first()
            if row is None:
                return
            failed = outcome.state is State.UNREACHABLE
            failures = row.failures + 1 if failed else 0
            after = _RETRIES[min(failures, len(_RETRIES)) - 1] if failed else AGAIN[outcome.state]
            told = {"state": outcome.state.value, "status": outcome.status, "target": outcome.target}
            db.execute(update(links).where(links.c.id == id).values(**told, failures=failures, at=now, due=now + after))

    def of(self, urls: Iterable[str]) -> dict[str, Look]:
        """What is known of these; those that nobody has looked at are left out."""
        with reading(self._engine) as db:
            return {row.url: _look(row) for row in _rows(db, {_id(url): url for url in urls}) if row.at is not None}

    def broken(self) -> dict[str, Look]:
        """All of which an editor has to know. While no server answers at all, that says nothing of any page."""
        query = select(links).where(links.c.state.in_([*BROKEN, State.MOVED]))
        with reading(self._engine) as db:
            found = [_look(row) for row in db.execute(query).all()]
        alone = self.alone()
        judged = (look for look in found if not (alone and look.state is State.UNREACHABLE))
        return {look.url: look for look in judged if look.broken or look.state is State.MOVED}

    def alone(self) -> bool:
        """Did many addresses stay without any server's answer, and none get one since? Perhaps we may ask nobody."""
        silent = and_(links.c.state == State.UNREACHABLE.value, links.c.status == 0)
        with reading(self._engine) as db:
            many, since = db.execute(select(func.count(), func.min(links.c.at)).where(silent)).one()
            if many < MANY:
                return False
            answered = select(links.c.id).where(links.c.status != 0, links.c.at >= since)
            return db.execute(answered.limit(1)).first() is None


def _id(url: str) -> str:
    return hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()[:32]


def _rows(db: Connection, named: Mapping[str, str]) -> list[Row[Any]]:
    found: list[Row[Any]] = []
    for part in batched(sorted(named), AT_ONCE):
        found += db.execute(select(links).where(links.c.id.in_(part))).all()
    return found


def _add(db: Connection, named: Mapping[str, str], now: datetime) -> None:
    new = [
        {"id": id, "url": url, "state": "", "status": 0, "target": "", "failures": 0, "at": None, "due": now}
        for id, url in named.items()
    ]
    # Somebody else may want the same at the same time.
    for part in batched(new, AT_ONCE):
        db.execute(upsert(db, links).on_conflict_do_nothing(), part)


def _look(row: Row[Any]) -> Look:
    return Look(row.url, State(row.state), row.status, row.target, row.failures, row.at)
