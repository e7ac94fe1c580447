"""Sums of facts by day, grown by what was new: in the transaction that keeps the facts, so that both always agree."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table

from bot.facts.fact import FactKind
from bot.facts.tables import SPLITS, days, entries, sums
from faq.database import upsert

OF_ENTRIES = frozenset({FactKind.ANSWERED, FactKind.REJECTED, FactKind.PRAISED})


def add_up(db: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add these facts (rows of the table `facts`, all new) to the sums."""
    by_one: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    by_all: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    by_entry: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0])
    for row in rows:
        count, value = row["count"], row["value"]
        adds = (count, 0, 0) if value is None else (count, count, count * value)
        rest = (row["kind"], row["by"], row["reason"])
        keys = [("", row["day"], "", *rest)]
        keys += [(split, row["day"], row[split], *rest) for split in SPLITS if row[split]]
        for sums_, key in [(by_all, _key(days, row)), *((by_one, key) for key in keys)]:
            for n, add in enumerate(adds):
                sums_[key][n] += add
        if row["entry"] and row["kind"] in OF_ENTRIES:
            by_entry[_key(entries, row)][0] += count
    _add(db, sums, by_one)
    _add(db, days, by_all)
    _add(db, entries, by_entry)


def _add(db: Connection, table: Table, grown: Mapping[tuple[Any, ...], Sequence[int]]) -> None:
    if not grown:
        return
    names = [c.name for c in table.primary_key]
    adds = [c.name for c in table.c if not c.primary_key]
    statement = upsert(db, table)
    more = {name: table.c[name] + statement.excluded[name] for name in adds}
    statement = statement.on_conflict_do_update(index_elements=names, set_=more)
    # In one order everywhere: two clocks at once then wait for each other instead of locking each other out.
    db.execute(statement, [dict(zip((*names, *adds), (*key, *grown[key]), strict=True)) for key in sorted(grown)])


def _key(table: Table, row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[c.name] for c in table.primary_key)
