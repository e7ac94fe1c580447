"""Entries, their immutable revisions and which of them are live, in SQL.

Every call is one transaction. `serial()` grows by one with each change of what is live, so a worker polls
one number and asks `changes_since` only when it moved.
"""

import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, func, insert, select, update

from faq import rows
from faq.database import BINARY, reading, writing
from faq.entry import Content, Draft, Problem, Revision, Status, content_to_json, revision_of, validate
from faq.schema import open_database
from faq.tables import ENTRY, PERSON, counter, entries, events, revisions


class CatalogueError(Exception):
    """The catalogue refuses; the message says why."""


class UnknownEntry(CatalogueError):
    """There is no such entry."""


class UnknownRevision(CatalogueError):
    """There is no such revision of this entry."""


class EditConflict(CatalogueError):
    """Someone else saved this entry in the meantime; `head` is their revision (None: the entry is gone)."""

    def __init__(self, entry: str, head: Revision | None) -> None:
        self.entry, self.head = entry, head
        super().__init__(f"{entry} was changed in the meantime; look at the newer version first")


class FourEyes(CatalogueError):
    """The one who wrote a revision may not publish it."""


class NotPublishable(CatalogueError):
    """The revision has problems that block its release; `problems` lists them."""

    def __init__(self, entry: str, problems: list[Problem]) -> None:
        self.entry, self.problems = entry, problems
        fields = ", ".join(sorted({problem.field for problem in problems}))
        super().__init__(f"{entry} cannot be published yet: {fields}")


class WrongStatus(CatalogueError):
    """The revision is not in a status from which this step leads on."""


class TooLong(CatalogueError):
    """A name is longer than what a database keeps; the message says which and how long it may be."""


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
    """What became live, and what no longer is, up to and with `serial`."""

    serial: int
    changed: tuple[Revision, ...]
    removed: tuple[str, ...]


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
        with self._changing() as db:
            return self._save(db, entry, content, author, based_on)

    def submit(self, entry: str, revision: str, by: str) -> None:
        """Hands a draft to review. Raises WrongStatus unless it is the newest revision and a draft."""
        with self._changing() as db:
            row = _known(db, entry)
            if row.head != revision or row.status != Status.DRAFT:
                raise WrongStatus(f"only the newest draft of {entry} can be submitted")
            rows.set_status(db, entry, revision, Status.REVIEW)

    def publish(self, entry: str, revision: str, by: str, four_eyes: bool = False) -> int:
        """Makes the revision the live one and returns the new serial; an older one may be published again.

        Raises FourEyes when two people are needed and `by` wrote it, NotPublishable with the problems,
        UnknownRevision when it is not this entry's. Publishing the live revision again changes nothing.
        """
        with self._changing() as db:
            return self._publish(db, entry, revision, by, four_eyes)

    def archive(self, entry: str, by: str) -> int:
        """Takes the entry out of what is live and returns the serial; its revisions stay."""
        with self._changing() as db:
            row = _known(db, entry)
            rows.set_status(db, entry, row.head, Status.ARCHIVED)
            if row.live is None:
                return rows.serial(db)
            rows.set_status(db, entry, row.live, Status.ARCHIVED)
            return self._record(db, entry, None, by)

    def load(self, drafts: Iterable[Draft], author: str, publish: bool = False) -> Loaded:
        """Takes in many drafts in one transaction: all or nothing.

        An entry whose newest revision says the same is left alone; another gets a new revision on top.
        With `publish`, each becomes live (NotPublishable names the first that cannot).
        """
        new: builtins.list[str] = []
        changed: builtins.list[str] = []
        same: builtins.list[str] = []
        published: builtins.list[str] = []
        with self._changing() as db:
            for draft in drafts:
                row = rows.entry_row(db, draft.entry)
                head = rows.revision(db, row.head) if row else None
                if head and content_to_json(head.content) == content_to_json(draft.content):
                    same.append(draft.entry)
                else:
                    (changed if head else new).append(draft.entry)
                    head = self._save(db, draft.entry, draft.content, author, head.id if head else None)
                if publish:
                    before = rows.serial(db)
                    if self._publish(db, draft.entry, head.id, author, four_eyes=False) > before:
                        published.append(draft.entry)
        return Loaded(tuple(new), tuple(changed), tuple(same), tuple(published))

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        """One change of the catalogue at a time, on PostgreSQL as on SQLite, so that none can wait for another.

        Editors are few and a change takes milliseconds. The lock is released by the commit: serials are given in
        the order in which they become visible, and a follower who saw one saw all before it.
        """
        with writing(self._engine) as db:
            db.execute(select(counter.c.serial).with_for_update())
            yield db

    def check_writable(self) -> None:
        """Write, and change nothing: a full disk or missing rights are found at the start. Raises SQLAlchemyError."""
        with self._changing() as db:
            db.execute(update(counter).values(serial=counter.c.serial))

    def _save(self, db: Connection, entry: str, content: Content, author: str, based_on: str | None) -> Revision:
        row = rows.entry_row(db, entry)
        head = rows.revision(db, row.head) if row else None
        if (head.id if head else None) != based_on:
            raise EditConflict(entry, head)
        draft = revision_of(entry, head.number + 1 if head else 1, content, author, self._now())
        for what, name, longest in (("entry", entry, ENTRY), ("topic", draft.topic, ENTRY), ("author", author, PERSON)):
            if len(name) > longest:
                raise TooLong(f"{what} {name[:40]}… is too long: at most {longest} characters")
        rows.keep(db, draft, known=row is not None)
        return draft

    def _publish(self, db: Connection, entry: str, revision: str, by: str, four_eyes: bool) -> int:
        row = _known(db, entry)
        wanted = rows.revision(db, revision)
        if wanted is None or wanted.entry != entry:
            raise UnknownRevision(f"{entry} has no revision {revision}")
        if four_eyes and wanted.author == by:
            raise FourEyes(f"{by} wrote this version of {entry}; a second person must publish it")
        problems = [p for p in validate(Draft(entry, wanted.content)) if p.blocks]
        if problems:
            raise NotPublishable(entry, problems)
        if row.live == revision:
            return rows.serial(db)
        if row.live:
            rows.set_status(db, entry, row.live, Status.ARCHIVED)
        rows.set_status(db, entry, revision, Status.PUBLISHED)
        return self._record(db, entry, revision, by)

    def _record(self, db: Connection, entry: str, live: str | None, by: str) -> int:
        db.execute(update(counter).values(serial=counter.c.serial + 1))
        serial = rows.serial(db)
        db.execute(update(entries).where(entries.c.entry == entry).values(live=live))
        db.execute(insert(events).values(serial=serial, entry=entry, revision=live, by=by[:PERSON], at=self._now()))
        return serial

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
        return Changes(now, tuple(changed), tuple(removed))

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

    def pending(self) -> Mapping[str, str]:
        """Of each entry with a version that waits for its release, a draft or in review: the id of that version."""
        waiting = entries.c.status.in_((Status.DRAFT, Status.REVIEW))
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
            return Page(tuple(_state(db, row) for row in db.execute(ordered).all()), total)


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
