"""Fits what retrieval ships: the weights of its signals, the probability of its first match, the thresholds.

Fitted jointly over several corpora, each counting the same whatever its size, so that no one set shapes it.
Every figure reported is held out: entries are dealt into five parts, and what is said of a part was fitted on
the other four. Beside each corpus' own questions the probability sees others, each with a weight of its own:
the questions whose entries were among 30 % that were taken away, and questions of strangers to any town (neither
may be answered); wordings that the corpus knows word for word; and corpora of a few entries.
"""

import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faq.encoder import Encoder
from faq.entry import LEICHT, Draft, Revision, revision_of
from faq.measure import NEVER, Trial
from faq.policy import OPTION, OPTIONS
from faq.retrieval.confidence import evidence
from faq.retrieval.fusion import Coefficients, best_documents, shortness
from faq.retrieval.index import Index
from faq.retrieval.text import content_words
from faq.vectors import VectorCache

Floats = NDArray[np.float64]

EVIDENCE = (
    "margin", "chance", "strength", "share", "stem_share", "question", "wording", "title", "passage",
    "passage_margin", "agreement", "length",
)  # fmt: skip

PARTS = 5
SIGNALS = {
    "full": ("strength", "share", "stem_strength", "stem_share", "wording", "title", "passage"),
    "words_only": ("strength", "share", "stem_strength", "stem_share", "question"),
}
_BY_MEANING = ("wording", "title", "passage", "passage_margin")
_BY_LETTERS = ("question",)
_LEFT_OUT = 3  # tenths of the entries
_MISSED = 6
_FEW = 8  # entries of a corpus that has only just begun
# What a kind of questions counts beside a corpus' own, which count 1. So about one in four has no answer.
_WEIGHTS = {"left out": 0.25, "strangers": 0.1, "known": 0.2, "few": 0.15}
_SOFTENING = 2e-3  # keeps weights small; ten times more or less changes recall by less than a point


@dataclass(frozen=True)
class Corpus:
    name: str
    revisions: Sequence[Revision]
    trials: Sequence[Trial]
    weight: float = 1.0  # less for corpora that are parts of one


@dataclass(frozen=True)
class Seen:
    """One question's signals, document by document, and which documents are right."""

    signals: dict[str, NDArray[np.float32]]
    owner: NDArray[np.int64]
    right: NDArray[np.bool_]
    words: int
    part: int


@dataclass(frozen=True)
class Rows:
    """Evidence and outcome of many questions; `weight` makes corpora count the same."""

    evidence: Floats
    right: NDArray[np.bool_]
    offered: NDArray[np.bool_]  # a right one is among the options
    part: NDArray[np.int64]
    weight: Floats
    corpus: NDArray[np.str_]


def own_wordings(name: str, drafts: Sequence[Draft], number: int, weight: float = 1.0) -> Corpus:
    """A corpus asked with its own wordings: each entry's `number`-th is taken out of it and becomes a question."""
    revisions: list[Revision] = []
    trials: list[Trial] = []
    for draft in drafts:
        texts = dict(draft.content.texts)
        for language, text in texts.items():
            if language != LEICHT and len(text.variants) > number:
                trials.append(Trial(text.variants[number], frozenset([draft.entry]), language))
                rest = text.variants[:number] + text.variants[number + 1 :]
                texts[language] = replace(text, variants=rest)
        revisions.append(revision_of(draft.entry, 1, replace(draft.content, texts=texts), name, NEVER))
    return Corpus(name, revisions, trials, weight)


