"""The lists of conversations as they are now, read once for all who ask for them at the same time."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.console.console import Console
from bot.console.summaries import Summaries, Summary
from bot.console.together import Together
from bot.conversation import Conversation
from bot.handoff.desk import Clerk

RECENT = 40  # of the town's latest conversations, whoever has them
Teams = frozenset[str]


@dataclass(frozen=True, slots=True)
class Listed:
    """What may be seen for these teams: `queue` in its order, `recent` without what stands in the queue, how many wait,
    summaries by conversation, and how everybody of the staff is called."""

    queue: Sequence[Conversation]
    recent: Sequence[Conversation]
    waiting: int
    summaries: Mapping[str, Summary]
    names: Mapping[str, str]

    @property
    def every(self) -> list[Conversation]:
        """Both."""
        return [*self.queue, *self.recent]


class Lists:
    """For clerks; those of the same teams see the same."""

    def __init__(self, console: Console) -> None:
        self._console, self._desk = console, console.core.desk
        self._summaries = Summaries(console.core.store)
        self._reading: Together[Teams, Listed] = Together(self._read)

    async def of(self, clerk: Clerk) -> Listed:
        """As of now or a little later, never earlier. Raises StoreUnavailable."""
        return await self._reading.of(clerk.teams)

    async def _read(self, asked: Sequence[Teams]) -> dict[Teams, Listed]:
        names = await self._console.names()
        return {teams: await self._one(teams, names) for teams in asked}

    async def _one(self, teams: Teams, names: Mapping[str, str]) -> Listed:
        anyone = Clerk("", "", teams)
        queue, latest, waiting = await asyncio.gather(
            self._desk.queue(anyone), self._desk.recent(anyone, RECENT), self._desk.waiting(anyone)
        )
        listed = {c.id for c in queue}
        recent = [c for c in latest if c.id not in listed]
        return Listed(queue, recent, waiting, await self._summaries.of([*queue, *recent]), names)
