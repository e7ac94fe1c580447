"""What an address asks of the figures: a period and what is looked at. What cannot be is told, and a default holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from bot.numbers.metric import SPLITS
from bot.numbers.period import LONGEST, Period
from bot.numbers.read import Cut
from faq.typed_day import day_of

DEFAULT = 28
YEARS = range(2000, 3000)
PRESETS = (7, 28, 90, 365)


@dataclass(frozen=True, slots=True)
class AskedFor:
    """`trouble` is a key of the console's texts, "" where all is well; `preset`: days up to today, 0 for others."""

    period: Period
    preset: int
    cut: Cut
    trouble: str = ""
    typed: tuple[str, str] = ("", "")

    @property
    def span(self) -> dict[str, str]:
        """The period's part of an address."""
        if self.preset:
            return {"days": str(self.preset)}
        return {"from": self.period.first.isoformat(), "until": self.period.last.isoformat()}

    def address(self, **changed: str) -> str:
        """The query of the same page with these conditions changed; "" takes one away."""
        values = self.span | self.cut.conditions | changed
        return urlencode({name: value for name, value in values.items() if value})

    def over(self, days: int) -> str:
        """The query with that preset."""
        return urlencode({"days": str(days)} | self.cut.conditions)


def asked_for(query: Mapping[str, str], today: date, teams: frozenset[str]) -> AskedFor:
    """Out of an address."""
    cut = Cut(**{name: query.get(name, "")[:160] for name in SPLITS}, teams=teams)
    typed = (query.get("from", "").strip(), query.get("until", "").strip())
    if any(typed):
        period, trouble = _own(*typed, today)
        if period is not None:
            return AskedFor(period, 0, cut)
        return AskedFor(Period.of_days(DEFAULT, today), DEFAULT, cut, trouble, typed)
    days = query.get("days", "")
    known = int(days) if days.isdecimal() and days.isascii() and len(days) < 5 and int(days) in PRESETS else DEFAULT
    return AskedFor(Period.of_days(known, today), known, cut)


def _own(first: str, last: str, today: date) -> tuple[Period | None, str]:
    try:
        until = day_of(last) if last else today
        since = day_of(first) if first else min(until, today)
    except ValueError:
        return None, "numbers.bad_day"
    if since.year not in YEARS or until.year not in YEARS:  # nobody counts before or after, a calendar would end there
        return None, "numbers.bad_day"
    if until < since:
        return None, "numbers.bad_order"
    if (until - since).days >= LONGEST:
        return None, "numbers.too_long"
    return Period(since, until), ""
