"""The index: every live entry, searched by letters, words and meaning. It never changes; `updated` makes the next."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from faq.courtesy import courteous
from faq.encoder import Encoder, EncoderUnavailable, Vectors
from faq.entry import Revision
from faq.retrieval import confidence
from faq.retrieval.documents import Document, documents_of
from faq.retrieval.encoded import encoded
from faq.retrieval.fusion import FULL, WORDS_ONLY, best_documents, leading, shipped
from faq.retrieval.places import places
from faq.retrieval.reading import Read, Vocabularies, read, said, same
from faq.retrieval.text import content_words, fold, grams, letters_in, stem
from faq.retrieval.thesaurus import Concept, Thesaurus, thesaurus
from faq.retrieval.vectors import Meaning
from faq.retrieval.verbs import joined
from faq.retrieval.words import Postings, Vocabulary, letters_of, stems_of
from faq.vectors import VectorCache

Floats = NDArray[np.float32]
Progress = Callable[[str, float], None]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Match:
    """An entry that may answer. `score` is 0..1, the first one's the probability that it is right;
    `why` is each signal's share of its rank, summing to one."""

    revision: Revision
    score: float
    why: Mapping[str, float]


@dataclass(frozen=True)
class Search:
    """What a question found, best first. `words_only`: meaning was not consulted, there is no encoder or it failed.
    `lessons` is what those of the corpus' wordings were worth in it (faq.retrieval.learned), 0 to 1."""

    query: str
    language: str
    matches: tuple[Match, ...]
    words_only: bool
    evidence: Mapping[str, float] = field(default_factory=dict)
    lessons: float = 0.0


@dataclass(frozen=True)
class Signals:
    """Per document, what speaks for it; `owner` is each document's entry, by place in the index."""

    values: Mapping[str, Floats]
    owner: NDArray[np.int64]
    words_only: bool


_CHANCE = 0.25  # what letters and words lose in a question of a foreign language; measured, see docs/decisions/12-*
_HEARD = 0.01  # below this share of likelihood, a language that was told is taken for an error
_STRANGE = 0.5  # what the lessons of wordings in other languages lose there
VERBATIM = 0.99  # the probability of a match whose wording is the question itself


