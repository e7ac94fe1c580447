"""A day or time asked about, and its form in a button's data."""

import re
from dataclasses import dataclass, replace
from datetime import date, time, timedelta

LONGEST_SPAN = 14  # days listed at most
ONE_DAY = timedelta(days=1)
_LETTERS = {"early": "e", "morning": "m", "noon": "n", "afternoon": "a", "evening": "v"}
_UNREAL = re.compile(r"!(\d{2})(\d{2})(\d{4})", re.ASCII)
_PARTS = {letter: part for part, letter in _LETTERS.items()}


@dataclass(frozen=True)
class When:
    """The days asked about (none: a time of day without a day, or a day gone by), a part of them or a time, or this
    moment. `unreal` is a date that no calendar has, as (day, month, year), year 0 where none was said."""

    days: tuple[date, ...] = ()
    part: str = ""  # early, morning, noon, afternoon, evening
    at: time | None = None
    now: bool = False
    unreal: tuple[int, int, int] | None = None


def encode(when: When) -> str:
    """As short as a button's data must be, at most 25 characters: "261224-261226", "261127/a", "261127/1530", "now";
    "!31040000" for what is unreal."""
    if when.now:
        return "now"
    if when.unreal:
        return "!{:02}{:02}{:04}".format(*when.unreal)
    days = [day.strftime("%y%m%d") for day in when.days]
    row = all(b - a == ONE_DAY for a, b in zip(when.days, when.days[1:], strict=False))
    told = f"{days[0]}-{days[-1]}" if len(days) > 1 and row else ".".join(days[:3])
    more = _LETTERS.get(when.part) or (when.at.strftime("%H%M") if when.at else "")
    return f"{told}/{more}" if more else told


def decode(told: str, today: date) -> When:
    """The inverse of `encode`; whatever cannot be read is left out."""
    if told == "now":
        return When((today,), now=True)
    if unreal := _UNREAL.fullmatch(told):
        return When(unreal=(int(unreal[1]), int(unreal[2]), int(unreal[3])))
    days_told, _, more = told.partition("/")
    try:
        if "-" in days_told:
            first, last = (_day(part) for part in days_told.split("-", 1))
            days = tuple(first + timedelta(days=n) for n in range(min((last - first).days + 1, LONGEST_SPAN)))
        else:
            days = tuple(_day(part) for part in days_told.split(".") if part)
        when = When(days)
        if more.isdecimal():
            return replace(when, at=time(int(more[:2]), int(more[2:])))
        return replace(when, part=_PARTS.get(more, ""))
    except ValueError:
        return When()


def _day(told: str) -> date:
    return date(2000 + int(told[:2]), int(told[2:4]), int(told[4:6]))