def calibrate(
    corpora: Sequence[Corpus],
    strangers: Sequence[str],
    encoder: Encoder | None,
    cache: VectorCache,
    precision: float = 0.95,
    progress: Callable[[str, float], None] = lambda step, share: None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fits everything and returns what belongs into a kind of coefficients.json, and thresholds with their evidence.

    Without an encoder it fits the coefficients of words alone.
    """
    names = SIGNALS["full" if encoder else "words_only"]
    asked = [list(_observe(corpus, encoder, cache)) for corpus in corpora]
    progress("calibrate.asked", 0.3)
    shares = [corpus.weight for corpus in corpora]
    weights = _fit_weights(asked, shares, names)
    held_out = [
        _fit_weights([[s for s in some if s.part != part] for some in asked], shares, names) for part in range(PARTS)
    ]
    progress("calibrate.weights", 0.6)
    every = [_rows(some, held_out, corpus.name, corpus.weight) for corpus, some in zip(corpora, asked, strict=True)]
    for corpus in corpora:
        for name, others in _others(corpus, strangers).items():
            seen = [one for other in others for one in _observe(other, encoder, cache)]
            every.append(_rows(seen, held_out, name, corpus.weight * _WEIGHTS[name]))
    rows = _joined(every)
    progress("calibrate.evidence", 0.9)
    used = [name for name in EVIDENCE if name not in (_BY_LETTERS if encoder else _BY_MEANING)]
    logistic, constant = _fit_logistic(rows, used)
    outside = np.zeros(len(rows.right))
    for part in range(PARTS):
        trained = _fit_logistic(_some(rows, rows.part != part), used)
        outside[rows.part == part] = _probabilities(rows, used, *trained)[rows.part == part]
    coefficients = {
        "weights": {name: [round(float(x), 3) for x in pair] for name, pair in weights.items()},
        "logistic": {name: round(float(x), 3) for name, x in zip(used, logistic, strict=True) if x},
        "constant": round(float(constant), 3),
    }
    ranking = {corpus.name: _recall(some, held_out) for corpus, some in zip(corpora, asked, strict=True)}
    return coefficients, {**_thresholds(rows, outside, precision), "ranking": ranking}


def _observe(corpus: Corpus, encoder: Encoder | None, cache: VectorCache) -> Iterator[Seen]:
    index = Index.build(corpus.revisions, encoder, cache)
    entries = [revision.entry for revision in index.revisions]
    for trial in corpus.trials:
        signals = index.signals(trial.query)
        right = np.array([entries[place] in trial.relevant for place in signals.owner], bool)
        name = min(trial.relevant, default=trial.query)
        part = zlib.crc32(name.encode()) % PARTS
        yield Seen(dict(signals.values), signals.owner, right, len(content_words(trial.query)), part)


def _others(corpus: Corpus, strangers: Sequence[str]) -> dict[str, list[Corpus]]:
    """The further questions that the probability is fitted on, by kind."""
    known = [
        Trial(text.variants[-1] if text.variants else text.question, frozenset([revision.entry]), language)
        for revision in corpus.revisions
        for language, text in revision.texts.items()
        if language != LEICHT
    ]
    return {
        "left out": [_left_out(corpus, seed) for seed in (1, 2)],
        "strangers": [replace(corpus, trials=[Trial(question, frozenset(), "de") for question in strangers])],
        "known": [replace(corpus, trials=known)],
        "few": [_few(corpus, seed) for seed in range(8)],
    }


def _left_out(corpus: Corpus, seed: int) -> Corpus:
    """The corpus without 30 % of its entries, and the questions that these answered."""
    asked = {entry for trial in corpus.trials for entry in trial.relevant}
    gone = {entry for entry in asked if _dealt(seed, entry) % 10 < _LEFT_OUT}
    kept = [revision for revision in corpus.revisions if revision.entry not in gone]
    trials = [trial for trial in corpus.trials if trial.relevant & gone]
    return Corpus(corpus.name, kept, trials)


def _few(corpus: Corpus, seed: int) -> Corpus:
    """A handful of entries, their questions, and as many questions of others."""
    asked = {entry for trial in corpus.trials for entry in trial.relevant}
    kept = set(sorted(asked, key=lambda entry: _dealt(seed, entry))[:_FEW])
    own = [trial for trial in corpus.trials if trial.relevant & kept]
    other = [trial for trial in corpus.trials if not trial.relevant & kept]
    other.sort(key=lambda trial: _dealt(seed, trial.query))
    revisions = [revision for revision in corpus.revisions if revision.entry in kept]
    return Corpus(corpus.name, revisions, own + other[: len(own)])


def _dealt(seed: int, name: str) -> int:
    return zlib.crc32(f"{seed}{name}".encode())


# -- the order


def _matrix(seen: Seen, names: Sequence[str]) -> Floats:
    """A question's signals twice over, the share that counts as long and the one that counts as short."""
    both = np.stack([seen.signals[name] for name in names], axis=1).astype(np.float64)
    short = shortness(seen.words)
    return np.concatenate([both * (1 - short), both * short], axis=1)


def _fit_weights(
    corpora: Sequence[Sequence[Seen]], shares: Sequence[float], names: Sequence[str]
) -> dict[str, tuple[float, float]]:
    """Non-negative weights under which the right documents are as probable as can be (softmax over documents)."""
    data: list[tuple[Floats, NDArray[np.bool_], float]] = []
    for some, share in zip(corpora, shares, strict=True):
        useful = [seen for seen in some if seen.right.any()]
        if useful:
            data.append(
                (np.stack([_matrix(seen, names) for seen in useful]), np.stack([s.right for s in useful]), share)
            )
    weights = np.ones(2 * len(names))
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, 401):
        gradient = 2 * _SOFTENING * weights
        for matrix, right, share in data:
            scores = matrix @ weights
            expected = _softmax(scores)
            wanted = _softmax(np.where(right, scores, -np.inf))
            gradient += share * np.einsum("qd,qdf->f", expected - wanted, matrix) / len(matrix)
        first = 0.9 * first + 0.1 * gradient
        second = 0.99 * second + 0.01 * gradient**2
        rate = 0.15 * min(1.0, (401 - step) / 200)
        weights -= rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-9)
        np.maximum(weights, 0, out=weights)
    half = len(names)
    return {name: (float(weights[i]), float(weights[half + i])) for i, name in enumerate(names)}


