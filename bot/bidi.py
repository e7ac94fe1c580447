"""Words of both writing directions in one line: what runs against the line is isolated, so that it stays readable.

An Arabic sentence with "0800 111 0 111" or a German title in it would show the pieces in the wrong order. Isolates
(Unicode UAX #9, FSI … PDI) keep each piece together. They are put in where a message is rendered, after it was cut, so
that no cut parts a pair. Web addresses stay bare: an invisible character could become part of the link.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.document import Span

RTL = frozenset({"ar"})
"""The languages that are written from right to left."""

FSI, PDI, RLM = "\u2068", "\u2069", "\u200f"
_HOSTILE = re.compile("[\u202a-\u202e\u2066-\u2069]")  # other people's embeddings, overrides and isolates
_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u200f]")  # RLM reads like a letter
_URL = re.compile(r"\w+://\S+")
_NUMBER = re.compile(r"[\d.,:/]*")  # keeps its order by itself
_OPENS = "+/@#(„“«€$"
_CLOSES = ")%”“»€$/"


def disarmed(text: str) -> str:
    """The text with a word joiner in place of each invisible character that turns the direction of what follows. No
    text becomes empty by it: messengers refuse empty messages."""
    return _HOSTILE.sub("\u2060", text)


def led(text: str) -> str:
    """A text of a right-to-left language whose lines begin so, even those that begin with a German name."""
    return "\n".join(_led(line) for line in text.split("\n"))


def _led(line: str) -> str:
    # Behind the stars of bold words: Markdown knows none that follow a letter.
    mark = re.match(r"\s*(?:[-*] |\d+\. )?(?:\*\*)?", line)
    head = mark.end() if mark else 0
    rest = line[head:]
    mixed = _RIGHT.search(rest) or "{" in rest  # a name to be filled in is German
    return f"{line[:head]}{RLM}{rest}" if mixed and not _is_right(rest) else line


def direction(text: str) -> str:
    """The direction of a text for HTML, by its first letter: rtl or ltr."""
    return "rtl" if _is_right(text) else "ltr"


def isolated(spans: Sequence[Span]) -> tuple[Span, ...]:
    """The run with FSI and PDI around each piece that runs against its line."""
    cleaned = [replace(span, text=disarmed(span.text)) for span in spans]
    whole = "".join(span.text for span in cleaned)
    if not _RIGHT.search(whole):
        return tuple(cleaned)
    starts, ends = set(), set()
    for start, end in _against(whole):
        starts.add(start)
        ends.add(end)
    out = []
    at = 0
    for span in cleaned:
        text = "".join(
            (FSI if at + i in starts else "") + char + (PDI if at + i + 1 in ends else "")
            for i, char in enumerate(span.text)
        )
        out.append(replace(span, text=text))
        at += len(span.text)
    return tuple(out)


def readable(text: str) -> str:
    """A text without styles, isolated likewise: for people who read it, not for those who copy it."""
    return "".join(span.text for span in isolated((Span(text),)))


def _against(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of the pieces that run against the direction of their line."""
    begin = 0
    for line in text.splitlines(keepends=True):
        right = _is_right(line)
        for start, end in _stretches(line, right):
            if right and _NUMBER.fullmatch(line[start:end]):
                continue
            yield begin + start, begin + end
        begin += len(line)


def _is_right(line: str) -> bool:
    """By the first letter, as messengers and dir="auto" do it."""
    for char in line:
        kind = unicodedata.bidirectional(char)
        if kind in ("L", "R", "AL"):
            return kind != "L"
    return False


def _stretches(line: str, right: bool) -> Iterator[tuple[int, int]]:
    """In a right-to-left line whatever lies between its letters, else the right-to-left words; trimmed."""
    if right:
        taken = [match.span() for match in _URL.finditer(line)]
        borders = sorted([*taken, *(match.span() for match in _RIGHT.finditer(line))])
        at = 0
        for start, end in [*borders, (len(line), len(line))]:
            yield from _trimmed(line, at, start)
            at = max(at, end)
    else:
        first = None
        last = 0
        for match in _RIGHT.finditer(line):
            if first is not None and any(unicodedata.bidirectional(c) == "L" for c in line[last : match.start()]):
                yield first, last
                first = None
            first = match.start() if first is None else first
            last = match.end()
        if first is not None:
            yield first, last


def _abbreviates(line: str, end: int) -> bool:
    """Whether the sign before `end` is the dot of "Kim B.،": it belongs to the name when the sentence goes on."""
    return line[end - 1] == "." and line[end : end + 1] in tuple(",،؛)")


def _trimmed(line: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Without the punctuation of the sentence around it; nothing where no letter or digit is left."""
    while start < end and not (line[start].isalnum() or line[start] in _OPENS):
        start += 1
    while start < end and not (line[end - 1].isalnum() or line[end - 1] in _CLOSES or _abbreviates(line, end)):
        end -= 1
    piece = line[start:end]
    # A bracket whose other half belongs to the sentence belongs to the sentence, too.
    if piece.startswith("(") and piece.count("(") > piece.count(")"):
        yield from _trimmed(line, start + 1, end)
    elif piece.endswith(")") and piece.count(")") > piece.count("("):
        yield from _trimmed(line, start, end - 1)
    elif any(char.isalnum() for char in piece):
        yield start, end
