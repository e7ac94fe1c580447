"""The answer to a question about offices or places: of one office, of all that may be meant, of bottle banks."""

from datetime import date, datetime

from bot.calendar import Calendar
from bot.document import EMPTY, Document, joined
from bot.effects import Reply
from bot.moments import Moments
from bot.offices.places import Book, listed, places
from bot.offices.told import Told, no_such_day
from nlu.days import When, decode

OFFICE_KEYS = frozenset({"hours", "office.which", "places.here", "places.some"})
"""Replies that are composed here."""


class OfficeTelling:
    """Offices and places of the calendar's town in one phrasebook's words."""

    def __init__(self, book: Book, calendar: Calendar, moments: Moments) -> None:
        self._book, self._calendar, self._moments = book, calendar, moments

    def compose(self, reply: Reply, language: str, now: datetime) -> Document:
        """The words of a reply whose key is one of OFFICE_KEYS; `params` are aspect, when (encoded), kind, district
        (of an office: where one was asked for)."""
        today = now.astimezone(self._calendar.zone).date()
        when = decode(reply.params.get("when", ""), today)
        if reply.key == "hours":
            return self._told(reply, language, now).about(reply.params, when)
        if reply.key == "office.which":
            before = joined(
                no_such_day(self._book, self._moments, when, language), self._for_all(when, language, today)
            )
            return joined(before, self._book.said("office.which", language, {}))
        return places(self._book, self._calendar.town, reply.params["kind"], reply.params.get("district", ""), language)

    def _told(self, reply: Reply, language: str, now: datetime) -> Told:
        office = self._calendar.town.offices[reply.office]
        return Told(self._book, self._calendar, self._moments, office, language, now)

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
        rows = [f"{o.named(language)}: {self._moments.slots(slots, language)}" for o, slots in open_]
        return joined(said, self._book.said("office.exceptions", language, {}), listed(rows))
