"""What an index sees of questions whose answers are known, and the further questions that a fit needs.

Beside a corpus' own questions the probability sees others: those whose entries were among 30 % that were taken
away, those of strangers to any town and those about another place (none of which may be answered). What ships for any
corpus also sees wordings that a corpus knows word for word, and corpora of a few entries.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from faq.encoder import Encoder, Vectors
from faq.entry import LEICHT, Draft, Revision, revision_of
from faq.measure import NEVER, Trial
from faq.policy import OPTIONS
from faq.retrieval.index import Index
from faq.vectors import VectorCache

# Kinds of questions: a corpus' own and those near to it that it does not answer, then the further ones.
OWN, OUTSIDE = "own", "outside"
LEFT_OUT, STRANGERS, ELSEWHERE = "left out", "strangers", "elsewhere"
KNOWN, FEW = "known", "few"
_TENTHS_GONE = 3
_FEW_ENTRIES = 8  # a corpus that has only just begun
_PLACES = ("in Köln", "Dortmund", "in Leipzig", "München", "in Hamburg", "Stuttgart", "in Kassel", "Bremen")


@dataclass(frozen=True)
class Corpus:
    """Entries and questions about them. `weight`: less for corpora that are parts of one; `family` names that one.
    `proves`: are its questions citizens', and asked of no other corpus? Others only help to fit."""

    name: str
    revisions: Sequence[Revision]
    trials: Sequence[Trial]
    weight: float = 1.0
    family: str = ""
    proves: bool = True


@dataclass(frozen=True)
class Seen:
    """What one question found: the evidence about the first match, whether that one is `right`, whether a right one
    is among those `offered` when asking back, and `key`, the entry (or question) by which it is dealt into parts."""

    evidence: Mapping[str, float]
    right: bool
    offered: bool
    key: str


class Known:
    """An encoder that keeps the vectors of questions on disk: a fit asks the same ones over and over."""

    def __init__(self, encoder: Encoder, cache: VectorCache) -> None:
        self._encoder, self._cache = encoder, cache
        self.name, self.dimensions = encoder.name, encoder.dimensions

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._cache.queries(self._encoder, texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return self._encoder.encode_passages(texts)


def dealt(purpose: str, name: str) -> int:
    """A number below 2 ** 64 for a name that never changes: the same entry always falls into the same part.

    For another purpose it is another number that tells nothing of this one (keyed BLAKE2b, RFC 7693): halves of a half
    are halves, and every half has its share of every part. `purpose` is at most 64 bytes long.
    """
    return int.from_bytes(blake2b(name.encode(), digest_size=8, key=purpose.encode()).digest(), "big")


def key_of(trial: Trial) -> str:
    """By what a question is dealt: its entry, so that no entry has questions in both halves."""
    return min(trial.relevant, default=trial.query)


class Observer:
    """Asks indexes of corpora their questions, by the shipped order; one index for all corpora of the same entries."""

    def __init__(self, encoder: Encoder | None, cache: VectorCache) -> None:
        self._encoder, self._cache = Known(encoder, cache) if encoder else None, cache
        self._revisions: Sequence[Revision] = ()
        self._index: Index | None = None

    def observe(self, corpus: Corpus) -> list[Seen]:
        """What each of its questions finds. Raises EncoderUnavailable where an encoder was given and fails: what words
        alone find must not be fitted as if it were the full search."""
        if self._index is None or corpus.revisions is not self._revisions:
            self._index = Index.build(corpus.revisions, self._encoder, self._cache, strict=True)
            self._revisions = corpus.revisions
        found: list[Seen] = []
        for trial in corpus.trials:
            search = self._index.search(trial.query, trial.language, OPTIONS)
            right = [match.revision.entry in trial.relevant for match in search.matches]
            found.append(Seen(search.evidence, right[:1] == [True], any(right), key_of(trial)))
        return found


def bare(name: str, corpus: Corpus) -> Corpus:
    """The corpus as another town would import it: titles and texts, no wordings. The same questions are asked of it,
    so it proves nothing of its own."""
    stripped = [
        replace(one, texts={language: replace(text, variants=()) for language, text in one.texts.items()})
        for one in corpus.revisions
    ]
    return replace(corpus, name=name, revisions=stripped, proves=False)


def own_wordings(name: str, drafts: Sequence[Draft], number: int, weight: float = 1.0, family: str = "") -> Corpus:
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
    return Corpus(name, revisions, trials, weight, family, proves=False)


def unanswerable(corpus: Corpus, strangers: Sequence[str]) -> dict[str, list[Corpus]]:
    """Questions that a corpus does not answer, made from its own and from strangers', by kind."""
    away = [
        Trial(f"{trial.query} {_PLACES[dealt('place', trial.query) % len(_PLACES)]}", frozenset(), trial.language)
        for trial in corpus.trials
        if dealt("away", trial.query) % 2
    ]
    return {
        LEFT_OUT: [left_out(corpus, seed) for seed in (1, 2)],
        STRANGERS: [replace(corpus, trials=[Trial(question, frozenset(), "de") for question in strangers])],
        ELSEWHERE: [replace(corpus, trials=away)],
    }


def everyday(corpus: Corpus) -> dict[str, list[Corpus]]:
    """What any corpus meets beside questions such as its trials, by kind: its own words, and its first days."""
    known = [
        Trial(text.variants[-1] if text.variants else text.question, frozenset([revision.entry]), language)
        for revision in corpus.revisions
        for language, text in revision.texts.items()
        if language != LEICHT
    ]
    return {KNOWN: [replace(corpus, trials=known)], FEW: [_few(corpus, seed) for seed in range(8)]}


def left_out(corpus: Corpus, seed: int) -> Corpus:
    """The corpus without 30 % of the entries that have questions, and the questions that these answered."""
    asked = {entry for trial in corpus.trials for entry in trial.relevant}
    gone = {entry for entry in asked if dealt(f"left out {seed}", entry) % 10 < _TENTHS_GONE}
    kept = [revision for revision in corpus.revisions if revision.entry not in gone]
    trials = [trial for trial in corpus.trials if trial.relevant & gone]
    return replace(corpus, revisions=kept, trials=trials)


def _few(corpus: Corpus, seed: int) -> Corpus:
    """A handful of entries, their questions, and as many questions of others."""
    asked = {entry for trial in corpus.trials for entry in trial.relevant}
    kept = set(sorted(asked, key=lambda entry: dealt(f"few {seed}", entry))[:_FEW_ENTRIES])
    own = [trial for trial in corpus.trials if trial.relevant & kept]
    other = [trial for trial in corpus.trials if not trial.relevant & kept]
    other.sort(key=lambda trial: dealt(f"few {seed}", trial.query))
    revisions = [revision for revision in corpus.revisions if revision.entry in kept]
    return replace(corpus, revisions=revisions, trials=own + other[: len(own)])
