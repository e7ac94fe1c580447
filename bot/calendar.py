"""The working calendar: when an office is open, and when next. Offices, promises and answers all use this one.

Hours are local times of the town's zone; several slots a day. What holds on a day, first match first: a special day
of the office itself, a special day of all offices, the town's own holidays and the Land's (package holidays), the
week's slots. Instants go in and come out as aware datetimes; between them all is compared in UTC, since times of one
zone compare by the clock on the wall, which goes back once a year.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import takewhile
from zoneinfo import ZoneInfo

import holidays

from faq.town import Office, Slot, SpecialDay, Town
from faq.town.model import worded

LOOK_AHEAD_DAYS = 60
_NAMED_IN = {"de": "de", "en": "en_US", "uk": "uk"}  # languages in which the package names German holidays


@dataclass(frozen=True)
class DayHours:
    """One office on one day: its `slots`, empty when closed; `reason` says why they are not the week's."""

    slots: tuple[Slot, ...]
    reason: str = ""
    special: bool = False


class Calendar:
    """Answers for one town, as it stands: people change its hours while it is asked (bot.livetown).

    Who keeps `town` keeps what held at that moment; ask the calendar for it anew.
    """

    def __init__(self, town: Town) -> None:
        self.zone = ZoneInfo(town.timezone)
        self.take(town)

    def take(self, town: Town) -> None:
        """From now on this holds: to be called where nothing else asks in between, on the event loop."""
        self.town = town
        self._own = {day.date: day for day in town.local_holidays}

    def day_off(self, day: date, language: str = "de") -> str:
        """The name of what closes the whole town hall on this day (special days apart), else ""."""
        if own := self._own.get(day):
            return worded(language, own.name, own.name_en)
        return _public(self.town.land, day.year, _NAMED_IN.get(language, "de")).get(day) or ""

    def hours(self, office: Office, day: date, language: str = "de") -> DayHours:
        """What holds for the office on that day; the reason is in that language where there is one."""
        if special := self._special(office, day):
            reason = worded(language, special.reason, special.reason_en)
            return DayHours(special.slots, reason, special=True)
        if off := self.day_off(day, language):
            return DayHours((), off)
        return DayHours(tuple(office.hours.get(day.weekday(), ())))

    def slots(self, office: Office, day: date) -> tuple[Slot, ...]:
        """Local opening times of a day, in order; empty when closed."""
        return self.hours(office, day).slots

    def closed_for_all(self, day: date, language: str = "de") -> str:
        """The name of what closes every office that day but those with hours of their own for it, else ""."""
        for special in self.town.special_days:
            if not special.offices and special.first <= day <= special.last:
                reason = worded(language, special.reason, special.reason_en)
                return "" if special.slots else reason
        return self.day_off(day, language)

    def special_days(self, office: Office, first: date, last: date) -> tuple[date, ...]:
        """Days between these two, both included, on which other hours hold than in a week without holidays."""
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return tuple(d for d in days if self.slots(office, d) != tuple(office.hours.get(d.weekday(), ())))

    def open_until(self, office: Office, now: datetime) -> datetime | None:
        """When the opening that holds now ends (slots that touch are one, over midnight too), else None."""
        for start, end in self._openings(office, now):
            if start > now:
                return None
            if now < end:
                return end.astimezone(self.zone)
        return None

    def next_open(self, office: Office, now: datetime) -> datetime | None:
        """The first instant after now at which it opens, within 60 days; None when it does not."""
        for start, _ in self._openings(office, now):
            if start > now:
                return start.astimezone(self.zone)
        return None

    def after(self, office: Office, now: datetime, minutes: int) -> datetime | None:
        """The instant when the office has been open for so many minutes since now; None when that is 60 days off."""
        left = timedelta(minutes=minutes)
        for start, end in self._openings(office, now):
            begun = max(start, now.astimezone(UTC))
            if end - begun >= left:
                return (begun + left).astimezone(self.zone)
            left -= max(timedelta(0), end - begun)
        return None

    def open_between(self, office: Office, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
        """(from, until) of its openings between these instants, cut off at both, in order, in UTC; until at most 60
        days after since."""
        first, last = since.astimezone(UTC), until.astimezone(UTC)
        begun = takewhile(lambda opening: opening[0] < last, self._openings(office, since))
        cut = ((max(start, first), min(end, last)) for start, end in begun)
        return [(start, end) for start, end in cut if start < end]

    def instant(self, day: date, clock: time) -> datetime:
        """That clock time of that day, in the town's zone."""
        return datetime.combine(day, clock, tzinfo=self.zone)

    def _special(self, office: Office, day: date) -> SpecialDay | None:
        those = [s for s in self.town.special_days if s.first <= day <= s.last]
        own = (s for s in those if office.id in s.offices)
        return next(own, None) or next((s for s in those if not s.offices), None)

    def _openings(self, office: Office, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        """(from, until) in UTC, in order, from yesterday on; slots that touch are one."""
        begun: tuple[datetime, datetime] | None = None
        today = now.astimezone(self.zone).date()
        for ahead in range(-1, LOOK_AHEAD_DAYS):
            day = today + timedelta(days=ahead)
            for slot in self.slots(office, day):
                start, end = self._span(day, slot)
                if end <= start:
                    continue  # it lies in the hour that is skipped in March
                if begun and start <= begun[1]:
                    begun = begun[0], max(begun[1], end)
                    continue
                if begun:
                    yield begun
                begun = start, end
        if begun:
            yield begun

    def _span(self, day: date, slot: Slot) -> tuple[datetime, datetime]:
        last = day + timedelta(days=1) if slot.overnight else day
        return self.instant(day, slot.start).astimezone(UTC), self.instant(last, slot.end).astimezone(UTC)


@lru_cache(maxsize=64)
def _public(land: str, year: int, language: str) -> holidays.HolidayBase:
    return holidays.country_holidays("DE", subdiv=land, years=year, language=language)
