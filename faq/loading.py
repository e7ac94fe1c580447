"""Many drafts at once: all that takes long comes before the transaction, for others who save wait for that."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from faq import rows
from faq.entry import Draft, Problem, Revision, content_to_json, revision_of, validate
from faq.refusals import NotPublishable, TooLong
from faq.releases.release import Changed
from faq.tables import ENTRY, PERSON, entries


@dataclass(frozen=True)
class Prepared:
    """A draft, judged by the newest revision of its entry, `based_on` (None: it is new). `written` is None where that
    one says the same; `blocks` is what keeps it from being published."""

    entry: str
    based_on: str | None
    revision: Revision
    written: rows.Written | None
    blocks: tuple[Problem, ...]


def heads(db: Connection, names: Iterable[str]) -> dict[str, Revision]:
    """The newest revision of each of these entries that there is."""
    found: list[str] = []
    for part in rows.batched(sorted(names), rows.AT_ONCE):
        found += db.execute(select(entries.c.head).where(entries.c.entry.in_(part))).scalars()
    return {head.entry: head for head in rows.some(db, found)}


def prepared(draft: Draft, head: Revision | None, author: str, now: datetime) -> Prepared:
    """What becomes of it. Raises TooLong."""
    blocks = tuple(problem for problem in validate(draft) if problem.blocks)
    if head and content_to_json(head.content) == content_to_json(draft.content):
        return Prepared(draft.entry, head.id, head, None, blocks)
    made = revision_of(draft.entry, head.number + 1 if head else 1, draft.content, author, now)
    fits(made)
    return Prepared(draft.entry, head.id if head else None, made, rows.written(made), blocks)


def renewed(
    db: Connection, drafts: Mapping[str, Draft], found: Iterable[Prepared], author: str, now: datetime
) -> list[Prepared]:
    """The same, those judged anew of which somebody saved a newer revision meanwhile."""
    known = {row.entry: row.head for row in db.execute(select(entries.c.entry, entries.c.head)).all()}
    found = list(found)
    stale = heads(db, [one.entry for one in found if known.get(one.entry) != one.based_on])
    return [prepared(drafts[one.entry], stale[one.entry], author, now) if one.entry in stale else one for one in found]


def published(db: Connection, found: Iterable[Prepared]) -> tuple[Changed, ...]:
    """What making them all live changes. Raises NotPublishable of the first that cannot be."""
    live = {row.entry: row.live for row in db.execute(select(entries.c.entry, entries.c.live)).all()}
    changes = []
    for one in found:
        if one.blocks:
            raise NotPublishable(one.entry, list(one.blocks))
        if live.get(one.entry) != one.revision.id:
            changes.append(Changed(one.entry, live.get(one.entry), one.revision.id))
    return tuple(changes)


def fits(draft: Revision) -> None:
    """Raises TooLong where a name is longer than what is kept of it."""
    for what, name, longest in (("entry", draft.entry, ENTRY), ("topic", draft.topic, ENTRY)):
        _fit(what, name, longest)
    _fit("author", draft.author, PERSON)


def _fit(what: str, name: str, longest: int) -> None:
    if len(name) > longest:
        raise TooLong(f"{what} {name[:40]}… is too long: at most {longest} characters")
