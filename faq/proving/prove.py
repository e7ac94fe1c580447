"""The proof of a release: every trial against what is live and against what is proposed, each with its own fit."""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from faq.encoder import Encoder
from faq.entry import Revision
from faq.proving.asking import Asked, Prepared, Side, Tell, ask, latency
from faq.proving.outcome import KINDS, UNCLEAR, WORSE, Kind, Outcome, difference, verdict
from faq.releases.release import Changed, differences
from faq.retrieval.index import Index
from faq.trials import Trial
from faq.trust import Fit, fit_for
from faq.vectors import VectorCache


@dataclass(frozen=True)
class Corpus:
    """What a release answers with: its revisions, and the fits of which one may be made for it; `fit` names the
    one that it is pinned to."""

    revisions: Sequence[Revision]
    fits: Sequence[Fit] = ()
    fit: str = ""

    @cached_property
    def manifest(self) -> Mapping[str, str]:
        """Entry -> id of its revision."""
        return {revision.entry: revision.id for revision in self.revisions}


@dataclass(frozen=True)
class Proof:
    """`report` is JSON for people (see `prove`); `before` and `after` are the outcome of each trial that was asked."""

    report: Mapping[str, Any]
    before: Mapping[str, Outcome]
    after: Mapping[str, Outcome]

    @property
    def verdict(self) -> str:
        """better, same or worse (faq.proving.outcome)."""
        return str(self.report["verdict"])


def prove(
    before: Corpus,
    after: Corpus,
    trials: Sequence[Trial],
    encoder: Encoder | None,
    cache: VectorCache,
    today: date,
    tell: Tell = lambda step, share: None,
) -> Proof:
    """Asks both every trial, as of today.

    The report: `verdict`; `n` trials judged; a count for each of faq.proving.outcome.KINDS, with `worse` and `unclear`
    as their sums and `same`; `changed`, the trials whose outcome differs, each with the changed entry that it is
    `about` ("" for a side effect); `orphaned` and `unknown` trials; `untested`, the changed entries that no trial
    names; `latency` (faq.proving.asking.latency); whether `words_only` were searched, and by which `encoder`.
    Raises EncoderUnavailable when the encoder fails: figures by words alone would be taken for those of the full one.
    """
    entries = before.manifest.keys() | after.manifest.keys()
    asked_about = [t for t in trials if not t.relevant or not entries.isdisjoint(t.relevant)]
    known = Prepared(encoder, cache, [t.question for t in asked_about], tell) if encoder else None
    live = Index.build(before.revisions, known, cache, tell, strict=True)
    moved = differences(before.manifest, after.manifest)
    gone = [one.entry for one in moved if one.after is None]
    changed = {one.after for one in moved if one.after}
    fresh = [revision for revision in after.revisions if revision.id in changed]
    proposed = live.updated(fresh, gone, tell) if moved else live
    name = encoder.name if encoder else ""
    sides = [
        Side(index, fit_for(corpus.fits, corpus.revisions, name, corpus.fit))
        for index, corpus in ((live, before), (proposed, after))
    ]
    asked = ask(sides[0], sides[1], asked_about, today, tell)
    report = _report(asked, moved, after.manifest.keys(), len(trials) - len(asked_about))
    report |= {"latency": latency(asked), "words_only": proposed.words_only, "encoder": name, "today": str(today)}
    return Proof(report, {a.trial.id: a.before for a in asked}, {a.trial.id: a.after for a in asked})


def _report(asked: Sequence[Asked], moved: Sequence[Changed], entries: Set[str], unknown: int) -> dict[str, Any]:
    touched = {one.entry for one in moved}
    told: list[dict[str, Any]] = []
    orphaned: list[dict[str, Any]] = []
    kinds: list[Kind] = []
    named: set[str] = set()
    for one in asked:
        named.update(one.trial.relevant)
        if one.trial.relevant and entries.isdisjoint(one.trial.relevant):
            orphaned.append(_told(one, touched))
            continue
        kind = difference(one.trial.relevant, one.before, one.after)
        if kind:
            kinds.append(kind)
            told.append({"kind": kind, **_told(one, touched)})
    counts = Counter(kinds)
    judged = len(asked) - len(orphaned)
    told.sort(key=lambda line: (KINDS.index(line["kind"]), line["about"], line["question"]))
    return {
        "verdict": verdict(kinds),
        "n": judged,
        **{kind: counts[kind] for kind in KINDS},
        "worse": sum(counts[kind] for kind in WORSE),
        "unclear": sum(counts[kind] for kind in UNCLEAR),
        "same": judged - len(kinds),
        "changed": told,
        "orphaned": orphaned,
        "unknown": unknown,
        "untested": sorted(one.entry for one in moved if one.after and one.entry not in named),
    }


def _told(one: Asked, touched: set[str]) -> dict[str, Any]:
    """The changed entry that it is about: the one given now, else the one given before, else one that should be."""
    suspects = (one.after.entry, one.before.entry, *one.trial.relevant)
    return {
        "trial": one.trial.id,
        "question": one.trial.question,
        "language": one.trial.language,
        "relevant": list(one.trial.relevant),
        "about": next((entry for entry in suspects if entry in touched), ""),
        "before": _plain(one.before),
        "after": _plain(one.after),
    }


def _plain(outcome: Outcome) -> dict[str, Any]:
    return {
        "decision": outcome.decision,
        "entry": outcome.entry,
        "probability": outcome.probability,
        "offered": list(outcome.offered),
    }