def _softmax(scores: Floats) -> Floats:
    raised: Floats = np.exp(scores - scores.max(axis=1, keepdims=True))
    total: Floats = raised / raised.sum(axis=1, keepdims=True)
    return total


def _recall(asked: Sequence[Seen], held_out: Sequence[dict[str, tuple[float, float]]]) -> dict[str, float]:
    ranks: list[int] = []
    for seen in asked:
        scores = Coefficients(held_out[seen.part]).score(seen.signals, seen.words)
        best = best_documents(scores, seen.owner)
        entries, right = scores[best], seen.right[best]
        ranks.append(int((entries > entries[right].max()).sum()) + 1 if right.any() else 10**6)
    return {f"recall@{k}": round(float(np.mean([rank <= k for rank in ranks])), 4) for k in (1, 3)}


# -- the probability


def _rows(asked: Sequence[Seen], held_out: Sequence[dict[str, tuple[float, float]]], name: str, weight: float) -> Rows:
    seen_rows: list[list[float]] = []
    right: list[bool] = []
    offered: list[bool] = []
    for seen in asked:
        scores = Coefficients(held_out[seen.part]).score(seen.signals, seen.words)
        best = best_documents(scores, seen.owner)
        values = {signal: some[best] for signal, some in seen.signals.items()}
        told = evidence(scores[best], values, seen.words)
        seen_rows.append([told.get(one, 0.0) for one in EVIDENCE])
        order = np.argsort(-scores[best], kind="stable")
        right.append(bool(seen.right[best][order[0]]))
        offered.append(bool(seen.right[best][order[:OPTIONS]].any()))
    count = len(asked)
    return Rows(
        np.array(seen_rows).reshape(count, len(EVIDENCE)),
        np.array(right, bool),
        np.array(offered, bool),
        np.array([seen.part for seen in asked], np.int64),
        np.full(count, weight / max(1, count)),
        np.array([name] * count, np.str_),
    )


def _joined(every: Sequence[Rows]) -> Rows:
    return Rows(
        np.concatenate([rows.evidence for rows in every]),
        np.concatenate([rows.right for rows in every]),
        np.concatenate([rows.offered for rows in every]),
        np.concatenate([rows.part for rows in every]),
        np.concatenate([rows.weight for rows in every]),
        np.concatenate([rows.corpus for rows in every]),
    )


def _some(rows: Rows, which: NDArray[np.bool_]) -> Rows:
    return Rows(
        rows.evidence[which],
        rows.right[which],
        rows.offered[which],
        rows.part[which],
        rows.weight[which],
        rows.corpus[which],
    )


def _columns(rows: Rows, used: Sequence[str]) -> Floats:
    return rows.evidence[:, [EVIDENCE.index(name) for name in used]]


