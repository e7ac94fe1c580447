"""The rule by which probabilities become thresholds, stated once for every fit.

`answer`: a promise is a share of right answers. On the fitting half, each question judged by a fit that has not seen
its entry, the lowest probability is sought from which (a) the Clopper–Pearson bound of the share right reaches the
promise and some margin, and (b) the questions that nothing answers are answered no more often than their cap. The
margins, the last of them a little below nothing, give the candidates; the last word is the other half's, which
certifies them (faq.fitting.certify).

`clarify`: the highest probability below which, of the questions withheld, only one in six would have found a right
entry among the options offered.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from faq.fitting.certify import bound, fewest
from faq.fitting.observe import ELSEWHERE, LEFT_OUT, OUTSIDE, STRANGERS
from faq.fitting.probability import Rows

Floats = NDArray[np.float64]

PROMISE = 0.95
MARGINS = (0.02, 0.015, 0.01, 0.005, 0.0, -0.005, -0.01)
# Of so many kinds of unanswerable questions together, at most this share may be answered. Two in a hundred of strangers
# and of those near to the corpus together are the promise. Those near to it also have a cap of their own, so
# that easy strangers cannot hide them; that it is not 2 %, too, is the price of ten points of what is answered
# (docs/evaluation.md).
CAPS: Sequence[tuple[tuple[str, ...], float]] = (
    ((STRANGERS, OUTSIDE), 0.02),
    ((OUTSIDE,), 0.04),
    ((LEFT_OUT,), 0.095),
    ((ELSEWHERE,), 0.05),
)
_MISSED = 6


def candidates(probability: Floats, right: NDArray[np.bool_], promise: float, least: float) -> list[float]:
    """Thresholds for `answer` by the margins, strictest first, none below `least`; none for a margin out of reach."""
    order = np.argsort(-probability, kind="stable")
    correct = np.cumsum(right[order])
    last = np.flatnonzero(np.diff(probability[order], append=-1.0))  # equal probabilities go together
    least_answers = fewest(promise)
    bounds = [bound(int(correct[place]), int(place) + 1) if place + 1 >= least_answers else 0.0 for place in last]
    found: list[float] = []
    for margin in MARGINS:
        reached = [probability[order][place] for place, proved in zip(last, bounds, strict=True)
                   if proved >= promise + margin]  # fmt: skip
        if reached:
            found.append(_down(max(least, float(reached[-1]))))
    return found


def floor_of(rows: Rows, probability: Floats, caps: Sequence[tuple[tuple[str, ...], float]] = CAPS) -> float:
    """The lowest probability from which no unanswerable questions are answered more often than their cap."""
    least = 0.0
    for kinds, cap in caps:
        own = np.isin(rows.kind, kinds) & ~rows.right
        highest = np.sort(probability[own])[::-1]
        allowed = int(cap * len(highest))
        if len(highest) > allowed:
            least = max(least, float(highest[allowed]) + 1e-3)
    return least


def clarify_from(rows: Rows, probability: Floats, answer: float) -> float:
    """See above; never above `answer`."""
    order = np.argsort(probability, kind="stable")
    lost = np.append(0.0, np.cumsum((rows.offered * rows.weight)[order]))
    withheld = np.append(0.0, np.cumsum(rows.weight[order]))
    found = answer
    for least in sorted({answer} | {_down(one) for one in probability[probability < answer].tolist()}):
        below = int(np.searchsorted(probability[order], least))
        if lost[below] <= withheld[below] / _MISSED:
            found = least
    return found


def shares(rows: Rows, probability: Floats, answer: float, clarify: float) -> dict[str, dict[str, float | int | None]]:
    """What the thresholds do with each kind of question."""
    report: dict[str, dict[str, float | int | None]] = {}
    for kind in sorted(set(rows.kind.tolist())):
        own = rows.kind == kind
        given = own & (probability >= answer)
        report[str(kind)] = {
            "n": int(own.sum()),
            "answered": _share(probability[own] >= answer),
            "precision": _share(rows.right[given]) if given.any() else None,
            "withheld": _share(probability[own] < clarify),
            "expected": round(float(probability[own].mean()), 4),
            "right": _share(rows.right[own]),
        }
    return report


def _share(of: NDArray[np.bool_]) -> float:
    return round(float(of.mean()), 4)


def _down(value: float) -> float:
    """To four digits, downwards: what was answered at the value itself still is."""
    return float(np.floor(value * 1e4) / 1e4)
