"""What of a vector is only the language it is written in, and vectors without it.

A multilingual encoder puts the texts of one language near each other, so a Ukrainian question lies nearer to every
other Ukrainian text than to its German answer. The mean of a language's sentences is taken from its vectors: what is
left is what they say. (Libovický, Rosa, Fraser 2020, "On the Language Neutrality of Pre-trained Multilingual
Representations", section 4.) The same sentences in all languages stand in sentences.yml, so that the means differ by
nothing but the language.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faq.courtesy import give_way
from faq.encoder import Encoder, Vectors
from faq.retrieval.thesaurus import thesaurus
from faq.vectors import VectorCache
from nlu.data import read_data

Floats = NDArray[np.float32]

_LEAST = 1e-6  # keeps a vector that is nothing but its language from being divided by nothing
# The weight of the office's words beside a question that names nothing else; measured, see docs/decisions/12-*.
_MIXED = 0.7
_AT_ONCE = 1000  # vectors handled in one step
_SHARPNESS = 40.0  # how soon a question that lies between two languages is taken for the nearer one's


class Tongues:
    """The languages' means under one encoder, and the vectors of the thesaurus' phrases. Immutable."""

    def __init__(self, encoder: Encoder, cache: VectorCache) -> None:
        every = sentences()
        self._names = tuple(every)
        flat = [sentence for some in every.values() for sentence in some]
        shape = (len(every), -1, encoder.dimensions)
        self._asked = cache.queries(encoder, flat).reshape(shape).mean(axis=1)
        self._told = cache.passages(encoder, flat).reshape(shape).mean(axis=1)
        self._sentences = len(flat) // len(every)
        self._places = {phrase: place for place, phrase in enumerate(thesaurus().phrases)}
        self._phrases = cache.queries(encoder, tuple(self._places)) - self._asked[self._names.index("de")]
        self._middle = self._asked.mean(axis=0)
        self._directions = unit(self._asked - self._middle)

    def question(self, vector: Vectors, phrases: Sequence[Sequence[str]] = ()) -> Vectors:
        """A question's vector (dimensions,) without the language that it is nearest to; nobody has to say which.

        `phrases`: for each thing the question names, what offices call it, if that is known. Their vectors are mixed
        in, by the square of the share of things that have any: encoders know the office's words better than "Perso",
        and a long question better by itself.
        """
        likeness = self._directions @ unit(vector - self._middle)
        plain = unit(vector - self._asked[int(np.argmax(likeness))])
        known = [[self._places[one] for one in some if one in self._places] for some in phrases]
        meant = [self._phrases[some].mean(axis=0) for some in known if some]
        if not meant:
            return plain
        return unit(plain + np.float32(_MIXED * (len(meant) / len(phrases)) ** 2) * unit(np.mean(meant, axis=0)))

    def shares(self, vector: Vectors) -> dict[str, float]:
        """How likely the question is in each language, by its vector alone; sums to one."""
        likeness = self._directions @ unit(vector - self._middle)
        raised = np.exp(_SHARPNESS * (likeness - likeness.max()))
        return dict(zip(self._names, (raised / raised.sum()).tolist(), strict=True))

    def wordings(self, vectors: Vectors, languages: Sequence[str]) -> Vectors:
        """The corpus' wordings (encoded as questions), each without its language's mean."""
        return self._without(vectors, languages, self._asked)

    def passages(self, vectors: Vectors, languages: Sequence[str]) -> Vectors:
        """The same for titles, passages and pages."""
        return self._without(vectors, languages, self._told)

    def _without(self, vectors: Vectors, languages: Sequence[str], usual: Floats) -> Vectors:
        """The mean is the corpus' own; while that is small, our sentences stand in for what it will be."""
        plain = np.empty_like(vectors)
        spoken = np.array(languages, dtype=object)
        for language in sorted(set(languages)):
            rows = np.flatnonzero(spoken == language)
            parts = [rows[at : at + _AT_ONCE] for at in range(0, len(rows), _AT_ONCE)]
            total = np.sum([vectors[some].sum(axis=0) for some in parts], axis=0)
            known = usual[self._names.index(language)] if language in self._names else usual.mean(axis=0)
            mean = ((total + self._sentences * known) / (len(rows) + self._sentences)).astype(np.float32)
            for some in parts:  # in one go, numpy would keep other threads waiting
                plain[some] = unit(vectors[some] - mean)
                give_way()
        return plain


def unit(vectors: Floats) -> Floats:
    """Vectors, or one, made as long as 1."""
    scaled: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), _LEAST)
    return scaled


@cache
def sentences() -> dict[str, tuple[str, ...]]:
    """The sentences of each language, in the same order."""
    plain = read_data(Path(__file__).with_name("sentences.yml"))
    return {language: tuple(some) for language, some in plain.items()}


_made: dict[tuple[str, int], Tongues] = {}


def tongues_of(encoder: Encoder, cache: VectorCache) -> Tongues:
    """Made once an encoder: its name changes when its vectors would."""
    key = (encoder.name, encoder.dimensions)
    if key not in _made:
        _made[key] = Tongues(encoder, cache)
    return _made[key]
