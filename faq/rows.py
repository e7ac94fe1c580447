"""Between revisions and rows: what the catalogue reads and writes in one open transaction."""

import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from faq.courtesy import courteous
from faq.entry import Content, Revision, Status, content_from_json, content_to_json, named
from faq.tables import counter, entries, revisions

T = TypeVar("T")
AT_ONCE = 500  # ids in one query; SQLite takes 32,766 parameters, older ones 999


def serial(db: Connection) -> int:
    """How often that changed what is live."""
    return int(db.execute(select(counter.c.serial)).scalar_one())


def entry_row(db: Connection, entry: str) -> Row[Any] | None:
    """The entry's row."""
    return db.execute(select(entries).where(entries.c.entry == entry)).first()


def revision(db: Connection, id: str) -> Revision | None:
    """That revision."""
    row = db.execute(select(revisions).where(revisions.c.id == id)).first()
    return read(row) if row else None


def live(db: Connection, *where: Any) -> list[Revision]:
    """The live revisions for which that holds, by entry."""
    joined = select(revisions).join(entries, entries.c.live == revisions.c.id)
    rows = db.execute(joined.where(*where)).yield_per(AT_ONCE)
    # Sorted here: each database has an order of its own for text.
    return sorted((read(row) for row in courteous(rows)), key=lambda found: found.entry)


def some(db: Connection, ids: Iterable[str]) -> list[Revision]:
    """The revisions of these ids, by entry."""
    found: list[Revision] = []
    for part in batched(sorted(ids), AT_ONCE):
        found += map(read, courteous(db.execute(select(revisions).where(revisions.c.id.in_(part))).all()))
    return sorted(found, key=lambda revision: revision.entry)


def questions(db: Connection, names: Iterable[str]) -> dict[str, str]:
    """What these entries are called: the question of the newest revision of each that there is."""
    found: dict[str, str] = {}
    for part in batched(sorted(names), AT_ONCE):
        some = db.execute(select(entries.c.entry, entries.c.question).where(entries.c.entry.in_(part))).all()
        found |= {row.entry: row.question or row.entry for row in some}
    return found


def batched(some: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """So many at a time."""
    return (some[first : first + size] for first in range(0, len(some), size))


def set_status(db: Connection, entry: str, id: str, status: Status) -> None:
    """The revision's status, and the entry's where it is its newest one."""
    db.execute(update(revisions).where(revisions.c.id == id).values(status=status))
    is_head = (entries.c.entry == entry) & (entries.c.head == id)
    db.execute(update(entries).where(is_head).values(status=status))


def lead(db: Connection, revision: Revision) -> None:
    """A revision that is kept already is its entry's newest one, with the status that it has."""
    status = select(revisions.c.status).where(revisions.c.id == revision.id).scalar_subquery()
    values = {**written(revision).entry, "status": status}
    db.execute(update(entries).where(entries.c.entry == revision.entry).values(values))


def keep(db: Connection, draft: Revision, known: bool) -> None:
    """The draft as a new revision, and as the newest of its entry, which is known already or is new."""
    keep_all(db, [written(draft)], {draft.entry} if known else ())


@dataclass(frozen=True)
class Written:
    """A draft as rows: of the revisions and of the entries. Made before a transaction, which is then short."""

    revision: Mapping[str, Any]
    entry: Mapping[str, Any]


def written(draft: Revision) -> Written:
    """The rows of a draft."""
    content = json.dumps(content_to_json(draft.content), ensure_ascii=False, sort_keys=True)
    values = {"id": draft.id, "entry": draft.entry, "number": draft.number, "content": content}
    values |= {"status": Status.DRAFT, "author": draft.author, "at": draft.at}
    return Written(values, {"entry": draft.entry} | _listed(draft) | {"head": draft.id, "status": Status.DRAFT})


def keep_all(db: Connection, drafts: Sequence[Written], known: Container[str]) -> None:
    """Many drafts at once, each the newest of its entry; `known` are the entries that are there already."""
    if not drafts:
        return
    db.execute(insert(revisions), [dict(draft.revision) for draft in drafts])
    if new := [{**draft.entry, "live": None} for draft in drafts if draft.entry["entry"] not in known]:
        db.execute(insert(entries), new)
    if old := [{**draft.entry, "of": draft.entry["entry"]} for draft in drafts if draft.entry["entry"] in known]:
        db.execute(update(entries).where(entries.c.entry == bindparam("of")), old)


def read(row: Row[Any]) -> Revision:
    """A row of revisions."""
    content: Content = content_from_json(json.loads(row.content))
    return named(row.id, row.entry, row.number, content, row.author, row.at)


def _listed(draft: Revision) -> dict[str, str]:
    """What lists show, sort and search by."""
    texts = draft.texts.values()
    words = [draft.entry, *(word for text in texts for word in (text.question, *text.variants))]
    question = next(iter(texts)).question if "de" not in draft.texts else draft.texts["de"].question
    return {"topic": draft.topic, "question": question, "words": "\n".join(words).casefold()}
