"""`python -m bot job ID TURN`: one job, in a process of its own that gives way to all others. Workers start it."""

import argparse
import importlib
import json
import logging
import time
from datetime import UTC, datetime

from bot.jobs.kinds import KINDS, JobFailed, Run, Work
from bot.jobs.surroundings import given
from bot.priority import behind
from bot.settings import Settings
from bot.supervisor.child import die_with_parent
from faq.jobs import Job, Jobs
from faq.schema import open_database

log = logging.getLogger(__name__)
PAUSE = 0.5  # seconds between two notes of how far it is
BROKEN = "broken"


class Overtaken(Exception):
    """Another process has the job by now, or it was called off."""


def run(settings: Settings, args: argparse.Namespace) -> int:
    """Status 0 when its end is written down, well or not; 1 when nobody listens any more."""
    die_with_parent()
    behind()
    engine = open_database(settings.database)
    try:
        jobs = Jobs(engine, lambda: datetime.now(UTC))
        job = jobs.get(args.id)
        if job is None or job.turn != args.turn or not job.open:
            return 1
        return perform(jobs, Work(given(settings), engine, job, Teller(jobs, job)))
    finally:
        engine.dispose()


def perform(jobs: Jobs, work: Work) -> int:
    """Do it and write its end down; the status that `run` returns."""
    job = work.job
    module, _, name = KINDS[job.kind].run.partition(":")
    began = time.monotonic()
    try:
        do: Run = getattr(importlib.import_module(module), name)
        result = do(work)
        json.dumps(result)
    except Overtaken:
        return 1
    except JobFailed as error:
        log.warning("a job failed", extra={"kind": job.kind, "about": job.about, "why": str(error)})
        return 0 if jobs.failed(job, error.why) else 1
    except Exception:
        log.exception("a job broke", extra={"kind": job.kind, "about": job.about})
        return 0 if jobs.failed(job, BROKEN) else 1
    seconds = round(time.monotonic() - began, 1)
    log.info("a job is done", extra={"kind": job.kind, "about": job.about, "seconds": seconds})
    return 0 if jobs.done(job, result) else 1


class Teller:
    """Writes down how far it is, not oftener than anybody could read."""

    def __init__(self, jobs: Jobs, job: Job) -> None:
        self._jobs, self._job = jobs, job
        self._step, self._next = "", 0.0

    def __call__(self, step: str, share: float) -> None:
        now = time.monotonic()
        if step == self._step and now < self._next:
            return
        self._step, self._next = step, now + PAUSE
        if not self._jobs.beat(self._job, step, share):
            raise Overtaken
