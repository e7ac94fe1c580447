"""Where entries come from and go to: one file a source, each with `read`, some with `export`.

A new source is one file and one line in SOURCES.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from faq.entry import Draft
from faq.sources import csv_table, jsonl, yaml_corpus
from faq.sources.check import Checked, checked
from faq.sources.rows import RowError
from faq.town import Town

__all__ = ["SOURCES", "Checked", "RowError", "Source", "UnknownSource", "export", "read", "read_for"]


class UnknownSource(ValueError):
    """No source reads or writes such a file; the message names those that there are."""


@dataclass(frozen=True)
class Source:
    """`read` yields a draft, or an error, per entry and goes on after an error. `export` writes drafts to a file.

    `column` says what a field ("answer", "facts.link") is called in such a file.
    """

    read: Callable[[Path], Iterator[Draft | RowError]]
    export: Callable[[Path, Iterable[Draft]], int] | None = None
    column: Callable[[str], str] = str


# By suffix; "" is a folder.
SOURCES: Mapping[str, Source] = {
    "": Source(yaml_corpus.read),
    ".yml": Source(yaml_corpus.read),
    ".yaml": Source(yaml_corpus.read),
    ".jsonl": Source(jsonl.read, jsonl.export),
    ".csv": Source(csv_table.read, csv_table.export, csv_table.column),
}


def read(place: Path | str) -> Iterator[Draft | RowError]:
    """All entries of a file or folder. Raises UnknownSource for a suffix that no source has."""
    place = Path(place)
    return _source(place).read(place)


def read_for(town: Town, place: Path | str) -> Checked:
    """All entries of a file or folder as that town has them, and all that is wrong. Raises UnknownSource."""
    place = Path(place)
    source = _source(place)
    return checked(source.read(place), town, source.column)


def export(place: Path | str, drafts: Iterable[Draft]) -> int:
    """Writes the entries to a file of that suffix and returns how many. Raises UnknownSource."""
    place = Path(place)
    source = _source(place)
    if source.export is None:
        raise UnknownSource(f"{place.name} cannot be written; use {_names(writable=True)}")
    return source.export(place, drafts)


def _source(place: Path) -> Source:
    suffix = "" if place.is_dir() else place.suffix.casefold()
    if suffix not in SOURCES or (suffix == "" and not place.is_dir()):
        raise UnknownSource(f"{place} is neither a folder nor a file that can be read; use {_names(writable=False)}")
    return SOURCES[suffix]


def _names(writable: bool) -> str:
    return ", ".join(suffix for suffix, source in SOURCES.items() if suffix and (source.export or not writable))