def _fit_logistic(rows: Rows, used: Sequence[str]) -> tuple[Floats, float]:
    """Logistic regression. More evidence never makes a match less probable, so slopes are not negative; only the
    question's length may tell either way."""
    raw = _columns(rows, used)
    middle, spread = raw.mean(axis=0), raw.std(axis=0) + 1e-9
    matrix = np.concatenate([(raw - middle) / spread, np.ones((len(raw), 1))], axis=1)
    weight = rows.weight / rows.weight.sum()
    least = np.array([-np.inf if name in ("length", "") else 0.0 for name in [*used, ""]])
    slopes = np.zeros(len(used) + 1)
    for _ in range(3000):
        expected = 1 / (1 + np.exp(-np.clip(matrix @ slopes, -30, 30)))
        gradient = matrix.T @ (weight * (expected - rows.right))
        gradient[:-1] += _SOFTENING * slopes[:-1]
        slopes = np.maximum(slopes - 0.5 * gradient, least)
    plain = slopes[:-1] / spread
    return plain, float(slopes[-1] - plain @ middle)


def _probabilities(rows: Rows, used: Sequence[str], slopes: Floats, constant: float) -> Floats:
    found: Floats = 1 / (1 + np.exp(-np.clip(_columns(rows, used) @ slopes + constant, -30, 30)))
    return found


# -- the thresholds


def _thresholds(rows: Rows, probability: Floats, precision: float) -> dict[str, Any]:
    """`answer` is the lowest probability from which, on held-out questions, `precision` of the answers are right,
    corpora counting the same. `clarify` is the highest below which, of the questions withheld, only one in
    `_MISSED` would have found a right entry among the options."""
    weight, right = rows.weight, rows.right
    answer = _lowest(probability, right, weight, precision)
    clarify = 1 - _lowest(1 - probability, ~rows.offered, weight, 1 - 1 / _MISSED)
    clarify = min(clarify, answer)
    report: dict[str, Any] = {}
    for name in np.unique(rows.corpus):
        own = rows.corpus == name
        given = own & (probability >= answer)
        report[str(name)] = {
            "n": int(own.sum()),
            "answered": _mean(probability[own] >= answer, weight[own]),
            "precision": _mean(right[given], weight[given]) if given.any() else None,
            "withheld": _mean(probability[own] < clarify, weight[own]),
            "expected": _mean(probability[own], weight[own]),
            "right": _mean(right[own], weight[own]),
        }
    given = probability >= answer
    return {
        "answer": round(float(answer), 3),
        "clarify": round(float(clarify), 3),
        "option": OPTION,
        "precision": _mean(right[given], weight[given]),
        "brier": _mean((probability - right) ** 2, weight),
        "calibration_error": _calibration_error(probability, right, weight),
        "corpora": report,
    }


def _lowest(probability: Floats, right: NDArray[np.bool_], weight: Floats, precision: float) -> float:
    order = np.argsort(-probability, kind="stable")
    reached = np.cumsum((right * weight)[order]) / np.cumsum(weight[order])
    enough = np.flatnonzero(reached >= precision)
    return float(probability[order][enough[-1]]) if len(enough) else 1.0


def _calibration_error(probability: Floats, right: NDArray[np.bool_], weight: Floats) -> float:
    """How far told and found shares lie apart, on average over ten equal steps of probability."""
    step = np.minimum((probability * 10).astype(int), 9)
    apart = 0.0
    for one in range(10):
        here = step == one
        if here.any():
            told, found = (
                np.average(probability[here], weights=weight[here]),
                np.average(right[here], weights=weight[here]),
            )
            apart += float(weight[here].sum()) * abs(float(told - found))
    return round(apart / float(weight.sum()), 4)


def _mean(values: "NDArray[Any]", weight: Floats) -> float:
    return round(float(np.average(values.astype(np.float64), weights=weight)), 4)


def write(folder: Path, kind: str, coefficients: dict[str, Any], thresholds: dict[str, Any]) -> None:
    """Puts a kind's results into coefficients.json and thresholds.json of the folder."""
    for name, fresh in (("coefficients", coefficients), ("thresholds", thresholds)):
        path = folder / f"{name}.json"
        known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        path.write_text(json.dumps(known | {kind: fresh}, indent=1) + "\n", encoding="utf-8")
