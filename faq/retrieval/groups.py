"""Vectors in groups, one group a document: what of each lies nearest to a question."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from faq.courtesy import give_way
from faq.retrieval.tongues import unit

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

_AT_ONCE = 60  # groups summed in one step


class Groups:
    """`vectors` is (vectors, dimensions), the groups' rows one after another; `sizes` how many each has, at least
    one. Immutable."""

    def __init__(self, vectors: Floats, sizes: Sequence[int] | Ints) -> None:
        self.vectors = vectors
        self._sizes = np.array(sizes, np.int64)
        self._starts = _starts(self._sizes)

    def best(self, question: Floats) -> Floats:
        """Per group, the largest dot product of one of its vectors with the question."""
        near = self.vectors @ question
        return near if len(near) == len(self._sizes) else np.maximum.reduceat(near, self._starts)

    def best_of(self, some: Ints, question: Floats) -> Floats:
        """The same for these groups alone, in their order."""
        sizes = self._sizes[some]
        starts = _starts(sizes)
        rows = np.repeat(self._starts[some] - starts, sizes) + np.arange(sizes.sum())
        found: Floats = np.maximum.reduceat(self.vectors[rows] @ question, starts)
        return found

    def sums(self) -> Floats:
        """Per group, the sum of its vectors."""
        if len(self.vectors) == len(self._sizes):
            return self.vectors
        found = np.empty((len(self._sizes), self.vectors.shape[1]), np.float32)
        for first in range(0, len(found), _AT_ONCE):  # in one go, numpy would keep other threads waiting
            some = slice(first, first + _AT_ONCE)
            starts, size = self._starts[some], int(self._sizes[some].sum())
            np.add.reduceat(self.vectors[starts[0] : starts[0] + size], starts - starts[0], out=found[some])
            give_way()
        return found


class Centres:
    """Where the groups of several kinds lie together, a group a document: a rough likeness, soon computed.

    Kept in the directions in which the centres differ most (their principal components, uncentred).
    """

    def __init__(self, kinds: Sequence[Floats], directions: int = 128) -> None:
        """`kinds`: for each kind of group its vectors' sums, (groups, dimensions)."""
        centres = unit(np.sum([unit(sums) for sums in kinds], axis=0))
        _, axes = np.linalg.eigh(centres.T @ centres)  # in ascending order
        self._axes: Floats = axes[:, -directions:].astype(np.float32)
        self._centres = centres @ self._axes

    def likeness(self, question: Floats) -> Floats:
        """Per document, about the dot product of its centre with the question."""
        found: Floats = self._centres @ (question @ self._axes)
        return found


def _starts(sizes: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
