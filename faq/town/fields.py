"""Fields of a town.yml, read with errors that name file and line."""

import re
from collections.abc import Callable, Collection
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from faq.marked import FileError, Marked, Spot, every, strings

T = TypeVar("T")
LONGEST_ID = 30  # the id travels in a button's data, which has 64 bytes on Telegram
LANGUAGE = re.compile(r"[a-z]{2}")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def section(path: Path, top: Marked, name: str) -> Marked:
    """A section that must be there."""
    value = top.get(name)
    if not isinstance(value, Marked):
        raise FileError(path, top.line_of(name), f'needs a section "{name}:" with entries below it.')
    return value


def each(path: Path, within: Marked, make: Callable[[Path, str, Marked], T]) -> dict[str, T]:
    """What `make` reads out of each entry of a section, by id."""

    def read(pair: tuple[str, Any]) -> tuple[str, T]:
        key, value = pair
        if not isinstance(value, Marked):
            raise FileError(path, within.line_of(key), f'"{key}" must be a mapping such as {{name: …}}.')
        is_id(path, within.line_of(key), key)
        return key, make(path, key, value)

    return dict(every(within.items(), read))


def is_id(path: Path, line: int, key: str) -> None:
    """Refuses what is no id."""
    if not _ID.fullmatch(key) or len(key) > LONGEST_ID:
        message = f'"{key}" is no id; use a-z, 0-9 and hyphens, at most {LONGEST_ID} characters.'
        raise FileError(path, line, message, "id", value=key)


def items(path: Path, top: Marked, name: str, example: str) -> list[Marked]:
    """A list of mappings that may be left out."""
    value = top.get(name) or []
    if not isinstance(value, list) or not all(isinstance(item, Marked) for item in value):
        raise FileError(path, top.line_of(name), f'"{name}" must hold lines such as - {example}')
    return value


def missing(path: Path, item: Marked, name: str, example: str = "") -> FileError:
    """The error for a field that must be there."""
    as_in = f', as "{example}"' if example else ""
    where = Spot(*item.line.place, name) if isinstance(item.line, Spot) else item.line
    return FileError(path, where, f'"{name}" is missing here; add it{as_in}.', "missing")


def text(path: Path, item: Marked, name: str, default: str | None = None) -> str:
    """A text; without a default it must be there."""
    value = item.get(name, default)
    if value is None or (value == "" and default is None):
        raise missing(path, item, name)
    if not isinstance(value, str):
        raise FileError(path, item.line_of(name), f'"{name}" must be a text; put {value!r} into quotes.', "text")
    return value.strip()


def texts(path: Path, item: Marked, name: str) -> tuple[str, ...]:
    """A list of texts that may be left out; one text alone is a list of one."""
    value = item.get(name)
    return strings(path, item.line_of(name), name, [value] if isinstance(value, str) else value)


def flag(path: Path, item: Marked, name: str) -> bool:
    """Yes or no; no where it is left out."""
    value = item.get(name, False)
    if not isinstance(value, bool):
        raise FileError(path, item.line_of(name), f'"{name}" must be true or false.')
    return value


def day(path: Path, item: Marked, name: str) -> date:
    """A day that must be there."""
    value = item.get(name)
    if value is None or value == "":
        raise missing(path, item, name, "2027-02-08")
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        message = f"{value!r} is no date; write it as 2027-02-08."
        raise FileError(path, item.line_of(name), message, "day", value=value) from None


def known(path: Path, item: Marked, names: Collection[str]) -> None:
    """Refuses a field of another name: a misspelt "hours" would close an office."""
    for key in item:
        if key not in names:
            raise FileError(path, item.line_of(key), f'"{key}" is no field here; use {", ".join(names)}.')


def among(path: Path, item: Marked, name: str, ids: Collection[str], what: str) -> tuple[str, ...]:
    """One id or several under `name`, each of which must be among `ids`."""
    found = texts(path, item, name)
    for one in found:
        if one not in ids:
            message = f'"{one}" is not among the {what}; add it or correct it.'
            raise FileError(path, item.line_of(name), message, f"among.{what}", value=one)
    return found


def said(
    path: Path, item: Marked, name: str, most: int, check: Callable[[Path, int, str], None] | None = None
) -> dict[str, str]:
    """Words by language, German among them, each of at most so many characters; `check` looks at them besides."""
    told = item.get(name)
    if not isinstance(told, Marked) or not told.get("de"):
        inside = told if isinstance(told, Marked) else None
        raise missing(path, inside if inside is not None else item, "de" if inside is not None else name)

    def read(language: str) -> tuple[str, str]:
        line = told.line_of(language)
        if not LANGUAGE.fullmatch(language):
            raise FileError(path, line, f'"{language}" is no language; write de, en, tr …', "language", value=language)
        words = text(path, told, language, "")
        if language == "de" and not words:
            raise missing(path, told, language)
        if len(words) > most:
            raise FileError(path, line, f"the text has more than {most} characters.", "long", most=most)
        if check:
            check(path, line, words)
        return language, words

    return {language: words for language, words in every(told, read) if words}
