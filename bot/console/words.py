"""The console's words: texts/<language>.yml and a file a room in texts/<language>/; numbers and times as people of that
language write them."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from nlu.data import read_data

FOLDER = Path(__file__).parent / "texts"
LANGUAGES = ("de", "en")
_PLACE = re.compile(r"\{(\w+)\}")


@lru_cache(maxsize=len(LANGUAGES))
def texts(language: str) -> Mapping[str, str]:
    """Every text of a language by its dotted key. Raises KeyError for a language that we do not have, ValueError for a
    key that two files say."""
    if language not in LANGUAGES:
        raise KeyError(language)
    found: dict[str, str] = {}
    for path in (FOLDER / f"{language}.yml", *sorted((FOLDER / language).glob("*.yml"))):
        some = dict(_flat("", cast(dict[str, Any], read_data(path) or {})))
        if twice := found.keys() & some.keys():
            raise ValueError(f"{path.name} says what another file says already: {sorted(twice)}")
        found |= some
    return found


def _flat(prefix: str, tree: Mapping[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in tree.items():
        key = f"{prefix}{name}"
        found += _flat(f"{key}.", value) if isinstance(value, dict) else [(key, str(value))]
    return found


class Words:
    """One language's words, with the town's clock. `now` is aware UTC and stands still for one page."""

    def __init__(self, language: str, zone: ZoneInfo, now: datetime) -> None:
        self.language = language if language in LANGUAGES else LANGUAGES[0]
        self.zone, self.now = zone, now
        self._texts = texts(self.language)

    def __call__(self, key: str, **params: object) -> str:
        """The text with its {params} filled in. Raises KeyError for a key that is not there."""
        return self._filled(self._texts[key], params)

    def maybe(self, key: str, default: str, **params: object) -> str:
        """The text, or `default` where what is named comes from elsewhere and may be new."""
        return self._filled(self._texts[key], params) if key in self._texts else default

    def count(self, key: str, n: int, **params: object) -> str:
        """ "1 Minute", "4 Minuten": keys <key>.one and <key>.many."""
        return self(f"{key}.one" if n == 1 else f"{key}.many", n=self.number(n), **params)

    def _filled(self, text: str, params: Mapping[str, object]) -> str:
        # Not str.format, and in one pass: a "{" in a parameter must stay what it is.
        return _PLACE.sub(lambda m: str(params.get(m[1], m[0])), text)

    # --- numbers and times ---------------------------------------------------------------------------------

    def number(self, value: float, digits: int = 0) -> str:
        """1.234,5 in German, 1,234.5 in English."""
        text = f"{value:,.{digits}f}"
        return text.translate(str.maketrans(",.", ".,")) if self.language == "de" else text

    def percent(self, share: float) -> str:
        """62 % in German, 62% in English; never 100 for what is not quite sure. A ratio may be more than that."""
        whole = min(round(share * 100), 99) if share < 1 else round(share * 100)
        return f"{whole}\u202f%" if self.language == "de" else f"{whole}%"

    def local(self, at: datetime) -> datetime:
        """In the town's time."""
        return at.astimezone(self.zone)

    def clock(self, at: datetime) -> str:
        """9:41"""
        local = self.local(at)
        return f"{local.hour}:{local.minute:02d}"

    def day(self, day: date, year: bool = True) -> str:
        """24.11.2026, or 24 Nov 2026."""
        if self.language == "de":
            return f"{day.day}.{day.month}." + (str(day.year) if year else "")
        return f"{day.day} {self(f'months.{day.month}')}" + (f" {day.year}" if year else "")

    def moment(self, at: datetime) -> str:
        """Time of a line: 9:41 today, else with its day."""
        local, today = self.local(at).date(), self.local(self.now).date()
        if local == today:
            return self.clock(at)
        return f"{self.day(local, year=local.year != today.year)} {self.clock(at)}"

    def exact(self, at: datetime) -> str:
        """Di., 24.11.2026, 9:41 Uhr"""
        local = self.local(at)
        weekday = self(f"weekdays.{local.weekday()}")
        return self("time.exact", weekday=weekday, day=self.day(local.date()), clock=self.clock(at))

    def coming(self, at: datetime) -> str:
        """heute 14:00 Uhr, morgen 8:00 Uhr, Mo., 30.11., 8:00 Uhr"""
        local = self.local(at)
        days = (local.date() - self.local(self.now).date()) // timedelta(days=1)
        near = {0: "time.today", 1: "time.tomorrow"}.get(days)
        weekday = self(f"weekdays.{local.weekday()}")
        day = self(near) if near else f"{weekday}, {self.day(local.date(), year=False)},"
        return self("time.at", day=day, clock=self.clock(at))

    def since(self, at: datetime) -> str:
        """How long ago, short: 4 min, 2 h, 3 Tage."""
        return self.span((self.now - at).total_seconds())

    def span(self, seconds: float) -> str:
        """A length of time in its one or two largest units."""
        minutes = max(0, int(seconds // 60))
        if minutes < 1:
            return self("time.moment")
        if minutes < 60:
            return self.count("time.minutes", minutes)
        hours, rest = divmod(minutes, 60)
        if hours < 24:
            return self.count("time.hours", hours) + (f" {self.count('time.minutes', rest)}" if rest else "")
        return self.count("time.days", hours // 24)
