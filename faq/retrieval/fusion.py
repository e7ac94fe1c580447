"""From signals to an order and a probability.

An entry's score is a weighted sum of its signals, all between 0 and 1. The weights, and the logistic that says how
probably the first match is right, stand in coefficients.json; faq.measure.calibrate fits and writes both.
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
# What the probability looks at, in this order; see `evidence`.
EVIDENCE = ("score", "margin", "share", "wording", "passage", "agreement", "length", "chance")


@dataclass(frozen=True)
class Coefficients:
    """`weights` by signal; `logistic` by evidence, and its constant."""

    weights: Mapping[str, float]
    logistic: Mapping[str, float]
    constant: float

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> "Coefficients":
        return cls(plain["weights"], plain["logistic"], plain["constant"])

    def score(self, signals: Mapping[str, Floats]) -> Floats:
        """Each document's score: its log odds of being the right one among them, up to a constant."""
        parts = [weight * signals[name] for name, weight in self.weights.items()]
        total: Floats = np.sum(parts, axis=0, dtype=np.float32)
        return total

    def probability(self, evidence: Mapping[str, float]) -> float:
        """How probably the first match answers the question."""
        odds = self.constant + sum(self.logistic[name] * evidence[name] for name in self.logistic)
        return float(1 / (1 + np.exp(-np.clip(odds, -30, 30))))


@cache
def shipped(kind: str) -> Coefficients:
    """The coefficients that come with the product: FULL, or WORDS_ONLY for when there is no encoder."""
    path = Path(__file__).with_name("coefficients.json")
    return Coefficients.read(json.loads(path.read_text(encoding="utf-8"))[kind])


def evidence(scores: Floats, signals: Mapping[str, Floats], words: int) -> dict[str, float]:
    """What speaks for the first of these entries. `scores` and `signals` are per entry, `words` the question's."""
    order = np.argsort(-scores, kind="stable")
    first = int(order[0])
    second = float(scores[order[1]]) if len(order) > 1 else 0.0
    softened = np.exp(scores - scores[first])
    by_signal = [int(np.argmax(values)) == first and float(values[first]) > 0 for values in signals.values()]
    return {
        "score": float(scores[first]),
        "margin": min(float(scores[first]) - second, 6.0),
        "share": float(signals["share"][first]),
        "wording": float(signals.get("wording", signals["question"])[first]),
        "passage": float(signals.get("passage", signals["stem_share"])[first]),
        "agreement": sum(by_signal) / len(by_signal),
        "length": float(np.log1p(words)),
        "chance": float(1 / softened.sum()),
    }
