"""What was taken out and put in between two texts, word by word. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

_PIECE = re.compile(r"\s+|\w+|[^\w\s]")
MOST = 4_000_000
"""Pairs of pieces that are compared: two texts of 2,000 pieces that share nothing at their ends. The matcher's time
grows faster than that; beyond, all went and all came."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words: `kind` is "same", "out" or "in"."""

    kind: str
    text: str


def compared(before: str, after: str) -> list[Piece]:
    """The way from one text to the other: without "in" it is `before`, without "out" it is `after`."""
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    # What is equal at both ends is taken off first: most edits are small, and the matcher's work grows with the square.
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    middle = list(_changed(old[head : len(old) - tail], new[head : len(new) - tail]))
    ends = Piece("same", "".join(old[:head])), Piece("same", "".join(old[len(old) - tail :]))
    return _joined([ends[0], *middle, ends[1]])


def _common(old: list[str], new: list[str]) -> int:
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count


def _changed(old: list[str], new: list[str]) -> Iterator[Piece]:
    """Runs that differ, each as all that went and then all that came: white space alone holds no two runs apart."""
    out, come = "", ""
    if len(old) * len(new) > MOST:
        yield from (Piece("out", "".join(old)), Piece("in", "".join(new)))
        return
    for what, i, j, k, m in SequenceMatcher(None, old, new).get_opcodes():
        before, after = "".join(old[i:j]), "".join(new[k:m])
        if what == "equal" and before.strip():
            yield from (Piece("out", out), Piece("in", come), Piece("same", before))
            out, come = "", ""
        else:
            out, come = out + before, come + after
    yield from (Piece("out", out), Piece("in", come))


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Empty ones gone, neighbours of one kind together."""
    found: list[Piece] = []
    for piece in pieces:
        if found and found[-1].kind == piece.kind:
            found[-1] = Piece(piece.kind, found[-1].text + piece.text)
        elif piece.text:
            found.append(piece)
    return found
