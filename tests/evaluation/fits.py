"""Fits what ships: the general probability and thresholds, and the sample town's own. Takes minutes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.commands.measure import tell
from bot.composition import SAMPLE_TOWN
from faq import retrieval
from faq.encoder import Encoder
from faq.fitting.certify import NotCertified
from faq.fitting.general import fit_general
from faq.fitting.own import file_of, fit_own
from faq.retrieval import confidence
from faq.retrieval.fusion import FULL, WORDS_ONLY
from faq.trust import FILE
from faq.vectors import VectorCache
from tests.evaluation.sets import FOREIGN, TOWN, fitting_corpora, strangers, town_outside, town_revisions, town_trials

CERTIFIED_ON = ("de", "en")  # the languages in which the town's entries are written


def fit_all(encoder: Encoder, cache: VectorCache, which: str = "both", kinds: str = "full words_only") -> None:
    """Write confidence.json and thresholds.json of retrieval, then those of the sample town."""
    if which in ("both", "general"):
        _general(encoder, cache, kinds.split())
    if which in ("both", "town"):
        _town(encoder, cache)


def _general(encoder: Encoder, cache: VectorCache, kinds: Sequence[str]) -> None:
    corpora = list(fitting_corpora())
    if not {*FOREIGN} <= {corpus.name for corpus in corpora}:
        raise SystemExit("The general fit needs the sets beside the checkout; what ships is left as it is.")
    others = [trial.query for trial in strangers()]
    folder = Path(retrieval.__file__).parent
    for kind in kinds:
        by = encoder if kind == FULL else None
        try:
            logistic, thresholds = fit_general(corpora, others, by, cache, progress=tell)
        except NotCertified as error:
            print(f"general, {kind}: {error}; the old thresholds stay")
            continue
        _put(folder / "confidence.json", kind, logistic)
        _put(folder / "thresholds.json", kind, thresholds)
        print(f"general, {kind}: answer from {thresholds['answer']}, certified {thresholds['certificate']}")
    confidence.shipped.cache_clear()


def _town(encoder: Encoder, cache: VectorCache) -> None:
    revisions = town_revisions()
    trials = [trial for language in CERTIFIED_ON for trial in town_trials(language)]
    others = [trial.query for trial in strangers()]
    kinds: dict[str, dict[str, Any]] = {}
    for kind, by in ((FULL, encoder), (WORDS_ONLY, None)):
        try:
            kinds[kind] = fit_own(revisions, trials, town_outside(), others, by, cache, progress=tell)
        except NotCertified as error:
            print(f"{TOWN}, {kind}: {error}; the general thresholds hold")
            continue
        print(f"{TOWN}, {kind}: answer from {kinds[kind]['answer']}, certified {kinds[kind]['certificate']}")
    plain = file_of(revisions, encoder.name, kinds)
    (SAMPLE_TOWN / FILE).write_text(json.dumps(plain, indent=1) + "\n", "utf-8")


def _put(path: Path, kind: str, fresh: dict[str, Any]) -> None:
    known = json.loads(path.read_text("utf-8")) if path.exists() else {}
    path.write_text(json.dumps(known | {kind: fresh}, indent=1) + "\n", "utf-8")
