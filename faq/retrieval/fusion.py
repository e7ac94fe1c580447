"""From signals to an order.

An entry's score is a weighted sum of its signals, all between 0 and 1. The weights stand in coefficients.json;
faq.fitting fits and writes them. How probably the first match is right is faq.retrieval.confidence's matter.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

FULL, WORDS_ONLY = "full", "words_only"


@dataclass(frozen=True)
class Coefficients:
    """`weights` by signal, for a long question and for one of a single word: in short ones letters and titles tell,
    in long ones whole words do."""

    weights: Mapping[str, tuple[float, float]]

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> "Coefficients":
        weights = {name: (float(pair[0]), float(pair[1])) for name, pair in plain["weights"].items()}
        return cls(weights)

    def weights_for(self, words: int) -> dict[str, float]:
        """The weights for a question of so many content words."""
        short = shortness(words)
        return {name: (1 - short) * pair[0] + short * pair[1] for name, pair in self.weights.items()}

    def score(self, signals: Mapping[str, Floats], words: int) -> Floats:
        """Each document's score: its log odds of being the right one among them, up to a constant."""
        parts = [weight * signals[name] for name, weight in self.weights_for(words).items()]
        total: Floats = np.sum(parts, axis=0, dtype=np.float32)
        return total


def shortness(words: int) -> float:
    """1 for a question of one content word, a half for two, near 0 for a long one."""
    return 1 / max(1, words)


@cache
def shipped(kind: str) -> Coefficients:
    """The coefficients that come with the product: FULL, or WORDS_ONLY for when there is no encoder."""
    path = Path(__file__).with_name("coefficients.json")
    return Coefficients.read(json.loads(path.read_text(encoding="utf-8"))[kind])


def best_documents(scores: Floats, owner: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each owner, the place of its document with the highest score: an entry by its best language.

    Documents stand in the order of their owners, which are counted from 0.
    """
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    highest = np.flatnonzero(scores == np.maximum.reduceat(scores, starts)[owner])
    best: NDArray[np.int64] = highest[np.flatnonzero(np.diff(owner[highest], prepend=-1))]
    return best


def leading(scores: Floats, count: int) -> NDArray[np.int64]:
    """The places of the highest scores, best first, equal ones in their order."""
    if count < len(scores):
        least = np.partition(scores, len(scores) - count)[len(scores) - count]
        some = np.flatnonzero(scores >= least)
    else:
        some = np.arange(len(scores))
    order: NDArray[np.int64] = some[np.argsort(-scores[some], kind="stable")][:count]
    return order
