"""From signals to an order.

An entry's score is a weighted sum of its signals, all between 0 and 1. The weights stand in coefficients.json;
faq.fitting fits and writes them. How probably the first match is right is faq.retrieval.confidence's matter.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

FULL, WORDS_ONLY = "full", "words_only"


@dataclass(frozen=True)
class Coefficients:
    """`weights` by signal, none below zero."""

    weights: Mapping[str, float]

    def score(self, signals: Mapping[str, Floats]) -> Floats:
        """Each document's score: its log odds of being the right one among them, up to a constant."""
        parts = [weight * signals[name] for name, weight in self.weights.items()]
        total: Floats = np.sum(parts, axis=0, dtype=np.float32)
        return total


@cache
def shipped(kind: str) -> Coefficients:
    """The coefficients that come with the product: FULL, or WORDS_ONLY for when there is no encoder."""
    path = Path(__file__).with_name("coefficients.json")
    return Coefficients(json.loads(path.read_text(encoding="utf-8"))[kind]["weights"])


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
