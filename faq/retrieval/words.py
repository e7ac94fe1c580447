"""Matching by words and letters: BM25 and coverage over postings in numpy, ten thousand entries in milliseconds."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import is_
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faq.courtesy import courteous, give_way
from faq.retrieval.text import grams, stem
from faq.retrieval.thesaurus import Concept

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

_SATURATION, _LENGTH = 1.2, 0.75  # BM25's k1 and b, at their usual values
_AT_ONCE = 500  # documents' terms joined in one step
_INSTEAD = 0.9  # what a synonym is worth beside the citizen's own word


class Vocabulary:
    """Terms to numbers. Only grows, so that an older index stays right while a newer one is built."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, counts: Counter[str]) -> "Bag":
        numbers = [self._numbers.setdefault(term, len(self._numbers)) for term in counts]
        return Bag(np.array(numbers, np.int64), np.array(list(counts.values()), np.float32), counts.total())

    def number(self, term: str) -> int:
        return self._numbers.get(term, -1)


@dataclass(frozen=True)
class Bag:
    """A document's terms, each once, and how often it stands there; `length` is how often all of them do."""

    terms: Ints
    counts: Floats
    length: float


@dataclass(frozen=True)
class Found:
    """Per document: `strength` is BM25 as a share of what a perfect document would get, `share` is how much
    of the question (by weight of its terms) stands in the document at all. Both are 0..1."""

    strength: Floats
    share: Floats


class Postings:
    """Documents by term."""

    def __init__(self, vocabulary: Vocabulary, bags: Sequence[Bag]) -> None:
        self._vocabulary, self._bags, self.size = vocabulary, bags, len(bags)
        lengths = np.array([bag.length for bag in courteous(bags)], np.float32)
        usual = lengths.mean() if len(bags) else 1.0
        sizes = np.array([len(bag.terms) for bag in courteous(bags)], np.int64)
        terms: Ints = _joined([bag.terms for bag in courteous(bags)], np.empty(sizes.sum(), np.int64))
        counts: Floats = _joined([bag.counts for bag in courteous(bags)], np.empty(sizes.sum(), np.float32))
        owners = np.repeat(np.arange(len(bags)), sizes)
        slack = _SATURATION * (1 - _LENGTH + _LENGTH * lengths / max(usual, 1e-9))
        weights = counts / (counts + slack[owners]) if len(bags) else counts
        give_way()
        order = _ascending(terms)
        give_way()
        self._documents: NDArray[np.int32] = owners[order].astype(np.int32)
        self._weights: Floats = weights[order].astype(np.float32)
        self._starts: Ints = np.searchsorted(terms[order], np.arange(len(vocabulary) + 1))
        frequency = np.diff(self._starts)
        self._rarity: Floats = np.log1p((self.size - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
        self._unknown = float(np.log1p((self.size + 0.5) / 0.5))
        give_way()
        # What each document's distinct terms weigh in all.
        self.masses: Floats = np.bincount(owners, self._rarity[terms], minlength=self.size).astype(np.float32)

    @classmethod
    def of(cls, vocabulary: Vocabulary, bags: Sequence[Bag], before: "Postings | None" = None) -> "Postings":
        """Those of the index `before`, where they are of the very same documents."""
        if before and before.size == len(bags) and all(map(is_, before._bags, bags)):
            return before
        return cls(vocabulary, bags)

    def holds(self, term: str) -> bool:
        """Does any document hold the term?"""
        number = self._vocabulary.number(term)
        return 0 <= number < len(self._rarity) and bool(self._starts[number] < self._starts[number + 1])

    def rarity(self, terms: Iterable[str]) -> float:
        """The summed weight of distinct terms; what no document has weighs most."""
        return sum(self._weight_of(self._vocabulary.number(term)) for term in set(terms))

    def match(self, terms: Iterable[str]) -> Found:
        """How well each document holds these terms."""
        strength, share, total = self._gather(set(terms))
        return Found(strength / (total or 1), share / (total or 1))

    def match_concepts(self, concepts: Sequence[tuple[list[str], list[list[str]]]]) -> Found:
        """The same, concept by concept: each counts by its best wording, its own or one used instead."""
        strength = np.zeros(self.size, np.float32)
        share = np.zeros(self.size, np.float32)
        total = 0.0
        for own, instead in concepts:
            own_strength, own_share, mass = self._gather(set(own))
            for other in instead:
                other_strength, other_share, other_mass = self._gather(set(other))
                scale = _INSTEAD * mass / (other_mass or 1)
                np.maximum(own_strength, other_strength * scale, out=own_strength)
                np.maximum(own_share, other_share * scale, out=own_share)
            strength += own_strength
            share += own_share
            total += mass
        return Found(strength / (total or 1), share / (total or 1))

    def _gather(self, terms: set[str]) -> tuple[Floats, Floats, float]:
        """Per document the strength and the share of these terms, and what they weigh in all."""
        total, documents, strengths, counts, weights = 0.0, [], [], [], []
        for term in sorted(terms):
            number = self._vocabulary.number(term)
            weight = self._weight_of(number)
            total += weight
            if 0 <= number < len(self._rarity):
                some = slice(self._starts[number], self._starts[number + 1])
                documents.append(self._documents[some])
                strengths.append(weight * self._weights[some])
                counts.append(some.stop - some.start)
                weights.append(weight)
        if not documents:
            nothing = np.zeros(self.size, np.float32)
            return nothing, nothing.copy(), total
        # One count over all postings: adding them term by term touches every document's place again and again.
        where = np.concatenate(documents)
        strength = np.bincount(where, np.concatenate(strengths), self.size).astype(np.float32)
        share = np.bincount(where, np.repeat(weights, counts), self.size).astype(np.float32)
        return strength, share, total

    def _weight_of(self, number: int) -> float:
        return float(self._rarity[number]) if 0 <= number < len(self._rarity) else self._unknown


def _joined(some: Sequence[NDArray[Any]], into: NDArray[Any]) -> NDArray[Any]:
    """One after another, a few at a time: in one go, numpy would keep other threads waiting."""
    at = 0
    for first in range(0, len(some), _AT_ONCE):
        part = np.concatenate(some[first : first + _AT_ONCE])
        into[at : at + len(part)] = part
        at += len(part)
        give_way()
    return into


def _ascending(terms: Ints) -> Ints:
    """The places of these numbers (0 to 2^31) in ascending order, equal ones as they stand. Each with its place in one
    number is sorted several times faster than by np.argsort, and lets other threads go on."""
    packed = (terms << 32) | np.arange(len(terms))
    packed.sort()
    return packed & 0xFFFFFFFF


def letters_of(concepts: Sequence[Concept]) -> list[tuple[list[str], list[list[str]]]]:
    """A question's concepts as letters in fours."""
    return [
        (
            [g for word in c.words for g in grams(word)],
            [[g for word in other for g in grams(word)] for other in c.instead],
        )
        for c in concepts
    ]


def stems_of(concepts: Sequence[Concept]) -> list[tuple[list[str], list[list[str]]]]:
    """A question's concepts as stemmed words."""
    return [([stem(w) for w in c.words], [[stem(w) for w in other] for other in c.instead]) for c in concepts]
