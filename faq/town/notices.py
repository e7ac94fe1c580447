"""What everybody is to know for a time: the section `notices` of a town.yml."""

import re
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from faq.marked import FileError, Marked, every
from faq.town.fields import among, flag, is_id, items, known, missing, said, text
from faq.town.model import LEVELS, SHOWN, Notice

MOST = 10  # notices that are kept at a time
LONGEST = 1000  # characters of one in one language
_FIELDS = ("id", "level", "from", "until", "open_ended", "where", "texts")


def notices(path: Path, top: Marked) -> tuple[Notice, ...]:
    """The notices in their order; each says when it ends, or that it holds until it is taken back."""
    found: dict[str, Notice] = {}

    def read(item: Marked) -> None:
        known(path, item, _FIELDS)
        key = text(path, item, "id")
        is_id(path, item.line_of("id"), key)
        if key in found:
            message = f'"{key}" stands there twice; keep one.'
            raise FileError(path, item.line_of("id"), message, "twice.id", value=key)
        level = text(path, item, "level")
        if level not in LEVELS:
            message = f'"{level}" is no level; use {", ".join(LEVELS)}.'
            raise FileError(path, item.line_of("level"), message, "level", value=level)
        first, last = _span(path, item)
        where = frozenset(among(path, item, "where", SHOWN, "where")) or frozenset(SHOWN)
        found[key] = Notice(key, level, first, last, where, said(path, item, "texts", LONGEST))

    listed = items(path, top, "notices", '{id: …, level: crisis, until: "2026-12-02 18:00", texts: {de: "…"}}')
    if len(listed) > MOST:
        message = f"more than {MOST} notices; take back those that are over."
        raise FileError(path, top.line_of("notices"), message, "notices", most=MOST)
    every(listed, read)
    return tuple(found.values())


def written(value: Any) -> Any:
    """A moment as a document has it, "2026-12-02 18:00"; a day alone and what is no moment stay as they are."""
    if isinstance(value, datetime) or (isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", value)):
        try:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except ValueError:
            return value
        return moment.isoformat(" ", "minutes") if moment.tzinfo is None else value
    return value.isoformat() if isinstance(value, date) else value


def _span(path: Path, item: Marked) -> tuple[datetime | None, datetime | None]:
    first, last, open_ended = _moment(path, item, "from"), _moment(path, item, "until"), flag(path, item, "open_ended")
    if last is None and not open_ended:
        raise missing(path, item, "until", "2026-12-02 18:00")
    if last is not None and open_ended:
        message = 'it has an end and is "open_ended"; keep one of the two.'
        raise FileError(path, item.line_of("until"), message, "open_ended")
    if first and last and last <= first:
        raise FileError(path, item.line_of("until"), f'"until" {last} is not after {first}.', "until")
    return first, last


def _moment(path: Path, item: Marked, name: str) -> datetime | None:
    """Local time; a day alone is its beginning, as an end its end."""
    value = item.get(name)
    if value is None or value == "":
        return None
    try:
        moment = value if isinstance(value, date) else _read(str(value))
    except ValueError:
        moment = None
    if moment is None or (isinstance(moment, datetime) and moment.tzinfo is not None):
        message = f"{str(value)!r} is no moment; write it as 2026-12-02 18:00."
        raise FileError(path, item.line_of(name), message, "moment", value=str(value))
    if isinstance(moment, datetime):
        return moment
    if name == "until" and moment < date.max:
        moment += timedelta(days=1)
    return datetime.combine(moment, time())


def _read(value: str) -> date:
    return date.fromisoformat(value) if len(value) == len("2026-12-02") else datetime.fromisoformat(value)
