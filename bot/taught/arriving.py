"""Releases that wait for their NLU data become live as soon as every worker understands by these."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine

from bot.parts import Parts
from faq.releases import Overtaken, Releases, WrongState
from faq.releases.loading import loading

log = logging.getLogger(__name__)
LOOK_EVERY = 1.0  # seconds
ANY = "taught:*"


def told(served: frozenset[str] | None) -> dict[str, bool]:
    """What a worker says beside its other parts: by which examples it understands; None: by keywords, whichever."""
    return {ANY: True} if served is None else {part_of(name): True for name in served}


def part_of(name: str) -> str:
    """What examples of this name are called among the parts that processes have up."""
    return f"taught:{name}"


async def understood_everywhere(redis: Any, name: str) -> bool:
    """Whether every worker that lives understands by these examples. Raises RedisError, OSError."""
    parts = await Parts(redis, ("worker", part_of(name), ANY)).look()
    ready = parts[part_of(name)].processes + parts[ANY].processes
    return 0 < parts["worker"].processes <= ready


class Arrivals:
    """Looks for such releases while `mine` says that it is ours to do."""

    def __init__(self, engine: Engine, redis: Any, mine: Callable[[], bool]) -> None:
        self._engine, self._redis, self._mine = engine, redis, mine
        self._releases = Releases(engine)

    async def follow(self) -> None:
        """Until cancelled."""
        while True:
            try:
                if self._mine():
                    await self.look()
            except Exception:
                # Database or store are away: what is live stays so.
                log.exception("whether a release has arrived is unknown")
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> int:
        """Once; returns how many became live."""
        arrived = 0
        for release in await asyncio.to_thread(loading, self._engine):
            if not await understood_everywhere(self._redis, release.nlu):
                continue
            try:
                await asyncio.to_thread(self._releases.loaded, release.id)
            except (Overtaken, WrongState) as error:
                log.warning("a release cannot become live", extra={"release": release.number, "why": str(error)})
            else:
                arrived += 1
                log.info("a release became live", extra={"release": release.number, "taught": release.nlu})
        return arrived
