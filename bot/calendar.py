"""The working calendar: when an office is open, and when next. Offices, promises and answers all use this one.

Hours are local times of the town's zone; several slots a day; the Land's public holidays (package holidays) and
the town's own days off close everything. Instants go in and come out as aware datetimes.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from faq.town import Office, Slot, Town

LOOK_AHEAD_DAYS = 60


class Calendar:
    """Answers for one town."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.zone = ZoneInfo(town.timezone)
        self._own = {day.date: day.name for day in town.local_holidays}
        self._public = lru_cache(maxsize=32)(
            lambda year: holidays.country_holidays("DE", subdiv=town.land, years=year, language="de")
        )

    def day_off(self, day: date) -> str:
        """The name of the holiday that closes the town hall on this day, else ""."""
        return self._own.get(day) or self._public(day.year).get(day) or ""

    def slots(self, office: Office, day: date) -> tuple[Slot, ...]:
        """Local opening times of a day, in order; empty when closed."""
        return () if self.day_off(day) else office.hours.get(day.weekday(), ())

    def open_until(self, office: Office, now: datetime) -> datetime | None:
        """The end of the slot that is open now, else None."""
        local = now.astimezone(self.zone)
        for slot in self.slots(office, local.date()):
            if self._at(local.date(), slot.start) <= local < self._at(local.date(), slot.end):
                return self._at(local.date(), slot.end)
        return None

    def next_open(self, office: Office, now: datetime) -> datetime | None:
        """The next start of a slot after now, within 60 days; None for an office that never opens."""
        local = now.astimezone(self.zone)
        for ahead in range(LOOK_AHEAD_DAYS):
            day = local.date() + timedelta(days=ahead)
            for slot in self.slots(office, day):
                start = self._at(day, slot.start)
                if start > local:
                    return start
        return None

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, tzinfo=self.zone)
