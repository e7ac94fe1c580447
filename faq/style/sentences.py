"""An answer's sentences and words, without the marks of Markdown."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from faq.retrieval.text import fold, stop_words
from nlu.data import read_data
from nlu.text import ADDRESS

# Each beginning is looked at once, and none that runs into the next: who types 4 MB of "[" or "@" stops no process.
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()]*\)|<(?:https?|mailto|tel):[^<>]*>")
_MARKS = re.compile(r"\*\*|__|`|^#+\s+", re.MULTILINE)
_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+")
# A sentence ends before a capital, a digit or an opening mark; nothing else tells it from "Di." or "2,5".
_END = re.compile(r"(?<=[.!?…])[\"»“”’)]*\s+(?=[\"„»“(]?[A-ZÄÖÜ0-9])")
WORD = re.compile(r"[^\W_]+(?:[-'’*:/.,][^\W_]+)*")
"""A word with what joins it: "Müll-Tonne", "don't", "46,00", "8.30"."""


@cache
def listed(name: str) -> Any:
    """The list of that name in words.yml."""
    return read_data(Path(__file__).with_name("words.yml"))[name]


def lines(markdown: str) -> list[str]:
    """The text's lines that say something, without marks; addresses are not read and count for nothing."""
    plain = _MARKS.sub("", _LINK.sub(lambda m: m[1] or "", markdown))
    found = (ADDRESS.sub("", _ITEM.sub("", line)).strip() for line in plain.splitlines())
    return [line for line in found if WORD.search(line)]


def sentences(markdown: str) -> list[str]:
    """Its sentences. An item of a list, or a paragraph, ends one, whatever its last sign."""
    return [sentence for block in _blocks(markdown) for line in lines(block) for sentence in split(line)]


def split(line: str) -> list[str]:
    """The sentences of one line."""
    found: list[str] = []
    for part in _END.split(line):
        if found and _goes_on(found[-1], part):
            found[-1] += f" {part}"
        else:
            found.append(part)
    return [part.strip() for part in found if WORD.search(part)]


def words(sentence: str) -> list[str]:
    """The words of a sentence, as they are written."""
    return WORD.findall(sentence)


def _blocks(markdown: str) -> Iterator[str]:
    """Paragraphs and items, each on one line: a line's end within a paragraph says nothing."""
    for paragraph in re.split(r"\n\s*\n", markdown):
        block = ""
        for line in paragraph.splitlines():
            if _ITEM.match(line) and block:
                yield block
                block = ""
            # Two spaces or a backslash at its end make it a line of its own.
            block += line if not block else f" {line.strip()}"
            if line.endswith(("  ", "\\")):
                yield block.rstrip("\\")
                block = ""
        if block:
            yield block


def _goes_on(before: str, after: str) -> bool:
    """Was that a point of an abbreviation, or of a day ("am 1. April", but not "Südring 54. Sie finden")?"""
    last = before.rsplit(None, 1)[-1].lstrip('(„"»').casefold()
    if re.fullmatch(r"\d{1,2}\.", last):
        first = WORD.search(after)
        return first is None or fold(first[0]) not in stop_words()
    return last.endswith(".") and (bool(re.fullmatch(r"\w\.", last)) or last in listed("abbreviations"))
