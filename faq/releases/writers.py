"""Who wrote what a release changes: all whose words come into it, not only who saved last.

A draft lies upon the one before. Who sets a date in an entry, adds a wording or imports a list takes along what
somebody else typed into it, and has not read that.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, func, select

from faq import rows
from faq.examples.revisions import number_of
from faq.examples.tables import revisions as taught
from faq.tables import events, revisions


def of_entries(db: Connection, wanted: Mapping[str, str]) -> dict[str, set[str]]:
    """Of each entry (with the id of its revision): who wrote it since it answered last; what answered was signed."""
    found: dict[str, set[str]] = {}
    for part in rows.batched(sorted(wanted), rows.AT_ONCE):
        t = revisions
        query = select(t.c.entry, t.c.id, t.c.number, t.c.author).where(t.c.entry.in_(part))
        history = db.execute(query.order_by(t.c.entry, t.c.number.desc())).all()
        lived = set(db.execute(select(events.c.revision).where(events.c.entry.in_(part)).distinct()).scalars())
        settled: set[str] = set()
        for row in history:
            if row.id == wanted[row.entry]:
                found[row.entry] = {row.author}
            elif row.entry in found and row.entry not in settled:
                if row.id in lived:
                    settled.add(row.entry)
                else:
                    found[row.entry].add(row.author)
    return found


def of_examples(db: Connection, before: str, after: str) -> set[str]:
    """Who changed the examples of one name on their way to those of another."""
    if before == after:
        return set()
    t, last = taught, number_of(db, after)
    first = db.execute(select(func.max(t.c.number)).where(t.c.name == before, t.c.number < last)).scalar() or 0
    some = select(t.c.author).where(t.c.number > first, t.c.number <= last)
    return set(db.execute(some.distinct()).scalars())
