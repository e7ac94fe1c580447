"""What the sources share: errors that say where, names for entries."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

from faq.entry import Draft

_T = TypeVar("_T")

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_LONGEST, LONGEST = 100, 120
"""Characters of a name that we make, which leaves room for a number behind it; and of any (faq.entry.validate)."""
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class RowError:
    """Why a row is no entry: `row` is its line in the file, `column` the field, `message` what to do.

    `draft` is what could be read of the entry all the same, for whoever looks for what else is wrong with it. `why`
    names the fault for whoever has words of their own for it, with `values` to fill in. A `remark` stops nothing.
    """

    row: int
    column: str
    message: str
    place: str = ""
    draft: Draft | None = None
    why: str = ""
    values: tuple[tuple[str, str], ...] = ()
    remark: bool = False

    def __str__(self) -> str:
        where = f"{self.place}:{self.row}" if self.place else f"line {self.row}"
        return f"{where}: {self.column}: {self.message}" if self.column else f"{where}: {self.message}"


class Bad(ValueError):
    """A field of a row cannot be used. `why` and `values` as in RowError."""

    def __init__(self, column: str, message: str, why: str = "", **values: object) -> None:
        super().__init__(message)
        self.column, self.message, self.why = column, message, why
        self.values = tuple((name, str(value)) for name, value in values.items())


class Unreadable(ValueError):
    """A file cannot be taken in as a whole; the message says why and what to do, `why` and `values` as in RowError."""

    def __init__(self, message: str, why: str, **values: object) -> None:
        super().__init__(message)
        self.message, self.why = message, why
        self.values = tuple((name, str(value)) for name, value in values.items())

    def error(self, place: str, row: int = 1) -> RowError:
        """As the error of the row at which reading ended."""
        return RowError(row, "", self.message, place, why=self.why, values=self.values)


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


def name_for(given: str) -> str:
    """What an entry is called whose source calls it so: the same, where that is a name."""
    return given if len(given) <= LONGEST and _NAME.fullmatch(given) else slug(given)


class Names:
    """Names of entries, each given once: with a number behind it where it is taken."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._last: dict[str, int] = {}  # a table may ask the same in thousands of rows

    def give(self, name: str) -> str:
        """The name, or the first free one with a number from 2."""
        found, number = name, self._last.get(name, 1)
        while found in self._taken:
            number += 1
            found = f"{name}-{number}"
        self._last[name] = number
        self._taken.add(found)
        return found


def file_day(path: Path) -> date:
    """When the file was last changed: the best that is known of an entry that gives no date of its own."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
