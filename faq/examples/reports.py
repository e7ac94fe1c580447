"""How an understanding taught by these examples did on the trials beside another, in SQL: the last of each pair."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, delete, insert, select

from faq.database import reading, writing
from faq.examples.tables import reports


class Reports:
    """Reports of one database; what they hold is the understanding's to read (JSON)."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine, self._now = engine, now

    def get(self, name: str, base: str) -> Mapping[str, Any] | None:
        """How examples `name` did beside `base`; None where nobody tried."""
        chosen = select(reports.c.content).where(reports.c.name == name, reports.c.base == base)
        with reading(self._engine) as db:
            content = db.execute(chosen).scalar()
        return json.loads(content) if content else None

    def keep(self, name: str, base: str, report: Mapping[str, Any]) -> None:
        """In the place of what was kept of the pair."""
        with writing(self._engine) as db:
            db.execute(delete(reports).where(reports.c.name == name, reports.c.base == base))
            db.execute(insert(reports).values(name=name, base=base, content=json.dumps(dict(report)), at=self._now()))
