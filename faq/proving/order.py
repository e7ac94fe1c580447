"""A proof is ordered: noted in the release's story, and a job for a worker. One that came to nothing is noted, too."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, select

from faq.database import reading
from faq.jobs import ordered
from faq.refusals import WrongState
from faq.releases import kept
from faq.releases.kept import changing
from faq.releases.release import OPEN, Release, State, Step
from faq.trial_tables import jobs

PROVE = "prove"
"""The kind of these jobs; each is about a release's id."""
LOST = "lost"
"""Why a proof failed of which no job tells."""
Now = Callable[[], datetime]


def _utc() -> datetime:
    return datetime.now(UTC)


def order(engine: Engine, release: str, by: str, now: Now = _utc) -> None:
    """Have its trials asked, unless they are being asked already. Raises UnknownRelease, and WrongState where it can
    no longer become live: what was withdrawn must not come back by being tried."""
    with changing(engine) as db:
        if (state := kept.state(db, release)) not in OPEN:
            raise WrongState(f"release {kept.release(db, release).number} is {state}")
        job = ordered(db, PROVE, release, by, now())
        # One that has just been tried has a job that is not ended yet: it says nothing more.
        if state is not State.PROVING and not (state is State.PROVED and job.turn):
            kept.note(db, release, Step.PROVING, by, now())


def tried(engine: Engine, release: Release, step: Step, by: str, said: str, now: Now = _utc) -> bool:
    """Note what its trials said (PROVED with the verdict, FAILED with the reason). False where it was withdrawn,
    published or set upon another release meanwhile: of that they said nothing."""
    with changing(engine) as db:
        same = kept.release(db, release.id).base == release.base
        if not same or kept.state(db, release.id) not in OPEN:
            return False
        kept.note(db, release.id, step, by, now(), detail=json.dumps({"verdict": said}))
        return True


def settle(engine: Engine, now: Now = _utc) -> int:
    """Note of each release whose trials nobody asks any more that they failed: its job was given up, took too long, or
    broke. Returns how many."""
    with reading(engine) as db:  # mostly there is none, and nobody need be kept from writing
        if not _abandoned(db):
            return 0
    with changing(engine) as db:
        found = _abandoned(db)
        for release in found:
            query = select(jobs.c.error).where(jobs.c.kind == PROVE, jobs.c.about == release)
            why = db.execute(query.order_by(jobs.c.id.desc()).limit(1)).scalar() or LOST
            kept.note(db, release, Step.FAILED, PROVE, now(), detail=json.dumps({"verdict": why}))
        return len(found)


def _abandoned(db: Connection) -> list[str]:
    """Releases that are being tried, as it seems, without a job that does it."""
    under_way = set(db.execute(select(jobs.c.about).where(jobs.c.kind == PROVE, jobs.c.open.is_not(None))).scalars())
    return [release for release in kept.in_state(db, Step.PROVING) if release not in under_way]
