"""The answer to a question about an office or a place: open or not, when next, where, by the working calendar."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta

from bot.calendar import Calendar
from bot.document import EMPTY, Document, Paragraph, Span, joined, link
from bot.events import Reply
from bot.moments import Moments
from bot.offices.places import Book, listed, places
from faq.town import Office, Slot
from faq.town.model import MIDNIGHT
from nlu.days import When, decode

OFFICE_KEYS = frozenset({"hours", "office.which", "places.here", "places.some"})
"""Replies that are composed here."""

SPECIAL_DAYS_AHEAD = 21  # within so many days other hours than the week's are told
PARTS = {  # from, until: hours of the day that a part of it means
    "early": (time(0), time(9)),
    "morning": (time(0), time(12)),
    "noon": (time(12), time(14)),
    "afternoon": (time(13), time(18)),
    "evening": (time(17), MIDNIGHT),
}


class OfficeTelling:
    """Offices and places of the calendar's town in one phrasebook's words."""

    def __init__(self, book: Book, calendar: Calendar, moments: Moments) -> None:
        self._book, self._calendar, self._moments = book, calendar, moments

    def compose(self, reply: Reply, language: str, now: datetime) -> Document:
        """The words of a reply whose key is one of OFFICE_KEYS; `params` are aspect, when (encoded), kind, district."""
        today = now.astimezone(self._calendar.zone).date()
        when = decode(reply.params.get("when", ""), today)
        if reply.key == "hours":
            return _Told(self, self._calendar.town.offices[reply.office], language, now).about(reply.params, when)
        if reply.key == "office.which":
            return joined(self._for_all(when, language, today), self._book.said("office.which", language, {}))
        return places(self._book, self._calendar.town, reply.params["kind"], reply.params.get("district", ""), language)

    def _for_all(self, when: When, language: str, today: date) -> Document:
        """What holds for all offices on the one day asked about: that a holiday closes them, and who opens still."""
        reason = self._calendar.closed_for_all(when.days[0], language) if len(when.days) == 1 else ""
        if not reason:
            return EMPTY
        day = when.days[0]
        params = {"day": self._moments.weekday(day, language, today), "reason": reason}
        said = self._book.said("office.all_closed", language, params)
        open_ = [(o, slots) for o in self._calendar.town.offices.values() if (slots := self._calendar.slots(o, day))]
        if not open_:
            return said
        rows = [f"{name_of(o, language)}: {self._moments.slots(slots, language)}" for o, slots in open_]
        return joined(said, self._book.said("office.exceptions", language, {}), listed(rows))


class _Told:
    """One office, one language, one moment."""

    def __init__(self, telling: OfficeTelling, office: Office, language: str, now: datetime) -> None:
        self._book, self._calendar, self._moments = telling._book, telling._calendar, telling._moments
        self._town, self._office, self._language, self._now = telling._calendar.town, office, language, now
        self._today = now.astimezone(self._calendar.zone).date()
        self._name = name_of(office, language)

    def about(self, params: Mapping[str, str], when: When) -> Document:
        """The whole answer: what was asked first, then address, telephone and the appointment page."""
        aspect = params.get("aspect", "")
        if aspect in ("phone", "where"):
            return joined(self._place(way=aspect == "where"), self._state(), self._appointment())
        return joined(self._hours(aspect, when), self._place(), self._appointment())

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
        begun = day == self._today and self._calendar.instant(day, slots[0].start) <= self._now
        return begun and (len(slots) > 1 or self._calendar.open_until(self._office, self._now) is None)

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
            if not _same_work(other, self._office):
                continue
            slots = self._calendar.slots(other, day)
            if part:
                slots = tuple(slot for slot in slots if _overlap(slot, *PARTS[part]))
            if slots and (at is None or self._calendar.open_until(other, at)):
                params = {
                    "office": name_of(other, self._language),
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
        directions = office.way if language == "de" else office.way_en
        if way and directions:
            lines.append(f"{self._book.words(language, 'directions')}: {directions}")
        title = (
            office.full_name if self._name in (office.name, office.full_name) else f"{self._name} ({office.full_name})"
        )
        return Document((Paragraph((Span(title, bold=True), Span("\n" + "\n".join(lines)))),))

    def _appointment(self) -> Document:
        if not self._office.appointment:
            return EMPTY
        words = self._book.words(self._language, "appointment.book")
        return Document((Paragraph((link(words, self._office.appointment),)),))

    def _slots(self, slots: Iterable[Slot]) -> str:
        return self._moments.slots(tuple(slots), self._language)

    def _told(self, slots: tuple[Slot, ...], reason: str) -> str:
        said = self._slots(slots) if slots else self._book.words(self._language, "closed")
        return f"{said} ({reason})" if reason else said

    def _said(self, key: str, **params: str) -> Document:
        return self._book.said(key, self._language, {"office": self._name, **params})


def name_of(office: Office, language: str) -> str:
    """What the office is called in a sentence of that language."""
    return office.name_en if language == "en" else office.name


def _overlap(slot: Slot, start: time, end: time) -> bool:
    return (end == MIDNIGHT or slot.start < end) and (slot.end == MIDNIGHT or start < slot.end)


def _same_work(one: Office, other: Office) -> bool:
    return one.id != other.id and (one.branch_of or one.id) == (other.branch_of or other.id)
