"""An import written down: all drafts in one transaction, and none over what somebody saved in the meantime."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from faq import rows
from faq.database import writing
from faq.entry import revision_of
from faq.importing.plan import Change, Plan
from faq.tables import PERSON, counter, entries

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
    """Saves new and changed entries as drafts by `author`, all or nothing; `tell` hears how many of them are done."""
    changes = (*wanted.new, *wanted.changed)
    with writing(engine) as db:
        # The catalogue's own lock: one change at a time (faq.catalogue).
        db.execute(select(counter.c.serial).with_for_update())
        found = {row.entry: row for row in db.execute(select(entries.c.entry, entries.c.head)).all()}
        numbers = {head.entry: head.number for head in rows.some(db, {c.based_on for c in changes if c.based_on})}
        saved: list[Change] = []
        for done, change in enumerate(changes):
            row = found.get(change.entry)
            if (row.head if row else None) == change.based_on:
                number = numbers.get(change.entry, 0) + 1
                rows.keep(db, revision_of(change.entry, number, change.content, author[:PERSON], now), row is not None)
                saved.append(change)
            if done % TOLD_EVERY == 0:
                tell(done, len(changes))
    tell(len(changes), len(changes))
    kept = {change.entry for change in saved}
    return Kept(
        tuple(change.entry for change in wanted.new if change.entry in kept),
        tuple(change.entry for change in wanted.changed if change.entry in kept),
        tuple(change.entry for change in changes if change.entry not in kept),
    )
