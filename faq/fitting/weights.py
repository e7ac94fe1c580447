"""The order: non-negative weights of the signals, under which right documents are as probable as can be."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faq.encoder import Encoder
from faq.fitting.observe import Corpus, Known, dealt, key_of
from faq.retrieval.fusion import Coefficients, best_documents, shortness
from faq.retrieval.index import Index
from faq.retrieval.text import content_words
from faq.vectors import VectorCache

Floats = NDArray[np.float64]
Weights = dict[str, tuple[float, float]]

PARTS = 5
SIGNALS = {
    "full": ("strength", "share", "stem_strength", "stem_share", "wording", "title", "passage"),
    "words_only": ("strength", "share", "stem_strength", "stem_share", "question"),
}
_SOFTENING = 2e-3  # keeps weights small; ten times more or less changes recall by less than a point


@dataclass(frozen=True)
class Asked:
    """One question's signals, document by document; `owner` is each document's entry and `right` whether it answers,
    `words` how many content words the question has, `key` its entry."""

    signals: Mapping[str, NDArray[np.float32]]
    owner: NDArray[np.int64]
    right: NDArray[np.bool_]
    words: int
    key: str


def ask(corpus: Corpus, encoder: Encoder | None, cache: VectorCache) -> Iterator[Asked]:
    """The signals of all its questions, before any weight."""
    index = Index.build(corpus.revisions, Known(encoder, cache) if encoder else None, cache)
    entries = [revision.entry for revision in index.revisions]
    for trial in corpus.trials:
        signals = index.signals(trial.query, trial.language)
        right = np.array([entries[place] in trial.relevant for place in signals.owner], bool)
        yield Asked(signals.values, signals.owner, right, len(content_words(trial.query)), key_of(trial))


def part_of(seen: Asked) -> int:
    """Which of the parts its entry is dealt into."""
    return dealt("", seen.key) % PARTS


def fit_weights(corpora: Sequence[Sequence[Asked]], shares: Sequence[float], names: Sequence[str]) -> Weights:
    """Weights for long and for short questions (softmax over documents). `shares`: what each corpus counts."""
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


def held_out_weights(
    corpora: Sequence[Sequence[Asked]], shares: Sequence[float], names: Sequence[str]
) -> list[Coefficients]:
    """For each part, what the others give."""
    return [
        Coefficients(fit_weights([[s for s in some if part_of(s) != part] for some in corpora], shares, names))
        for part in range(PARTS)
    ]


def recall(asked: Sequence[Asked], held_out: Sequence[Coefficients]) -> Mapping[str, float]:
    """Shares of questions with a right entry first, and among the first three."""
    ranks: list[int] = []
    for seen in asked:
        scores = held_out[part_of(seen)].score(seen.signals, seen.words)
        best = best_documents(scores, seen.owner)
        entries, right = scores[best], seen.right[best]
        ranks.append(int((entries > entries[right].max()).sum()) + 1 if right.any() else 10**6)
    return {f"recall@{k}": round(float(np.mean([rank <= k for rank in ranks])), 4) for k in (1, 3)}


def _matrix(seen: Asked, names: Sequence[str]) -> Floats:
    """A question's signals twice over, the share that counts as long and the one that counts as short."""
    both = np.stack([seen.signals[name] for name in names], axis=1).astype(np.float64)
    short = shortness(seen.words)
    return np.concatenate([both * (1 - short), both * short], axis=1)


def _softmax(scores: Floats) -> Floats:
    raised: Floats = np.exp(scores - scores.max(axis=1, keepdims=True))
    total: Floats = raised / raised.sum(axis=1, keepdims=True)
    return total
