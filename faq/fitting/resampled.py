"""What a precision is worth when the questions of one entry are alike: a bound that takes entries for what was drawn.

Clopper and Pearson's bound (faq.fitting.certify) counts every question as a draw of its own. But questions about one
entry share its wordings and its weaknesses: where one is answered wrongly, others are too. So the promise has a second
figure beside it, as evidence: entries are drawn again and again from those that were answered, each with all of its
questions, and the share of right answers is taken each time ("cluster bootstrap", Field and Welsh, Bootstrapping
clustered data, JRSS B 69, 2007). It rests on there being many entries, so it is evidence and not the promise.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faq.fitting.certify import CONFIDENCE, bound

Bools = NDArray[np.bool_]

DRAWS = 4000


def by_entry(right: Bools, keys: Sequence[str], confidence: float = CONFIDENCE) -> dict[str, Any]:
    """Of answered questions, each with its entry's key: how many `entries`, how many of them `faultless`, and the
    one-sided lower `bound` of the share right.

    The bound is the bootstrap's percentile; where no answer is wrong, drawing again shows nothing, and it is Clopper
    and Pearson's over entries, as if each had been asked once. 0 without answers.
    """
    names, place = np.unique(np.asarray(keys, np.str_), return_inverse=True)
    asked = np.bincount(place, minlength=len(names))
    good = np.bincount(place, weights=right, minlength=len(names))
    faultless = int((good == asked).sum())
    if faultless == len(names):
        lowest = bound(faultless, len(names), confidence)
    else:
        drawn = np.random.default_rng(1).multinomial(len(names), np.full(len(names), 1 / len(names)), DRAWS)
        lowest = float(np.quantile((drawn @ good) / (drawn @ asked), 1 - confidence))
    return {"entries": len(names), "faultless": faultless, "bound": round(lowest, 4)}
