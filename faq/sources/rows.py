"""What the sources share: errors that say where, names for entries, text files of unknown encoding."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

from faq.entry import Draft

_T = TypeVar("_T")

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_LONGEST = 100


@dataclass(frozen=True)
class RowError:
    """Why a row is no entry: `row` is its line in the file, `column` the field, `message` what to do.

    `draft` is what could be read of the entry all the same, for whoever looks for what else is wrong with it.
    """

    row: int
    column: str
    message: str
    place: str = ""
    draft: Draft | None = None

    def __str__(self) -> str:
        where = f"{self.place}:{self.row}" if self.place else f"line {self.row}"
        return f"{where}: {self.column}: {self.message}" if self.column else f"{where}: {self.message}"


class Bad(ValueError):
    """A field of a row cannot be used."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column, self.message = column, message


class Problems:
    """All that is wrong with one row: reading goes on after a field that cannot be used."""

    def __init__(self) -> None:
        self.found: list[Bad] = []

    def tried(self, default: _T, read: Callable[..., _T], *given: Any) -> _T:
        """What `read` returns; `default` where it raises Bad, which is kept."""
        try:
            return read(*given)
        except Bad as error:
            self.found.append(error)
            return default


def slug(text: str) -> str:
    """A name for an entry: ascii letters and digits, joined by hyphens; "eintrag" where nothing is left."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_UMLAUTS)).encode("ascii", "ignore").decode()
    cut = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST].strip("-")
    return cut or "eintrag"


def free_name(name: str, taken: Iterable[str]) -> str:
    """The name, with a number behind it where it is taken."""
    used = set(taken)
    number = 1
    found = name
    while found in used:
        number += 1
        found = f"{name}-{number}"
    return found


def read_text(path: Path) -> str:
    """The file's text: UTF-8 with or without a mark, else Windows-1252, in which Excel saves."""
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def file_day(path: Path) -> date:
    """When the file was last changed: the best that is known of an entry that gives no date of its own."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
