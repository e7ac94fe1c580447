"""Entries, their immutable revisions and which of them are live, in SQL.

Every call is one transaction. `serial()` grows by one with each change of what is live, so a worker polls
one number and asks `changes_since` only when it moved.
"""

import builtins
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from faq.entry import (
    Content,
    Draft,
    Problem,
    Revision,
    Status,
    content_from_json,
    content_to_json,
    revision_of,
    validate,
)
from faq.tables import counter, entries, events, metadata, open_engine, revisions, writing

_SCHEMA_LOCK = 7_461_646_115


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
    """Which entries a load added, changed, and found unchanged."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    same: tuple[str, ...]


class Catalogue:
    """The corpus in one database. Safe to share between threads; many processes may use one database."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine, self._now = engine, now

    @classmethod
    def open(cls, url: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> "Catalogue":
        """Opens the database at this SQLAlchemy URL and lays out its tables where they are missing."""
        engine = open_engine(url)
        with writing(engine) as db:
            if engine.dialect.name == "postgresql":  # several processes may start at once
                db.execute(select(func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
            metadata.create_all(db)
            if db.execute(select(counter.c.serial)).first() is None:
                db.execute(insert(counter).values(id=1, serial=0))
        return cls(engine, now)

    def close(self) -> None:
        self._engine.dispose()

    # -- writing

    def save_draft(self, entry: str, content: Content, author: str, based_on: str | None = None) -> Revision:
        """Keeps the content as a new draft and returns it.

        `based_on` is the id of the newest revision that the author saw, None for a new entry.
        Raises EditConflict when a newer one exists: nothing is overwritten silently.
        """
        try:
            with writing(self._engine) as db:
                return self._save(db, entry, content, author, based_on)
        except IntegrityError:
            # Two people added the same entry in the same moment; the other one was first.
            state = self.get(entry)
            raise EditConflict(entry, state.head if state else None) from None

    def submit(self, entry: str, revision: str, by: str) -> None:
        """Hands a draft to review. Raises WrongStatus unless it is the newest revision and a draft."""
        with writing(self._engine) as db:
            row = _locked_or_raise(db, entry)
            if row.head != revision or row.status != Status.DRAFT:
                raise WrongStatus(f"only the newest draft of {entry} can be submitted")
            _set_status(db, entry, revision, Status.REVIEW)

    def publish(self, entry: str, revision: str, by: str, four_eyes: bool = False) -> int:
        """Makes the revision the live one and returns the new serial; an older one may be published again.

        Raises FourEyes when two people are needed and `by` wrote it, NotPublishable with the problems,
        UnknownRevision when it is not this entry's. Publishing the live revision again changes nothing.
        """
        with writing(self._engine) as db:
            return self._publish(db, entry, revision, by, four_eyes)

    def archive(self, entry: str, by: str) -> int:
        """Takes the entry out of what is live and returns the serial; its revisions stay."""
        with writing(self._engine) as db:
            row = _locked_or_raise(db, entry)
            _set_status(db, entry, row.head, Status.ARCHIVED)
            if row.live is None:
                return _serial(db)
            _set_status(db, entry, row.live, Status.ARCHIVED)
            return self._record(db, entry, None, by)

    def load(self, drafts: Iterable[Draft], author: str, publish: bool = False) -> Loaded:
        """Takes in many drafts in one transaction: all or nothing.

        An entry whose newest revision says the same is left alone; another gets a new revision on top.
        With `publish`, each becomes live (NotPublishable names the first that cannot).
        """
        new: builtins.list[str] = []
        changed: builtins.list[str] = []
        same: builtins.list[str] = []
        with writing(self._engine) as db:
            for draft in drafts:
                row = _locked(db, draft.entry)
                head = _revision(db, row.head) if row else None
                if head and content_to_json(head.content) == content_to_json(draft.content):
                    same.append(draft.entry)
                else:
                    (changed if head else new).append(draft.entry)
                    head = self._save(db, draft.entry, draft.content, author, head.id if head else None)
                if publish:
                    self._publish(db, draft.entry, head.id, author, four_eyes=False)
        return Loaded(tuple(new), tuple(changed), tuple(same))

    def _save(self, db: Connection, entry: str, content: Content, author: str, based_on: str | None) -> Revision:
        row = _locked(db, entry)
        head = _revision(db, row.head) if row else None
        if (head.id if head else None) != based_on:
            raise EditConflict(entry, head)
        draft = revision_of(entry, head.number + 1 if head else 1, content, author, self._now())
        db.execute(insert(revisions).values(**_revision_row(draft), status=Status.DRAFT))
        values = _entry_row(draft) | {"head": draft.id, "status": Status.DRAFT}
        if row:
            db.execute(update(entries).where(entries.c.entry == entry).values(values))
        else:
            db.execute(insert(entries).values(entry=entry, live=None, **values))
        return draft

    def _publish(self, db: Connection, entry: str, revision: str, by: str, four_eyes: bool) -> int:
        row = _locked_or_raise(db, entry)
        wanted = _revision(db, revision)
        if wanted is None or wanted.entry != entry:
            raise UnknownRevision(f"{entry} has no revision {revision}")
        if four_eyes and wanted.author == by:
            raise FourEyes(f"{by} wrote this version of {entry}; a second person must publish it")
        problems = [p for p in validate(Draft(entry, wanted.content)) if p.blocks]
        if problems:
            raise NotPublishable(entry, problems)
        if row.live == revision:
            return _serial(db)
        if row.live:
            _set_status(db, entry, row.live, Status.ARCHIVED)
        _set_status(db, entry, revision, Status.PUBLISHED)
        return self._record(db, entry, revision, by)

    def _record(self, db: Connection, entry: str, live: str | None, by: str) -> int:
        db.execute(update(counter).values(serial=counter.c.serial + 1))
        serial = _serial(db)
        db.execute(update(entries).where(entries.c.entry == entry).values(live=live))
        db.execute(insert(events).values(serial=serial, entry=entry, revision=live, by=by, at=self._now()))
        return serial

    # -- reading

    def serial(self) -> int:
        with self._engine.connect() as db:
            return _serial(db)

    def changes_since(self, serial: int) -> Changes:
        """What became live or ceased to be after that serial; each entry once, in its last state."""
        with self._engine.connect() as db:
            now = _serial(db)
            touched = select(events.c.entry).where(events.c.serial > serial, events.c.serial <= now).distinct()
            rows = db.execute(select(entries.c.entry, entries.c.live).where(entries.c.entry.in_(touched))).all()
            changed = _live(db, entries.c.entry.in_(touched))
        return Changes(now, tuple(changed), tuple(sorted(row.entry for row in rows if row.live is None)))

    def live(self) -> Iterator[Revision]:
        """Every live revision, by entry; whether it is valid today is the index's to judge."""
        with self._engine.connect() as db:
            found = _live(db)
        yield from found

    def get(self, entry: str) -> State | None:
        with self._engine.connect() as db:
            row = db.execute(select(entries).where(entries.c.entry == entry)).first()
            return _state(db, row) if row else None

    def revision(self, id: str) -> Revision | None:
        """Any revision that ever was, so that a conversation can show what it was answered with."""
        with self._engine.connect() as db:
            return _revision(db, id)

    def history(self, entry: str) -> tuple[Version, ...]:
        """All revisions, the newest first; empty for an unknown entry."""
        with self._engine.connect() as db:
            live = db.execute(select(entries.c.live).where(entries.c.entry == entry)).scalar()
            query = select(revisions).where(revisions.c.entry == entry).order_by(revisions.c.number.desc())
            return tuple(Version(_read(row), Status(row.status), row.id == live) for row in db.execute(query).all())

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
        with self._engine.connect() as db:
            total = db.execute(select(func.count()).select_from(chosen.subquery())).scalar_one()
            ordered = chosen.order_by(entries.c.question, entries.c.entry).offset(offset).limit(limit)
            return Page(tuple(_state(db, row) for row in db.execute(ordered).all()), total)


def _serial(db: Connection) -> int:
    return int(db.execute(select(counter.c.serial)).scalar_one())


def _locked(db: Connection, entry: str) -> Row[Any] | None:
    return db.execute(select(entries).where(entries.c.entry == entry).with_for_update()).first()


def _locked_or_raise(db: Connection, entry: str) -> Row[Any]:
    row = _locked(db, entry)
    if row is None:
        raise UnknownEntry(f"there is no entry {entry}")
    return row


def _set_status(db: Connection, entry: str, revision: str, status: Status) -> None:
    db.execute(update(revisions).where(revisions.c.id == revision).values(status=status))
    is_head = (entries.c.entry == entry) & (entries.c.head == revision)
    db.execute(update(entries).where(is_head).values(status=status))


def _live(db: Connection, *where: Any) -> list[Revision]:
    joined = select(revisions).join(entries, entries.c.live == revisions.c.id)
    return [_read(row) for row in db.execute(joined.where(*where).order_by(revisions.c.entry)).all()]


def _revision(db: Connection, id: str) -> Revision | None:
    row = db.execute(select(revisions).where(revisions.c.id == id)).first()
    return _read(row) if row else None


def _state(db: Connection, row: Row[Any]) -> State:
    head = _revision(db, row.head)
    assert head is not None  # a foreign key
    live = head if row.live == row.head else _revision(db, row.live) if row.live else None
    return State(row.entry, Status(row.status), head, live)


def _read(row: Row[Any]) -> Revision:
    content = content_from_json(json.loads(row.content))
    at = row.at if row.at.tzinfo else row.at.replace(tzinfo=UTC)  # SQLite forgets the zone
    return replace(revision_of(row.entry, row.number, content, row.author, at), id=row.id)


def _revision_row(revision: Revision) -> dict[str, Any]:
    content = json.dumps(content_to_json(revision.content), ensure_ascii=False, sort_keys=True)
    at = revision.at.astimezone(UTC)
    return {
        "id": revision.id,
        "entry": revision.entry,
        "number": revision.number,
        "content": content,
        "author": revision.author,
        "at": at,
    }


def _entry_row(revision: Revision) -> dict[str, Any]:
    texts = revision.texts.values()
    words = [revision.entry, *(word for text in texts for word in (text.question, *text.variants))]
    question = next(iter(texts)).question if "de" not in revision.texts else revision.texts["de"].question
    return {"topic": revision.topic, "question": question, "words": "\n".join(words).casefold()}
