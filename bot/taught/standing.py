"""How far a release is that waits for its examples, as its page tells it."""

from dataclasses import dataclass
from typing import Any, Literal

from redis.exceptions import RedisError

from bot.parts import Parts
from bot.settings import Settings
from bot.taught.arriving import ANY, part_of
from bot.taught.board import Board, Stand

Way = Literal["own", "named", "keywords"]


@dataclass(frozen=True)
class Standing:
    """`way`: Rasas of our own, Rasas that somebody named (they have to serve it), or keywords, for which there is
    nothing to load. `ready` of `workers` understand by it. `stand`: how far our own Rasa is, None where it has not
    begun, or is none of ours."""

    name: str
    way: Way
    ready: int
    workers: int
    stand: Stand | None = None


async def standing(redis: Any, settings: Settings, name: str) -> Standing:
    """Of the examples of this name."""
    stands = await Board(redis).read()
    stand, how = stands.get(name), way(settings, bool(stands))
    try:
        parts = await Parts(redis, ("worker", part_of(name), ANY)).look()
    except (RedisError, OSError):
        return Standing(name, how, 0, 0, stand)
    ready = parts[part_of(name)].processes + parts[ANY].processes
    return Standing(name, how, ready, parts["worker"].processes, stand)


def way(settings: Settings, told: bool) -> Way:
    """`told`: a supervisor says how far its models are. In its processes the addresses of our own Rasas stand in the
    settings as if somebody had named them."""
    if settings.nlu_url == "off":
        return "keywords"
    return "own" if told else "named"
