"""Texts' letters in fours, kept as sorted numbers: eight bytes for each, where a set of strings takes a hundred."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint64]
Places = NDArray[np.int64]

SIZE = 4
_SLICE = 20_000  # texts read in one step
_TURN = np.uint64(0xBF58476D1CE4E5B9)  # odd, and its bits fall by chance (SplitMix64; Steele, Lea and Flood 2014)


def grams(text: str) -> frozenset[str]:
    """The text's letters in fours, with its edges."""
    padded = f" {text} "
    return frozenset(padded[place : place + SIZE] for place in range(max(1, len(padded) - SIZE + 1)))


class Fours:
    """The different 4-grams (as in `grams`) of each text, as numbers in their order. Of two different 4-grams the
    numbers are different, but for a chance of one in 2**64."""

    def __init__(self, texts: Sequence[str]) -> None:
        parts = [_read(texts[place : place + _SLICE]) for place in range(0, len(texts), _SLICE)]
        self._codes = np.concatenate([codes for codes, _ in parts]) if parts else np.zeros(0, np.uint64)
        self.sizes = np.concatenate([sizes for _, sizes in parts]) if parts else np.zeros(0, np.int64)
        self._starts = np.concatenate([[0], np.cumsum(self.sizes)])

    def __len__(self) -> int:
        return len(self.sizes)

    def of(self, number: int) -> Codes:
        """Of this text, sorted."""
        return self._codes[self._starts[number] : self._starts[number + 1]]

    def some(self, begin: int, end: int) -> tuple[Codes, Places]:
        """Of these texts one after the other, and where each begins there."""
        starts = self._starts[begin : min(end, len(self)) + 1]
        return self._codes[starts[0] : starts[-1]], starts[:-1] - starts[0]

    def holding(self) -> "Holding":
        """The other way round: which texts hold a 4-gram."""
        order = np.argsort(self._codes, kind="stable")
        texts = np.repeat(np.arange(len(self), dtype=np.int32), self.sizes)[order]
        return Holding(self._codes[order], texts)


@dataclass(frozen=True)
class Holding:
    """`codes`, sorted, each as often as it occurs, and the number of the text that holds each."""

    codes: Codes
    texts: NDArray[np.int32]

    def of(self, code: np.uint64) -> NDArray[np.int32]:
        """The texts that hold it, each once."""
        begin, end = np.searchsorted(self.codes, code, "left"), np.searchsorted(self.codes, code, "right")
        return self.texts[begin:end]


def _read(texts: Sequence[str]) -> tuple[Codes, Places]:
    """The numbers of all these texts, and how many each has."""
    padded = [f" {text} ".ljust(SIZE, "\0") for text in texts]
    letters = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    many = np.array([len(text) - SIZE + 1 for text in padded])
    owners = np.repeat(np.arange(len(texts)), many)
    # A text's last letters begin none: each text is so much further on than its 4-grams are counted.
    places = np.arange(len(owners)) + owners * (SIZE - 1)
    codes = letters[places]
    for step in range(1, SIZE):
        codes = codes * _TURN + letters[places + step]
    order = np.lexsort((codes, owners))
    codes, owners = codes[order], owners[order]
    new = np.ones(len(codes), bool)
    new[1:] = (codes[1:] != codes[:-1]) | (owners[1:] != owners[:-1])
    return codes[new], np.bincount(owners[new], minlength=len(texts))
