"""Matching by meaning: the question's vector against wordings, titles and passages, each entry by its best."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from faq.encoder import Encoder, Vectors
from faq.retrieval.documents import Document
from faq.vectors import VectorCache

Floats = NDArray[np.float32]

# Encoders put all texts into a narrow cone: what lies below says nothing. Cosines are stretched from here to one.
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
        titles = [document.wordings[0] for document in documents]
        wordings = [wording for document in documents for wording in document.wordings]
        passages = [passage for document in documents for passage in document.passages]
        self.encoder = encoder
        self._titles = cache.passages(encoder, titles, lambda share: progress(0.1 * share))
        self._wordings = cache.queries(encoder, wordings, lambda share: progress(0.1 + 0.3 * share))
        self._passages = cache.passages(encoder, passages, lambda share: progress(0.4 + 0.6 * share))
        self._wording_starts = _starts(len(document.wordings) for document in documents)
        self._passage_starts = _starts(len(document.passages) for document in documents)

    def match(self, question: Vectors) -> dict[str, Floats]:
        """Per document, for one question's vector: likeness to its wordings, its title and its passages."""
        return {
            "wording": _stretched(np.maximum.reduceat(self._wordings @ question, self._wording_starts)),
            "title": _stretched(self._titles @ question),
            "passage": _stretched(np.maximum.reduceat(self._passages @ question, self._passage_starts)),
        }


def _starts(counts: Iterable[int]) -> NDArray[np.int64]:
    sizes = np.array(list(counts), np.int64)
    return np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)


def _stretched(cosines: Floats) -> Floats:
    stretched: Floats = np.clip((cosines - _FLOOR) / (1 - _FLOOR), -1, 1).astype(np.float32)
    return stretched
