"""Facts in memory: the twin of bot.store.redis.facts."""

from collections.abc import Sequence
from itertools import islice

from bot.store.facts import Left
from bot.store.memory.shelves import Room


class FactsRoom(Room):
    """See bot.store.facts.Facts."""

    async def facts(self, limit: int) -> Sequence[Left]:
        lanes = sorted(self._shelves.facts.items())
        return [Left(f"{lane}.{i}", fact) for lane, facts in lanes for i, fact in islice(facts.items(), limit)]

    async def drop_facts(self, places: Sequence[str]) -> None:
        for place in places:
            lane, _, i = place.partition(".")
            self._shelves.facts[int(lane)].pop(i, None)
