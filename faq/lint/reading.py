"""Amounts, telephone numbers and times of day in a text, read so that two texts can be compared."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# As many signs as a sum has: a row of 20,000 digits is none, would be gone through from each of them, and is no number
# that Python reads.
_SUM = r"\d[\d.,]{0,15}\d|\d"
_AMOUNT = re.compile(
    rf"(?:€|EUR)\s?(?P<before>{_SUM})"
    rf"|(?:(?P<first>{_SUM})\s?(?:€\s?)?(?:bis|[-–])\s?)?(?P<after>{_SUM})\s?"
    # Not in "under 24 €27.60"; and Leichte Sprache has cents apart.
    r"(?:€(?!\d)|EUR\b|Euros?\b|euros?\b)(?:\s(?:und|and)\s(?P<cents>\d{1,2})\s(?:Cent|cents?))?"
)
_PHONE = re.compile(r"(?<![\d/,.])(?:\+49[\s(]*0?\)?|0)\d(?:[\s/()-]{0,2}\d){4,13}(?!\d)")
_FREE = re.compile(r"\b(?:kostenlos|kostenfrei|gebührenfrei|free of charge|no fee)\b", re.IGNORECASE)
_TIME = r"(?P<{0}>\d{{1,2}})(?:[.:](?P<{0}m>\d{{2}}))?\s?(?P<{0}half>[ap]\.?m\.?)?"
_RANGE = re.compile(
    rf"\b{_TIME.format('a')}\s?(?:Uhr\s)?(?:[-–]|bis|to|until)\s?{_TIME.format('b')}(?:\s?Uhr\b)?", re.IGNORECASE
)
_DAYS = {
    "mo": 0, "di": 1, "mi": 2, "do": 3, "fr": 4, "sa": 5, "so": 6, "mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4,
    "sat": 5, "sun": 6, "montag": 0, "dienstag": 1, "mittwoch": 2, "donnerstag": 3, "freitag": 4, "samstag": 5,
    "sonntag": 6, "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
}  # fmt: skip
_LONG_DAY = "|".join(day for day in _DAYS if len(day) > 3)
# "So" and "Do" are words as well, unless a point or a range follows.
_DAY = re.compile(
    rf"\b(?:((?i:{_LONG_DAY}))s?|(Mo|Di|Mi|Do|Fr|Sa|So)(?=\.|\s?[-–,:])|(Mon|Tue|Wed|Thu|Fri|Sat|Sun))\b\.?"
)
_AND = re.compile(r"\s*(?:und|oder|and|or|,|&)\s*(?:von\s|from\s)?")
_TO = re.compile(r"^\s*(?:[-–]|bis|to|through|until)\s*$", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Open:
    """On this weekday (0 is Monday) from so many minutes after midnight until so many."""

    day: int
    start: int
    end: int

    @property
    def clock(self) -> str:
        """8:00-12:30"""
        return "–".join(f"{minutes // 60}:{minutes % 60:02d}" for minutes in (self.start, self.end))


def amounts(text: str) -> frozenset[int]:
    """Sums of money in cents, however they are written: 46,00 €, €46.00, 27 Euro und 60 Cent."""
    return frozenset(cents for cents, _ in placed_amounts(text))


def placed_amounts(text: str) -> Iterator[tuple[int, str]]:
    """Each sum in cents, with the words by which it is told."""
    for found in _AMOUNT.finditer(text):
        if found["first"]:  # "36,30 bis 44,70 €"
            yield _cents(found["first"]), found["first"]
        cents = _cents(found["before"] or found["after"])
        yield cents + int(found["cents"] or 0), found[0]


def is_free(text: str) -> bool:
    """Does it say that it costs nothing?"""
    return bool(_FREE.search(text))


def phones(text: str) -> dict[str, str]:
    """Telephone numbers by their digits, as they are written; service numbers of six digits or fewer are none."""
    return {number(found[0]): found[0].strip() for found in _PHONE.finditer(text)}


def number(written: str) -> str:
    """A telephone number's digits, as dialled within the country."""
    digits = re.sub(r"\D", "", written)
    return "0" + digits.removeprefix("49").removeprefix("0") if written.strip().startswith("+49") else digits


def opened(sentence: str) -> frozenset[Open]:
    """Weekdays with times from and to: "Mo. bis Do. 8–12 Uhr und 14–16 Uhr". Days hold for the times that follow."""
    found: set[Open] = set()
    days: set[int] = set()
    last = 0
    marks = [(m.start(), m.end(), (m[1] or m[2] or m[3]).lower()) for m in _DAY.finditer(sentence)]
    ranges = list(_RANGE.finditer(sentence))
    for place, times in enumerate(ranges):
        following = ranges[place + 1] if place + 1 < len(ranges) else None
        joined = following is not None and bool(_AND.fullmatch(sentence[times.end() : following.start()]))
        slot = _slot(times, joined and following is not None and _is_clock(following))
        if slot is None:
            continue
        between = [mark for mark in marks if last <= mark[0] < times.start()]
        days = _days(sentence, between) if between else days
        last = times.end()
        found |= {Open(day, *slot) for day in days}
    return frozenset(found)


def _days(text: str, marks: list[tuple[int, int, str]]) -> set[int]:
    days: set[int] = set()
    for place, (start, _, name) in enumerate(marks):
        day = _DAYS[name]
        if place and _TO.match(text[marks[place - 1][1] : start]):
            first = _DAYS[marks[place - 1][2]]
            days |= {(first + n) % 7 for n in range((day - first) % 7 + 1)}
        days.add(day)
    return days


def _is_clock(times: re.Match[str]) -> bool:
    """And not "6-12 years", or a date?"""
    halves = times["ahalf"], times["bhalf"]
    return any(halves) or "uhr" in times[0].lower() or bool(times["am"] and times["bm"])


def _slot(times: re.Match[str], joined: bool) -> tuple[int, int] | None:
    """`joined`: a time of day follows, as in "9-13 und 15-17 Uhr"."""
    if not joined and not _is_clock(times):
        return None
    halves = times["ahalf"], times["bhalf"]
    start, end = _minutes(times["a"], times["am"], halves[0] or halves[1]), _minutes(times["b"], times["bm"], halves[1])
    if halves[1] and not halves[0] and start > end:  # "9-1 pm" begins in the morning
        start -= 12 * 60
    return (start, end) if 0 <= start < 24 * 60 and 0 <= end <= 24 * 60 else None


def _minutes(hour: str, minute: str | None, half: str | None) -> int:
    hours = int(hour)
    if half:
        hours = hours % 12 + (12 if half.lower().startswith("p") else 0)
    return hours * 60 + int(minute or 0)


def _cents(written: str) -> int:
    """German and English: the last mark with two digits behind it parts the cents."""
    whole, mark, rest = written, "", ""
    if found := re.fullmatch(r"(.*)([.,])(\d{2})", written):
        whole, mark, rest = found[1], found[2], found[3]
    return int(re.sub(r"[.,]", "", whole) or 0) * 100 + (int(rest) if mark else 0)
