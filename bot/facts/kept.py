"""Facts in SQL: taken over from the store, erased with their citizen's words, forgotten by age. Calls block.

Whoever takes the same facts over again changes nothing: so a crash between here and the store costs nothing, and two
clocks do no harm.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, delete, update

from bot.facts.fact import Fact, FactKind
from bot.facts.sums import add_up
from bot.facts.tables import days, entries, facts, sums
from bot.kept import shallow
from faq.database import upsert, writing


class Facts:
    """The facts in a database. `zone` is the town's: it says which day it was."""

    def __init__(self, engine: Engine, zone: ZoneInfo) -> None:
        self._engine, self._zone = engine, zone

    def take(self, some: Sequence[Fact]) -> int:
        """Keep them, in the order in which they happened, all or none; returns how many were new."""
        if not some:
            return 0
        rows = {fact.id: self._row(fact) for fact in some}
        with writing(self._engine) as db:
            statement = upsert(db, facts).on_conflict_do_nothing(index_elements=["id"]).returning(facts.c.id)
            new = set(db.execute(statement, list(rows.values())).scalars())
            add_up(db, [row for ident, row in rows.items() if ident in new])
            for fact in some:
                if fact.kind is FactKind.ERASED:
                    _erase(db, fact)
        return len(new)

    def forget(self, now: datetime, questions: timedelta, rows: timedelta) -> None:
        """Words, and whose they were, of what is older than `questions`; all of what is older than `rows`."""
        with writing(self._engine) as db:
            old = update(facts).where(facts.c.at < now - questions, facts.c.conversation != "")
            db.execute(old.values(text="", conversation=""))
            db.execute(delete(facts).where(facts.c.at < now - rows))
            oldest = (now - rows).astimezone(self._zone).date().isoformat()
            for table in (sums, days, entries):
                db.execute(delete(table).where(table.c.day < oldest))

    def _row(self, fact: Fact) -> dict[str, Any]:
        row = {name: _cut(name, value) for name, value in shallow(fact).items()}
        return row | {"kind": str(fact.kind), "day": fact.at.astimezone(self._zone).date().isoformat()}


def _erase(db: Connection, fact: Fact) -> None:
    """Only the counts stay, and nothing tells whose they were."""
    theirs = (facts.c.conversation == fact.conversation, facts.c.at <= fact.at)
    db.execute(update(facts).where(*theirs).values(text="", conversation=""))


def _cut(name: str, value: Any) -> Any:
    """PostgreSQL refuses what is longer than its column, and one such fact would keep all others waiting."""
    longest = getattr(facts.c[name].type, "length", None)
    return value[:longest] if isinstance(value, str) else value
