"""How far an entry's newest version has come: who wrote it, in which proposals of a release it lies, what answers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from faq.catalogue import State
from faq.database import reading
from faq.releases import Releases
from faq.releases.release import OPEN, Release
from faq.tables import events

LATEST = 20
"""Releases among which open proposals are looked for: there are few at a time, and old ones were overtaken."""


@dataclass(frozen=True)
class Live:
    """The version that answers, who published it and when."""

    number: int
    by: str
    at: datetime


@dataclass(frozen=True)
class Way:
    """`proposals` hold the newest version, `live` is what answers (None: nothing)."""

    proposals: tuple[Release, ...]
    live: Live | None


def way(engine: Engine, now: Callable[[], datetime], state: State) -> Way:
    """Where the entry stands."""
    releases = Releases(engine, now)
    latest = releases.latest(LATEST)
    where = releases.states([release.id for release in latest])
    open_ = [release for release in latest if where[release.id] in OPEN]
    found = tuple(r for r in open_ if releases.manifest(r.id).get(state.entry) == state.head.id)
    return Way(found if state.live != state.head else (), _live(engine, state))


def _live(engine: Engine, state: State) -> Live | None:
    if state.live is None:
        return None
    of = (events.c.entry == state.entry) & (events.c.revision == state.live.id)
    with reading(engine) as db:
        row = db.execute(select(events).where(of).order_by(events.c.serial.desc()).limit(1)).first()
    return Live(state.live.number, row.by, row.at) if row else Live(state.live.number, "", state.live.at)
