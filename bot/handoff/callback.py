"""A citizen who wants to be called: kept in the conversation's state, so that it goes wherever that goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.kept import known


class Call(StrEnum):
    """What a clerk says of it."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    DONE = "done"  # nothing is left to call about


@dataclass(frozen=True, slots=True)
class Callback:
    """`phone` as it was written; times are aware UTC. `wanted`: the other words of that message, masked: "ab 14 Uhr".

    `tries` counts the calls that nobody answered, `tried` is the last one's time.
    """

    phone: str
    since: datetime
    wanted: str = ""
    tries: int = 0
    tried: datetime | None = None
    reached: datetime | None = None
    done: bool = False

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> "Callback":
        """Out of JSON."""
        return cls(**known(cls, raw, "since", "tried", "reached"))
