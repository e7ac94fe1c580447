"""Days and times in what people write: "nächsten donnerstag nachmittag", "am 24.12.", "zwischen den jahren".

Pure: text and today's date go in, dates come out. The words of a language are data (languages/<code>/days.yml). A
weekday is the next such day, today included; a date without a year is the next such date; hours from 1 to 6 without
"am" are meant in the afternoon, when offices are open.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from functools import cache
from typing import Any, cast

import yaml

from nlu.phrases import Hit, Phrasebook, Word, tokenise
from nlu.profiles import LANGUAGES_DIR
from nlu.text import fold, normalise

LONGEST_SPAN = 14  # days listed at most
_TYPO_FROM = {"weekday": 6, "relative": 6}  # letters from which a word bears a typing error; "faster" is not Easter
_TYPO_ELSE = 7
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")
_HALF_DAY = re.compile(r"(\d{1,2})(am|pm)")
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class When:
    """The days asked about (none: a time of day without a day), a part of them or a time, or this moment."""

    days: tuple[date, ...] = ()
    part: str = ""  # early, morning, noon, afternoon, evening
    at: time | None = None
    now: bool = False


@dataclass(frozen=True)
class Said:
    """What was found, and which of the words say it."""

    when: When
    covered: frozenset[int]


@dataclass(frozen=True)
class _Language:
    book: Phrasebook
    exact: frozenset[tuple[str, str]]
    short: Mapping[str, int]
    before_short: frozenset[str]
    numbers: Mapping[str, int]
    ordinals: Mapping[str, int]
    part_words: Mapping[str, str]
    parts_after_day: Mapping[str, str]
    weekday_words: Mapping[str, int]
    exact_after: frozenset[str]
    named: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class _Hit:
    kind: str
    value: str
    first: int
    last: int


def find_days(text: str, today: date, language: str = "de") -> Said | None:
    """The day or time that the text names, in that language or else in another that has the words; None for none."""
    words = tokenise(text)
    plain = normalise(text)
    for code in dict.fromkeys((language, *_languages())):
        known = _languages().get(code)
        found = _Reading(words, plain, known, today).said() if known else None
        if found:
            return found
    return None


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


class _Reading:
    """One text in one language."""

    def __init__(self, words: Sequence[Word], plain: str, known: _Language, today: date) -> None:
        self._words, self._plain, self._known, self._today = words, plain, known, today
        self._covered: set[int] = set()
        self._days: list[date] = []
        self._part, self._at, self._now = "", cast(time | None, None), False
        self._hits = list(self._longest())

    def said(self) -> Said | None:
        """What all of it comes to."""
        self._numbers()
        self._short_names()
        shift, next_week = self._shifts()
        for place, hit in enumerate(self._hits):
            if hit.first in self._covered and hit.kind != "now":
                continue
            self._take(hit, self._hits[place - 1] if place else None, next_week)
        self._compounds()
        days = sorted({day + shift for day in self._days} or ({self._today + shift} if shift else set()))
        if len(days) == 2 and any(h.kind == "to" for h in self._hits) and (days[1] - days[0]).days < LONGEST_SPAN:
            days = [days[0] + timedelta(days=n) for n in range((days[1] - days[0]).days + 1)]
        if not days and (self._now or self._at):
            days = [self._today]
        if not days and not self._part:
            return None
        now = self._now and days == [self._today] and self._at is None
        when = When(tuple(days[:LONGEST_SPAN]), self._part, self._at, now)
        return Said(when, frozenset(self._covered))

    def _longest(self) -> Iterator[_Hit]:
        """Hits that do not overlap, the longest first where they would, in the order of the text."""
        taken: set[int] = set()
        kept = []

        def rank(hit: Hit) -> tuple[int, bool, int]:
            said = " ".join(word.text for word in self._words[hit.first : hit.last])
            return hit.first - hit.last, (hit.label, said) not in self._known.exact, hit.first

        for hit in sorted(self._known.book.find(self._words), key=rank):
            if taken.isdisjoint(range(hit.first, hit.last)):
                taken.update(range(hit.first, hit.last))
                kind, _, value = hit.label.partition(":")
                kept.append(_Hit(kind, value, hit.first, hit.last))
        return iter(sorted(kept, key=lambda h: h.first))

    def _take(self, hit: _Hit, before: _Hit | None, next_week: bool) -> None:
        adjacent = before is not None and before.last == hit.first
        modifier = before.kind if before and adjacent and before.kind in ("this", "next", "after_next") else ""
        word = self._words[hit.first].text
        match hit.kind:
            case "relative":
                if adjacent and before and before.kind in ("weekday", "relative") and self._after_day(word):
                    self._part = self._known.parts_after_day[word]
                else:
                    self._days.append(self._today + timedelta(days=int(hit.value)))
            case "weekday":
                self._days.append(self._weekday(int(hit.value), modifier, next_week))
            case "named":
                self._days += self._named(self._known.named[int(hit.value)])
            case "weekend":
                self._days += self._weekend(modifier)
            case "week":
                if not modifier:
                    return
                if not any(h.kind == "weekday" for h in self._hits):
                    self._days += self._week(modifier)
            case "part":
                self._part = hit.value
            case "now":
                self._now = True
            case _:
                return
        self._cover(hit)
        if modifier and before:
            self._cover(before)

    def _after_day(self, word: str) -> bool:
        return word in self._known.parts_after_day

    def _cover(self, hit: _Hit) -> None:
        self._covered.update(range(hit.first, hit.last))

    # --- days ----------------------------------------------------------------------------------------------

    def _weekday(self, weekday: int, modifier: str, next_week: bool) -> date:
        ahead = (weekday - self._today.weekday()) % 7
        if next_week:
            return self._today + timedelta(days=7 - self._today.weekday() + weekday)
        if modifier == "next" and not ahead:
            ahead = 7
        if modifier == "after_next":
            ahead += 7
        return self._today + timedelta(days=ahead)

    def _weekend(self, modifier: str) -> list[date]:
        ahead = (5 - self._today.weekday()) % 7
        if self._today.weekday() == 6:
            if modifier not in ("next", "after_next"):
                return [self._today]
        elif modifier == "next" and not ahead:
            ahead = 7
        saturday = self._today + timedelta(days=ahead + (7 if modifier == "after_next" else 0))
        return [saturday, saturday + _ONE_DAY]

    def _week(self, modifier: str) -> list[date]:
        monday = self._today - timedelta(days=self._today.weekday())
        weeks = {"this": 0, "next": 1, "after_next": 2}[modifier]
        first = monday + timedelta(weeks=weeks)
        return [day for n in range(7) if (day := first + timedelta(days=n)) >= self._today]

    def _named(self, named: Mapping[str, Any]) -> list[date]:
        for year in (self._today.year - 1, self._today.year, self._today.year + 1):
            first = _day_of(named, year)
            last = _day_of(named.get("until", named), year)
            if last >= self._today:
                span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
                return [day for day in span if day >= self._today]
        return []

    def _shifts(self) -> tuple[timedelta, bool]:
        """("in zwei wochen" and the like, whether "nächste woche" is said)."""
        shift, next_week = timedelta(), False
        for place, hit in enumerate(self._hits):
            if hit.kind in ("in_days", "in_weeks"):
                number = next((n for w in self._words[hit.first : hit.last] if (n := self._number(w.text))), 0)
                shift += timedelta(days=number) if hit.kind == "in_days" else timedelta(weeks=number)
                if number:
                    self._cover(hit)
            before = self._hits[place - 1] if place else None
            if hit.kind == "week" and before and before.last == hit.first and before.kind == "next":
                next_week = True
        return shift, next_week

    def _number(self, word: str) -> int:
        if word.isdecimal():
            return min(int(word), 60) if len(word) < 3 else 0
        return self._known.numbers.get(word, 0)

    def _short_names(self) -> None:
        """ "am do" and the like."""
        for at, word in enumerate(self._words[1:], 1):
            if word.text in self._known.short and self._words[at - 1].text in self._known.before_short:
                self._days.append(self._weekday(self._known.short[word.text], "", next_week=False))
                self._covered.add(at)

    def _compounds(self) -> None:
        """ "freitagnachmittag", "montagmorgen"."""
        for at, word in enumerate(self._words):
            for name, weekday in self._known.weekday_words.items():
                rest = word.text.removeprefix(name)
                part = self._known.part_words.get(rest) or self._known.parts_after_day.get(rest)
                if rest != word.text and part:
                    self._days.append(self._weekday(weekday, "", next_week=False))
                    self._part = part
                    self._covered.add(at)

    # --- numbers -------------------------------------------------------------------------------------------

    def _numbers(self) -> None:
        at = 0
        while at < len(self._words):
            at += self._date_at(at) or self._time_at(at) or 1

    def _date_at(self, at: int) -> int:
        """How many words from here on are a date."""
        first, months = self._digits(at), {h.first: int(h.value) for h in self._hits if h.kind == "month"}
        ordinal = _ORDINAL.fullmatch(self._words[at].text)
        number = int(ordinal[1]) if ordinal else first or self._known.ordinals.get(self._words[at].text, 0)
        if first > 31 and self._between(at) == "-" and self._between(at + 1) == "-":
            return self._dated(at, 3, self._digits(at + 2), self._digits(at + 1), first)  # 2026-12-24
        between = self._between(at)
        if first and between in (".", ". ", "/") and 1 <= self._digits(at + 1) <= 12 and not self._is_hour(at + 2):
            has_year = self._between(at + 1) in (".", ". ", "/") and len(self._text(at + 2)) in (2, 4)
            year = self._digits(at + 2) if has_year else 0
            return self._dated(at, 3 if year else 2, first, self._digits(at + 1), year)
        for skip in (1, 2):  # "24 december", "24th of december"
            if number and at + skip in months and (skip == 1 or self._text(at + 1) in ("of", "des")):
                year = self._digits(at + skip + 1) if len(self._text(at + skip + 1)) == 4 else 0
                return self._dated(at, skip + 1 + bool(year), number, months[at + skip], year)
        if at in months and (after := self._ordinal(at + 1)) and not self._is_hour(at + 2):
            year = self._digits(at + 2) if len(self._text(at + 2)) == 4 else 0
            return self._dated(at, 2 + bool(year), after, months[at], year)
        if first and any(h.kind in ("to", "join") and h.first == at + 1 for h in self._hits):
            month = self._digits(at + 3) if self._between(at + 2) in (".", ". ") else months.get(at + 3, 0)
            if self._after(at).startswith(".") and 1 <= month <= 12:  # "24. und 31.12."
                return self._dated(at, 1, number, month, 0)
        alone = ordinal or (first and self._after(at).startswith("."))
        if alone and 1 <= number <= 31 and at and self._text(at - 1) in ("am", "den", "dem", "the", "zum", "vom"):
            return self._dated(at, 1, number, 0, 0)
        return 0

    def _dated(self, at: int, words: int, day: int, month: int, year: int) -> int:
        found = _next_date(self._today, day, month, year + 2000 if 0 < year < 100 else year)
        if found is None:
            return 0
        self._days.append(found)
        self._covered.update(range(at, at + words))
        return words

    def _time_at(self, at: int) -> int:
        """How many words from here on are a time of day."""
        half = _HALF_DAY.fullmatch(self._text(at))
        if half:
            return self._timed(at, 1, int(half[1]) % 12 + (12 if half[2] == "pm" else 0), 0, exact=True)
        said = self._text(at)
        spelt = self._known.numbers.get(said, 0)
        if spelt and any(h.kind == "half" and h.last == at for h in self._hits):
            return self._timed(at, 1, spelt - 1, 30)
        if spelt and self._is_hour(at + 1):
            return self._timed(at, 2, spelt, 0)
        hour = self._digits(at)
        if not said.isdecimal() or len(said) > 2:
            return 0
        if self._text(at + 1) in ("am", "pm") and self._between(at) in ("", " "):
            return self._timed(at, 2, hour % 12 + (12 if self._text(at + 1) == "pm" else 0), 0, exact=True)
        minutes = self._text(at + 1)
        if len(minutes) == 2 and minutes.isdecimal() and (self._between(at) == ":" or self._is_hour(at + 2)):
            return self._timed(at, 2 + self._is_hour(at + 2), hour, int(minutes))
        if at and any(h.kind == "half" and h.last == at for h in self._hits):
            return self._timed(at, 1, hour - 1, 30)
        if self._is_hour(at + 1):
            more = self._text(at + 2)
            late = int(more) if len(more) == 2 and more.isdecimal() else 0
            return self._timed(at, 3 if late else 2, hour, late)
        if at and self._text(at - 1) in self._known.exact_after and not self._after(at).startswith("."):
            return self._timed(at, 1, hour, 0)
        return 0

    def _timed(self, at: int, words: int, hour: int, minute: int, exact: bool = False) -> int:
        if not exact and 1 <= hour <= 6:
            hour += 12
        if not (0 <= hour <= 23 and 0 <= minute <= 59):
            return 0
        self._at = time(hour, minute)
        self._covered.update(range(at, at + words))
        if at and self._text(at - 1) in self._known.exact_after:
            self._covered.add(at - 1)
        return words

    def _text(self, at: int) -> str:
        return self._words[at].text if 0 <= at < len(self._words) else ""

    def _digits(self, at: int) -> int:
        said = self._text(at)
        return int(said) if said.isascii() and said.isdecimal() and len(said) <= 4 else 0

    def _ordinal(self, at: int) -> int:
        ordinal = _ORDINAL.fullmatch(self._text(at))
        return int(ordinal[1]) if ordinal else self._digits(at) if self._digits(at) <= 31 else 0

    def _between(self, at: int) -> str:
        """What stands between this word and the next."""
        if not 0 <= at < len(self._words) - 1:
            return ""
        return self._plain[self._words[at].end : self._words[at + 1].start]

    def _after(self, at: int) -> str:
        return self._plain[self._words[at].end : self._words[at].end + 2]

    def _is_hour(self, at: int) -> bool:
        return any(h.kind == "hour" and h.first == at for h in self._hits)


def _next_date(today: date, day: int, month: int, year: int) -> date | None:
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


def _day_of(rule: Mapping[str, Any], year: int) -> date:
    if "easter" in rule:
        return easter(year) + timedelta(days=rule["easter"])
    return date(year, rule["month"], rule["day"])


@cache
def _languages() -> Mapping[str, _Language]:
    """Every language that has a days.yml; read once."""
    found = {}
    for path in sorted(LANGUAGES_DIR.glob("*/days.yml")):
        raw = yaml.safe_load(path.read_text("utf-8"))
        found[raw["language"]] = _read(raw)
    return found


def _read(raw: Mapping[str, Any]) -> _Language:
    phrases: list[tuple[str, str]] = []
    exact: set[tuple[str, str]] = set()

    def learn(label: str, listed: Iterable[str]) -> None:
        phrases.extend((label, _pattern(label, words)) for words in listed)
        exact.update((label, fold(words)) for words in listed)

    for kind in (
        "now", "in_days", "in_weeks", "this", "next", "after_next", "week", "weekend", "hour", "half", "to", "join",
    ):  # fmt: skip
        learn(kind, raw[kind])
    for kind, listed in (("relative", raw["relative"]), ("weekday", raw["weekdays"]), ("part", raw["parts"])):
        for value, names in listed.items():
            learn(f"{kind}:{value}", names)
    for value, names in raw["months"].items():
        learn(f"month:{value}", names)
    for place, named in enumerate(raw["named"]):
        learn(f"named:{place}", named["words"])
    return _Language(
        Phrasebook(phrases),
        frozenset(exact),
        {fold(k): v for k, v in raw["weekdays_short"].items()},
        frozenset(fold(w) for w in raw["before_short"]),
        {fold(k): v for k, v in raw["numbers"].items()},
        {fold(k): v for k, v in raw["ordinals"].items()},
        {fold(w): part for part, listed in raw["parts"].items() for w in listed if " " not in w},
        {fold(k): v for k, v in raw["parts_after_day"].items()},
        {fold(w): day for day, listed in raw["weekdays"].items() for w in listed},
        frozenset(fold(w) for w in raw["exact_after"]),
        tuple(raw["named"]),
    )


def _pattern(label: str, words: str) -> str:
    """Words as a phrase in which the longer ones bear a typing error."""
    parts = [fold(word) if word != ".." else word for word in words.split()]
    least = _TYPO_FROM.get(label.partition(":")[0], _TYPO_ELSE)
    return " ".join(f"~{part}" if len(part) >= least else part for part in parts)


def encode(when: When) -> str:
    """As short as a button's data must be: "261224-261226", "261127/afternoon", "261127/1530", "now"."""
    if when.now:
        return "now"
    days = [day.strftime("%y%m%d") for day in when.days]
    row = all(b - a == _ONE_DAY for a, b in zip(when.days, when.days[1:], strict=False))
    told = f"{days[0]}-{days[-1]}" if len(days) > 1 and row else ".".join(days[:3])
    more = when.part or (when.at.strftime("%H%M") if when.at else "")
    return f"{told}/{more}" if more else told


def decode(told: str, today: date) -> When:
    """The inverse of `encode`; whatever cannot be read is left out."""
    if told == "now":
        return When((today,), now=True)
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
        return replace(when, part=more)
    except ValueError:
        return When()


def _day(told: str) -> date:
    return date(2000 + int(told[:2]), int(told[2:4]), int(told[4:6]))
