"""What the wordings of a corpus teach: which entry a question's vector speaks of, by softmax regression.

Likeness to the nearest wording asks each entry alone. This learns from all of them what tells entries apart, which is
what counts between neighbours ("Ausweis verloren", "Ausweis abgelaufen"). On the half of the sample town's trials that
may be used to choose, it lifts recall@1 from 0.79 to 0.83, and the share that can be answered at a certified precision
of 0.95 from 0.50 to 0.64. It needs several wordings an entry; where an editor wrote fewer, it says nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from faq.retrieval.documents import Document

Floats = NDArray[np.float32]

LEAST = 4.0  # wordings an entry, on average: with fewer there is nothing to learn beyond the nearest
MOST = 40_000_000  # wordings × entries: some twenty seconds of learning
_SCALE = 10.0  # differences between vectors are small; their directions tell
_SOFTENING = 1.5e-5  # hardly any: likeness to the nearest wording, beside which this stands, is rule enough
_EPOCHS, _BATCH, _RATE = 14, 512, 0.05
_LEAST_LIKELY = 20.0  # a log probability below minus this says no more


@dataclass(frozen=True)
class Learned:
    """`weights` is (entries, dimensions), `middle` what is subtracted from every vector."""

    weights: Floats
    bias: Floats
    middle: Floats

    def likeness(self, question: Floats) -> Floats:
        """Per entry, its log probability for that question's vector, from 0 (none) to 1 (certain)."""
        scores = self.weights @ ((question - self.middle) * _SCALE) + self.bias
        scores = scores - scores.max()
        scores -= np.log(np.exp(scores).sum())
        found: Floats = np.clip(1 + scores / _LEAST_LIKELY, 0, 1).astype(np.float32)
        return found


class Lessons:
    """The same for documents, in their order: each has its entry's. Where there is too little to learn from, nothing
    is likelier than anything else."""

    def __init__(self, documents: Sequence[Document], wordings: Floats) -> None:
        """`wordings` are the vectors of all documents' wordings, one document after another."""
        names = [document.revision.entry for document in documents]
        self._entry = np.cumsum([0] + [one != other for one, other in pairwise(names)])
        sizes = [len(document.wordings) for document in documents]
        owner = np.repeat(self._entry, sizes)
        self._learned = learn(wordings, owner) if worthwhile(np.bincount(owner).tolist()) else None

    def likeness(self, question: Floats) -> Floats:
        """Per document."""
        if self._learned is None:
            return np.zeros(len(self._entry), np.float32)
        found: Floats = self._learned.likeness(question)[self._entry]
        return found


def worthwhile(sizes: Sequence[int]) -> bool:
    """Are there wordings enough to learn from, and not so many that it takes minutes? `sizes` is each entry's."""
    return len(sizes) > 1 and LEAST * len(sizes) <= sum(sizes) and sum(sizes) * len(sizes) <= MOST


def learn(vectors: Floats, owner: NDArray[np.int64]) -> Learned:
    """Learns from wordings' vectors (wordings, dimensions) and their entries, counted from 0.

    Adam (Kingma and Ba, 2015) over batches in a fixed order of chance: the same corpus gives the same weights.
    About a second for 7,000 wordings of 340 entries on one core.
    """
    entries = int(owner.max()) + 1
    middle = vectors.mean(axis=0)
    matrix = np.ascontiguousarray((vectors - middle) * _SCALE, np.float32)
    matrix = np.concatenate([matrix, np.ones((len(matrix), 1), np.float32)], axis=1)
    weights = np.zeros((entries, matrix.shape[1]), np.float32)
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    chance = np.random.default_rng(7)
    steps = _EPOCHS * -(-len(matrix) // _BATCH)
    step = 0
    for _ in range(_EPOCHS):
        order = chance.permutation(len(matrix))
        for start in range(0, len(order), _BATCH):
            step += 1
            some = order[start : start + _BATCH]
            expected = matrix[some] @ weights.T
            expected -= expected.max(axis=1, keepdims=True)
            np.exp(expected, out=expected)
            expected /= expected.sum(axis=1, keepdims=True)
            expected[np.arange(len(some)), owner[some]] -= 1
            gradient = expected.T @ matrix[some] / np.float32(len(some)) + np.float32(_SOFTENING) * weights
            first += np.float32(0.1) * (gradient - first)
            second += np.float32(0.01) * (gradient * gradient - second)
            rate = _RATE * (1 - step / (steps + 1))
            fair_first, fair_second = first / (1 - 0.9**step), second / (1 - 0.99**step)
            weights -= np.float32(rate) * fair_first / (np.sqrt(fair_second) + np.float32(1e-8))
    return Learned(weights[:, :-1].copy(), weights[:, -1].copy(), middle.astype(np.float32))
