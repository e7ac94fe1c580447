"""What everybody is to know for a time: the section `notices` of a town.yml."""

import re
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar

from faq.marked import FileError, Marked, every
from faq.town.fields import among, flag, is_id, items, known, missing, said, text
from faq.town.model import LEVELS, SHOWN, Notice, Pinned, Signed

MOST = 10  # notices that are kept at a time
LONGEST = 1000  # characters of one in one language
_FIELDS = ("id", "level", "from", "until", "open_ended", "where", "topics", "districts", "texts")
SIGNATURE = ("by", "at", "confirmed", "waits", "former")
"""Fields that the console writes beside those that people type: see faq.town.model.Signed."""


def notices(
    path: Path, top: Marked, topics: Collection[str] = (), districts: Collection[str] = ()
) -> tuple[Notice, ...]:
    """The notices in their order; each says when it ends, or that it holds until it is taken back."""

    def read(item: Marked) -> Notice:
        known(path, item, (*_FIELDS, *SIGNATURE))
        first, last = span(path, item)
        where = frozenset(among(path, item, "where", SHOWN, "where")) or frozenset(SHOWN)
        told = said(path, item, "texts", LONGEST)
        at = frozenset(among(path, item, "topics", topics, "topics"))
        of = frozenset(among(path, item, "districts", districts, "districts"))
        key, level = named(path, item, LEVELS)
        return Notice(key, level, first, last, where, told, at, of, signed(path, item, read))

    example = '{id: …, level: crisis, until: "2026-12-02 18:00", texts: {de: "…"}}'
    return listed(path, top, "notices", example, read, MOST)


N = TypeVar("N", Notice, Pinned)


def listed(path: Path, top: Marked, name: str, example: str, read: Callable[[Marked], N], most: int) -> tuple[N, ...]:
    """What is read out of the section's items, each of another id."""
    found: dict[str, N] = {}

    def take(item: Marked) -> None:
        made = read(item)
        if made.id in found:
            message = f'"{made.id}" stands there twice; keep one.'
            raise FileError(path, item.line_of("id"), message, "twice.id", value=made.id)
        found[made.id] = made

    several = items(path, top, name, example)
    if len(several) > most:
        message = f"more than {most} of them; take back those that are over."
        raise FileError(path, top.line_of(name), message, "notices", most=most)
    every(several, take)
    return tuple(found.values())


def named(path: Path, item: Marked, levels: Sequence[str]) -> tuple[str, str]:
    """Id and level."""
    key = text(path, item, "id")
    is_id(path, item.line_of("id"), key)
    level = text(path, item, "level")
    if level not in levels:
        message = f'"{level}" is no level; use {", ".join(levels)}.'
        raise FileError(path, item.line_of("level"), message, "level", value=level)
    return key, level


def signed(path: Path, item: Marked, read: Callable[[Marked], Notice | Pinned]) -> Signed:
    """What the console wrote of who stands for it."""
    former = item.get("former")
    if former is not None and (not isinstance(former, Marked) or "former" in former):
        raise FileError(path, item.line_of("former"), "is no item of this section.", "shape")
    return Signed(
        text(path, item, "by", ""),
        _moment(path, item, "at"),
        text(path, item, "confirmed", ""),
        flag(path, item, "waits"),
        read(former) if former is not None else None,
    )


def written(value: Any) -> Any:
    """A moment as a document has it, "2026-12-02 18:00"; a day alone and what is no moment stay as they are."""
    if isinstance(value, datetime) or (isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", value)):
        try:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except ValueError:
            return value
        return moment.isoformat(" ", "minutes") if moment.tzinfo is None else value
    return value.isoformat() if isinstance(value, date) else value


def span(path: Path, item: Marked) -> tuple[datetime | None, datetime | None]:
    """From when until when it holds, in local time. Raises FileError where it has no end, or two."""
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
