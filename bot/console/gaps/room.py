"""What the gap pages share: where clusters lie, how one is shown, and the job that looks for new ones."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from bot.console.accounts import Role
from bot.console.console import Console, field
from bot.console.identity import WHO
from bot.console.session import ROOT
from bot.console.words import Words
from bot.gaps.deciding import Deciding
from bot.gaps.deeds import Deeds
from bot.gaps.gap import WEEKS, Cluster
from bot.gaps.kept import Gaps
from bot.gaps.ordering import JOB
from faq.jobs import Job, Jobs

GAPS = f"{ROOT}/faq/gaps"
SPARK = (120, 28)
"""Width and height of a cluster's course, in units of the drawing."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One week of a cluster's course; the drawing's origin is at its upper left."""

    x: float
    y: float
    width: float
    height: float


class Room:
    """Handed to the pages."""

    def __init__(self, console: Console) -> None:
        core, now = console.core, console.core.turns.now
        engine = core.catalogue.engine
        self.console, self.core, self.engine = console, core, engine
        self.deeds, self.deciding, self.jobs = Deeds(engine, now), Deciding(engine, now), Jobs(engine, now)

    @property
    def gaps(self) -> Gaps:
        """By the town's clock as it is now."""
        return Gaps(self.engine, self.core.zone, self.core.turns.now)

    async def cluster(self, request: web.Request) -> Cluster:
        """The one that the address names. Leads on from one that was merged; raises 404."""
        found = await asyncio.to_thread(self.gaps.get, request.match_info["cluster"])
        if found is None:
            raise web.HTTPNotFound
        if found.into and request.method == "GET":
            raise web.HTTPSeeOther(f"{GAPS}/{found.into}")
        return found

    async def order(self, by: str) -> Job:
        """Let a worker look for what is new; one look is ordered at a time."""
        return await asyncio.to_thread(self.jobs.enqueue, JOB, "", by)

    async def last_look(self) -> Job | None:
        """The last that was ordered."""
        return await asyncio.to_thread(self.jobs.latest, JOB, "")


def may_edit(request: web.Request) -> bool:
    """Auditors read figures and names, neither questions nor forms."""
    return request[WHO].account.role in (Role.EDITOR, Role.ADMIN)


async def seen(request: web.Request) -> int:
    """The newest deed that the editor saw; -1, which is nobody's, where the form does not say."""
    told = await field(request, "seen")
    return int(told) if told.isdecimal() and len(told) < 10 else -1


def spark(weekly: Sequence[int]) -> list[Bar]:
    """A cluster's course, the oldest week at the left; an empty week keeps a line to stand on."""
    width, height = SPARK
    top, each = max(weekly) or 1, width / WEEKS
    bars = []
    for n, value in enumerate(reversed(weekly)):
        tall = max(1.0, round((height - 2) * value / top, 1))
        bars.append(Bar(round(n * each + 1, 1), round(height - tall, 1), round(each - 2, 1), tall))
    return bars


def told(weekly: Sequence[int], t: Words) -> str:
    """The same in words, for who does not see it."""
    return t("gaps.course", weeks=t.number(WEEKS), counts=", ".join(t.number(n) for n in reversed(weekly)))
