"""Reads a town.yml: every name in it is known, every error names file and line."""

from collections.abc import Collection
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from faq.marked import FileError, Marked, every, load_marked
from faq.town.desks import canned, promises, routes
from faq.town.fields import among, each, flag, items, known, section, text, texts
from faq.town.forms import forms
from faq.town.hours import local_holidays, special_days, week
from faq.town.model import District, Kind, Office, Place, Team, Topic, Town
from faq.town.notices import notices
from faq.town.pinned import pinned

LAENDER = frozenset(("BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH"))
_PLACE = ("name", "address", "district", "note", "note_en")


def load_town(path: Path | str) -> Town:
    """Reads town.yml. Raises FileError, one sentence with file and line, for anything that does not fit."""
    return read_town(Path(path), load_marked(Path(path)))


def read_town(path: Path, top: Marked) -> Town:
    """What such a file holds, or would hold; `path` is for the errors. Raises FileError."""
    head = section(path, top, "town")
    districts = each(path, section(path, top, "districts"), _district)
    offices = each(path, section(path, top, "offices"), _office)
    teams = each(path, section(path, top, "teams"), _team)
    if not teams:
        raise FileError(path, top.line_of("teams"), "needs a team at least: it takes what no topic names.", "no.team")
    topics = each(path, section(path, top, "topics"), _topic)
    for place, name, ids, what in (
        ("districts", "near", districts, "districts"),
        ("offices", "district", districts, "districts"),
        ("offices", "branch_of", offices, "offices"),
        ("teams", "office", offices, "offices"),
        ("topics", "office", offices, "offices"),
        ("topics", "team", teams, "teams"),
    ):
        every((item for item in top[place].values() if item.get(name)), partial(_among, path, name, ids, what))
    return Town(
        name=text(path, head, "name"),
        full_name=text(path, head, "full_name", head.get("name", "")),
        kind=text(path, head, "kind", ""),
        land=_land(path, head),
        timezone=_timezone(path, head),
        website=text(path, head, "website"),
        privacy_url=text(path, head, "privacy_url"),
        phone=text(path, head, "phone"),
        local_holidays=local_holidays(path, head),
        offices=offices,
        districts=districts,
        teams=teams,
        topics=topics,
        special_days=special_days(path, top, offices),
        kinds=_kinds(path, top, districts),
        routes=routes(path, top, topics, districts, teams),
        promises=promises(path, top, topics, teams),
        canned=canned(path, top, teams),
        forms=forms(path, top, topics),
        notices=notices(path, top, topics, districts),
        pinned=pinned(path, top, topics, districts),
    )


def _among(path: Path, name: str, ids: Collection[str], what: str, item: Marked) -> None:
    among(path, item, name, ids, what)


def _district(path: Path, key: str, item: Marked) -> District:
    return District(key, text(path, item, "name"), texts(path, item, "also"), texts(path, item, "near"))


def _team(path: Path, key: str, item: Marked) -> Team:
    return Team(key, text(path, item, "name"), text(path, item, "office"))


def _topic(path: Path, key: str, item: Marked) -> Topic:
    name = text(path, item, "name")
    office = text(path, item, "office", "")
    people = flag(path, item, "people")
    return Topic(key, name, text(path, item, "name_en", name), office, text(path, item, "team"), people)


def _office(path: Path, key: str, item: Marked) -> Office:
    name, way = text(path, item, "name"), text(path, item, "way", "")
    return Office(
        key,
        name,
        text(path, item, "full_name", name),
        text(path, item, "address"),
        text(path, item, "district", ""),
        text(path, item, "phone"),
        text(path, item, "email", ""),
        texts(path, item, "also"),
        text(path, item, "appointment", ""),
        week(path, item),
        text(path, item, "name_en", name),
        text(path, item, "branch_of", ""),
        way,
        text(path, item, "way_en", way),
        flag(path, item, "appointment_only"),
    )


def _kinds(path: Path, top: Marked, districts: Collection[str]) -> dict[str, Kind]:
    if not top.get("places"):
        return {}

    def kind(path: Path, key: str, item: Marked) -> Kind:
        known(path, item, ("name", "name_en", "also", "list"))
        name = text(path, item, "name")
        listed = items(path, item, "list", "{address: …, district: …}")
        places = tuple(_place(path, one, districts) for one in listed)
        if not places:
            raise FileError(path, item.line, f'"{key}" has no place; add one below "list:" or remove it.')
        return Kind(key, name, text(path, item, "name_en", name), texts(path, item, "also"), places)

    return each(path, section(path, top, "places"), kind)


def _place(path: Path, item: Marked, districts: Collection[str]) -> Place:
    known(path, item, _PLACE)
    text(path, item, "district")
    (district,) = among(path, item, "district", districts, "districts")
    note = text(path, item, "note", "")
    name = text(path, item, "name", "")
    return Place(name, text(path, item, "address"), district, note, text(path, item, "note_en", note))


def _land(path: Path, head: Marked) -> str:
    land = text(path, head, "land")
    if land not in LAENDER:
        raise FileError(path, head.line_of("land"), f'"{land}" is no Land; use one of {", ".join(sorted(LAENDER))}.')
    return land


def _timezone(path: Path, head: Marked) -> str:
    name = text(path, head, "timezone", "Europe/Berlin")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise FileError(path, head.line_of("timezone"), f'"{name}" is no time zone; write Europe/Berlin.') from None
    return name
