"""Fields of a settings form: what people type into one, and the same as a town.yml would have it.

Nothing is judged here: what cannot be read goes on as it was typed, and the reader of town.yml says what is wrong.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.document import clean

Row = Mapping[str, tuple[str, ...]]
"""What stands in the fields of one row, by their names; several values only where several boxes may be ticked."""

LONGEST = 4000  # characters of one field
YES = "yes"  # what a ticked box says
_CLOCK = r"(\d{1,2})(?:[:.](\d{2}))?\s*(?:uhr)?"
_SLOT = re.compile(rf"{_CLOCK}\s*(?:-|–|—|bis|to)\s*{_CLOCK}", re.I)
_BETWEEN = re.compile(r"[,;\n]|\b(?:und|and)\b", re.I)
_SHUT = frozenset(("geschlossen", "zu", "closed", "-", "–"))
_GERMAN_DAY = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})")
_GERMAN_MOMENT = re.compile(rf"{_GERMAN_DAY.pattern}(?:,?\s+(?:um\s+)?{_CLOCK})?", re.I)
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(?::00)?")


class Kind(StrEnum):
    """How a field looks, and what is in it."""

    HIDDEN = "hidden"
    TEXT = "text"
    DATE = "date"
    MOMENT = "moment"  # day and time
    FLAG = "flag"
    SLOTS = "slots"
    ONE = "one"  # of several
    MANY = "many"  # of several
    NUMBER = "number"
    AREA = "area"
    LINES = "lines"  # several texts, one a line


@dataclass(frozen=True, slots=True)
class Field:
    """`name` as in the document, "texts.de" for a field within one; `choices` names what to choose from.

    `aside`: it is seldom needed and stands behind a fold. `nothing`: the key of the words for no choice.
    """

    name: str
    kind: Kind
    choices: str = ""
    needed: bool = False
    aside: bool = False
    nothing: str = ""
    language: str = ""


def shown(field: Field, value: Any) -> tuple[str, ...]:
    """A document's value as it stands in the field."""
    if value is None:
        return ()
    if field.kind is Kind.LINES:
        return ("\n".join(str(item) for item in ([value] if isinstance(value, str) else value)),)
    if field.kind is Kind.MANY:
        return tuple(str(item) for item in value)
    if field.kind is Kind.FLAG:
        return (YES,) if value is True else ()
    if field.kind is Kind.MOMENT:
        return (_MOMENT.sub(r"\1T\2", str(value)),)  # as a browser has it
    if field.kind is Kind.SLOTS:
        return (", ".join(short_slot(str(slot)) for slot in value),)
    return (str(value),)


def meant(field: Field, typed: tuple[str, ...]) -> Any:
    """What was typed as a document's value; None: the field is empty."""
    if field.kind is Kind.MANY:
        return sorted(typed) or None
    text = typed[0] if typed else ""
    if field.kind is Kind.LINES:
        return list(dict.fromkeys(line.strip() for line in text.split("\n") if line.strip())) or None
    if field.kind is Kind.FLAG:
        return text == YES or None
    if field.kind is Kind.MOMENT:
        return _moment(text) or None
    if field.kind is Kind.SLOTS:
        return slots_of(text) or None
    if field.kind is Kind.NUMBER:
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else text or None
    if field.kind is Kind.DATE and (german := _GERMAN_DAY.fullmatch(text)):
        return _day(german)
    return text or None


def tidied(value: object) -> str:
    """One posted text: one kind of line end, no control characters, nothing at its ends."""
    return clean(str(value)).strip()[:LONGEST]


def slots_of(text: str) -> list[str]:
    """["08:00-12:00", "13:00-16:00"] out of "8-12, 13–16 Uhr", in order; what is no slot stays as it is."""
    parts = [part.strip() for part in _BETWEEN.split(text)]
    return sorted(_slot(part) for part in parts if part and part.casefold() not in _SHUT)


def short_slot(slot: str) -> str:
    """8–12 out of 08:00-12:00, 8–12:30 out of 08:00-12:30."""
    found = re.fullmatch(r"(\d{2}):(\d{2})-(\d{2}):(\d{2})", slot)
    if not found:
        return slot
    hour, minute, until, past = found.groups()
    return f"{_clock(hour, minute)}–{_clock(until, past)}"


def _moment(text: str) -> str:
    """2026-11-24 14:30 out of 24.11.2026, 14.30 Uhr or of what a browser sends; a day alone, 2026-11-24, stays one."""
    if german := _GERMAN_MOMENT.fullmatch(text):
        return _day(german) + (f" {int(german[4]):02d}:{german[5] or '00'}" if german[4] else "")
    return _MOMENT.sub(r"\1 \2", text) if _MOMENT.fullmatch(text) else text


def _day(german: re.Match[str]) -> str:
    return f"{int(german[3]):04d}-{int(german[2]):02d}-{int(german[1]):02d}"


def _slot(part: str) -> str:
    found = _SLOT.fullmatch(part)
    if not found:
        return part
    hour, minute, until, past = found.groups()
    return f"{int(hour):02d}:{minute or '00'}-{int(until):02d}:{past or '00'}"


def _clock(hour: str, minute: str) -> str:
    return str(int(hour)) if minute == "00" else f"{int(hour)}:{minute}"