class Index:
    """Safe to search from several threads."""

    def __init__(
        self,
        reads: Mapping[str, Sequence[Read]],
        encoder: Encoder | None,
        cache: VectorCache,
        vocabularies: Vocabularies,
        progress: Progress,
        strict: bool = False,
        before: "Index | None" = None,
    ) -> None:
        """Use `build`."""
        self._reads = dict(sorted(reads.items()))
        self._cache, self._vocabularies, self._strict = cache, vocabularies, strict
        entries = list(self._reads.values())
        self.revisions = tuple(some[0].document.revision for some in courteous(entries))
        self._valid_from = _days(r.valid_from or date.min for r in courteous(self.revisions))
        self._valid_until = _days(r.valid_until or date.max for r in courteous(self.revisions))
        self._owner = np.repeat(np.arange(len(entries)), [len(some) for some in entries])
        every = [one for some in courteous(entries) for one in some]
        letters, stems = vocabularies
        old = (before._letters, before._stems, before._wordings) if before else (None, None, None)
        self._letters: Postings = Postings.of(letters, [one.letters for one in courteous(every)], old[0])
        self._stems: Postings = Postings.of(stems, [one.stems for one in courteous(every)], old[1])
        wordings = [bag for one in courteous(every) for bag in one.wordings]
        self._wordings: Postings = Postings.of(letters, wordings, old[2])
        self._wording_starts = np.concatenate([[0], np.cumsum([len(one.wordings) for one in every])[:-1]]).astype(int)
        self._thesaurus: Thesaurus = thesaurus()
        self._said = said(entries)
        documents = [one.document for one in courteous(every)]
        self._languages = {document.language for document in courteous(documents)}
        self._encoder = encoder
        self._titles = [document.wordings[0] for document in courteous(documents)]
        known = before._meaning if before else None
        self._meaning: Meaning | None = self._read_meaning(documents, progress, known) if encoder and every else None
        progress("index.ready", 1.0)

    @classmethod
    def build(
        cls,
        revisions: Iterable[Revision],
        encoder: Encoder | None,
        cache: VectorCache | None = None,
        progress: Progress = lambda step, share: None,
        strict: bool = False,
    ) -> "Index":
        """Reads the entries and computes what vectors the cache does not hold. Without an encoder, or when it
        fails, the index knows words only. Who derives figures from it asks for `strict`: then an encoder that fails,
        now or on a question, raises EncoderUnavailable."""
        vocabularies = (Vocabulary(), Vocabulary())
        reads = {revision.entry: read(revision, vocabularies) for revision in courteous(revisions)}
        return cls(reads, encoder, cache or VectorCache(":memory:"), vocabularies, progress, strict)

    def updated(
        self, changed: Iterable[Revision], removed: Iterable[str] = (), progress: Progress = lambda step, share: None
    ) -> "Index":
        """A new index with these entries changed or added, and those gone; this one stays as it is."""
        gone = set(removed)
        reads = {entry: some for entry, some in self._reads.items() if entry not in gone}
        for revision in courteous(changed):
            reads[revision.entry] = read(revision, self._vocabularies, self._reads.get(revision.entry, ()))
        return Index(reads, self._encoder, self._cache, self._vocabularies, progress, self._strict, before=self)

    def encode(self, revisions: Iterable[Revision]) -> None:
        """Compute now what vectors `updated` will need for these entries; changes nothing. Raises what the encoder
        raises."""
        if self._meaning is not None:
            before = ((revision, self._reads.get(revision.entry, ())) for revision in revisions)
            fresh = [one for revision, reads in before for one in documents_of(revision) if not same(reads, one)]
            encoded(fresh, self._meaning.encoder, self._cache)

    def __len__(self) -> int:
        return len(self.revisions)

    @property
    def words_only(self) -> bool:
        return self._meaning is None

    @property
    def lessons(self) -> float:
        """What those of the corpus' wordings are worth here, 0 to 1."""
        return self._meaning.lessons.share if self._meaning else 0.0

    def search(
        self,
        query: str,
        language: str = "de",
        limit: int = 5,
        today: date | None = None,
    ) -> Search:
        """The entries that may answer, best first; with `today` only those valid then."""
        wanted = self._wanted(today)
        if not query.strip() or not wanted.any():
            return Search(query, language, (), self.words_only)
        signals = self.signals(query, language)
        kind = shipped(WORDS_ONLY if signals.words_only else FULL)
        words = len(set(content_words(query)))
        scores = kind.score(signals.values)
        places = best_documents(scores, signals.owner)[wanted]
        scores, values = scores[places], {name: some[places] for name, some in signals.values.items()}
        entries = np.flatnonzero(wanted)
        order = leading(scores, limit)
        beyond = float(values["share"][order[0]]) - self._in_title(query, int(places[order[0]]))
        seen = confidence.evidence(scores, values, words, self.elsewhere(query), beyond)
        sure = confidence.shipped(WORDS_ONLY if signals.words_only else FULL)
        first, weights = sure.probability(seen), kind.weights
        known = self._said.get(fold(query).strip(" .!?"))
        if known is not None and wanted[known]:
            # An editor wrote these very words for this entry, and for no other.
            place = int(np.flatnonzero(entries == known)[0])
            scores[place] = max(scores[place], scores[order[0]])
            order = np.concatenate([[place], order[order != place]])[:limit]
            first = max(first, VERBATIM)
            seen["verbatim"] = 1.0
        matches = tuple(
            Match(
                self.revisions[entries[place]],
                first * float(np.exp(scores[place] - scores[order[0]])),
                _shares(weights, values, int(place)),
            )
            for place in order
        )
        return Search(query, language, matches, signals.words_only, seen, 0.0 if signals.words_only else self.lessons)

    def elsewhere(self, query: str) -> bool:
        """Does it name a place that no entry names?"""
        return bool(places().elsewhere(query, lambda word: self._stems.holds(stem(word))))

    def _in_title(self, query: str, document: int) -> float:
        """Which share of the question's letters (by their rarity) stands in that document's title, word for word."""
        asked = letters_in(query)
        held = asked & letters_in(self._titles[document])
        return self._letters.rarity(held) / (self._letters.rarity(asked) or 1)

    def signals(self, query: str, language: str = "de") -> Signals:
        """What speaks for each document, before any weight. Meaning is left out when the encoder fails. `language` is
        what is known of the question's; where its vector tells more clearly, that counts."""
        vector = self._vector_of(query)
        spoken = self._meaning.languages(vector) if self._meaning and vector is not None else {}
        concepts = self._concepts(query, _spoken(spoken, language))
        letters = self._letters.match_concepts(letters_of(concepts))
        stems = self._stems.match_concepts(stems_of(concepts))
        values = {
            "strength": letters.strength,
            "share": letters.share,
            "stem_strength": stems.strength,
            "stem_share": stems.share,
        }
        if self._meaning is None or vector is None:
            return Signals(values | {"question": self._question_likeness(concepts)}, self._owner, True)
        # Letters that two languages share by chance; names, borrowed words and terms are worth something still.
        foreign = sum(share for known, share in spoken.items() if known not in self._languages)
        values = {name: some * np.float32(1 - _CHANCE * foreign) for name, some in values.items()}
        meaning = self._meaning.match(vector, concepts, letters.strength)
        meaning["learned"] = meaning["learned"] * np.float32(1 - _STRANGE * foreign)
        return Signals(values | meaning, self._owner, False)

    def _concepts(self, query: str, language: str) -> list[Concept]:
        """What the question names, its verbs as the dictionary has them."""
        read = joined(query, lambda word: self._stems.holds(stem(word)))
        concepts = self._thesaurus.concepts(read.text, language)
        return [
            replace(one, instead=(*one.instead, (read.apart[one.words[0]],)))
            if len(one.words) == 1 and one.words[0] in read.apart
            else one
            for one in concepts
        ]

    def _question_likeness(self, concepts: Sequence[Concept]) -> Floats:
        """The harmonic mean of how much of the question a wording holds, and how much of the wording it uses."""
        asked = {gram for concept in concepts for word in concept.words for gram in grams(word)}
        held = self._wordings.match(asked).share
        mass = held * self._wordings.rarity(asked)
        used = np.minimum(1.0, mass / np.maximum(self._wordings.masses, 1e-6))
        both = 2 * held * used / np.maximum(held + used, 1e-6)
        best: Floats = np.maximum.reduceat(both, self._wording_starts).astype(np.float32)
        return best

    def _read_meaning(
        self, documents: Sequence[Document], progress: Progress, before: Meaning | None
    ) -> Meaning | None:
        assert self._encoder is not None

        def told(share: float) -> None:
            progress("index.vectors", share)

        try:
            if before and (unchanged := before.of(documents)):
                return unchanged
            return Meaning(documents, self._encoder, self._cache, told, before)
        except Exception as error:  # whatever a model raises, words still answer
            self._insist(error)
            log.exception("the encoder failed while the index was built; searching by words only")
            return None

    def _vector_of(self, query: str) -> Vectors | None:
        if self._meaning is None:
            return None
        try:
            # Half a surrogate pair is no character; no tokenizer takes it.
            (vector,) = self._meaning.encoder.encode_queries([query.encode("utf-8", "ignore").decode()])
        except Exception as error:  # as above
            self._insist(error)
            log.exception("the encoder failed on a question; searching by words only")
            return None
        found: Vectors = vector
        return found

    def _insist(self, error: Exception) -> None:
        if self._strict:
            raise EncoderUnavailable(
                f"the encoder failed ({error or type(error).__name__}); figures of a search by words alone would be "
                "taken for those of the full one, so none are made"
            ) from error

    def _wanted(self, today: date | None) -> NDArray[np.bool_]:
        if today is None:
            return np.ones(len(self.revisions), bool)
        day = today.toordinal()
        valid: NDArray[np.bool_] = (self._valid_from <= day) & (day <= self._valid_until)
        return valid


def _days(dates: Iterable[date]) -> NDArray[np.int32]:
    """As numbers that can be compared at once."""
    return np.array([day.toordinal() for day in dates], np.int32)


def _spoken(shares: Mapping[str, float], language: str) -> str:
    """The question's language: the one told, unless it is the default or its vector is sure of another."""
    if not shares or (language != "de" and shares.get(language, 1.0) >= _HEARD):
        return language
    return max(shares, key=lambda one: shares[one])


def _shares(weights: Mapping[str, float], values: Mapping[str, Floats], place: int) -> dict[str, float]:
    parts = {name: max(0.0, weight * float(values[name][place])) for name, weight in weights.items()}
    total = sum(parts.values()) or 1.0
    return {name: round(part / total, 4) for name, part in parts.items()}
