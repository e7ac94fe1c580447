"""Dates and times written with numbers: "24.12.", "24th of december", "2026-12-24", "15:30", "halb vier", "3 pm"."""

import re
from datetime import date, time

from nlu.days.dates import is_unreal, next_date
from nlu.days.sentence import Sentence

_HALF_DAY = re.compile(r"(\d{1,2})(am|pm)")
_DOTS = (".", ". ", "/")


class Numbers:
    """What the numbers of a sentence say: `days`, a time `at`, a date that does not exist (`unreal`), and the words
    that they `cover`."""

    def __init__(self, sentence: Sentence, today: date) -> None:
        self._sentence, self._today = sentence, today
        self._months = {f.first: int(f.value) for f in sentence.found if f.kind == "month"}
        self.days: list[date] = []
        self.at: time | None = None
        self.unreal: tuple[int, int, int] | None = None
        self.covered: set[int] = set()
        self._read()

    def _read(self) -> None:
        at = 0
        while at < len(self._sentence.words):
            at += self._date_at(at) or self._time_at(at) or 1

    def _date_at(self, at: int) -> int:
        """How many words from here on are a date."""
        return self._figures(at) or self._with_month(at) or self._day_alone(at)

    def _figures(self, at: int) -> int:
        """ "24.12.", "24.12.2026", "24/12", "2026-12-24"."""
        s = self._sentence
        first, second, gap, next_gap = s.digits(at), s.digits(at + 1), s.between(at), s.between(at + 1)
        if first > 31 and gap == next_gap == "-":
            return self._dated(at, 3, s.digits(at + 2), second, first)
        if not first or gap not in _DOTS or not 1 <= second <= 12 or s.starts(at + 2, "hour"):
            return 0
        year = s.digits(at + 2) if next_gap in _DOTS and len(s.text(at + 2)) in (2, 4) else 0
        return self._dated(at, 3 if year else 2, first, second, year)

    def _with_month(self, at: int) -> int:
        """ "24. dezember", "24th of december", "december 24", and "24" of "24. und 31.12.", "du 24 au 31 décembre"."""
        s = self._sentence
        number = self._number(at)
        for skip in (1, 2):
            if number and at + skip in self._months and (skip == 1 or s.text(at + 1) in s.known.of):
                year = s.digits(at + skip + 1) if len(s.text(at + skip + 1)) == 4 else 0
                return self._dated(at, skip + 1 + bool(year), number, self._months[at + skip], year)
        if at in self._months and (day := s.ordinal(at + 1)) and not s.starts(at + 2, "hour"):
            year = s.digits(at + 2) if len(s.text(at + 2)) == 4 else 0
            return self._dated(at, 2 + bool(year), day, self._months[at], year)
        if s.digits(at) and s.starts(at + 1, "to", "join"):
            dotted = s.after(at).startswith(".") and s.between(at + 2) in _DOTS
            month = (s.digits(at + 3) if dotted else 0) or self._months.get(at + 3, 0)
            return self._dated(at, 1, number, month, 0) if 1 <= month <= 12 and s.digits(at + 2) else 0
        return 0

    def _day_alone(self, at: int) -> int:
        """ "am 24.", "the 24th", "le 24", "24 числа": of whichever month comes next."""
        s = self._sentence
        if s.digits(at) <= 31 and s.digits(at) and not s.starts(at + 1, "hour"):
            if s.text(at + 1) in s.known.after_day:
                return self._dated(at, 2, s.digits(at), 0, 0)
            if at and s.text(at - 1) in s.known.day_after and s.between(at) not in (":", "h"):
                return self._dated(at, 1, s.digits(at), 0, 0)
        alone = s.is_ordinal(at) or (s.digits(at) and s.after(at).startswith("."))
        if alone and at and s.text(at - 1) in s.known.before_day and 1 <= self._number(at) <= 31:
            return self._dated(at, 1, self._number(at), 0, 0)
        return 0

    def _number(self, at: int) -> int:
        s = self._sentence
        return s.ordinal(at) if s.is_ordinal(at) else s.digits(at) or s.known.ordinals.get(s.text(at), 0)

    def _dated(self, at: int, words: int, day: int, month: int, year: int) -> int:
        year = year + 2000 if 0 < year < 100 else year
        found = next_date(self._today, day, month, year)
        if found:
            self.days.append(found)
        elif is_unreal(day, month, year):
            self.unreal = day, month, year
        else:
            return 0
        self.covered.update(range(at, at + words))
        return words

    def _time_at(self, at: int) -> int:
        """How many words from here on are a time of day."""
        s = self._sentence
        said = s.text(at)
        if of_day := _HALF_DAY.fullmatch(said):  # "3pm"
            return self._timed(at, 1, _of_half_day(int(of_day[1]), of_day[2]), 0, exact=True)
        number = s.digits(at) if said.isdecimal() and len(said) <= 2 else s.known.numbers.get(said, 0)
        if s.ends(at, "half") and number:
            return self._timed(at, 1, number - 1, 30)
        if number and at and s.text(at - 1) in s.known.hour_before and s.between(at) != ":":
            return self._timed(at, 1 + self._half(at + 1), number, 30 * bool(self._half(at + 1)))
        if number and s.text(at + 1) in s.known.half_after:
            return self._timed(at, 2, number, 30)
        if s.starts(at + 1, "hour") and (number or said.isdecimal()):
            if half := self._half(at + 2):
                return self._timed(at, 2 + half, number, 30)
            last = s.text(at + 2)
            minutes = int(last) if len(last) == 2 and last.isdecimal() else 0
            return self._timed(at, 3 if minutes else 2, number, minutes)
        if not said.isdecimal() or len(said) > 2:
            return 0
        if s.text(at + 1) in ("am", "pm") and s.between(at) in ("", " "):
            return self._timed(at, 2, _of_half_day(number, s.text(at + 1)), 0, exact=True)
        after = s.text(at + 1)
        if len(after) == 2 and after.isdecimal() and (s.between(at) == ":" or s.starts(at + 2, "hour")):
            return self._timed(at, 2 + s.starts(at + 2, "hour"), number, int(after))
        if at and s.text(at - 1) in s.known.exact_after and not s.after(at).startswith("."):
            return self._timed(at, 1, number, 0)
        return 0

    def _half(self, at: int) -> int:
        """How many words from here on mean half an hour more: "buçuk", "et demie"."""
        s = self._sentence
        return next((words for words in (1, 2) if s.text(at + words - 1) in s.known.half_after), 0)

    def _timed(self, at: int, words: int, hour: int, minute: int, exact: bool = False) -> int:
        if not exact and 1 <= hour <= 6:
            hour += 12
        if not (0 <= hour <= 23 and 0 <= minute <= 59):
            return 0
        self.at = time(hour, minute)
        self.covered.update(range(at, at + words))
        if at and self._sentence.text(at - 1) in self._sentence.known.exact_after | self._sentence.known.hour_before:
            self.covered.add(at - 1)
        return words


def _of_half_day(hour: int, half: str) -> int:
    return hour % 12 + (12 if half == "pm" else 0)
