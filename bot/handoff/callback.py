"""A citizen who wants to be called: kept in the conversation's state, so that it goes wherever that goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.kept import known

CALLING = timedelta(minutes=15)  # so long nobody else is to call, once a clerk has said that they do
AGAIN = timedelta(hours=2)  # who was not reached is called again after that
TRIES = 3  # so many calls in vain, and the citizen is told


class Call(StrEnum):
    """What a clerk says of it."""

    CALLING = "calling"  # now
    REACHED = "reached"
    NOT_REACHED = "not_reached"
    DONE = "done"  # nothing is left to call about


@dataclass(frozen=True, slots=True)
class Callback:
    """`phone` as it was written; times are aware UTC. `wanted`: the other words of that message, masked: "ab 14 Uhr".

    `tries` counts the calls that nobody answered, `tried` is the last one's time, `again` when the next one is due.
    `caller`: the account of who began to call at `calling`.
    """

    phone: str
    since: datetime
    wanted: str = ""
    tries: int = 0
    tried: datetime | None = None
    reached: datetime | None = None
    done: bool = False
    again: datetime | None = None
    caller: str = ""
    calling: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        """Should somebody call by now?"""
        later = self.again is not None and now < self.again
        return not (self.done or self.reached or later or self.called_by(now))

    def called_by(self, now: datetime) -> str:
        """Who is calling, "" for nobody."""
        return self.caller if self.calling and now < self.calling + CALLING else ""

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> "Callback":
        """Out of JSON."""
        return cls(**known(cls, raw, "since", "tried", "reached", "again", "calling"))
