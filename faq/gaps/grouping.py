"""Questions into clusters by average linkage, on top of clusters that are there already and stay.

Two groups come together when the mean likeness of all pairs between them is the highest that either has, and at least
the threshold. Average linkage is reducible, so joining all mutual nearest neighbours at once gives what joining the
nearest pair again and again would give (Müllner, arXiv:1109.2378, section 2.2). The mean likeness of two groups is the
product of their sums over that of their sizes, so no table of all pairs is kept: memory grows with the questions, not
with their square.
"""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faq.encoder import Vectors

_BLOCK = 1024  # groups compared with all others in one step
_TIE = 1e-6  # what counts as equal: sums of floats in another order differ by less


FITTED = Path(__file__).with_name("fitted.json")


@cache
def thresholds() -> dict[str, float]:
    """From which mean likeness questions belong together, by "meaning" and by "letters"; chosen on one half of labelled
    questions by tests/evaluation/gaps.py, the other half's figures stand in docs/gaps.md."""
    found: dict[str, float] = json.loads(FITTED.read_text("utf-8"))
    return found


def grouped(vectors: Vectors, belongs: Sequence[int], threshold: float) -> NDArray[np.int64]:
    """A group's number for each row. `vectors`: float32 of length one, a row a question.

    `belongs` holds the number (0 or more) of the group that a question is in already, -1 where it is in none. Groups
    that are there keep all they have, and never come together; a new one gets the number of the groups there plus its
    first question's row. The order of rows decides nothing but between equals.
    """
    known = np.array(belongs, np.int64)
    if not len(known):
        return known
    fixed = int(known.max(initial=-1)) + 1
    start = np.where(known >= 0, known, fixed + np.arange(len(known)))
    numbers, rows = np.unique(start, return_inverse=True)
    sums = np.zeros((len(numbers), vectors.shape[1]), np.float32)
    np.add.at(sums, rows, vectors)
    sizes = np.bincount(rows).astype(np.float32)
    stays = numbers < fixed
    into = np.arange(len(numbers))  # which group each has come into, by its place in `numbers`
    alive = np.arange(len(numbers))
    while len(pairs := _nearest(sums[alive], sizes[alive], stays[alive], threshold)):
        keep, give = alive[pairs[:, 0]], alive[pairs[:, 1]]
        sums[keep] += sums[give]
        sizes[keep] += sizes[give]
        into[give] = keep
        alive = np.setdiff1d(alive, give, assume_unique=True)
    while np.any(into[into] != into):
        into = into[into]
    found: NDArray[np.int64] = numbers[into[rows]]
    return found


def _nearest(sums: Vectors, sizes: NDArray[np.float32], stays: NDArray[np.bool_], threshold: float) -> NDArray[np.intp]:
    """Pairs of groups that are nearest to each other and alike enough, the one that stays first, by place."""
    means = sums / sizes[:, None]
    near = np.empty(len(means), np.int64)
    best = np.empty(len(means), np.float32)
    for first in range(0, len(means), _BLOCK):
        some = slice(first, min(first + _BLOCK, len(means)))
        alike = means[some] @ means.T
        own = np.arange(some.start, some.stop)
        alike[own - first, own] = -np.inf
        alike[np.ix_(stays[some], stays)] = -np.inf
        best[some] = alike.max(axis=1)
        # Of equals the first: chosen by rounding, two could each prefer a third for ever.
        near[some] = (alike >= best[some, None] - _TIE).argmax(axis=1)
    here = np.arange(len(means))
    mutual = (near[near] == here) & (here < near) & (best >= threshold)
    left, right = here[mutual], near[mutual]
    return np.stack([np.where(stays[right], right, left), np.where(stays[right], left, right)], axis=1)
