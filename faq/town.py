"""The town: its offices with their hours, districts, topics and teams, read from one town.yml."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from faq.marked import FileError, Marked, load_marked, strings

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LAENDER = frozenset(("BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH"))

T = TypeVar("T")

_SLOT = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")


@dataclass(frozen=True)
class Holiday:
    date: date
    name: str


@dataclass(frozen=True)
class Slot:
    """Open from `start` until `end`, local time."""

    start: time
    end: time


@dataclass(frozen=True)
class Office:
    """`hours` is keyed by weekday, 0 is Monday; a weekday that is not there is closed."""

    id: str
    name: str
    full_name: str
    address: str
    district: str
    phone: str
    email: str
    also: tuple[str, ...]
    appointment: str
    hours: Mapping[int, tuple[Slot, ...]]


@dataclass(frozen=True)
class District:
    id: str
    name: str
    also: tuple[str, ...]


@dataclass(frozen=True)
class Team:
    id: str
    name: str
    office: str


@dataclass(frozen=True)
class Topic:
    id: str
    name: str
    name_en: str
    office: str
    team: str


@dataclass(frozen=True)
class Town:
    name: str
    full_name: str
    kind: str
    land: str
    timezone: str
    website: str
    privacy_url: str
    phone: str
    local_holidays: tuple[Holiday, ...]
    offices: Mapping[str, Office]
    districts: Mapping[str, District]
    teams: Mapping[str, Team]
    topics: Mapping[str, Topic]


def load_town(path: Path | str) -> Town:
    """Reads town.yml. Raises FileError, one sentence with file and line, for anything that does not fit."""
    path = Path(path)
    top = load_marked(path)
    head = _section(path, top, "town")
    districts = _each(path, top, "districts", _district)
    offices = _each(path, top, "offices", _office)
    teams = _each(path, top, "teams", _team)
    topics = _each(path, top, "topics", _topic)
    for place, names, known, what in (
        ("offices", "district", districts, "districts"),
        ("teams", "office", offices, "offices"),
        ("topics", "office", offices, "offices"),
        ("topics", "team", teams, "teams"),
    ):
        for item in top[place].values():
            name = item.get(names, "")
            if name and name not in known:
                raise FileError(path, item.line_of(names), f'"{name}" is not among the {what}; add it or correct it.')
    return Town(
        name=_text(path, head, "name"),
        full_name=_text(path, head, "full_name", head.get("name", "")),
        kind=_text(path, head, "kind", ""),
        land=_land(path, head),
        timezone=_timezone(path, head),
        website=_text(path, head, "website"),
        privacy_url=_text(path, head, "privacy_url"),
        phone=_text(path, head, "phone"),
        local_holidays=tuple(
            _holiday(path, item, head.line_of("local_holidays")) for item in head.get("local_holidays") or []
        ),
        offices=offices,
        districts=districts,
        teams=teams,
        topics=topics,
    )


def _section(path: Path, top: Marked, name: str) -> Marked:
    value = top.get(name)
    if not isinstance(value, Marked):
        raise FileError(path, top.line_of(name), f'needs a section "{name}:" with entries below it.')
    return value


def _each(path: Path, top: Marked, name: str, make: Callable[[Path, str, Marked], T]) -> dict[str, T]:
    section = _section(path, top, name)
    found: dict[str, T] = {}
    for key, value in section.items():
        if not isinstance(value, Marked):
            raise FileError(path, section.line_of(key), f'"{key}" must be a mapping such as {{name: …}}.')
        found[key] = make(path, key, value)
    return found


def _text(path: Path, item: Marked, name: str, default: str | None = None) -> str:
    value = item.get(name, default)
    if value is None or (value == "" and default is None):
        raise FileError(path, item.line, f'"{name}" is missing here; add it.')
    if not isinstance(value, str):
        raise FileError(path, item.line_of(name), f'"{name}" must be a text; put {value!r} into quotes.')
    return value.strip()


def _also(path: Path, item: Marked) -> tuple[str, ...]:
    return strings(path, item.line_of("also"), "also", item.get("also"))


def _district(path: Path, key: str, item: Marked) -> District:
    return District(key, _text(path, item, "name"), _also(path, item))


def _team(path: Path, key: str, item: Marked) -> Team:
    return Team(key, _text(path, item, "name"), _text(path, item, "office"))


def _topic(path: Path, key: str, item: Marked) -> Topic:
    name = _text(path, item, "name")
    return Topic(key, name, _text(path, item, "name_en", name), _text(path, item, "office"), _text(path, item, "team"))


def _office(path: Path, key: str, item: Marked) -> Office:
    name = _text(path, item, "name")
    return Office(
        key,
        name,
        _text(path, item, "full_name", name),
        _text(path, item, "address"),
        _text(path, item, "district", ""),
        _text(path, item, "phone"),
        _text(path, item, "email", ""),
        _also(path, item),
        _text(path, item, "appointment", ""),
        _hours(path, item),
    )


def _hours(path: Path, item: Marked) -> dict[int, tuple[Slot, ...]]:
    hours = item.get("hours") or Marked(item.line)
    if not isinstance(hours, Marked):
        raise FileError(path, item.line_of("hours"), '"hours" must look like {mon: ["08:00-12:00"]}.')
    found: dict[int, tuple[Slot, ...]] = {}
    for day, slots in hours.items():
        line = hours.line_of(day)
        if day not in WEEKDAYS:
            raise FileError(path, line, f'"{day}" is no weekday; use {", ".join(WEEKDAYS)}.')
        read = tuple(_slot(path, line, text) for text in strings(path, line, day, slots))
        for earlier, later in pairwise(read):
            if later.start < earlier.end:
                raise FileError(path, line, f'the slots of "{day}" overlap or are not in order.')
        found[WEEKDAYS.index(day)] = read
    return found


def _slot(path: Path, line: int, text: str) -> Slot:
    match = _SLOT.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)
        numbers = [int(part) for part in match.groups()]
        slot = Slot(time(numbers[0], numbers[1]), time(numbers[2], numbers[3]))
    except ValueError:
        raise FileError(path, line, f'"{text}" is no time slot; write it as "08:00-12:00".') from None
    if slot.end <= slot.start:
        raise FileError(path, line, f'"{text}" ends before it starts.')
    return slot


def _holiday(path: Path, item: Any, line: int) -> Holiday:
    if not isinstance(item, Marked):
        raise FileError(path, line, '"local_holidays" must hold lines such as - {date: "2027-02-08", name: …}.')
    value = item.get("date")
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise FileError(path, item.line_of("date"), f"{value!r} is no date; write it as 2027-02-08.") from None
    return Holiday(day, _text(path, item, "name"))


def _land(path: Path, head: Marked) -> str:
    land = _text(path, head, "land")
    if land not in LAENDER:
        raise FileError(path, head.line_of("land"), f'"{land}" is no Land; use one of {", ".join(sorted(LAENDER))}.')
    return land


def _timezone(path: Path, head: Marked) -> str:
    name = _text(path, head, "timezone", "Europe/Berlin")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise FileError(path, head.line_of("timezone"), f'"{name}" is no time zone; write Europe/Berlin.') from None
    return name
