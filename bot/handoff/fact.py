"""What became of one handoff: the times and the outcome, never a word and never which clerk.

It is kept in the conversation's state and, by the same atomic write, in a list by day: so a figure of today can neither
miss a conversation nor count one twice, and erasure and retention take it along with the conversation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.kept import known

TIMES = ("opened", "due", "claimed", "replied", "ended", "begins", "rated")


@dataclass(frozen=True, slots=True)
class Handoff:
    """Times are aware UTC. `due`: until when somebody promised to read it. `outcome`: an Outcome of the clerk's, "back"
    (to the bot), "withdrawn" (by the citizen), "silent" (the citizen never answered). `begins`: the opening at which
    the team began to read it, None where it was open. `reason`: "" where a clerk took it from the bot: nobody asked, so
    nobody waited."""

    number: int
    team: str
    topic: str
    channel: str
    reason: str
    opened: datetime
    due: datetime | None = None
    claimed: datetime | None = None
    replied: datetime | None = None
    ended: datetime | None = None
    outcome: str = ""
    begins: datetime | None = None
    rating: str = ""  # "good" or "bad", by the citizen
    rated: datetime | None = None  # when, the last time

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> "Handoff":
        """Out of JSON."""
        return cls(**known(cls, raw, *TIMES))

    def after(self, at: datetime | None) -> float | None:
        """Seconds from when somebody could have read it: from the handoff, or from the opening after it."""
        if at is None:
            return None
        since = max(self.opened, self.begins) if self.begins else self.opened
        return max(0.0, (at - since).total_seconds())
