"""How long a citizen waits for a person: measured by how the team took conversations lately, told in round figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.calendar import Calendar
from bot.handoff.fact import Handoff
from faq.town import Office

ENOUGH = 5  # conversations that were taken: fewer say nothing about the next one
STEPS = (5, 10, 15, 20, 30, 45, 60, 90, 120)  # minutes as people say them; then whole hours
Spans = Sequence[tuple[datetime, datetime]]
"""Openings (from, until), in order, apart from each other."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Open time in which somebody waited (seconds), and how many were taken in it."""

    busy: float
    taken: int

    @property
    def each(self) -> float | None:
        """Seconds of waiting until the next one is taken; None where too little was seen."""
        return self.busy / self.taken if self.taken >= ENOUGH else None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a citizen may be told. `minutes`: round, None where nothing was measured or the office closes before;
    `opens`: the later opening in which it is their turn; both None: nobody can say."""

    minutes: int | None = None
    opens: datetime | None = None


def pace(handoffs: Sequence[Handoff], spans: Spans, now: datetime) -> Pace:
    """How the team took these handoffs within these openings, none of them later than `now`.

    Time in which nobody waited says nothing about how fast people are taken, so only the rest counts: the departures
    of a queue that is never empty come at the rate at which it is served.
    """
    waits = sorted((h.opened, h.claimed or h.ended or now) for h in handoffs)
    taken = sum(h.claimed is not None and any(a <= h.claimed <= b for a, b in spans) for h in handoffs)
    return Pace(sum(_covered(waits, a, b) for a, b in spans), taken)


def outlook(calendar: Calendar, office: Office, each: float | None, ahead: int, now: datetime) -> Outlook:
    """For somebody before whom `ahead` wait, while a conversation is taken every `each` seconds of open time.

    Whoever comes next waits for one to be taken, whoever stands behind n for n more (the queue-length estimator of
    Ibrahim and Whitt, "Real-time delay estimation in overloaded multiserver queues", 2009).
    """
    if each is None:
        return Outlook()
    minutes = rounded(each * (ahead + 1) / 60)
    turn, until = calendar.after(office, now, minutes), calendar.open_until(office, now)
    if turn is None:
        return Outlook()
    if until and turn <= until:
        return Outlook(minutes)
    opening = calendar.open_between(office, now, turn)[-1][0]
    return Outlook(opens=opening.astimezone(calendar.zone))


def rounded(minutes: float) -> int:
    """The next figure that people say, never less."""
    hours = -int(-minutes // 60)
    return next((step for step in STEPS if step >= minutes), 60 * hours)


def _covered(waits: Sequence[tuple[datetime, datetime]], begin: datetime, end: datetime) -> float:
    """Seconds between these two instants in which at least one of `waits` (by their beginning) lasts."""
    seconds, reached = timedelta(0), begin
    for since, until in waits:
        start, stop = max(since, reached), min(until, end)
        if start < stop:
            seconds, reached = seconds + (stop - start), stop
    return seconds.total_seconds()
