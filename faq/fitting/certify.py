"""The promise and its proof: of what is answered, so much is right, on questions that no fit has seen.

Questions are dealt into two halves by their entry. One half fits: the probability, and the threshold that is asked
for. The other half only certifies. Its verdict is the one-sided Clopper–Pearson bound: the least share of right
answers that is not refuted at the stated confidence by `right` of `answered` (Clopper and Pearson, Biometrika 26,
1934). It rests on the binomial distribution alone, so it holds for few questions too.

The fitting half names a few thresholds, from a cautious one down to the lowest that it believes in. They are proved in
that order, and the first failure ends it: the last one proved is taken. No second chance is taken that way, so the
bound holds for the one that is chosen ("fixed sequence testing", Angelopoulos et al., Learn then Test, 2021).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil, log, log1p
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faq.fitting.observe import dealt

Floats = NDArray[np.float64]

CONFIDENCE = 0.95


class NotCertified(Exception):
    """No threshold keeps the promise on the questions at hand; the message says by how much and what to do."""


@dataclass(frozen=True)
class Certificate:
    """`right` of `answered` questions out of `asked` were answered rightly; `bound` is what that proves at
    `confidence`, `coverage` which share of the questions was answered."""

    asked: int
    answered: int
    right: int
    bound: float
    confidence: float = CONFIDENCE

    @property
    def coverage(self) -> float:
        return round(self.answered / self.asked, 4) if self.asked else 0.0

    @property
    def precision(self) -> float:
        return round(self.right / self.answered, 4) if self.answered else 0.0

    def told(self) -> dict[str, Any]:
        """As it stands in a file."""
        return {**asdict(self), "bound": round(self.bound, 4), "coverage": self.coverage, "precision": self.precision}


def bound(right: int, answered: int, confidence: float = CONFIDENCE) -> float:
    """The one-sided lower Clopper–Pearson bound of a share: 0 where nothing is right."""
    if not 0 <= right <= answered:
        raise ValueError(f"{right} of {answered} is no share")
    if right == 0:
        return 0.0
    factorials = np.append(0.0, np.cumsum(np.log(np.arange(1, answered + 1))))  # their logarithms
    many = np.arange(right, answered + 1)
    ways = factorials[answered] - factorials[many] - factorials[answered - many]
    low, high = 0.0, 1.0
    for _ in range(60):  # bisection: the chance of at least so many grows with the share
        share = (low + high) / 2
        chance = float(np.exp(ways + many * log(share) + (answered - many) * log1p(-share)).sum())
        low, high = (share, high) if chance < 1 - confidence else (low, share)
    return low


def fitting_half(keys: Sequence[str], purpose: str = "halves") -> NDArray[np.bool_]:
    """Which questions fit; the others certify. An entry's questions all fall into one half, the same for ever. For
    another purpose, halves are others: those of a half, say."""
    return np.array([dealt(purpose, key) % 2 == 0 for key in keys], bool)


def fewest(promise: float) -> int:
    """Answers with which a faultless half proves a promise: with one less, nothing can."""
    return ceil(log(1 - CONFIDENCE) / log(promise) - 1e-9)


def certificate(probability: Floats, right: NDArray[np.bool_], threshold: float) -> Certificate:
    """What these questions prove of a threshold."""
    given = probability >= threshold
    answered, correct = int(given.sum()), int(right[given].sum())
    return Certificate(len(right), answered, correct, bound(correct, answered))


def certified(
    probability: Floats, right: NDArray[np.bool_], candidates: Sequence[float], promise: float
) -> tuple[float, Certificate]:
    """The lowest of the candidates that is proved, all stricter ones being proved before. They come from the fitting
    half. One that answers too little to prove anything is passed over, which depends on how many are answered and
    not on how many rightly. Raises NotCertified."""
    best: tuple[float, Certificate] | None = None
    tried = Certificate(len(right), 0, 0, 0.0)
    for threshold in sorted(set(candidates), reverse=True):
        tried = certificate(probability, right, threshold)
        if tried.answered < fewest(promise):
            continue
        if tried.bound < promise:
            break
        best = threshold, tried
    if best is None:
        raise NotCertified(
            f"a precision of {promise:.2f} cannot be certified: {tried.right} of {tried.answered} answers right prove "
            f"{tried.bound:.3f} (of {tried.asked} questions kept apart). More questions would help, or better wordings "
            "of the entries that are confused"
        )
    return best
