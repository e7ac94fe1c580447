"""Matching by meaning: a question's vector against wordings, titles, passages and whole pages, each entry by its best.

Each is compared without the language it is written in (see tongues.py); passages also as they are, which knows
better how near a German question lies to a German answer.
"""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from faq.encoder import Encoder, Vectors
from faq.retrieval.documents import Document
from faq.retrieval.encoded import Encoded, encoded
from faq.retrieval.groups import Centres, Groups
from faq.retrieval.learned import Lessons, remembered
from faq.retrieval.thesaurus import Concept
from faq.retrieval.tongues import tongues_of
from faq.vectors import VectorCache

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

# Encoders put all texts into a narrow cone: what lies below says nothing. Raw cosines are stretched from here to one.
_FLOOR = 0.7
# So many vectors are compared one by one in three milliseconds. In a larger corpus, the centres of all documents are
# compared and then, vector by vector, the documents that are likeliest by their centre or by their letters.
_EXACT = 24_000
_BY_MEANING, _BY_WORDS = 96, 48


class Meaning:
    """The vectors of some documents, in their order."""

    def __init__(
        self,
        documents: Sequence[Document],
        encoder: Encoder,
        cache: VectorCache,
        progress: Callable[[float], None] = lambda share: None,
        before: "Meaning | None" = None,
    ) -> None:
        """`before`: that of the corpus as it was, by the same encoder. Its documents' vectors are taken over, and its
        lessons if no wording changed."""
        self.encoder = encoder
        self._tongues = tongues = tongues_of(encoder, cache)
        self._encoded: Encoded = encoded(documents, encoder, cache, progress, before._encoded if before else None)
        raw = self._encoded
        languages = [document.language for document in documents]
        one, asked, many = [1] * len(documents), raw.wordings.sizes, raw.passages.sizes
        asked_in, told_in = (np.repeat(languages, sizes).tolist() for sizes in (asked, many))
        self._plain = {
            "wording": Groups(tongues.wordings(raw.wordings.vectors, asked_in), asked),
            "title": Groups(tongues.passages(raw.titles.vectors, languages), one),
            "passage": Groups(tongues.passages(raw.passages.vectors, told_in), many),
            "page": Groups(tongues.passages(raw.pages.vectors, languages), one),
        }
        self._raw = {"raw_passage": Groups(raw.passages.vectors, many)}
        lessons = before.lessons if before else None
        self.lessons: Lessons = Lessons(documents, self._plain["wording"].vectors, lessons, remembered(cache))
        large = sum(len(groups.vectors) for groups in (*self._plain.values(), *self._raw.values())) > _EXACT
        self._centres = Centres([groups.sums() for groups in self._plain.values()]) if large else None

    def of(self, documents: Sequence[Document]) -> "Meaning | None":
        """The same for documents that say the very same (objects) for the same entries, in that order; else None."""
        if not self._encoded.says(documents):
            return None
        found = copy(self)
        found._encoded = replace(self._encoded, documents=documents)
        return found

    def match(self, vector: Vectors, concepts: Sequence[Concept], words: Floats) -> dict[str, Floats]:
        """Per document, for one question's vector: likeness to its wordings, title, passages and page, and what
        all wordings together teach. `concepts` is what it names; `words` is what letters say, which helps in a large
        corpus to choose the documents that are looked at closely."""
        question = self._tongues.question(vector, [concept.phrases for concept in concepts])
        asked = [(name, groups, question) for name, groups in self._plain.items()]
        asked += [(name, groups, vector) for name, groups in self._raw.items()]
        if self._centres is None:
            found = {name: groups.best(against) for name, groups, against in asked}
        else:
            centres = self._centres.likeness(question)
            near = np.union1d(_largest(centres, _BY_MEANING), _largest(words, _BY_WORDS))
            found = {name: _spread(groups.best_of(near, against), near, centres) for name, groups, against in asked}
        found |= {name: _stretched(found[name]) for name in self._raw}
        return found | {"learned": self.lessons.likeness(question)}

    def languages(self, vector: Vectors) -> dict[str, float]:
        """How likely the question is in each language that is known."""
        return self._tongues.shares(vector)


def _largest(values: Floats, count: int) -> Ints:
    return np.argpartition(values, -count)[-count:] if count < len(values) else np.arange(len(values))


def _spread(exact: Floats, near: Ints, centres: Floats) -> Floats:
    """What was compared, and for all others their centre's likeness, moved by what the two differ by as a rule."""
    every: Floats = centres + np.float32((exact - centres[near]).mean())
    every[near] = exact
    return every


def _stretched(cosines: Floats) -> Floats:
    stretched: Floats = np.clip((cosines - _FLOOR) / (1 - _FLOOR), -1, 1).astype(np.float32)
    return stretched
