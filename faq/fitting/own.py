"""A corpus' own fit: what its trials say of how far its matches may be believed.

One half of the trials, dealt by entry, fits the probability (near to the one that ships for any corpus) and names
thresholds; the other half certifies. See faq.fitting.certify and faq.fitting.thresholds for the rules.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faq.encoder import Encoder
from faq.entry import Revision
from faq.fitting.certify import NotCertified, certificate, certified, fitting_half
from faq.fitting.observe import (
    ELSEWHERE,
    LEFT_OUT,
    OUTSIDE,
    OWN,
    STRANGERS,
    Corpus,
    Observer,
    Seen,
    dealt,
    key_of,
    unanswerable,
)
from faq.fitting.probability import Rows, calibration_error, fit, probabilities, rows_of
from faq.fitting.resampled import by_entry
from faq.fitting.thresholds import PROMISE, candidates, clarify_from, floor_of, shares
from faq.measure import Trial, read_revisions, read_trials
from faq.policy import OPTION
from faq.retrieval.confidence import shipped
from faq.retrieval.fusion import FULL, WORDS_ONLY
from faq.retrieval.index import VERBATIM
from faq.retrieval.learned import wordings_of, worth
from faq.trust import fingerprints
from faq.vectors import VectorCache

_PARTS = 5
# What a kind of question counts beside the corpus' own, which count 1: so about one in four has no answer.
_COUNTS = {OWN: 1.0, LEFT_OUT: 0.1, STRANGERS: 0.05, OUTSIDE: 0.15, ELSEWHERE: 0.03}
# Those near to the corpus are the hardest to tell from its own. Where the probability is fitted, they count so many
# times as much: more can be answered while the same share of them is; a larger number brings no more, and where it is
# told when to ask back they count as they do come (docs/evaluation.md).
_PRESSED = {OUTSIDE: 3.0}


def fit_own(
    revisions: Sequence[Revision],
    trials: Sequence[Trial],
    outside: Sequence[Trial],
    strangers: Sequence[str],
    encoder: Encoder | None,
    cache: VectorCache,
    promise: float = PROMISE,
    progress: Callable[[str, float], None] = lambda step, share: None,
) -> dict[str, Any]:
    """What belongs under "full", or "words_only" without an encoder, in a corpus' thresholds.json. Raises NotCertified.

    `trials` have answers in the corpus, `outside` are questions near to it that it does not answer, `strangers` are
    no town's.
    """
    kind = FULL if encoder else WORDS_ONLY
    halves = [
        _half(revisions, trials, outside, strangers, fitting, encoder, cache, progress) for fitting in (True, False)
    ]
    rows, kept = (rows_of([(name, seen, _COUNTS[name]) for name, seen in half.items() if seen]) for half in halves)
    kept = _aligned(kept, rows.names)
    toward = shipped(kind)
    blind = np.zeros(len(rows.right))
    parts = np.array([dealt("parts of a half", key) % _PARTS for key in rows.key])
    for part in range(_PARTS):
        blind[parts == part] = sure(rows.some(parts == part), fit(_pressed(rows.some(parts != part)), toward))
    own = rows.kind == OWN
    named = candidates(blind[own], rows.right[own], promise, floor_of(rows, blind))
    progress("fit.probability", 0.9)
    confidence = fit(_pressed(rows), toward)
    proof = sure(kept, confidence)
    if not named:
        raise NotCertified(f"a precision of {promise:.2f} is out of reach on the {int(own.sum())} questions that fit")
    apart = kept.kind == OWN
    answer, proved = certified(proof[apart], kept.right[apart], named, promise)
    given = apart & (proof >= answer)
    clarify = clarify_from(rows, blind, answer)
    progress("fit.certified", 1.0)
    return {
        "answer": answer,
        "clarify": clarify,
        "option": OPTION,
        "lessons": round(worth(wordings_of(revisions))[1], 4) if encoder else 0.0,
        "logistic": dict(confidence.logistic),
        "constant": confidence.constant,
        "promise": promise,
        "certificate": proved.told(),
        "by_entry": by_entry(kept.right[given], kept.key[given].tolist()),
        "tried": [
            {"answer": one} | certificate(proof[apart], kept.right[apart], one).told()
            for one in sorted(set(named), reverse=True)
        ],
        "fitting_half": shares(rows, blind, answer, clarify),
        "certifying_half": shares(kept, proof, answer, clarify),
        "brier": round(float(np.mean((proof[apart] - kept.right[apart]) ** 2)), 4),
        "calibration_error": calibration_error(proof[apart], kept.right[apart], np.ones(int(apart.sum()))),
    }


def file_of(revisions: Sequence[Revision], encoder: str, kinds: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The whole file: what it belongs to, then what was fitted."""
    made = datetime.now(UTC).date().isoformat()
    return {"encoder": encoder, "made": made, **kinds, "entries": fingerprints(revisions)}


