"""Links of the corpus are looked at beside the clock's ticks, which wait for no server."""

import asyncio
import logging
from collections.abc import Callable

from bot.parts import product_version
from bot.processes.life import end
from faq.catalogue import Catalogue
from faq.links.kept import Links
from faq.links.look import Looker
from faq.links.rounds import PAUSE, named, round_of

log = logging.getLogger(__name__)
LOOK_SECONDS = 5.0  # between two rounds: what an editor saved is looked at while they go on reading
COLLECT_SECONDS = 600.0  # between two readings of the whole corpus


class Linking:
    """One round at a time. `looker` makes who looks, for a round; `clock` gives seconds that only grow."""

    def __init__(
        self,
        catalogue: Catalogue,
        links: Links,
        looker: Callable[[], Looker],
        clock: Callable[[], float],
        pause: float = PAUSE,
    ) -> None:
        self._catalogue, self._links, self._looker, self._clock = catalogue, links, looker, clock
        self._pause = pause
        self._collected: float | None = None
        self._ended = 0.0
        self._told = False
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> bool:
        """Begin a round where it is time for one and none is under way; was one begun?"""
        busy = self._task is not None and not self._task.done()
        if busy or (self._task is not None and self._clock() - self._ended < LOOK_SECONDS):
            return False
        self._task = asyncio.create_task(self._round())
        return True

    async def done(self) -> None:
        """When the round under way, if any, has ended."""
        if self._task:
            await self._task

    async def close(self) -> None:
        """Break off what is under way: the next round looks again."""
        await end([self._task] if self._task else [])

    async def _round(self) -> None:
        try:
            if self._collected is None or self._clock() - self._collected >= COLLECT_SECONDS:
                self._collected = self._clock()
                await asyncio.to_thread(lambda: self._links.keep(named(self._catalogue)))
            if await asyncio.to_thread(self._links.due, 1):
                async with self._looker() as looker:
                    await round_of(self._links, looker, self._pause)
                if await asyncio.to_thread(self._links.alone) and not self._told:
                    self._told = True
                    log.warning(
                        "no address in the entries answers: may this machine ask other servers? "
                        "STADTBOTE_LINKS=off asks none"
                    )
        except Exception:
            log.exception("a round through the links was broken off")
        finally:
            self._ended = self._clock()


def agent_of(public_url: str) -> str:
    """Who we say we are: a webmaster who wonders finds whom to ask."""
    about = f" (+{public_url})" if public_url else ""
    return f"{product_version()} link check{about}"
