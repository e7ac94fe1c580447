"""What is told about one office: open or not, when next, where, by the working calendar."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta

from bot.calendar import Calendar
from bot.document import EMPTY, Document, Paragraph, Span, joined, link
from bot.moments import Moments
from bot.offices.places import Book, listed
from faq.town import Office, Slot
from faq.town.model import MIDNIGHT, worded
from nlu.days import When

SPECIAL_DAYS_AHEAD = 21  # within so many days other hours than the week's are told
PARTS = {  # from, until: hours of the day that a part of it means
    "early": (time(0), time(9)),
    "morning": (time(0), time(12)),
    "noon": (time(12), time(14)),
    "afternoon": (time(13), time(18)),
    "evening": (time(17), MIDNIGHT),
}


def no_such_day(book: Book, moments: Moments, when: When, language: str) -> Document:
    """That no calendar has the date asked about, where that is so."""
    if when.unreal is None:
        return EMPTY
    return book.said("office.no_such_day", language, {"day": moments.told(*when.unreal, language)})


class Told:
    """One office, one language, one moment."""

    def __init__(
        self, book: Book, calendar: Calendar, moments: Moments, office: Office, language: str, now: datetime
    ) -> None:
        self._book, self._calendar, self._moments, self._town = book, calendar, moments, calendar.town
        self._office, self._language, self._now = office, language, now
        self._today = now.astimezone(self._calendar.zone).date()
        self._name = office.named(language)

    def about(self, params: Mapping[str, str], when: When) -> Document:
        """The whole answer: what was asked first, then address, telephone and the appointment page."""
        aspect = params.get("aspect", "")
        elsewhere = self._elsewhere(params.get("district", ""))
        if aspect in ("phone", "where"):
            return joined(elsewhere, self._place(way=aspect == "where"), self._state(), self._appointment())
        hours = joined(no_such_day(self._book, self._moments, when, self._language), self._hours(aspect, when))
        told = (elsewhere, self._place(), hours) if elsewhere.blocks else (hours, self._place())
        return joined(*told, self._appointment())

    def _elsewhere(self, district_id: str) -> Document:
        """That there is none in the district asked about, where that is so; this one is the next then."""
        district = self._town.districts.get(district_id)
        if district is None or district.id == self._office.district:
            return EMPTY
        first = self._town.offices.get(self._office.branch_of, self._office)
        params = {"office": first.named(self._language), "district": district.name}
        return self._book.said("office.not_there", self._language, params)

    def _hours(self, aspect: str, when: When) -> Document:
        if not any(self._office.hours.values()) and self._calendar.next_open(self._office, self._now) is None:
            return self._said("office.no_hours", phone=self._office.phone)
        if when.now or (aspect == "next" and not when.days):
            return joined(self._state(again=aspect == "next"), self._others(self._today, self._now))
        if aspect == "until" and not when.days:
            return self._day(When((self._today,)))
        if not when.days:
            return joined(self._state(), listed(self._week()), self._special())
        if len(when.days) > 1:
            return self._days(when.days)
        return self._day(when)

    # --- one day -------------------------------------------------------------------------------------------

    def _day(self, when: When) -> Document:
        (day,) = when.days
        hours = self._calendar.hours(self._office, day, self._language)
        if not hours.slots:
            if self._since_yesterday(day, hours.slots):
                return self._state()
            return joined(self._closed(day, hours.reason), self._others(day), self._next_after(day))
        told = {"day": self._moments.weekday(day, self._language, self._today), "slots": self._slots(hours.slots)}
        if when.at:
            return self._at(day, when.at, told)
        if when.part:
            part = self._book.words(self._language, f"part.{when.part}")
            within = tuple(slot for slot in hours.slots if _overlap(slot, *PARTS[when.part]))
            if not within:
                return joined(self._said("office.part_closed", **told, part=part), self._others(day, part=when.part))
            told |= {"day": f"{told['day']}, {part}", "slots": self._slots(within)}
        if hours.reason:
            told["slots"] += f" ({hours.reason})"
        said = self._said("office.open", **told)
        return joined(said, self._state()) if self._wants_state(day, hours.slots) else said

    def _wants_state(self, day: date, slots: tuple[Slot, ...]) -> bool:
        """Do the day's hours not tell by themselves how it stands now?"""
        if self._since_yesterday(day, slots):
            return True
        begun = day == self._today and self._calendar.instant(day, slots[0].start) <= self._now
        return begun and (len(slots) > 1 or self._calendar.open_until(self._office, self._now) is None)

    def _since_yesterday(self, day: date, slots: tuple[Slot, ...]) -> bool:
        """Is it the night of that day, and is it open still since the evening before?"""
        until = self._calendar.open_until(self._office, self._now) if day == self._today else None
        return until is not None and not any(self._calendar.instant(day, slot.start) <= self._now for slot in slots)

    def _at(self, day: date, at: time, told: Mapping[str, str]) -> Document:
        moment = self._calendar.instant(day, at)
        clock = self._moments.clock(moment, self._language)
        until = self._calendar.open_until(self._office, moment)
        if until:
            ends = self._moments.clock(until, self._language)
            return self._said("office.at_open", day=told["day"], time=clock, until=ends)
        return joined(self._said("office.at_closed", **told, time=clock), self._others(day, moment))

    def _closed(self, day: date, reason: str) -> Document:
        told = {"day": self._moments.weekday(day, self._language, self._today)}
        return (
            self._said("office.closed_because", **told, reason=reason)
            if reason
            else self._said("office.closed", **told)
        )

    def _days(self, days: tuple[date, ...]) -> Document:
        rows = []
        for day in days:
            hours = self._calendar.hours(self._office, day, self._language)
            rows.append(
                f"{self._moments.weekday(day, self._language, self._today)}: {self._told(hours.slots, hours.reason)}"
            )
        shut = not any(self._calendar.slots(self._office, day) for day in days)
        return joined(self._said("office.days"), listed(rows), self._next_after(days[-1]) if shut else EMPTY)

    # --- now and next --------------------------------------------------------------------------------------

    def _state(self, again: bool = False) -> Document:
        """Open now, or when next; `again` tells the next opening also while it is open."""
        until = self._calendar.open_until(self._office, self._now)
        if until:
            said = self._said("office.now_open", until=self._moments.clock(until, self._language))
            return joined(said, self._opens(until)) if again else said
        return joined(self._said("office.now_closed"), self._opens(self._now))

    def _opens(self, after: datetime) -> Document:
        opens = self._calendar.next_open(self._office, after)
        if opens is None:
            return self._said("office.next_unknown", phone=self._office.phone)
        return self._said("office.next", opens_words=self._moments.moment(opens, self._language, self._now))

    def _next_after(self, day: date) -> Document:
        """The next opening after that day; a day that has gone by says nothing about what comes next."""
        end = self._calendar.instant(day + timedelta(days=1), MIDNIGHT) - timedelta(microseconds=1)
        return self._opens(max(end, self._now))

    def _others(self, day: date, at: datetime | None = None, part: str = "") -> Document:
        """Offices that do the same work and are open at the time asked for, where this one is not."""
        if at and self._calendar.open_until(self._office, at):
            return EMPTY
        found = []
        for other in self._town.offices.values():
            if not other.same_work(self._office):
                continue
            slots = self._calendar.slots(other, day)
            if part:
                slots = tuple(slot for slot in slots if _overlap(slot, *PARTS[part]))
            if slots and (at is None or self._calendar.open_until(other, at)):
                params = {
                    "office": other.named(self._language),
                    "slots": self._slots(slots),
                    "address": other.address,
                }
                found.append(self._book.said("office.other_open", self._language, params))
        return joined(*found)

    # --- the rest ------------------------------------------------------------------------------------------

    def _week(self) -> list[str]:
        names = self._book.weekdays(self._language)
        return [f"{names[day]} {self._slots(slots)}" for day, slots in sorted(self._office.hours.items()) if slots]

    def _special(self) -> Document:
        last = self._today + timedelta(days=SPECIAL_DAYS_AHEAD)
        rows = []
        for day in self._calendar.special_days(self._office, self._today, last):
            hours = self._calendar.hours(self._office, day, self._language)
            rows.append(
                f"{self._moments.weekday(day, self._language, self._today)}: {self._told(hours.slots, hours.reason)}"
            )
        return joined(self._said("office.special"), listed(rows)) if rows else EMPTY

    def _place(self, way: bool = False) -> Document:
        office, language = self._office, self._language
        lines = [office.address, f"{self._book.words(language, 'phone')}: {office.phone}"]
        directions = worded(language, office.way, office.way_en)
        if way and directions:
            lines.append(f"{self._book.words(language, 'directions')}: {directions}")
        title = (
            office.full_name if self._name in (office.name, office.full_name) else f"{self._name} ({office.full_name})"
        )
        return Document((Paragraph((Span(title, bold=True), Span("\n" + "\n".join(lines)))),))

    def _appointment(self) -> Document:
        only = self._said("office.by_appointment") if self._office.appointment_only else EMPTY
        if not self._office.appointment:
            return only
        words = self._book.words(self._language, "appointment.book")
        return joined(only, Document((Paragraph((link(words, self._office.appointment),)),)))

    def _slots(self, slots: Iterable[Slot]) -> str:
        return self._moments.slots(tuple(slots), self._language)

    def _told(self, slots: tuple[Slot, ...], reason: str) -> str:
        said = self._slots(slots) if slots else self._book.words(self._language, "closed")
        return f"{said} ({reason})" if reason else said

    def _said(self, key: str, **params: str) -> Document:
        return self._book.said(key, self._language, {"office": self._name, **params})


def _overlap(slot: Slot, start: time, end: time) -> bool:
    return (end == MIDNIGHT or slot.start < end) and (slot.overnight or start < slot.end)
