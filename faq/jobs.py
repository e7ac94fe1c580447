"""What takes minutes and no page can wait for: proofs, trainings, large imports. In SQL, so that any process may order
one, any worker take it, and what a killed one left is taken up by the next.

Whoever takes a job holds it by a lease, and has a `turn`, one more with each taking: what an earlier taker still says
is not heard.
"""

import json
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Row, and_, or_, select, update

from faq.database import reading, upsert, writing
from faq.tables import PERSON
from faq.trial_tables import jobs

State = Literal["waiting", "running", "done", "failed"]
TURNS = 3
"""So often a job is taken; one that ends every process that takes it must not do so for ever."""
GIVEN_UP, ENDED = "given_up", "ended"
"""Errors: its takers died, each; somebody called it off."""


@dataclass(frozen=True)
class Job:
    """One piece of work. `about` is what it is done to, by kind: a release's id, say. `step` is a key of the console's
    words with `share` of it done, 0 to 1. `result` is what it found, `error` why it failed, "" until then."""

    id: int
    kind: str
    about: str
    state: State
    by: str
    at: datetime
    turn: int
    step: str
    share: float
    result: Mapping[str, Any]
    error: str
    ended: datetime | None

    @property
    def open(self) -> bool:
        """Is it still to be done, or under way?"""
        return self.state in ("waiting", "running")


class Jobs:
    """All jobs in one database. Safe to share between threads; many processes may use one database."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine, self._now = engine, now

    def enqueue(self, kind: str, about: str, by: str) -> Job:
        """Order it; the one that is open where the same was ordered before and has not ended."""
        with writing(self._engine) as db:
            return ordered(db, kind, about, by, self._now())

    def claim(self, owner: str, lease: timedelta, kinds: Container[str] | None = None) -> Job | None:
        """The oldest that nobody works at, now this owner's for so long; None where there is none. Of other kinds
        than `kinds` it takes none: a newer version may have ordered them, while processes are replaced one by one.

        Of a kind, one is done at a time: each uses a whole core, and towns have two. A job whose takers died one after
        the other, TURNS of them, fails.
        """
        now = self._now()
        lapsed = and_(jobs.c.state == "running", jobs.c.until < now)
        with reading(self._engine) as db:  # mostly there is none, and nobody need be kept from writing
            if db.execute(select(jobs.c.id).where(or_(jobs.c.state == "waiting", lapsed)).limit(1)).first() is None:
                return None
        with writing(self._engine) as db:
            free = select(jobs).where(or_(jobs.c.state == "waiting", lapsed)).order_by(jobs.c.id)
            held = db.execute(free.with_for_update(skip_locked=True)).all()
            # Only now: whoever had these a moment ago may have taken one of the same kind.
            busy = set(db.execute(select(jobs.c.kind).where(jobs.c.state == "running", jobs.c.until >= now)).scalars())
            for row in held:
                if row.turn >= TURNS:
                    _end(db, row.id, row.turn, "failed", now, error=GIVEN_UP)
                elif row.kind not in busy and (kinds is None or row.kind in kinds):
                    taken = {"state": "running", "turn": row.turn + 1, "owner": owner[:PERSON], "until": now + lease}
                    db.execute(update(jobs).where(jobs.c.id == row.id).values(**taken, step="", share=0.0))
                    return _read(db.execute(select(jobs).where(jobs.c.id == row.id)).one())
        return None

    def renew(self, job: Job, lease: timedelta) -> bool:
        """Hold it longer. False: it is somebody else's by now, or was called off; stop working at it."""
        return self._change(job, until=self._now() + lease)

    def beat(self, job: Job, step: str, share: float) -> bool:
        """Say how far it is. False as in `renew`."""
        return self._change(job, step=step, share=min(1.0, max(0.0, share)))

    def done(self, job: Job, result: Mapping[str, Any]) -> bool:
        """It is done. False where another has it by now, whose result counts."""
        return self._ended(job, "done", result=json.dumps(result))

    def failed(self, job: Job, error: str) -> bool:
        """It cannot be done; `error` is a key of the console's words, or a sentence for the log."""
        return self._ended(job, "failed", error=error)

    def give_back(self, job: Job) -> bool:
        """Not done, and nobody's fault: the next taker begins at once, and this turn does not count."""
        return self._change(job, state="waiting", turn=job.turn - 1, until=None, owner="")

    def call_off(self, kind: str, about: str) -> None:
        """Nobody wants it any more; who works at it stops at the next sign of life."""
        with writing(self._engine) as db:
            row = db.execute(select(jobs).where(jobs.c.open == _open(kind, about))).first()
            if row:
                _end(db, row.id, row.turn, "failed", self._now(), error=ENDED)

    def get(self, id: int) -> Job | None:
        """That one."""
        with reading(self._engine) as db:
            row = db.execute(select(jobs).where(jobs.c.id == id)).first()
        return _read(row) if row else None

    def latest(self, kind: str, about: str, state: State | None = None) -> Job | None:
        """The last that was ordered of that; of those that are in this state, where one is told."""
        chosen = select(jobs).where(jobs.c.kind == kind, jobs.c.about == about).order_by(jobs.c.id.desc()).limit(1)
        if state is not None:
            chosen = chosen.where(jobs.c.state == state)
        with reading(self._engine) as db:
            row = db.execute(chosen).first()
        return _read(row) if row else None

    def _change(self, job: Job, **values: Any) -> bool:
        with writing(self._engine) as db:
            mine = (jobs.c.id == job.id) & (jobs.c.turn == job.turn) & (jobs.c.state == "running")
            return db.execute(update(jobs).where(mine).values(**values)).rowcount == 1

    def _ended(self, job: Job, state: State, **values: str) -> bool:
        with writing(self._engine) as db:
            return _end(db, job.id, job.turn, state, self._now(), **values)


def ordered(db: Connection, kind: str, about: str, by: str, now: datetime) -> Job:
    """The same as `Jobs.enqueue` in an open transaction."""
    fresh = {
        "kind": kind,
        "about": about,
        "open": _open(kind, about),
        "state": "waiting",
        "by": by[:PERSON],
        "at": now,
        "turn": 0,
        "owner": "",
        "step": "",
        "share": 0.0,
        "result": "{}",
        "error": "",
    }
    while True:
        db.execute(upsert(db, jobs).values(**fresh).on_conflict_do_nothing(index_elements=["open"]))
        row = db.execute(select(jobs).where(jobs.c.open == _open(kind, about))).first()
        if row:
            return _read(row)  # else it ended between the two: ours can be ordered now


def _end(db: Connection, id: int, turn: int, state: State, now: datetime, **values: str) -> bool:
    mine = (jobs.c.id == id) & (jobs.c.turn == turn) & jobs.c.open.is_not(None)
    ended = update(jobs).where(mine).values(state=state, open=None, until=None, ended=now, **values)
    return db.execute(ended).rowcount == 1


def _open(kind: str, about: str) -> str:
    return f"{kind} {about}"


def _read(row: Row[Any]) -> Job:
    return Job(
        row.id,
        row.kind,
        row.about,
        row.state,
        row.by,
        row.at,
        row.turn,
        row.step,
        row.share,
        json.loads(row.result),
        row.error,
        row.ended,
    )
