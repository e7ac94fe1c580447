"""The order: non-negative weights of the signals, under which right documents are as probable as can be.

What counts is how they do on a corpus that they have not seen: `ablation` fits on all families of corpora but one and
asks that one, with all signals, without each, and by each alone.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faq.encoder import Encoder
from faq.fitting.observe import Corpus, Known
from faq.retrieval.fusion import Coefficients, best_documents
from faq.retrieval.index import Index
from faq.vectors import VectorCache

Floats = NDArray[np.float32]
Weights = dict[str, float]
Recall = tuple[float, float]  # among the first one, and the first three

ALL = "fused"
# The learned signal is no matter of corpora without wordings: its weight is not fitted but chosen on wordings of the
# sample town that were taken out of it: recall@1 .920 with 7, .930 with 10 (docs/decisions/12-*).
GIVEN: Mapping[str, float] = {"learned": 10.0}
_SOFTENING = 1.5e-3  # keeps weights small; three times more or less changes recall by a point at most
_STEPS, _RATE = 400, 0.15


@dataclass(frozen=True)
class Asked:
    """A corpus' questions: `signals` by name (questions, documents), `owner` each document's entry by place, and which
    documents answer (questions, documents). `weight` 0: only to test on."""

    name: str
    family: str
    weight: float
    signals: Mapping[str, Floats]
    owner: NDArray[np.int64]
    right: NDArray[np.bool_]


def ask(corpus: Corpus, encoder: Encoder | None, cache: VectorCache) -> Asked:
    """The signals of all its questions, before any weight."""
    index = Index.build(corpus.revisions, Known(encoder, cache) if encoder else None, cache, strict=True)
    entries = np.array([revision.entry for revision in index.revisions], dtype=object)
    every = [index.signals(trial.query, trial.language) for trial in corpus.trials]
    owner = every[0].owner
    signals = {name: np.stack([one.values[name] for one in every]) for name in every[0].values}
    right = np.array([[entry in trial.relevant for entry in entries[owner]] for trial in corpus.trials], bool)
    return Asked(corpus.name, corpus.family or corpus.name, corpus.weight, signals, owner, right)


def fit_weights(corpora: Sequence[Asked], every: Sequence[str]) -> Weights:
    """The weights that make right documents likeliest (softmax over documents), corpora counting by their weight.

    Adam (Kingma and Ba, 2015), kept from below at zero: more likeness never speaks against an entry.
    """
    names = [name for name in every if name not in GIVEN]
    data = [
        (np.stack([one.signals[name][useful] for name in names], axis=2), one.right[useful], one.weight)
        for one in corpora
        if one.weight and (useful := one.right.any(axis=1)).any()
    ]
    weights = np.ones(len(names))
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, _STEPS + 1):
        gradient = 2 * _SOFTENING * weights
        for matrix, right, share in data:
            scores = matrix @ weights.astype(np.float32)
            apart = _softmax(scores) - _softmax(np.where(right, scores, -np.inf))
            gradient = gradient + share * np.tensordot(apart, matrix, ([0, 1], [0, 1])) / len(matrix)
        first = 0.9 * first + 0.1 * gradient
        second = 0.99 * second + 0.01 * gradient**2
        rate = _RATE * min(1.0, 2 * (_STEPS + 1 - step) / _STEPS)
        weights -= rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-9)
        np.maximum(weights, 0, out=weights)
    fitted = {name: round(float(weight), 3) for name, weight in zip(names, weights, strict=True)}
    return {name: GIVEN[name] if name in GIVEN else fitted[name] for name in every}


def recall(asked: Asked, weights: Mapping[str, float]) -> Recall:
    """Shares of questions with a right entry first, and among the first three; of equal ones half count as before."""
    ranks: list[float] = []
    scorer = Coefficients(weights)
    for place, right in enumerate(asked.right):
        scores = scorer.score({name: values[place] for name, values in asked.signals.items()})
        best = best_documents(scores, asked.owner)
        rightly = np.zeros(len(best), bool)
        rightly[asked.owner[right]] = True
        if not rightly.any():
            ranks.append(float("inf"))
            continue
        entries, own = scores[best], scores[best][rightly].max()
        ranks.append(1 + float((entries > own).sum()) + 0.5 * float((entries[~rightly] == own).sum()))
    return tuple(round(float(np.mean([rank <= k for rank in ranks])), 4) for k in (1, 3))  # type: ignore[return-value]


def ablation(
    corpora: Sequence[Asked], progress: Callable[[float], None] = lambda share: None
) -> dict[str, dict[str, Recall]]:
    """Recall by what was tried and corpus, each corpus by weights fitted without its family: "fused" with all signals,
    "-x" without x, and x by itself."""
    names = tuple(corpora[0].signals)
    tries = [(ALL, names), *((f"-{name}", tuple(n for n in names if n != name)) for name in names)]
    families = sorted({one.family for one in corpora})
    found: dict[str, dict[str, Recall]] = {}
    for number, (title, some) in enumerate(tries):
        fitted = {family: fit_weights([one for one in corpora if one.family != family], some) for family in families}
        found[title] = {one.name: recall(one, fitted[one.family]) for one in corpora}
        progress((number + 1) / len(tries))
    return found | {name: {one.name: recall(one, {name: 1.0}) for one in corpora} for name in names}


def lines(table: Mapping[str, Mapping[str, Recall]]) -> Iterator[str]:
    """The ablation as the lines of a Markdown table, recall@1 and recall@3 in percent."""
    columns = list(next(iter(table.values())))
    yield "| | " + " | ".join(columns) + " |"
    yield "|---" * (len(columns) + 1) + "|"
    for title, row in table.items():
        yield f"| {title} | " + " | ".join(f"{100 * row[c][0]:.1f} {100 * row[c][1]:.1f}" for c in columns) + " |"


def write_weights(path: Path, kind: str, weights: Weights) -> None:
    """Puts a kind's weights into a coefficients.json."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.write_text(json.dumps(known | {kind: {"weights": weights}}, indent=1) + "\n", encoding="utf-8")


def _softmax(scores: Floats) -> Floats:
    raised: Floats = np.exp(scores - scores.max(axis=1, keepdims=True))
    total: Floats = raised / raised.sum(axis=1, keepdims=True)
    return total
