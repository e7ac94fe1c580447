"""Dates by rule: Easter, days with a name, the next such date."""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any


def easter(year: int) -> date:
    """Easter Sunday by the anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, chapter 8)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (b - (b + 8) // 25 + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    left = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * left) // 451
    month, day = divmod(h + left - 7 * m + 114, 31)
    return date(year, month, day + 1)


def next_date(today: date, day: int, month: int, year: int) -> date | None:
    """The next such date from today on; month 0: of whichever month, year 0: of whichever year."""
    tries: Iterable[tuple[int, int]]
    if month:
        tries = [(year, month)] if year else [(today.year + n, month) for n in range(5)]  # 29 February
    else:
        tries = [divmod(today.year * 12 + today.month - 1 + n, 12) for n in range(4)]
        tries = [(y, m + 1) for y, m in tries]
    for y, m in tries:
        try:
            found = date(y, m, day)
        except ValueError:
            continue
        if year or found >= today:
            return found
    return None


def is_unreal(day: int, month: int, year: int) -> bool:
    """Does no calendar have that day of that month, in that year where one is said (else 0)? 31 April, 30 February."""
    return 1 <= month <= 12 and monthrange(year or 2024, month)[1] < day <= 31


def day_of(rule: Mapping[str, Any], year: int) -> date:
    """The day that a rule names in that year: {month, day} or {easter: days after}."""
    if "easter" in rule:
        return easter(year) + timedelta(days=rule["easter"])
    return date(year, rule["month"], rule["day"])
