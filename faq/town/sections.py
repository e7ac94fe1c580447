"""The parts of a town.yml that people change in the console, each as a plain document (what JSON can hold).

Document and file are two ways to write the same: `sections_of` takes the documents out of a file, `overlaid` puts
documents in their place, so that one reader (faq.town.load) judges both. Its errors then name the document and the
way in it (FileError.place): ("special_days", 3, "date").

hours         {office: {mon: ["08:00-12:00"]}}
holidays      [{date, name, name_en}]
special_days  [{date, until, offices: [], hours: [], reason, reason_en}]
teams         [{id, name, office}]; the first one takes what no topic names
routing       {topics: {topic: team}, routes: [{topic: [], district: [], language: [], team}]}
promises      [{team, topic, minutes}]
canned        [{id, title, shortcut, team, texts: {de: …}}]
notices       [{id, level, from, until, open_ended, where: [], topics: [], districts: [], texts: {de: …}}]
pinned        [{id, level, from, until, open_ended, topics: [], districts: [], wordings: [], entries: [],
               texts: {de: …}}]

Of the last two an item also says who wrote and confirmed it (faq.town.notices.SIGNATURE).
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from faq.marked import FileError, Marked, Spot, every, marked
from faq.town.load import read_town
from faq.town.model import Town
from faq.town.notices import written

SECTIONS = ("hours", "holidays", "special_days", "teams", "routing", "promises", "canned", "notices", "pinned")
_LISTS = ("special_days", "promises", "canned", "notices", "pinned")
Documents = Mapping[str, Any]
"""By the section's name."""

_MOMENTS = ("from", "until", "at")
_SETS = {
    "special_days": ("offices",),
    "routing": ("topic", "district", "language"),
    "notices": ("where", "topics", "districts"),
    "pinned": ("topics", "districts", "entries"),
}
"""Fields that hold one text or several in a file, and a sorted list in a document: their order says nothing."""


def sections_of(top: Marked) -> dict[str, Any]:
    """Every section of a file that has been read without an error."""
    rows = {name: [_row(item, name) for item in top.get(name) or []] for name in _LISTS}
    return {
        "hours": {key: _week(office.get("hours") or {}) for key, office in top["offices"].items()},
        "holidays": by_day([_row(item) for item in top["town"].get("local_holidays") or []]),
        "special_days": by_day(rows["special_days"]),
        "teams": [{"id": key, **_row(team)} for key, team in top["teams"].items()],
        "routing": {
            "topics": {key: topic["team"] for key, topic in top["topics"].items()},
            "routes": [_row(item, "routing") for item in top.get("routing") or []],
        },
        "promises": rows["promises"],
        "canned": rows["canned"],
        "notices": rows["notices"],
        "pinned": rows["pinned"],
    }


def town_of(path: Path, top: Marked, documents: Documents) -> Town:
    """The town of a file with these documents in their place. Raises FileError."""
    return read_town(path, overlaid(path, top, documents))


def overlaid(path: Path, top: Marked, documents: Documents) -> Marked:
    """The file with these documents in their place; sections that are not named stay. Raises FileError.

    What a document says of an office or topic that the file does not have is left out, and what it does not say of one
    that is new in the file is the file's: the file may have changed since the document was made.
    """
    docs = {**sections_of(top), **documents}
    for name, doc in docs.items():
        expected = dict if name in ("hours", "routing") else list
        if not isinstance(doc, expected):
            raise FileError(path, Spot(name), "is no such section.", "shape")
    made = {name: marked(doc, name) for name, doc in docs.items()}
    found = _copy(top)
    found["town"] = _with(top["town"], "local_holidays", made["holidays"], Spot("holidays"))
    found["offices"] = _copy(top["offices"])
    for key, office in top["offices"].items():
        if key in made["hours"]:
            found["offices"][key] = _with(office, "hours", made["hours"][key], Spot("hours", key))
    _put(found, "teams", _teams(path, made["teams"]), Spot("teams"))
    topics, routes = made["routing"].get("topics"), made["routing"].get("routes")
    if not isinstance(topics, Marked) or not isinstance(routes, list):
        raise FileError(path, Spot("routing"), "must hold topics and routes.", "shape")
    found["topics"] = _copy(top["topics"])
    for key, topic in top["topics"].items():
        if key in topics:
            found["topics"][key] = _with(topic, "team", topics[key], Spot("routing", "topics", key))
            found["topics"][key].line = Spot("routing", "topics", key)
    _put(found, "routing", routes, Spot("routing", "routes"))
    for name in _LISTS:
        _put(found, name, made[name], Spot(name))
    return found


def by_day(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that have a date, the earliest first: their order says nothing, and people look for a day."""
    return sorted(rows, key=lambda row: str(row.get("date", "")))


def plain(value: Any) -> Any:
    """Without lines; days as 2027-02-08."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _row(item: Mapping[str, Any], section: str = "") -> dict[str, Any]:
    """One mapping as a document has it."""
    found = {key: plain(value) for key, value in item.items() if value not in (None, "", [])}
    if section in ("notices", "pinned"):
        found = {
            key: written(value) if key in ("from", "until", "at") else value for key, value in found.items() if value
        }
    for key in _SETS.get(section, ()):
        if key in found:
            found[key] = sorted(_listed(found[key]))
    return found | ({"hours": _listed(found["hours"])} if "hours" in found else {})


def _week(hours: Mapping[str, Any]) -> dict[str, Any]:
    return {day: _listed(slots) for day, slots in hours.items() if slots}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _teams(path: Path, rows: list[Any]) -> Marked:
    """The list as the mapping of a file; two of one id are refused, since a mapping would keep the last alone."""
    found = Marked(Spot("teams"))

    def read(pair: tuple[int, Any]) -> None:
        number, row = pair
        if not isinstance(row, Marked) or not isinstance(row.get("id"), str):
            raise FileError(path, Spot("teams", number), "is no team.", "shape")
        key = row["id"]
        if key in found:
            raise FileError(path, Spot("teams", number, "name"), f'"{key}" stands there twice.', "twice.team")
        team = Marked(row.line)
        team.update((name, value) for name, value in row.items() if name != "id")
        team.lines = row.lines
        found[key], found.lines[key] = team, Spot("teams", number, "name")

    every(enumerate(rows), read)
    return found


def _copy(item: Marked) -> Marked:
    found = Marked(item.line)
    found.update(item)
    found.lines = dict(item.lines)
    return found


def _put(item: Marked, name: str, value: Any, line: int) -> None:
    item[name], item.lines[name] = value, line


def _with(item: Marked, name: str, value: Any, line: int) -> Marked:
    found = _copy(item)
    _put(found, name, value, line)
    return found
