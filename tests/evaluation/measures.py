"""What is found out about the sets: figures, certificates, entries left out, curves for the plots."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.commands.measure import tell
from faq import retrieval
from faq.encoder import Encoder
from faq.entry import Revision
from faq.fitting.certify import bound, fitting_half
from faq.fitting.observe import Corpus, Known, key_of, left_out
from faq.fitting.resampled import by_entry
from faq.measure import Asked, Trial, ask, figures
from faq.retrieval.fusion import FULL
from faq.retrieval.index import Index
from faq.trust import Fit, fit_for
from faq.vectors import VectorCache
from tests.evaluation.sets import FOREIGN, TOWN, QuestionSet

STEPS = 10
_TIMED = 200


@dataclass(frozen=True)
class Measured:
    """A set's questions, what became of them, and how often what has no answer was answered."""

    name: str
    own_fit: bool
    asked: Sequence[Asked]
    outside: Sequence[Asked]
    strangers: Sequence[Asked]
    left_out: Sequence[Asked]

    @property
    def stray(self) -> list[Asked]:
        return [*self.outside, *self.strangers]


def measure_all(
    sets: Sequence[QuestionSet], strangers: Sequence[Trial], fits: Sequence[Fit], encoder: Encoder, cache: VectorCache
) -> Iterator[Measured]:
    """Every set in turn; what each corpus does with strangers and with entries left out is asked with its first set."""
    known = Known(encoder, cache)
    built: tuple[str, Index] | None = None
    for one in sets:
        if built is None or built[0] != one.corpus:
            built = one.corpus, Index.build(one.revisions, known, cache, strict=True)
            first = True
        index, fit = built[1], fit_for(fits, one.revisions, encoder.name)
        print(f"{one.name}: {len(one.trials)} questions, {len(one.revisions)} entries", flush=True)
        whole = first and one.corpus in (*FOREIGN, TOWN)
        yield Measured(
            one.name,
            fit is not None,
            ask(index, one.trials, fit=fit, progress=tell),
            ask(index, one.outside, fit=fit, progress=tell),
            ask(index, strangers, fit=fit, progress=tell) if whole else (),
            list(_left_out(one, fits, known, cache)) if whole else (),
        )
        first = False


def _left_out(one: QuestionSet, fits: Sequence[Fit], encoder: Encoder, cache: VectorCache) -> Iterator[Asked]:
    """Twice 30 % of the entries are taken away; their questions, where nothing else answers them."""
    for seed in (1, 2):
        corpus = left_out(Corpus(one.name, one.revisions, one.trials), seed)
        left = {revision.entry for revision in corpus.revisions}
        trials = [trial for trial in corpus.trials if not trial.relevant & left]
        index = Index.build(corpus.revisions, encoder, cache, strict=True)
        yield from ask(index, trials, fit=fit_for(fits, corpus.revisions, encoder.name), progress=tell)


def told(one: Measured) -> dict[str, Any]:
    """A set's figures as they stand in the report."""
    given = [asked for asked in one.asked if asked.answered]
    right = sum(asked.right for asked in given)
    return {
        **figures(one.asked, one.stray),
        "precision": round(right / len(given), 4) if given else None,
        "bound": round(bound(right, len(given)), 4),
        "outside_answered": _answered(one.outside),
        "strangers_answered": _answered(one.strangers),
        "left_out_answered": _answered(one.left_out),
        "left_out_n": len(one.left_out),
        "stray_n": len(one.stray),
        "thresholds": "the corpus' own" if one.own_fit else "general",
    }


