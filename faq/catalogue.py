"""Entries, their immutable revisions and which of them are live, in SQL.

Every call is one transaction. `serial()` grows with each change of what is live, so a worker polls one number and
asks `changes_since` only when it moved. Whatever changes what is live leaves a release (faq.releases): `publish`,
`archive` and `load` make one by themselves, which nobody tried and nobody else signed; editors propose theirs.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, func, select, update

from faq import loading, rows
from faq.database import BINARY, reading
from faq.entry import Content, Draft, Revision, Status, revision_of, validate
from faq.refusals import (
    CatalogueError,
    EditConflict,
    NotPublishable,
    TooLong,
    UnknownEntry,
    UnknownRevision,
    WrongStatus,
)
from faq.releases import kept
from faq.releases.kept import changing
from faq.releases.release import Changed, Release
from faq.schema import open_database
from faq.tables import counter, entries, events, revisions

__all__ = [
    "Catalogue",
    "CatalogueError",
    "Changes",
    "EditConflict",
    "Loaded",
    "NotPublishable",
    "Page",
    "State",
    "TooLong",
    "UnknownEntry",
    "UnknownRevision",
    "Version",
    "WrongStatus",
]


@dataclass(frozen=True)
class State:
    """An entry as editors see it: its newest revision and the one that answers now, if any."""

    entry: str
    status: Status
    head: Revision
    live: Revision | None


@dataclass(frozen=True)
class Version:
    """One step in an entry's history."""

    revision: Revision
    status: Status
    live: bool


@dataclass(frozen=True)
class Page:
    """Some of the entries, and how many there are in all."""

    states: tuple[State, ...]
    total: int


@dataclass(frozen=True)
class Changes:
    """What became live, and what no longer is, up to and with `serial`; `release` is what answers then (None while
    nothing was published, and where an older version of the program published last)."""

    serial: int
    changed: tuple[Revision, ...]
    removed: tuple[str, ...]
    release: Release | None = None


