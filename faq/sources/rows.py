"""What the sources share: errors that say where, names for entries, text files of unknown encoding."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_LONGEST = 100


@dataclass(frozen=True)
class RowError:
    """Why a row is no entry: `row` is its line in the file, `column` the field, `message` what to do."""

    row: int
    column: str
    message: str
    place: str = ""

    def __str__(self) -> str:
        where = f"{self.place}:{self.row}" if self.place else f"line {self.row}"
        return f"{where}: {self.column}: {self.message}" if self.column else f"{where}: {self.message}"


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
