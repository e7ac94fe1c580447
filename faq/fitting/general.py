"""What ships for any corpus: a probability fitted over several corpora at once, and thresholds that hold on each.

Corpora count the same whatever their size, so that no one set shapes it. What is said of a corpus comes from a fit
that has not seen its family, nor any certifying question: that is what a corpus will find that nobody here has seen.
The rule for `answer`: on one half of the questions, dealt by entry, the lowest probability from which corpora answer
rightly in 0.95 of cases on average, none of them in less than 0.85, and unanswerable questions are answered no more
often than their cap; certified on the other half, all corpora together (faq.fitting.certify). The promise is 0.9 here
(less, where that cannot be proved), not 0.95: of a corpus that nobody has tried less can be promised. What ships is the
probability fitted on everything.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faq.encoder import Encoder
from faq.fitting.certify import Certificate, NotCertified, certificate, certified, fitting_half
from faq.fitting.observe import (
    ELSEWHERE,
    FEW,
    KNOWN,
    LEFT_OUT,
    STRANGERS,
    Corpus,
    Observer,
    Seen,
    everyday,
    key_of,
    unanswerable,
)
from faq.fitting.own import sure
from faq.fitting.probability import Rows, calibration_error, fit, rows_of
from faq.fitting.resampled import by_entry
from faq.fitting.thresholds import clarify_from, floor_of, shares
from faq.policy import OPTION
from faq.vectors import VectorCache

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

PROMISES = (0.9, 0.85, 0.8)  # the highest that can be proved is made
AVERAGE, LEAST_ANYWHERE = 0.95, 0.85
_MARGINS = (0.02, 0.01, 0.0)
_FEWEST = 10  # answers: below, a corpus' precision says nothing
_COUNTS = {LEFT_OUT: 0.25, STRANGERS: 0.1, ELSEWHERE: 0.05, KNOWN: 0.2, FEW: 0.15}


def fit_general(
    corpora: Sequence[Corpus],
    strangers: Sequence[str],
    encoder: Encoder | None,
    cache: VectorCache,
    progress: Callable[[str, float], None] = lambda step, share: None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What belongs into a kind of confidence.json, and into thresholds.json with its evidence.

    Corpora that `proves` marks prove the thresholds; others only help to fit.
    Raises NotCertified.
    """
    groups: list[tuple[str, str, str, list[Seen], float]] = []
    observer = Observer(encoder, cache)
    for place, corpus in enumerate(corpora):
        groups.append((corpus.family, corpus.name, corpus.name, observer.observe(corpus), corpus.weight))
        more = unanswerable(corpus, strangers) | everyday(corpus)
        for kind, others in sorted(more.items(), key=lambda pair: pair[0] in (LEFT_OUT, FEW)):  # others share an index
            seen = [one for other in others for one in observer.observe(other)]
            groups.append((corpus.family, corpus.name, kind, seen, corpus.weight * _COUNTS[kind]))
        progress("fit.asked", 0.8 * (place + 1) / len(corpora))
    groups = [group for group in groups if group[3]]
    rows = rows_of([(kind, seen, share) for _, _, kind, seen, share in groups])
    family = np.array([name for name, _, _, seen, _ in groups for _ in seen])
    corpus_of = np.array([name for _, name, _, seen, _ in groups for _ in seen])
    first = fitting_half(rows.key.tolist(), "halves of the general fit")
    blind = np.zeros(len(rows.right))
    for name in sorted(set(family.tolist())):
        blind[family == name] = sure(rows.some(family == name), fit(rows.some((family != name) & first)))
    progress("fit.probability", 0.9)
    proving = [corpus.name for corpus in corpora if corpus.proves]
    own = np.isin(rows.kind, proving)
    named = _candidates(rows.some(first), blind[first], proving)
    if not named:
        raise NotCertified(f"no threshold keeps a precision of {AVERAGE} on average and {LEAST_ANYWHERE} anywhere")
    apart = own & ~first
    promise, (answer, proof) = _proved(blind[apart], rows.right[apart], named)
    given = apart & (blind >= answer)
    proved = np.isin(corpus_of, proving)
    clarify = clarify_from(rows.some(proved), blind[proved], answer)
    confidence = fit(rows)
    progress("fit.certified", 1.0)
    return {"logistic": dict(confidence.logistic), "constant": confidence.constant}, {
        "answer": answer,
        "clarify": clarify,
        "option": OPTION,
        "promise": promise,
        "certificate": proof.told(),
        "by_entry": by_entry(rows.right[given], rows.key[given].tolist()),
        "tried": [{"answer": one} | certificate(blind[apart], rows.right[apart], one).told() for one in named],
        "certificates": {name: _proof(rows, blind, apart & (rows.kind == name), answer).told() for name in proving},
        "unseen": shares(rows, blind, answer, clarify),
        "unseen_by_corpus": {
            name: shares(rows.some(corpus_of == name), blind[corpus_of == name], answer, clarify) for name in proving
        },
        "shipped": shares(rows, sure(rows, confidence), answer, clarify),
        "brier": round(float(np.mean((blind[own] - rows.right[own]) ** 2)), 4),
        "calibration_error": calibration_error(blind[own], rows.right[own], np.ones(int(own.sum()))),
    }


def _proved(probability: Floats, right: Bools, named: Sequence[float]) -> tuple[float, tuple[float, Certificate]]:
    """The highest promise that the strictest candidate proves, and where that is the first of them, the loosest one
    that proves it.

    One sequence of claims, fixed beforehand: the promises of the strictest candidate, from the lowest up, then the
    highest promise of the looser candidates in turn. The first claim that fails ends it, so that all claims together
    are wrong in at most 5 % of cases without any splitting of those 5 % (Maurer, Hothorn and Lehmacher, Multiple
    comparisons in drug clinical trials, 1995; as in faq.fitting.certify). A looser candidate for a lower promise
    would be a second chance, and is not tried.
    """
    strictest, proof = certified(probability, right, named[:1], PROMISES[-1])
    promise = max(one for one in PROMISES if one <= proof.bound)
    if promise < PROMISES[0]:
        return promise, (strictest, proof)
    return promise, certified(probability, right, named, promise)


def _candidates(rows: Rows, probability: Floats, proving: Sequence[str]) -> list[float]:
    """By the rule above, for each margin; strictest first."""
    least = floor_of(rows, probability)
    found: list[float] = []
    for margin in _MARGINS:
        for threshold in np.arange(0.3, 0.99, 0.005):
            if threshold < least:
                continue
            given = [rows.right[(rows.kind == name) & (probability >= threshold)] for name in proving]
            said = [float(right.mean()) for right in given if len(right) >= _FEWEST]
            if said and min(said) >= LEAST_ANYWHERE and np.mean(said) >= AVERAGE + margin:
                found.append(round(float(threshold), 4))
                break
    return sorted(set(found), reverse=True)


def _proof(rows: Rows, probability: Floats, which: Bools, answer: float) -> Certificate:
    return certificate(probability[which], rows.right[which], answer)


def citizens(corpus: Corpus) -> Corpus:
    """The corpus with the trials of the fitting half only: those that certify its own fit stay unseen."""
    first = fitting_half([key_of(trial) for trial in corpus.trials])
    return replace(corpus, trials=[trial for trial, here in zip(corpus.trials, first, strict=True) if here])
