"""Days and times as each language writes them: "morgen, Di., 24.11., ab 8 Uhr", "8–12, 13–16 Uhr", "9:00–17:00"."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from faq.town import Slot
from faq.town.model import MIDNIGHT


class Labels(Protocol):
    """The phrasebook as it is needed here."""

    def words(self, language: str, key: str, default: str | None = None) -> str:
        """A label."""
        ...

    def weekdays(self, language: str) -> Sequence[str]:
        """Short names, Monday first."""
        ...


class Moments:
    """Times of one town in one phrasebook's words."""

    def __init__(self, book: Labels, zone: ZoneInfo) -> None:
        self._book, self._zone = book, zone

    def day(self, day: date, language: str, year: bool = True) -> str:
        """A date: "24.11.2026", "24 Nov 2026", "24/11"."""
        return self.told(day.day, day.month, day.year if year else 0, language)

    def told(self, day: int, month: int, year: int, language: str) -> str:
        """As `day`, of numbers that need not make a date; year 0 is left out."""
        form = self._book.words(language, "date.full" if year else "date")
        return form.format(d=day, m=month, y=year, mon=f"{date(2000, month, 1):%b}")

    def weekday(self, day: date, language: str, today: date) -> str:
        """ "Fr., 27.11.", "heute", "morgen, Di., 24.11."; with the year where it is not this or the next one's turn."""
        far = not timedelta(0) <= day - today < timedelta(days=300)
        named = f"{self._book.weekdays(language)[day.weekday()]}, {self.day(day, language, year=far)}"
        if day == today:
            return self._book.words(language, "today")
        return f"{self._book.words(language, 'tomorrow')}, {named}" if day - today == timedelta(days=1) else named

    def moment(self, at: datetime, language: str, now: datetime) -> str:
        """ "morgen, Di., 24.11., ab 8 Uhr"."""
        local, today = at.astimezone(self._zone), now.astimezone(self._zone).date()
        day = self.weekday(local.date(), language, today)
        return f"{day}, {self._book.words(language, 'from_time')} {self.clock(local, language)}"

    def by(self, at: datetime, language: str, now: datetime) -> str:
        """ "heute, 10:30 Uhr", "morgen, Di., 24.11., 8:30 Uhr"; to the next five minutes, as people say it."""
        local, today = at.astimezone(self._zone), now.astimezone(self._zone).date()
        local = (local + timedelta(seconds=-local.timestamp() % 300)).replace(microsecond=0)
        return f"{self.weekday(local.date(), language, today)}, {self.clock(local, language)}"

    def clock(self, at: datetime | time, language: str) -> str:
        """ "8 Uhr", "8:30 Uhr", "8:00"."""
        local = at.astimezone(self._zone) if isinstance(at, datetime) else at
        return f"{self._short(local.hour, local.minute, language)} {self._book.words(language, 'clock')}".strip()

    def slots(self, slots: Sequence[Slot], language: str) -> str:
        """ "8–12, 13–16 Uhr"."""
        told = (
            f"{self._short(s.start.hour, s.start.minute, language)}–{self._short(*_end(s), language)}" for s in slots
        )
        return f"{', '.join(told)} {self._book.words(language, 'clock')}".strip()

    def _short(self, hour: int, minute: int, language: str) -> str:
        # Without a word for "o'clock" a lone "8" is no time.
        return f"{hour}" if not minute and self._book.words(language, "clock") else f"{hour}:{minute:02d}"


def _end(slot: Slot) -> tuple[int, int]:
    return (24, 0) if slot.end == MIDNIGHT else (slot.end.hour, slot.end.minute)
