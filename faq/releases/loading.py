"""Releases that are published and wait for their NLU data, and which NLU data are wanted because of that."""

from sqlalchemy import Connection, Engine, func, select

from faq.database import reading
from faq.releases import kept
from faq.releases.release import Release, State, Step
from faq.releases.tables import steps

LOOKED_AT = 20
"""Releases that were ever ordered to load, the latest first: those of long ago have become live or were given up."""


def loading(engine: Engine) -> tuple[Release, ...]:
    """Those that wait now, the one that was published last first."""
    with reading(engine) as db:
        return _loading(db)


def wanted(engine: Engine) -> tuple[str, ...]:
    """The names of the NLU data that should be at work, the most important first: of the live release, of those that
    wait, and of the one to go back to. "" is what ships."""
    with reading(engine) as db:
        newest, before = kept.newest(db), kept.before(db)
        live = kept.release(db, newest.release).nlu if newest else ""
        waiting = [release.nlu for release in _loading(db)]
        return tuple(dict.fromkeys([live, *waiting, *([before.nlu] if before else [])]))


def _loading(db: Connection) -> tuple[Release, ...]:
    last = func.max(steps.c.id)
    query = select(steps.c.release).where(steps.c.step == Step.LOADING).group_by(steps.c.release)
    ids = list(db.execute(query.order_by(last.desc()).limit(LOOKED_AT)).scalars())
    states = kept.states(db, ids) if ids else {}
    return tuple(kept.release(db, id) for id in ids if states.get(id) is State.LOADING)
