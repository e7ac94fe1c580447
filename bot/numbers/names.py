"""What ids are called, as people know them. Calls block."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Engine, select

from faq.database import reading
from faq.tables import entries


def questions(engine: Engine, some: Iterable[str]) -> Mapping[str, str]:
    """The German question of these entries; those that are gone are left out."""
    with reading(engine) as db:
        found = db.execute(select(entries.c.entry, entries.c.question).where(entries.c.entry.in_(sorted(some))))
        return {row.entry: row.question for row in found}
