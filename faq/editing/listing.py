"""Entries as a list of ten thousand: searched, filtered, sorted and cut in SQL, without reading a revision."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from faq import rows
from faq.database import BINARY, reading, writing
from faq.editing.tables import KEY, listing
from faq.entry import Revision, Status
from faq.tables import entries, revisions
from nlu.text import fold

CHANGED = "changed"
"""A status of lists beside those of revisions: live, with something newer on top."""

SORTS = ("question", "topic", "status", "as_of", "review_by", "at", "author")
_COLUMNS = {"question": listing.c.key, "topic": entries.c.topic, "status": entries.c.status} | {
    name: listing.c[name] for name in ("as_of", "review_by", "at", "author")
}


_TOLD = select(
    *(entries.c[name] for name in ("entry", "head", "live", "status", "question", "topic")),
    *(listing.c[name] for name in ("office", "author", "languages", "as_of", "review_by", "at")),
).join(listing, listing.c.entry == entries.c.entry)


@dataclass(frozen=True)
class Wanted:
    """What a list shows. `missing`: a language that the entry does not have; `due`: its review was to be before that
    day; `among`: only these entries; `sort` one of SORTS."""

    query: str = ""
    topic: str = ""
    status: str = ""
    missing: str = ""
    office: str = ""
    author: str = ""
    due: date | None = None
    among: Collection[str] | None = None
    sort: str = "question"
    falling: bool = False


@dataclass(frozen=True)
class Listed:
    """One line: the newest revision's question and facts. `review_by` None: nobody set one."""

    entry: str
    head: str
    status: str
    question: str
    topic: str
    office: str
    author: str
    languages: tuple[str, ...]
    as_of: date
    review_by: date | None
    at: datetime


class Listing:
    """Lists of one database's entries. Calls block (SQL)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(self, wanted: Wanted, offset: int = 0, limit: int = 50) -> tuple[tuple[Listed, ...], int]:
        """Some of the entries, and how many there are in all."""
        self.refresh()
        joined = entries.join(listing, listing.c.entry == entries.c.entry)
        where = _where(wanted)
        with reading(self._engine) as db:
            total = db.execute(select(func.count()).select_from(joined).where(*where)).scalar_one()
            # Names first, then the rows of these: what is sorted and skipped over is short.
            named = select(entries.c.entry).select_from(joined).where(*where)
            named = named.order_by(*_order(wanted, BINARY[db.dialect.name])).offset(offset).limit(limit)
            names = db.execute(named).scalars().all()
            rows_ = {row.entry: row for row in db.execute(_TOLD.where(entries.c.entry.in_(names))).all()}
        found = [rows_[name] for name in names]
        return tuple(_listed(row) for row in found), total

    def authors(self) -> tuple[str, ...]:
        """Who wrote the newest revision of any entry."""
        with reading(self._engine) as db:
            return tuple(sorted(db.execute(select(listing.c.author).distinct()).scalars()))

    def refresh(self) -> int:
        """Make the rows anew that are missing or say what an older revision said; returns how many."""
        with reading(self._engine) as db:
            stale = _stale(db)
        if not stale:
            return 0
        for part in rows.batched(stale, rows.AT_ONCE):
            try:
                with writing(self._engine) as db:
                    _renew(db, part)
            except IntegrityError:
                continue  # another process made them at the same moment
        return len(stale)


def first_drafts(engine: Engine, authors: Collection[str]) -> tuple[Revision, ...]:
    """What these people wrote as an entry's first version and nobody has published or taken up since, by entry."""
    mine = select(revisions.c.id).join(entries, entries.c.head == revisions.c.id)
    waiting = entries.c.status.in_((Status.DRAFT, Status.REVIEW))
    mine = mine.where(waiting, revisions.c.number == 1, revisions.c.author.in_(sorted(authors)))
    with reading(engine) as db:
        return tuple(rows.some(db, db.execute(mine).scalars()))


def _stale(db: Connection) -> list[tuple[str, str, bool]]:
    """Entry, its newest revision, and whether it has a row."""
    joined = entries.outerjoin(listing, listing.c.entry == entries.c.entry)
    old = or_(listing.c.head.is_(None), listing.c.head != entries.c.head)
    found = db.execute(select(entries.c.entry, entries.c.head, listing.c.head).select_from(joined).where(old)).all()
    return [(entry, head, was is not None) for entry, head, was in found]


def _renew(db: Connection, stale: Collection[tuple[str, str, bool]]) -> None:
    known = {entry for entry, _, there in stale if there}
    fresh = []
    for revision in rows.some(db, [head for _, head, _ in stale]):
        values = _values(revision)
        if revision.entry in known:
            db.execute(update(listing).where(listing.c.entry == revision.entry).values(values))
        else:
            fresh.append(values | {"entry": revision.entry})
    if fresh:
        db.execute(insert(listing), fresh)


def _values(revision: Revision) -> dict[str, Any]:
    return {
        "head": revision.id,
        "key": fold(revision.text("de").question)[:KEY] or revision.entry[:KEY],
        "office": revision.office,
        "author": revision.author,
        "languages": f",{','.join(revision.texts)},"[:200],
        "as_of": revision.as_of.isoformat(),
        "review_by": revision.review_by.isoformat() if revision.review_by else "",
        "at": revision.at,
    }


def _where(wanted: Wanted) -> list[Any]:
    found: list[Any] = [entries.c.words.contains(word, autoescape=True) for word in wanted.query.casefold().split()]
    for column, value in (
        (entries.c.topic, wanted.topic),
        (listing.c.office, wanted.office),
        (listing.c.author, wanted.author),
    ):
        if value:
            found.append(column == value)
    if wanted.missing:
        found.append(listing.c.languages.not_like(f"%,{wanted.missing},%"))
    if wanted.due:
        found.append(and_(listing.c.review_by != "", listing.c.review_by < wanted.due.isoformat()))
    if wanted.among is not None:
        found.append(entries.c.entry.in_(wanted.among))
    status: Callable[[str], Any] = _STATUS.get(wanted.status, lambda name: entries.c.status == name)
    return [*found, status(wanted.status)] if wanted.status else found


_NEWER = and_(entries.c.live.is_not(None), entries.c.live != entries.c.head, entries.c.status != Status.ARCHIVED)
_STATUS: dict[str, Callable[[str], Any]] = {
    Status.PUBLISHED: lambda _: entries.c.live.is_not(None),
    CHANGED: lambda _: _NEWER,
}


def _order(wanted: Wanted, binary: str) -> list[Any]:
    sort = wanted.sort if wanted.sort in SORTS else "question"
    column: Any = _COLUMNS[sort]
    # Both databases sort by code points: what is folded needs no more, and an index serves.
    first = column if sort == "at" else column.collate(binary)
    return [first.desc() if wanted.falling else first, entries.c.entry.collate(binary)]


def _listed(row: Row[Any]) -> Listed:
    newer = row.live is not None and row.live != row.head and row.status != Status.ARCHIVED
    return Listed(
        row.entry,
        row.head,
        CHANGED if newer else row.status,
        row.question or row.entry,
        row.topic,
        row.office,
        row.author,
        tuple(x for x in row.languages.split(",") if x),
        date.fromisoformat(row.as_of),
        date.fromisoformat(row.review_by) if row.review_by else None,
        row.at,
    )
