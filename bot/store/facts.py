"""Facts on their way to the database: a turn leaves them with its write, the clock takes them over (bot.facts)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.facts.fact import Fact

FACTS = 20_000
"""What a lane keeps while the database is away: the oldest go first then. Some ten days of a large town."""


@dataclass(frozen=True, slots=True)
class Left:
    """A fact that waits, by its place. `fact` is None for one that a newer version wrote and this one cannot read."""

    place: str
    fact: Fact | None


class Facts(Protocol):
    """What waits to be counted. A lane's facts come in the order in which they happened."""

    async def facts(self, limit: int) -> Sequence[Left]:
        """The oldest, at most `limit` of each lane. Takes nothing away."""
        ...

    async def drop_facts(self, places: Sequence[str]) -> None:
        """These are kept elsewhere now; those that are gone already are passed over."""
        ...
