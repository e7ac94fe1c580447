"""A proof is ordered: noted in the release's story, and a job for a worker."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Engine

from faq.jobs import Jobs
from faq.releases import Releases, Step

PROVE = "prove"
"""The kind of these jobs; each is about a release's id."""


def order(engine: Engine, release: str, by: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
    """Have its trials asked, unless they are being asked already."""
    jobs = Jobs(engine, now)
    last = jobs.latest(PROVE, release)
    if last is None or not last.open:
        Releases(engine, now).record(release, Step.PROVING, by)
        jobs.enqueue(PROVE, release, by)
