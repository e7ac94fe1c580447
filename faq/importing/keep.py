"""An import written down: all drafts in one transaction, and none over what somebody saved in the meantime."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from faq import rows
from faq.database import reading
from faq.entry import revision_of
from faq.importing.plan import Plan
from faq.releases.kept import changing
from faq.tables import PERSON, entries

TOLD_EVERY = 50


@dataclass(frozen=True)
class Kept:
    """What became of the entries that were to change. `conflicts` were saved by somebody else since, and left alone."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    conflicts: tuple[str, ...]


def take_in(
    engine: Engine, wanted: Plan, author: str, now: datetime, tell: Callable[[int, int], None] = lambda done, of: None
) -> Kept:
    """Saves new and changed entries as drafts by `author`, all or nothing; `tell` hears how many of them are prepared.

    All that takes long comes before the transaction: others who save wait for it.
    """
    changes = (*wanted.new, *wanted.changed)
    with reading(engine) as db:
        numbers = {head.entry: head.number for head in rows.some(db, {c.based_on for c in changes if c.based_on})}
    prepared: dict[str, rows.Written] = {}
    for done, change in enumerate(changes):
        if done % TOLD_EVERY == 0:
            tell(done, len(changes))
        number = numbers.get(change.entry, 0) + 1
        prepared[change.entry] = rows.written(revision_of(change.entry, number, change.content, author[:PERSON], now))
    tell(len(changes), len(changes))
    with changing(engine) as db:
        found = {row.entry: row.head for row in db.execute(select(entries.c.entry, entries.c.head)).all()}
        kept = {change.entry for change in changes if found.get(change.entry) == change.based_on}
        rows.keep_all(db, [prepared[change.entry] for change in changes if change.entry in kept], found)
    return Kept(
        tuple(change.entry for change in wanted.new if change.entry in kept),
        tuple(change.entry for change in wanted.changed if change.entry in kept),
        tuple(change.entry for change in changes if change.entry not in kept),
    )
