"""The figures of a day, from the facts of its handoffs: pure. Their definitions are console texts (figure.*.what)."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.handoff.fact import Handoff

SHARES = (0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Spread:
    """p50 and p90 of `count` lengths of time, in seconds; None where there are none."""

    p50: float | None
    p90: float | None
    count: int


@dataclass(frozen=True, slots=True)
class Hour:
    """What happened in one hour of the town's clock."""

    hour: int
    opened: int = 0
    replied: int = 0
    ended: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """The figures of handoffs that were opened on one day."""

    opened: int
    waiting: Spread  # until somebody took it
    reply: Spread  # until the first answer
    outcomes: Mapping[str, int]
    hours: tuple[Hour, ...]
    good: int = 0  # of those that were rated
    rated: int = 0


def day_of(handoffs: Sequence[Handoff], zone: ZoneInfo, first: int = 8, last: int = 18) -> Day:
    """Figures of these handoffs; the hours run at least from `first` to `last`, and as far as something happened. Those
    that a clerk took from the bot count by what became of them: nobody waited."""
    waited = [h for h in handoffs if h.reason]
    return Day(
        len(waited),
        spread([s for h in waited if (s := h.after(h.claimed)) is not None]),
        spread([s for h in waited if (s := h.after(h.replied)) is not None]),
        Counter(h.outcome for h in handoffs if h.ended),
        _hours(waited, zone, first, last),
        sum(h.rating == "good" for h in handoffs),
        sum(bool(h.rating) for h in handoffs),
    )


def spread(seconds: Sequence[float]) -> Spread:
    """Median and 90th percentile."""
    p50, p90 = (percentile(seconds, share) for share in SHARES)
    return Spread(p50, p90, len(seconds))


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least this share of them does not exceed (nearest rank): always one that occurred."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def _hours(handoffs: Sequence[Handoff], zone: ZoneInfo, first: int, last: int) -> tuple[Hour, ...]:
    day = {h.opened.astimezone(zone).date() for h in handoffs}

    def counted(times: Sequence[datetime | None]) -> Counter[int]:
        # What ends on another day has no place in this one's hours.
        return Counter(t.astimezone(zone).hour for t in times if t and t.astimezone(zone).date() in day)

    opened = counted([h.opened for h in handoffs])
    replied = counted([h.replied for h in handoffs])
    ended = counted([h.ended for h in handoffs])
    busy = {*opened, *replied, *ended, first, last}
    return tuple(Hour(n, opened[n], replied[n], ended[n]) for n in range(min(busy), max(busy) + 1))