@dataclass(frozen=True)
class Loaded:
    """Which entries a load added, changed, and found unchanged; of all these, which it made live."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    same: tuple[str, ...]
    published: tuple[str, ...] = ()


class Catalogue:
    """The corpus in one database. Safe to share between threads; many processes may use one database."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine, self._now = engine, now

    @classmethod
    def open(cls, url: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> "Catalogue":
        """Opens the database at this SQLAlchemy URL; new ones are laid out, older ones upgraded."""
        return cls(open_database(url), now)

    @property
    def engine(self) -> Engine:
        """The database, for others of this process that keep something in it: one pool of connections serves all."""
        return self._engine

    def close(self) -> None:
        self._engine.dispose()

    # -- writing

    def save_draft(self, entry: str, content: Content, author: str, based_on: str | None = None) -> Revision:
        """Keeps the content as a new draft and returns it.

        `based_on` is the id of the newest revision that the author saw, None for a new entry.
        Raises EditConflict when a newer one exists: nothing is overwritten silently.
        """
        with changing(self._engine) as db:
            return self.save_in(db, entry, content, author, based_on)

    def submit(self, entry: str, revision: str, by: str) -> None:
        """Hands a draft to review. Raises WrongStatus unless it is the newest revision and a draft."""
        with changing(self._engine) as db:
            row = _known(db, entry)
            if row.head != revision or row.status != Status.DRAFT:
                raise WrongStatus(f"only the newest draft of {entry} can be submitted")
            rows.set_status(db, entry, revision, Status.REVIEW)

    def publish(self, entry: str, revision: str, by: str) -> int:
        """Makes the revision the live one and returns the new serial; an older one may be published again.

        Raises NotPublishable with the problems, UnknownRevision when it is not this entry's. Publishing the live
        revision again changes nothing.
        """
        with changing(self._engine) as db:
            change = self._publishable(db, entry, revision)
            return self._release(db, (change,) if change else (), by)

    def archive(self, entry: str, by: str, if_live: bool = True) -> int:
        """Takes the entry out of what is live and returns the serial; its revisions stay. Without `if_live`, raises
        WrongStatus for one that is live, which a release has to take out."""
        with changing(self._engine) as db:
            return self.archive_in(db, entry, by, if_live)

    def archive_in(self, db: Connection, entry: str, by: str, if_live: bool = True) -> int:
        """`archive` as a part of a larger change (faq.releases.kept.changing)."""
        row = _known(db, entry)
        if row.live and not if_live:
            raise WrongStatus(f"{entry} is live by now: a release takes it out")
        rows.set_status(db, entry, row.head, Status.ARCHIVED)
        return self._release(db, (Changed(entry, row.live, None),) if row.live else (), by)

    def load(self, drafts: Iterable[Draft], author: str, publish: bool = False) -> Loaded:
        """Takes in many drafts in one transaction: all or nothing. Of several of one entry the last one counts.

        An entry whose newest revision says the same is left alone; another gets a new revision on top.
        With `publish`, each becomes live (NotPublishable names the first that cannot).
        """
        wanted = {draft.entry: draft for draft in drafts}
        with reading(self._engine) as db:
            heads = loading.heads(db, wanted)
        now = self._now()
        found = [loading.prepared(draft, heads.get(entry), author, now) for entry, draft in wanted.items()]
        with changing(self._engine) as db:
            found = loading.renewed(db, wanted, found, author, now)
            changes = loading.published(db, found) if publish else ()
            rows.keep_all(db, [one.written for one in found if one.written], {o.entry for o in found if o.based_on})
            self._release(db, changes, author)
        return Loaded(
            tuple(one.entry for one in found if one.written and not one.based_on),
            tuple(one.entry for one in found if one.written and one.based_on),
            tuple(one.entry for one in found if not one.written),
            tuple(change.entry for change in changes),
        )

    def check_writable(self) -> None:
        """Write, and change nothing: a full disk or missing rights are found at the start. Raises SQLAlchemyError."""
        with changing(self._engine) as db:
            db.execute(update(counter).values(serial=counter.c.serial))

    def save_in(self, db: Connection, entry: str, content: Content, author: str, based_on: str | None) -> Revision:
        """`save_draft` as a part of a larger change (faq.releases.kept.changing)."""
        row = rows.entry_row(db, entry)
        head = rows.revision(db, row.head) if row else None
        if (head.id if head else None) != based_on:
            raise EditConflict(entry, head)
        draft = revision_of(entry, head.number + 1 if head else 1, content, author, self._now())
        loading.fits(draft)
        rows.keep(db, draft, known=row is not None)
        return draft

    def _publishable(self, db: Connection, entry: str, revision: str) -> Changed | None:
        """What publishing the revision changes; None where it is live already."""
        row = _known(db, entry)
        wanted = rows.revision(db, revision)
        if wanted is None or wanted.entry != entry:
            raise UnknownRevision(f"{entry} has no revision {revision}")
        problems = [p for p in validate(Draft(entry, wanted.content)) if p.blocks]
        if problems:
            raise NotPublishable(entry, problems)
        return None if row.live == revision else Changed(entry, row.live, revision)

    def _release(self, db: Connection, changes: tuple[Changed, ...], by: str) -> int:
        """One release and its activation for all that a transaction changes of what is live; returns the serial."""
        at = self._now()
        base = kept.adopt(db, at)
        if not changes:
            return rows.serial(db)
        before = kept.manifest(db, base.id) if base else {}
        wanted = before | {change.entry: change.after for change in changes if change.after}
        for change in changes:
            if change.after is None:
                del wanted[change.entry]
        made = kept.keep(db, wanted, base, by, "", at)
        return kept.put_in_force(db, made, changes, by, at, detail=kept.UNPROVED)

    # -- reading

    def serial(self) -> int:
        with reading(self._engine) as db:
            return rows.serial(db)

    def changes_since(self, serial: int) -> Changes:
        """What became live or ceased to be after that serial; each entry once, in its last state."""
        with reading(self._engine) as db:
            now = rows.serial(db)
            touched = select(events.c.entry).where(events.c.serial > serial, events.c.serial <= now).distinct()
            gone = select(entries.c.entry).where(entries.c.entry.in_(touched), entries.c.live.is_(None))
            removed = sorted(db.execute(gone).scalars())
            changed = rows.live(db, entries.c.entry.in_(touched))
            return Changes(now, tuple(changed), tuple(removed), kept.live(db))

    def live_release(self) -> Release | None:
        """The release that answers; one is made where an older version of the program published last."""
        with reading(self._engine) as db:
            if found := kept.live(db):
                return found
        with changing(self._engine) as db:
            return kept.adopt(db, self._now())

    def live(self) -> Iterator[Revision]:
        """Every live revision, by entry; whether it is valid today is the index's to judge."""
        with reading(self._engine) as db:
            found = rows.live(db)
        yield from found

    def get(self, entry: str) -> State | None:
        with reading(self._engine) as db:
            row = rows.entry_row(db, entry)
            return _state(db, row) if row else None

    def revision(self, id: str) -> Revision | None:
        """Any revision that ever was, so that a conversation can show what it was answered with."""
        with reading(self._engine) as db:
            return rows.revision(db, id)

    def pending(self, *statuses: Status) -> Mapping[str, str]:
        """Of each entry with a version that waits for its release, a draft or in review (or only of these `statuses`):
        the id of that version."""
        waiting = entries.c.status.in_(statuses or (Status.DRAFT, Status.REVIEW))
        with reading(self._engine) as db:
            found = db.execute(select(entries.c.entry, entries.c.head).where(waiting)).all()
        return {row.entry: row.head for row in found}

    def revisions(self, ids: Iterable[str]) -> tuple[Revision, ...]:
        """Those revisions, by entry; ids that there are none of are left out."""
        with reading(self._engine) as db:
            return tuple(rows.some(db, ids))

    def history(self, entry: str) -> tuple[Version, ...]:
        """All revisions, the newest first; empty for an unknown entry."""
        with reading(self._engine) as db:
            live = db.execute(select(entries.c.live).where(entries.c.entry == entry)).scalar()
            query = select(revisions).where(revisions.c.entry == entry).order_by(revisions.c.number.desc())
            return tuple(Version(rows.read(row), Status(row.status), row.id == live) for row in db.execute(query).all())

    def list(
        self, query: str = "", topic: str = "", status: Status | None = None, offset: int = 0, limit: int = 50
    ) -> Page:
        """Entries whose words hold all of the query's, by question. PUBLISHED means: one revision is live."""
        chosen: Select[Any] = select(entries)
        for word in query.casefold().split():
            chosen = chosen.where(entries.c.words.contains(word, autoescape=True))
        if topic:
            chosen = chosen.where(entries.c.topic == topic)
        if status is Status.PUBLISHED:
            chosen = chosen.where(entries.c.live.is_not(None))
        elif status is not None:
            chosen = chosen.where(entries.c.status == status)
        with reading(self._engine) as db:
            total = db.execute(select(func.count()).select_from(chosen.subquery())).scalar_one()
            by = (column.collate(BINARY[db.dialect.name]) for column in (entries.c.question, entries.c.entry))
            ordered = chosen.order_by(*by).offset(offset).limit(limit)
            some = db.execute(ordered).all()
            known = {r.id: r for r in rows.some(db, {id for row in some for id in (row.head, row.live) if id})}
            found = (State(row.entry, Status(row.status), known[row.head], known.get(row.live)) for row in some)
            return Page(tuple(found), total)


def _known(db: Connection, entry: str) -> Row[Any]:
    row = rows.entry_row(db, entry)
    if row is None:
        raise UnknownEntry(f"there is no entry {entry}")
    return row


def _state(db: Connection, row: Row[Any]) -> State:
    head = rows.revision(db, row.head)
    assert head is not None  # a foreign key
    live = head if row.live == row.head else rows.revision(db, row.live) if row.live else None
    return State(row.entry, Status(row.status), head, live)
