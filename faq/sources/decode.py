"""A text file of unknown encoding: UTF-8, UTF-16 with its mark, or Windows-1252; what fits none is told by line."""

from collections.abc import Mapping
from pathlib import Path

from faq.sources.bounds import check_size
from faq.sources.rows import Unreadable

MIXED, UNKNOWN, CONTROL = "encoding.mixed", "encoding.unknown", "text.control"
SAID: Mapping[str, str] = {
    MIXED: "is in another encoding than the rest of the file; save the file as UTF-8.",
    UNKNOWN: "holds bytes that stand for no letter; save the file as UTF-8.",
    CONTROL: "holds a character that cannot be shown (NUL or another control character); remove it.",
}
"""What is wrong with a line, by its name."""

_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
# All of them but tab and line ends; halves of a character come from UTF-16 only.
_CONTROL = frozenset(map(chr, (*range(9), 11, 12, *range(14, 32), 127))) | frozenset(map(chr, range(0xD800, 0xE000)))


def decoded(place: Path) -> tuple[str, Mapping[int, str]]:
    """A file's text, as `text_of` has it. Raises Unreadable, for one that is too large as well."""
    check_size(place)
    return text_of(place.read_bytes())


def text_of(raw: bytes) -> tuple[str, Mapping[int, str]]:
    """The text, and by line (from 1) what is wrong with it. Raises Unreadable for what is no text at all."""
    if raw[:2] in _MARKS:
        try:
            text = raw[2:].decode(_MARKS[raw[:2]])
        except UnicodeDecodeError:
            raise Unreadable("is UTF-16 with a broken part; save the file as UTF-8.", "encoding.utf16") from None
        return text, _controls(text)
    if raw[:4] == b"PK\x03\x04":
        raise Unreadable("is a packed file and no text; give it the ending .xlsx or .zip.", "encoding.packed")
    if raw.count(b"\0") * 4 > len(raw):
        raise Unreadable("looks like UTF-16 without its mark; save the file as UTF-8.", "encoding.utf16")
    try:
        text = raw.decode("utf-8-sig")
        return text, _controls(text)
    except UnicodeDecodeError:
        return _by_line(raw)


def has_control(text: str) -> bool:
    """Does a character stand in it that cannot be shown?"""
    return not _CONTROL.isdisjoint(text)


def _controls(text: str) -> dict[int, str]:
    if not has_control(text):
        return {}
    return {number: CONTROL for number, line in enumerate(text.split("\n"), 1) if has_control(line)}


def _by_line(raw: bytes) -> tuple[str, Mapping[int, str]]:
    """Windows-1252, unless more lines with umlauts are UTF-8; the others are then told."""
    lines = raw.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    marked = {number: _is_utf8(line) for number, line in enumerate(lines, 1) if not line.isascii()}
    mostly = sum(marked.values()) * 2 > len(marked)
    found, wrong = [], {}
    for number, line in enumerate(lines, 1):
        utf8 = marked.get(number, mostly)
        if utf8 is not mostly:
            wrong[number] = MIXED
        told = line.decode("utf-8" if utf8 else "cp1252", "replace")
        if "\ufffd" in told and number not in wrong:
            wrong[number] = UNKNOWN
        if has_control(told):
            wrong[number] = CONTROL
        found.append(told)
    return "\n".join(found), wrong


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
