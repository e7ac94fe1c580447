"""Opening hours of a town.yml: the week's slots, special days, the town's own holidays."""

import re
from collections.abc import Collection
from datetime import date, time
from itertools import pairwise
from pathlib import Path

from faq.marked import FileError, Marked, every
from faq.town.fields import among, day, items, known, text, texts
from faq.town.model import MIDNIGHT, Holiday, Slot, SpecialDay

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SLOT = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")
LATEST = time(6)
"""Until when an opening may last into the next day; later, two figures have been exchanged."""
_SPECIAL = ("date", "until", "offices", "hours", "reason", "reason_en")


def week(path: Path, item: Marked) -> dict[int, tuple[Slot, ...]]:
    """The `hours` of an office, by weekday."""
    hours = item.get("hours") or Marked(item.line)
    if not isinstance(hours, Marked):
        raise FileError(path, item.line_of("hours"), '"hours" must look like {mon: ["08:00-12:00"]}.')

    def read(name: str) -> tuple[int, tuple[Slot, ...]]:
        if name not in WEEKDAYS:
            raise FileError(path, hours.line_of(name), f'"{name}" is no weekday; use {", ".join(WEEKDAYS)}.')
        return WEEKDAYS.index(name), _slots(path, hours, name)

    return dict(every(hours, read))


def special_days(path: Path, top: Marked, offices: Collection[str]) -> tuple[SpecialDay, ...]:
    """The section `special_days`; two that say something about one office on one day are refused."""
    example = '{date: "2026-12-24", hours: ["08:00-12:00"], reason: Heiligabend}'
    found: list[SpecialDay] = []

    def read(item: Marked) -> None:
        special = _special(path, item, offices)
        for earlier in found:
            together = earlier.first <= special.last and special.first <= earlier.last
            if together and (earlier.offices & special.offices or not (earlier.offices or special.offices)):
                when = max(earlier.first, special.first)
                message = f"two special days are about {when} and the same office; keep one."
                raise FileError(path, item.line, message, "twice.special", day=when)
        found.append(special)

    every(items(path, top, "special_days", example), read)
    return tuple(sorted(found, key=lambda special: special.first))


def local_holidays(path: Path, head: Marked) -> tuple[Holiday, ...]:
    """Days the whole town hall is closed beside the Land's holidays."""
    listed = items(path, head, "local_holidays", '{date: "2027-02-08", name: …}.')
    found: dict[date, Holiday] = {}

    def read(item: Marked) -> None:
        when, name = day(path, item, "date"), text(path, item, "name")
        if when in found:
            raise FileError(path, item.line_of("date"), f"{when} stands there twice; keep one.", "twice.day", day=when)
        found[when] = Holiday(when, name, text(path, item, "name_en", ""))

    every(listed, read)
    return tuple(found[when] for when in sorted(found))


def _special(path: Path, item: Marked, offices: Collection[str]) -> SpecialDay:
    known(path, item, _SPECIAL)
    first = day(path, item, "date")
    last = day(path, item, "until") if "until" in item else first
    if last < first:
        raise FileError(path, item.line_of("until"), f'"until" {last} is before {first}.', "until")
    reason = text(path, item, "reason", "")
    named = frozenset(among(path, item, "offices", offices, "offices"))
    return SpecialDay(first, last, _slots(path, item, "hours"), named, reason, text(path, item, "reason_en", reason))


def _slots(path: Path, item: Marked, name: str) -> tuple[Slot, ...]:
    line = item.line_of(name)
    read = tuple(_slot(path, line, told) for told in texts(path, item, name))
    for earlier, later in pairwise(read):
        if earlier.overnight or later.start < earlier.end:
            message = f'the slots of "{name}" overlap or are not in order.'
            raise FileError(path, line, message, "slots")
    return read


def _slot(path: Path, line: int, told: str) -> Slot:
    match = _SLOT.fullmatch(told)
    try:
        if match is None:
            raise ValueError(told)
        hour, minute, until, past = (int(part) for part in match.groups())
        end = MIDNIGHT if (until, past) == (24, 0) else time(until, past)
        slot = Slot(time(hour, minute), end)
    except ValueError:
        message = f'"{told}" is no time slot; write it as "08:00-12:00".'
        raise FileError(path, line, message, "slot", value=told) from None
    if (slot.overnight and slot.end != MIDNIGHT and slot.end > LATEST) or slot.end == slot.start != MIDNIGHT:
        raise FileError(path, line, f'"{told}" ends before it starts.', "slot.reversed", value=told)
    return slot
