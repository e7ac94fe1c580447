"""A settings form as rows of fields, and back: what is posted, and what a document has."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from multidict import MultiMapping

from bot.console.settings.fields import Field, Kind, Row, meant, shown, tidied

MOST = 300  # rows that one form may have
NUMBER = "#"
"""Beside a row's fields: the number under which it was posted."""

_NAME = re.compile(r"(\d{1,4})\.(.+)")


@dataclass(frozen=True)
class Form:
    """What stands in a form, as it was typed: its rows, and its other fields by name."""

    rows: tuple[Row, ...] = ()
    more: Mapping[str, str] = field(default_factory=dict)

    def without(self, number: str) -> "Form":
        """The row that was posted under that number is gone."""
        return replace(self, rows=tuple(row for row in self.rows if one(row, NUMBER) != number))

    def longer(self) -> "Form":
        """With an empty row at its end."""
        return replace(self, rows=(*self.rows, {}))


def posted_rows(posted: MultiMapping[Any], fields: Sequence[Field]) -> tuple[Row, ...]:
    """The rows that were filled in, in their order: a field of a row is called "3.name"."""
    kinds = {f.name: f.kind for f in fields}
    found: dict[int, dict[str, tuple[str, ...]]] = {}
    for name in dict.fromkeys(posted):
        if (hit := _NAME.fullmatch(name)) and hit[2] in kinds:
            values = tuple(text for value in posted.getall(name) if (text := tidied(value)))
            found.setdefault(int(hit[1]), {})[hit[2]] = values
    filled = [(n, row) for n, row in sorted(found.items()) if any(row[k] for k in row if kinds[k] is not Kind.HIDDEN)]
    return tuple({**row, NUMBER: (str(number),)} for number, row in filled)


def row_of(item: Mapping[str, Any], fields: Sequence[Field]) -> Row:
    """A document's item as a row."""
    return {f.name: shown(f, _within(item, f.name)) for f in fields}


def item_of(row: Row, fields: Sequence[Field]) -> dict[str, Any]:
    """A row as a document's item; empty fields are left out."""
    found: dict[str, Any] = {}
    for f in fields:
        value = meant(f, row.get(f.name, ()))
        if value is None:
            continue
        *outer, last = f.name.split(".")
        inside = found
        for name in outer:
            inside = inside.setdefault(name, {})
        inside[last] = value
    return found


def one(row: Row, name: str) -> str:
    """The single value of a field."""
    return (row.get(name) or ("",))[0]


def slug(text: str, taken: Sequence[str], longest: int = 30) -> str:
    """An id out of a name: small letters, digits and hyphens, and none that is taken."""
    plain = text.casefold()
    for letter, spelled in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        plain = plain.replace(letter, spelled)
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: longest - 4].strip("-") or "item"
    names = [base, *(f"{base}-{number}" for number in range(2, MOST + len(taken) + 3))]
    return next(name for name in names if name not in taken)


def _within(item: Mapping[str, Any], name: str) -> Any:
    inside: Any = item
    for part in name.split("."):
        inside = inside.get(part) if isinstance(inside, Mapping) else None
    return inside