def fit_files(
    faq: Path,
    queries: Path,
    oos: Path | None,
    encoder: Encoder | None,
    cache: VectorCache,
    progress: Callable[[str, float], None] = lambda step, share: None,
) -> dict[str, Any]:
    """`fit_own` for files as `stadtbote eval retrieval` takes them: the threshold, and what the half that was kept
    apart proves of it. As for `stadtbote faq calibrate`, `oos` are questions near to the corpus. Raises NotCertified,
    BadQuestions."""
    revisions = read_revisions(faq)
    known = {revision.entry for revision in revisions}
    trials = [trial for trial in read_trials(queries, known) if trial.relevant]
    outside = list(read_trials(oos, known)) if oos else []
    fitted = fit_own(revisions, trials, outside, [], encoder, cache, progress=progress)
    return {"answer": fitted["answer"], "clarify": fitted["clarify"], **fitted["certificate"]}


def _half(
    revisions: Sequence[Revision],
    trials: Sequence[Trial],
    outside: Sequence[Trial],
    strangers: Sequence[str],
    fitting: bool,
    encoder: Encoder | None,
    cache: VectorCache,
    progress: Callable[[str, float], None],
) -> dict[str, list[Seen]]:
    def mine(some: Sequence[Trial]) -> list[Trial]:
        return [t for t, first in zip(some, fitting_half([key_of(t) for t in some]), strict=True) if first == fitting]

    alien = mine([Trial(question, frozenset(), "de") for question in strangers])
    corpus = Corpus(OWN, revisions, mine(trials))
    more = unanswerable(corpus, [trial.query for trial in alien])
    asked = {
        OWN: [corpus],
        STRANGERS: more[STRANGERS],
        OUTSIDE: [replace(corpus, trials=mine(outside))],
        ELSEWHERE: more[ELSEWHERE],
        LEFT_OUT: more[LEFT_OUT],
    }
    observer = Observer(encoder, cache)
    found: dict[str, list[Seen]] = {}
    for place, (name, corpora) in enumerate(asked.items()):
        found[name] = [seen for one in corpora for seen in observer.observe(one)]
        progress("fit.asked", (0.0 if fitting else 0.45) + 0.45 * (place + 1) / len(asked))
    return found


def sure(rows: Rows, by: Any) -> NDArray[np.float64]:
    """The probabilities that retrieval would tell: an editor's own words are believed without a logistic."""
    found = probabilities(rows, by)
    return np.where(rows.verbatim, np.maximum(found, VERBATIM), found)


def _pressed(rows: Rows) -> Rows:
    times = np.array([_PRESSED.get(str(kind), 1.0) for kind in rows.kind])
    return replace(rows, weight=rows.weight * times)


def _aligned(rows: Rows, names: Sequence[str]) -> Rows:
    """The same columns in the same order."""
    columns = [rows.evidence[:, rows.names.index(n)] if n in rows.names else np.zeros(len(rows.right)) for n in names]
    return replace(rows, names=tuple(names), evidence=np.stack(columns, axis=1))
