"""By what a corpus' matches are believed: a fit of its own where there is one, else what ships for any corpus.

A fit belongs to an encoder and to the state of a corpus on which it was made. It stays in force while the corpus
changes little by little; `Fit.unchanged` says how much of it is still as it was, and who runs the product is told
when that is too little to go by (`stadtbote doctor`, `stadtbote ask`).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from faq.entry import Revision
from faq.policy import Thresholds
from faq.retrieval.confidence import Confidence
from faq.retrieval.documents import documents_of
from faq.retrieval.fusion import FULL, WORDS_ONLY
from faq.retrieval.index import VERBATIM, Search

FILE = "thresholds.json"
BELONGS = 0.5  # a corpus is the one of a fit while they share this much of the questions, seen from either
OUTDATED = 0.8  # less of the corpus than this unchanged: the fit should be made again
LESSONS = 0.25  # what the lessons of wordings are worth may change by so much; beyond, a fit holds no longer


class FitUnusable(ValueError):
    """A file of fitted thresholds cannot be read; the message names it and says what to do."""


class Judged(Protocol):
    """A search, or an index that makes such searches."""

    @property
    def words_only(self) -> bool: ...

    @property
    def lessons(self) -> float: ...


@dataclass(frozen=True)
class Trust:
    """The logistic that turns evidence into a probability, and the thresholds on that probability. `lessons` is what
    those of the corpus' wordings were worth when it was fitted (faq.retrieval.learned), None if that is not known."""

    confidence: Confidence
    thresholds: Thresholds
    lessons: float | None = None

    def holds(self, lessons: float) -> bool:
        """Were they worth about as much as now? The logistic counts on what they say."""
        return self.lessons is None or abs(self.lessons - lessons) <= LESSONS


@dataclass(frozen=True)
class Fit:
    """`entries` are the fingerprints of the entries it was made on: question to all that is searched. `kinds` holds
    a Trust for the full search and for words alone, if both could be certified. `made` is its day, `name` what a
    release is pinned to: 16 hex digits of its file's SHA-256. A `spare` one holds only where it is pinned: another took
    its place since."""

    encoder: str
    entries: Mapping[str, str]
    kinds: Mapping[str, Trust]
    made: date | None = None
    name: str = ""
    spare: bool = False

    def trust(self, search: Judged) -> Trust | None:
        """What holds for such a search; None where nothing was certified, or of a search that weighs otherwise."""
        trust = self.kinds.get(WORDS_ONLY if search.words_only else FULL)
        return trust if trust and trust.holds(search.lessons) else None

    def unchanged(self, revisions: Iterable[Revision]) -> float:
        """Which share of these entries is as the fit saw it."""
        found = fingerprints(revisions)
        return sum(self.entries.get(question) == told for question, told in found.items()) / max(1, len(found))

    def belongs_to(self, revisions: Iterable[Revision]) -> bool:
        """Is this the corpus that it was made for, in whatever state?"""
        found = fingerprints(revisions)
        shared = len(found.keys() & self.entries.keys())
        return shared > 0 and shared >= BELONGS * len(found) and shared >= BELONGS * len(self.entries)


def fingerprints(revisions: Iterable[Revision]) -> dict[str, str]:
    """Of each entry: a hash of its question, and one of all that is searched: wordings, answers, facts. Not of its
    office, topic and links, which no question finds it by."""
    return dict(map(_fingerprint, revisions))


@lru_cache(maxsize=20_000)  # with each release they are asked of all entries, of which few have changed
def _fingerprint(revision: Revision) -> tuple[str, str]:
    documents = sorted(documents_of(revision), key=lambda document: document.language)
    told = [[one.wordings[0], sorted(one.wordings[1:]), one.body] for one in documents]
    return _hash(revision.text("de").question), _hash(json.dumps(told, ensure_ascii=False))


def _hash(text: str) -> str:
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:8]


def read_fit(path: Path) -> Fit:
    """The fit in that file. Raises FitUnusable."""
    try:
        told = path.read_bytes()
        plain: dict[str, Any] = json.loads(told)
        kinds = {kind: _trust(plain[kind]) for kind in (FULL, WORDS_ONLY) if kind in plain}
        made = date.fromisoformat(plain["made"]) if plain.get("made") else None
        return Fit(plain["encoder"], plain["entries"], kinds, made, hashlib.sha256(told).hexdigest()[:16])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FitUnusable(f"{path} holds no fitted thresholds ({error}); `stadtbote faq calibrate` makes it") from None


def _trust(plain: Mapping[str, Any]) -> Trust:
    limits = Thresholds(plain["answer"], plain["clarify"], plain["option"])
    return Trust(Confidence.read(plain), limits, plain.get("lessons"))


def fits_in(folders: Iterable[Path]) -> list[Fit]:
    """Those in the folders that have one, in their order. Raises FitUnusable."""
    return [read_fit(folder / FILE) for folder in folders if (folder / FILE).is_file()]


def spare_fits(folder: Path) -> list[Fit]:
    """Those that releases were pinned to, in that folder. Raises FitUnusable."""
    return [replace(read_fit(path), spare=True) for path in sorted(folder.glob("*.json"))]


def fit_for(fits: Sequence[Fit], revisions: Sequence[Revision], encoder: str, pinned: str = "") -> Fit | None:
    """The first that was made for this corpus and this encoder ("" for words alone, which any encoder's fit covers);
    of those, the one of the `pinned` name if it is there."""
    fitting = [fit for fit in fits if fit.encoder == encoder or not encoder if fit.belongs_to(revisions)]
    usual = next((fit for fit in fitting if not fit.spare), None)
    return next((fit for fit in fitting if pinned and fit.name == pinned), usual)


def judged(search: Search, fit: Fit | None) -> tuple[Search, Thresholds | None]:
    """The search with the probabilities that the fit gives, and its thresholds; as it is, and None, without one."""
    trust = fit.trust(search) if fit else None
    if trust is None or not search.matches:
        return search, None
    probability = trust.confidence.probability(search.evidence)
    if search.evidence.get("verbatim"):
        probability = max(probability, VERBATIM)
    scale = probability / max(search.matches[0].score, 1e-9)
    matches = tuple(replace(match, score=min(1.0, match.score * scale)) for match in search.matches)
    return replace(search, matches=matches), trust.thresholds
