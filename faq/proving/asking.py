"""Asking two indexes the same questions, side by side, so that their times can be compared."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from faq.encoder import Encoder, Vectors
from faq.policy import decide, options
from faq.proving.outcome import Outcome
from faq.retrieval.index import Index
from faq.trials import Trial
from faq.trust import Fit, judged
from faq.vectors import VectorCache

Tell = Callable[[str, float], None]
"""How far something is: a key of the console's words, and a share of 0 to 1."""


class Prepared:
    """An encoder that knows the vectors of all questions beforehand, each computed once for ever (the cache keeps
    them). So both indexes are timed without the encoder, which is the same for both."""

    def __init__(self, encoder: Encoder, cache: VectorCache, questions: Sequence[str], tell: Tell) -> None:
        self._encoder, self.name, self.dimensions = encoder, encoder.name, encoder.dimensions
        vectors = cache.queries(encoder, questions, lambda share: tell("jobs.step.vectors", share))
        self._known = dict(zip(questions, vectors, strict=True))

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Known ones at once."""
        if all(text in self._known for text in texts):
            return np.array([self._known[text] for text in texts], np.float32).reshape(len(texts), self.dimensions)
        return self._encoder.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """As the encoder does."""
        return self._encoder.encode_passages(texts)


@dataclass(frozen=True)
class Side:
    """An index and the fit by which its matches are believed."""

    index: Index
    fit: Fit | None

    def ask(self, trial: Trial, today: date) -> tuple[Outcome, float]:
        """What becomes of it, and the milliseconds that took."""
        began = time.perf_counter()
        search, limits = judged(self.index.search(trial.question, trial.language, today=today), self.fit)
        decision = decide(search, limits)
        spent = (time.perf_counter() - began) * 1000
        first = search.matches[0] if search.matches else None
        offered = tuple(match.revision.entry for match in options(search, limits))
        if first is None:
            return Outcome(decision), spent
        return Outcome(decision, first.revision.entry, round(first.score, 4), offered), spent


@dataclass(frozen=True)
class Asked:
    """One trial, before and after; times in milliseconds."""

    trial: Trial
    before: Outcome
    after: Outcome
    times: tuple[float, float]


def ask(before: Side, after: Side, trials: Sequence[Trial], today: date, tell: Tell) -> list[Asked]:
    """Every trial, of both. Who is asked first changes with each, so that neither always finds the warm caches."""
    for side in (before, after):
        if trials:
            side.ask(trials[0], today)  # the first search is slower, and nobody waits for it
    found: list[Asked] = []
    for place, trial in enumerate(trials):
        order = (before, after) if place % 2 else (after, before)
        told = {id(side): side.ask(trial, today) for side in order}
        (was, was_ms), (now, now_ms) = told[id(before)], told[id(after)]
        found.append(Asked(trial, was, now, (was_ms, now_ms)))
        if place % 20 == 0:
            tell("jobs.step.asking", place / len(trials))
    return found


def latency(asked: Sequence[Asked]) -> dict[str, float]:
    """Milliseconds that half, and 95 in 100, of the searches took at most, before and after; and how much longer they
    take, as a ratio."""
    if not asked:
        return {}
    times = np.array([one.times for one in asked], float)
    (p50_before, p50_after), (p95_before, p95_after) = np.percentile(times, (50, 95), axis=0)
    return {
        "p50_before": round(float(p50_before), 2),
        "p50_after": round(float(p50_after), 2),
        "p95_before": round(float(p95_before), 2),
        "p95_after": round(float(p95_after), 2),
        "p50_ratio": round(float(p50_after / max(p50_before, 1e-6)), 3),
        "p95_ratio": round(float(p95_after / max(p95_before, 1e-6)), 3),
    }
