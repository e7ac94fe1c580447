"""Entries on their way out: all, or those of a topic or with certain words; what answers now, or the newest."""

from collections.abc import Iterator

from sqlalchemy import Engine, select

from faq import rows
from faq.database import reading
from faq.entry import Draft
from faq.tables import entries


def leaving(engine: Engine, live: bool = True, query: str = "", topic: str = "") -> Iterator[Draft]:
    """By name. `live`: what answers now; else the newest versions of all that is not archived, drafts as well."""
    column = entries.c.live if live else entries.c.head
    chosen = select(column).where(column.is_not(None))
    if not live:
        chosen = chosen.where(entries.c.status != "archived")
    for word in query.casefold().split():
        chosen = chosen.where(entries.c.words.contains(word, autoescape=True))
    if topic:
        chosen = chosen.where(entries.c.topic == topic)
    with reading(engine) as db:
        found = rows.some(db, db.execute(chosen).scalars())
    yield from (Draft(revision.entry, revision.content) for revision in found)
