"""How probably the first match is right: a logistic over the evidence, fitted so that it can be read and believed.

More evidence never makes a match less probable, so no slope is negative; only the question's length may tell either
way, and naming another place may only speak against. A corpus with few questions of its own keeps near to what holds
for all: the softening pulls its slopes to those it started from.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faq.fitting.observe import Seen
from faq.retrieval.confidence import Confidence

Floats = NDArray[np.float64]

EITHER_WAY, AGAINST = ("length",), ("elsewhere",)
_LEFT_ASIDE = ("verbatim",)  # decided without a probability
SOFTENING = 0.01  # what a slope costs (per unit of spread, squared); a third or three times as much changes nothing
_STEPS = 1500


@dataclass(frozen=True)
class Rows:
    """Many questions: evidence (questions × `names`), outcomes, keys, and what each counts."""

    names: tuple[str, ...]
    evidence: Floats
    right: NDArray[np.bool_]
    offered: NDArray[np.bool_]
    key: NDArray[np.str_]
    weight: Floats
    kind: NDArray[np.str_]

    def some(self, which: NDArray[np.bool_]) -> "Rows":
        """Those marked."""
        return Rows(
            self.names, self.evidence[which], self.right[which], self.offered[which], self.key[which],
            self.weight[which], self.kind[which],
        )  # fmt: skip

    @property
    def verbatim(self) -> NDArray[np.bool_]:
        """Asked in an editor's own words."""
        return self.evidence[:, self.names.index("verbatim")] > 0


def rows_of(groups: Sequence[tuple[str, Sequence[Seen], float]]) -> Rows:
    """Rows of several groups of questions: kind, questions, and what the group counts in all."""
    seen = [one for _, some, _ in groups for one in some]
    names = (*sorted({name for one in seen for name in one.evidence} - {"verbatim"}), "verbatim")
    return Rows(
        names,
        np.array([[one.evidence.get(name, 0.0) for name in names] for one in seen], float).reshape(-1, len(names)),
        np.array([one.right for one in seen], bool),
        np.array([one.offered for one in seen], bool),
        np.array([one.key for one in seen], np.str_),
        np.array([share / len(some) for _, some, share in groups for _ in some], float),
        np.array([kind for kind, some, _ in groups for _ in some], np.str_),
    )


def fit(rows: Rows, toward: Confidence | None = None, softening: float = SOFTENING) -> Confidence:
    """The logistic of least loss; slopes are pulled to nothing, or to those of `toward`."""
    rows = rows.some(~rows.verbatim)
    if not len(rows.right):
        return toward or Confidence({}, 0.0)
    used = [name for name in rows.names if name not in _LEFT_ASIDE]
    raw = rows.evidence[:, [rows.names.index(name) for name in used]]
    middle, spread = raw.mean(axis=0), raw.std(axis=0) + 1e-9
    matrix = np.concatenate([(raw - middle) / spread, np.ones((len(raw), 1))], axis=1)
    weight = rows.weight / rows.weight.sum()
    least = np.array([-np.inf if name in (*EITHER_WAY, *AGAINST) else 0.0 for name in used] + [-np.inf])
    most = np.array([0.0 if name in AGAINST else np.inf for name in used] + [np.inf])
    start = np.array([toward.logistic.get(name, 0.0) if toward else 0.0 for name in used]) * np.append(spread, 1)[:-1]
    slopes = np.append(start, 0.0)
    ahead, inertia = slopes, 1.0
    # Nesterov's accelerated projected gradient; a logistic's curvature is at most a quarter of its columns'.
    rate = 1 / (0.25 * float(np.linalg.eigvalsh((matrix.T * weight) @ matrix).max()) + softening)
    for _ in range(_STEPS):
        expected = 1 / (1 + np.exp(-np.clip(matrix @ ahead, -30, 30)))
        gradient = matrix.T @ (weight * (expected - rows.right))
        gradient[:-1] += softening * (ahead[:-1] - start)
        fresh = np.clip(ahead - rate * gradient, least, most)
        more = (1 + (1 + 4 * inertia**2) ** 0.5) / 2
        ahead, slopes, inertia = fresh + (inertia - 1) / more * (fresh - slopes), fresh, more
    plain = slopes[:-1] / spread
    told = {name: round(float(slope), 4) for name, slope in zip(used, plain, strict=True) if abs(slope) >= 5e-5}
    return Confidence(told, round(float(slopes[-1] - plain @ middle), 4))


def probabilities(rows: Rows, by: Confidence) -> Floats:
    """Each question's probability, as retrieval would tell it."""
    return np.array(
        [by.probability(dict(zip(rows.names, some, strict=True))) for some in rows.evidence.tolist()], float
    )


def calibration_error(probability: Floats, right: NDArray[np.bool_], weight: Floats) -> float:
    """How far told and found shares lie apart, on average over ten equal steps of probability."""
    step = np.minimum((probability * 10).astype(int), 9)
    apart = 0.0
    for one in range(10):
        here = step == one
        if here.any():
            told = np.average(probability[here], weights=weight[here])
            found = np.average(right[here], weights=weight[here])
            apart += float(weight[here].sum()) * abs(float(told - found))
    return round(apart / float(weight.sum()), 4)
