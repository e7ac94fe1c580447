"""How much an import may hold, judged before it is read: nobody's file takes the town's memory, disk or time.

A zip tells its sizes in its directory, and Python never unpacks a member beyond what is told there; XML is gone through
by a parser that builds nothing and knows neither document types nor entities, before anything builds a tree of it.
"""

import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from xml.parsers import expat

from faq.sources.rows import Unreadable

MEGABYTE = 1024 * 1024
LARGEST = 20 * MEGABYTE
"""Bytes of a file as it comes. 5,000 entries with all fields make a table of about 8 MB, a workbook of 1 MB."""
UNPACKED, RATIO, RATIO_FROM = 100 * MEGABYTE, 200, MEGABYTE
"""Bytes of all that a zip holds; of a member above RATIO_FROM how many times its packed size. Deflate ends at 1,032."""
FILES, DEEPEST = 20_000, 8
"""Files in a zip or folder, and folders within folders."""
ROWS, COLUMNS, CELL = 50_000, 200, 50_000
"""Rows and columns of a table, characters of a cell (a workbook's cells end at 32,767)."""
ELEMENTS, NESTED = 4_000_000, 60
"""Elements of one XML file, and how deep."""

Seen = Callable[[str, Mapping[str, str]], None]
DAMAGED = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError),
    *(NotImplementedError, EOFError, RuntimeError, OSError, UnicodeDecodeError),
)
"""What zipfile raises for a zip that is cut off or has other bytes in it than it was made with."""


def check_size(place: Path) -> None:
    """Raises Unreadable for a file that is too large."""
    if place.stat().st_size > LARGEST:
        much = LARGEST // MEGABYTE
        raise Unreadable(f"is larger than {much} MB; split it and import the parts.", "file.large", megabytes=much)


@contextmanager
def opened(place: Path) -> Iterator[zipfile.ZipFile]:
    """A zip whose directory was looked at. Raises Unreadable."""
    check_size(place)
    try:
        with zipfile.ZipFile(place) as archive:
            _check(archive)
            yield archive
    except DAMAGED as error:
        raise Unreadable(f"cannot be unpacked ({error}); save it anew.", "zip.broken") from None


def _check(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if len(members) > FILES:
        raise Unreadable(f"holds more than {FILES} files; split it.", "zip.files", most=FILES)
    if sum(member.file_size for member in members) > UNPACKED:
        much = UNPACKED // MEGABYTE
        raise Unreadable(f"would unpack to more than {much} MB; nothing of it was read.", "zip.large", megabytes=much)
    seen: set[str] = set()
    for member in members:
        name, path = member.filename, PurePosixPath(member.filename)
        if member.flag_bits & 1:
            raise Unreadable("is protected by a password; save it without one.", "zip.password")
        if member.file_size > max(RATIO_FROM, RATIO * member.compress_size):
            raise Unreadable(f"holds {name[:80]}, packed as no document is; save it anew.", "zip.ratio", name=name[:80])
        if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or len(path.parts) > DEEPEST:
            raise Unreadable(f'holds a file "{name[:80]}" that leads elsewhere.', "zip.name", name=name[:80])
        if name in seen:
            raise Unreadable(f'holds "{name[:80]}" twice; save it anew.', "zip.twice", name=name[:80])
        seen.add(name)


def check_xml(raw: bytes, seen: Seen | None = None) -> None:
    """Goes through XML once; `seen` hears each element's name without its namespace, and its attributes.

    Raises Unreadable for what is no XML, has a document type or entities, or more than ELEMENTS elements.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    count = depth = 0

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal count, depth
        count, depth = count + 1, depth + 1
        if count > ELEMENTS or depth > NESTED:
            raise Unreadable("holds more than any document; split it.", "xml.large")
        if seen:
            seen(name.rpartition(" ")[2], attributes)

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*_args: object) -> int:
        raise Unreadable(
            "has a document type or entities of its own, which are not taken; remove them.", "xml.entities"
        )

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise Unreadable(f"is not valid XML ({error}).", "xml.broken", where=str(error)) from None
