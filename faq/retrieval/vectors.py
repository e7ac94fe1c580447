"""Matching by meaning: a question's vector against wordings, titles, passages and whole pages, each entry by its best.

Each is compared without the language it is written in (see tongues.py); passages also as they are, which knows
better how near a German question lies to a German answer.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from faq.encoder import Encoder, Vectors
from faq.retrieval.documents import Document
from faq.retrieval.tongues import Tongues
from faq.vectors import VectorCache

Floats = NDArray[np.float32]

# Encoders put all texts into a narrow cone: what lies below says nothing. Raw cosines are stretched from here to one.
_FLOOR = 0.7


class Meaning:
    """The vectors of some documents, in their order."""

    def __init__(
        self,
        documents: Sequence[Document],
        encoder: Encoder,
        cache: VectorCache,
        progress: Callable[[float], None] = lambda share: None,
    ) -> None:
        languages = [document.language for document in documents]
        wordings = [wording for document in documents for wording in document.wordings]
        passages = [passage for document in documents for passage in document.passages]
        self.encoder = encoder
        self._tongues = tongues = Tongues(encoder, cache)
        titles = cache.passages(encoder, [d.wordings[0] for d in documents], lambda share: progress(0.1 * share))
        asked = cache.queries(encoder, wordings, lambda share: progress(0.1 + 0.2 * share))
        told = cache.passages(encoder, passages, lambda share: progress(0.3 + 0.4 * share))
        pages = cache.passages(encoder, [d.page for d in documents], lambda share: progress(0.7 + 0.3 * share))
        self._titles = tongues.passages(titles, languages)
        self._pages = tongues.passages(pages, languages)
        self._wordings = tongues.wordings(asked, np.repeat(languages, [len(d.wordings) for d in documents]).tolist())
        self._passages = tongues.passages(told, np.repeat(languages, [len(d.passages) for d in documents]).tolist())
        self._raw_passages = told
        self._wording_starts = _starts(len(document.wordings) for document in documents)
        self._passage_starts = _starts(len(document.passages) for document in documents)

    def match(self, vector: Vectors) -> dict[str, Floats]:
        """Per document, for one question's vector: likeness to its wordings, title, passages and page."""
        question = self._tongues.question(vector)
        return {
            "wording": np.maximum.reduceat(self._wordings @ question, self._wording_starts),
            "title": self._titles @ question,
            "passage": np.maximum.reduceat(self._passages @ question, self._passage_starts),
            "page": self._pages @ question,
            "raw_passage": _stretched(np.maximum.reduceat(self._raw_passages @ vector, self._passage_starts)),
        }

    def languages(self, vector: Vectors) -> dict[str, float]:
        """How likely the question is in each language that is known."""
        return self._tongues.shares(vector)


def _starts(counts: Iterable[int]) -> NDArray[np.int64]:
    sizes = np.array(list(counts), np.int64)
    return np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)


def _stretched(cosines: Floats) -> Floats:
    stretched: Floats = np.clip((cosines - _FLOOR) / (1 - _FLOOR), -1, 1).astype(np.float32)
    return stretched
