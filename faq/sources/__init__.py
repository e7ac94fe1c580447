"""Where entries come from and go to: one file a source, each with `read`, some with `export`.

A new source is one file and one line in SOURCES.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from faq.entry import Draft
from faq.sources import csv_table, jsonl, markdown_folder, xlsx, xzufi, yaml_corpus
from faq.sources.check import Checked, checked
from faq.sources.rows import RowError, Unreadable
from faq.sources.table import ABOVE, Chosen, Row, head, names_of
from faq.town import Town

__all__ = [
    "SOURCES",
    "Checked",
    "Preview",
    "RowError",
    "Source",
    "UnknownSource",
    "Unreadable",
    "export",
    "preview",
    "read",
    "read_for",
]


class UnknownSource(ValueError):
    """No source reads or writes such a file; the message names those that there are."""


@dataclass(frozen=True)
class Source:
    """`read` yields a draft, or an error, per entry and goes on after an error. `export` writes drafts to a file.

    `column` says what a field ("answer", "facts.link") is called in such a file. `rows` are those of a table, whose
    columns a person may choose: its `read` takes the choice as a second argument.
    """

    read: Callable[..., Iterator[Draft | RowError]]
    export: Callable[[Path, Iterable[Draft]], int] | None = None
    column: Callable[[str], str] = str
    rows: Callable[..., Iterator[Row]] | None = None


@dataclass(frozen=True)
class Preview:
    """A table's header and first rows, for a person who is to say what its columns are."""

    headers: tuple[str, ...]
    rows: tuple[Row, ...]


def _folder(place: Path) -> Iterator[Draft | RowError]:
    """A corpus of YAML files, or Markdown."""
    if not yaml_corpus.entry_files(place) and any(place.rglob("*.md")):
        return markdown_folder.read(place)
    return yaml_corpus.read(place)


# By suffix; "" is a folder.
SOURCES: Mapping[str, Source] = {
    "": Source(_folder),
    ".yml": Source(yaml_corpus.read),
    ".yaml": Source(yaml_corpus.read),
    ".jsonl": Source(jsonl.read, jsonl.export),
    ".csv": Source(csv_table.read, csv_table.export, csv_table.column, csv_table.rows),
    ".zip": Source(markdown_folder.read, markdown_folder.export, csv_table.column),
    ".xml": Source(xzufi.read, None, csv_table.column),
    ".xlsx": Source(xlsx.read, xlsx.export, csv_table.column, xlsx.rows),
}


def read(place: Path | str, chosen: Chosen | None = None) -> Iterator[Draft | RowError]:
    """All entries of a file or folder; a table's by the columns that a person chose.

    Raises UnknownSource for a suffix that no source has.
    """
    place = Path(place)
    source = _source(place)
    found = source.read(place, chosen) if source.rows else source.read(place)
    return _to_its_end(place, found)


def read_for(town: Town, place: Path | str, chosen: Chosen | None = None) -> Checked:
    """All entries of a file or folder as that town has them, and all that is wrong. Raises UnknownSource."""
    return checked(read(place, chosen), town, _source(Path(place)).column)


def preview(place: Path, chosen: Chosen | None = None, most: int = 5) -> Preview | None:
    """How a table begins; None for what has no columns. Raises Unreadable, UnknownSource."""
    source = _source(place)
    if not source.rows:
        return None
    above = list(islice(source.rows(place, chosen), ABOVE + most))
    at = head(above[:ABOVE], chosen)
    rows = [row for row in above[at + 1 :] if not row.empty][:most]
    return Preview(names_of(above[at].cells), tuple(rows))


def _to_its_end(place: Path, found: Iterator[Draft | RowError]) -> Iterator[Draft | RowError]:
    """What cannot be taken in as a whole is an error like others."""
    try:
        yield from found
    except Unreadable as error:
        yield error.error(str(place))


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