def kept_apart(measured: Sequence[Measured], kinds: Mapping[str, Sequence[Trial]]) -> dict[str, Any]:
    """What the certifying half of these sets together proves: the questions that no fit has seen. "stray" says of
    questions without an answer how many there are and which share was answered: those of each of the `kinds` that
    were written against the corpus, all of these ("outside"), strangers', and those whose entries were taken away."""
    apart = _unfitted([asked for one in measured for asked in one.asked])
    given = [one for one in apart if one.answered]
    right = sum(one.right for one in given)
    outside = _unfitted([asked for one in measured for asked in one.outside])
    strangers = _unfitted([asked for one in measured for asked in one.strangers])
    left = _unfitted([asked for one in measured for asked in one.left_out])
    of_kind = {kind: {trial.query for trial in some} for kind, some in kinds.items()}
    stray = {
        **{kind: [one for one in outside if one.trial.query in some] for kind, some in of_kind.items()},
        "outside": outside,
        "strangers": strangers,
        "outside and strangers": [*outside, *strangers],
        "left out": left,
    }
    return {
        "asked": len(apart),
        "answered": len(given),
        "right": right,
        "coverage": round(len(given) / len(apart), 4),
        "precision": round(right / max(1, len(given)), 4),
        "bound": round(bound(right, len(given)), 4),
        "by_entry": by_entry(np.array([one.right for one in given], bool), [key_of(one.trial) for one in given]),
        "stray": {name: {"n": len(some), "answered": _answered(some)} for name, some in stray.items() if some},
    }


def _unfitted(asked: Sequence[Asked]) -> list[Asked]:
    first = fitting_half([key_of(one.trial) for one in asked])
    return [one for one, fits in zip(asked, first, strict=True) if not fits]


def risk_coverage(asked: Sequence[Asked]) -> list[tuple[float, float]]:
    """Share answered and share of that wrong, as the threshold falls."""
    order = sorted(asked, key=lambda one: -one.probability)
    wrong = np.cumsum([not one.right for one in order])
    places = np.unique(np.linspace(0, len(order) - 1, 120).astype(int))
    return [(round((p + 1) / len(order), 4), round(float(wrong[p]) / (int(p) + 1), 4)) for p in places]


def reliability(asked: Sequence[Asked]) -> list[tuple[float, float, int]]:
    """Told probability, share right, and how many, in ten steps."""
    found: list[tuple[float, float, int]] = []
    for step in range(STEPS):
        here = [one for one in asked if min(int(one.probability * STEPS), STEPS - 1) == step]
        if here:
            mean = float(np.mean([one.probability for one in here]))
            found.append((round(mean, 4), round(sum(one.right for one in here) / len(here), 4), len(here)))
    return found


def by_topic(asked: Sequence[Asked], revisions: Sequence[Revision]) -> dict[str, tuple[float, int]]:
    """Recall@1 and number of questions by the right entry's topic."""
    topics = {revision.entry: revision.topic for revision in revisions}
    grouped: dict[str, list[bool]] = {}
    for one in asked:
        grouped.setdefault(topics[key_of(one.trial)], []).append(one.right)
    return {topic: (round(sum(some) / len(some), 4), len(some)) for topic, some in sorted(grouped.items())}


def latency(one: QuestionSet, fits: Sequence[Fit], encoder: Encoder, cache: VectorCache) -> Mapping[str, Any]:
    """Milliseconds of whole answers, encoding included, on questions that the encoder has not just seen."""
    index = Index.build(one.revisions, encoder, cache, strict=True)
    asked = ask(index, one.trials[:_TIMED], fit=fit_for(fits, one.revisions, encoder.name))
    times = [round(a.milliseconds, 2) for a in asked]
    return {"n": len(times), "p50": float(np.median(times)), "p95": float(np.percentile(times, 95)), "all": times}


def shipped_evidence() -> dict[str, Any]:
    """What the general thresholds ship with as evidence."""
    plain = json.loads((Path(retrieval.__file__).parent / "thresholds.json").read_text("utf-8"))
    evidence: dict[str, Any] = plain[FULL]
    return evidence


def _answered(some: Sequence[Asked]) -> float | None:
    return round(sum(one.answered for one in some) / len(some), 4) if some else None
