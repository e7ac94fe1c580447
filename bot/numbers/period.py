"""Which days: a period, the one before it, and the steps that a chart shows it in. All by the town's calendar days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)
LONGEST = 800  # days: no fact is kept longer by default
BY_DAY, BY_WEEK = 35, 200  # the longest periods that are shown by day and by week


@dataclass(frozen=True, slots=True)
class Period:
    """From its first day to its last, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("A period ends before it begins.")

    @classmethod
    def of_days(cls, count: int, last: date) -> "Period":
        """So many days that end with that one."""
        return cls(last - (count - 1) * DAY, last)

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Period":
        """The equally long one that ends where this begins."""
        return Period.of_days(self.days, self.first - DAY)

    @property
    def step(self) -> str:
        """day, week (from Monday) or month: what one bar of a chart stands for."""
        return "day" if self.days <= BY_DAY else "week" if self.days <= BY_WEEK else "month"

    def steps(self) -> Iterator["Period"]:
        """The bars; the first and the last may be cut."""
        first = self.first
        while first <= self.last:
            last = min(self.last, _end(first, self.step))
            yield Period(first, last)
            first = last + DAY


def _end(day: date, step: str) -> date:
    if step == "day":
        return day
    if step == "week":
        return day + (6 - day.weekday()) * DAY
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - DAY
