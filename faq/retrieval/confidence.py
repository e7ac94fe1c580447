"""How probably the first match is right: evidence about the whole ranking, and a logistic over it.

The logistic stands in confidence.json; faq.fitting fits and writes it. Evidence knows no signal by name: whatever
signals the ranking has, each gives its value at the first match, and their agreement counts.
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

LEAD = "_lead"
_FAR = 6.0  # a lead beyond which a longer one says no more
_LONG = 12  # content words: more than that make no question surer; a page of nonsense has thousands


@dataclass(frozen=True)
class Confidence:
    """`logistic` is the weight of each piece of evidence in the log odds, `constant` what they are without any."""

    logistic: Mapping[str, float]
    constant: float

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> "Confidence":
        return cls(plain["logistic"], plain["constant"])

    def probability(self, seen: Mapping[str, float]) -> float:
        """How probably the first match answers the question."""
        odds = self.constant + sum(weight * seen.get(name, 0.0) for name, weight in self.logistic.items())
        return float(1 / (1 + np.exp(-np.clip(odds, -30, 30))))


@cache
def shipped(kind: str) -> Confidence:
    """The logistic that comes with the product, for fusion.FULL or fusion.WORDS_ONLY."""
    path = Path(__file__).with_name("confidence.json")
    return Confidence.read(json.loads(path.read_text(encoding="utf-8"))[kind])


def evidence(
    scores: Floats, signals: Mapping[str, Floats], words: int, elsewhere: bool = False, beyond: float = 0.0
) -> dict[str, float]:
    """What speaks for the first of these entries, and against it.

    `scores` and `signals` are per entry, `words` is how many different content words the question has, `elsewhere`
    whether it names another place, `beyond` which share of the question the first entry holds in other words than its
    title's (a title that repeats the question is seen by every signal at once, and would be counted again and again).
    Of each signal counts its value at the first entry ("title") and how far that lies before the best of the others
    ("title_lead", negative where another one leads).
    """
    first = int(np.argmax(scores))
    others = np.arange(len(scores)) != first
    leads = {name: _lead(values, first, others) for name, values in signals.items()}
    agreeing = [lead >= 0 and float(signals[name][first]) > 0 for name, lead in leads.items()]
    seen = {
        "margin": min(_lead(scores, first, others), _FAR),
        "chance": float(1 / np.exp(scores - scores[first]).sum()),
        "agreement": sum(agreeing) / max(1, len(agreeing)),
        "length": float(np.log1p(min(words, _LONG))),
        "elsewhere": float(elsewhere),
        "beyond": max(0.0, beyond),
    }
    seen |= {name: float(values[first]) for name, values in signals.items()}
    return seen | {f"{name}{LEAD}": lead for name, lead in leads.items()}


def _lead(values: Floats, first: int, others: NDArray[np.bool_]) -> float:
    """How far the first lies before the best of the others; before nothing at all, if it stands alone."""
    return float(values[first]) - (float(values[others].max()) if others.any() else 0.0)
