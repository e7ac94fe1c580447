"""When to look at the gaps again: soon after another release went live, and now and then where new questions wait."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from bot.gaps import intake
from bot.gaps.tables import clusters
from faq.database import reading
from faq.jobs import Job, Jobs
from faq.releases import Releases

log = logging.getLogger(__name__)
JOB = "gaps"
CLOCK = "clock"
"""Who orders a look when nobody does."""
EVERY = 30.0  # seconds between two thoughts about it
PAUSE = timedelta(minutes=15)
"""Between two looks at new questions: a look loads the encoder, and a list of gaps need not be of this minute."""
REST = 3
"""A release is looked at once editors, and looks, have paused so many times as long as the last look took: with a large
corpus it takes a core for long, and who publishes once will often publish again."""


def order_if_due(engine: Engine, now: datetime) -> Job | None:
    """The look that was ordered; None where nothing is to be seen, or one is under way."""
    jobs = Jobs(engine, lambda: now)
    last = jobs.latest(JOB, "")
    if last and last.open:
        return None
    rested = last is None or last.ended is None or now - last.ended >= PAUSE
    if (_moved(engine, last) and (rested or _paused(engine, last, now))) or (rested and _waiting(engine, now)):
        return jobs.enqueue(JOB, "", CLOCK)
    return None


async def keep_ordering(engine: Engine, mine: Callable[[], bool]) -> None:
    """For ever; `mine` says whether this is the clock that ticks. Vectors of words that are gone go as well."""
    while True:
        try:
            if mine():
                await asyncio.to_thread(intake.forget, engine)
                await asyncio.to_thread(order_if_due, engine, datetime.now(UTC))
        except SQLAlchemyError as error:
            log.warning("gaps are looked at later", extra={"reason": type(error).__name__})
        except Exception:
            log.exception("no look at the gaps could be ordered")
        await asyncio.sleep(EVERY)


def _waiting(engine: Engine, now: datetime) -> bool:
    with reading(engine) as db:
        return intake.waiting(db, now)


def _moved(engine: Engine, last: Job | None) -> bool:
    """Does another release answer than the one that was asked last?"""
    with reading(engine) as db:
        if db.execute(select(clusters.c.id).limit(1)).first() is None:
            return False
    live = Releases(engine).live()
    return live is not None and (last is None or last.result.get("release") != live.id)


def _paused(engine: Engine, last: Job | None, now: datetime) -> bool:
    """Have editors, and the looks, paused for long enough? One that failed would fail again: it rests for PAUSE."""
    if last is None or last.ended is None:
        return True
    since = max([last.ended, *(one.at for one in Releases(engine).activations(1))])
    return last.state == "done" and now - since >= REST * (last.ended - last.at)
