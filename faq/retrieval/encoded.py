"""The vectors of documents as the encoder made them, kept with an index: the next one encodes what is new, and takes
the rest over without looking for each text in the cache on disk."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faq.courtesy import courteous, give_way
from faq.encoder import Encoder, Vectors
from faq.retrieval.documents import Document
from faq.vectors import VectorCache

Ints = NDArray[np.int64]
_AT_ONCE = 2000  # vectors copied in one step: in one go, numpy would keep other threads waiting


@dataclass(frozen=True)
class Rows:
    """`vectors` is (vectors, dimensions), the documents' rows one after another; `sizes` how many each has."""

    vectors: Vectors
    sizes: Ints


@dataclass(frozen=True)
class Encoded:
    """Of these documents, in their order."""

    documents: Sequence[Document]
    titles: Rows
    wordings: Rows
    passages: Rows
    pages: Rows

    def says(self, documents: Sequence[Document]) -> bool:
        """Do these say the very same (objects), for the same entries?"""
        return len(documents) == len(self.documents) and all(
            _said(old) == _said(new) and old.revision.entry == new.revision.entry
            for old, new in zip(self.documents, courteous(documents), strict=True)
        )


def encoded(
    documents: Sequence[Document],
    encoder: Encoder,
    cache: VectorCache,
    progress: Callable[[float], None] = lambda share: None,
    before: Encoded | None = None,
) -> Encoded:
    """The vectors of all titles, wordings, passages and pages. What says the very same (objects) as one in `before` is
    taken from there; it must be by the same encoder."""
    known = {_said(document): place for place, document in enumerate(courteous(before.documents))} if before else {}
    fresh = _made([d for d in courteous(documents) if _said(d) not in known], encoder, cache, progress)
    if before is None or not known:
        return Encoded(documents, *fresh)
    new = iter(range(len(documents)))
    places = [known[_said(d)] if _said(d) in known else -1 - next(new) for d in courteous(documents)]
    olds = (before.titles, before.wordings, before.passages, before.pages)
    return Encoded(documents, *(_together(old, add, places) for old, add in zip(olds, fresh, strict=True)))


def _said(document: Document) -> tuple[int, int]:
    """What tells a document whose vectors are known, without reading it again: nothing but its texts makes them."""
    return id(document.wordings), id(document.body)


def _made(
    documents: Sequence[Document], encoder: Encoder, cache: VectorCache, progress: Callable[[float], None]
) -> tuple[Rows, Rows, Rows, Rows]:
    wordings = [wording for document in documents for wording in document.wordings]
    several = [document.passages for document in documents]
    passages = [passage for some in several for passage in some]
    one = np.ones(len(documents), np.int64)
    return (
        Rows(cache.passages(encoder, [d.wordings[0] for d in documents], lambda x: progress(0.1 * x)), one),
        Rows(
            cache.queries(encoder, wordings, lambda x: progress(0.1 + 0.2 * x)), _sizes(d.wordings for d in documents)
        ),
        Rows(cache.passages(encoder, passages, lambda x: progress(0.3 + 0.4 * x)), _sizes(several)),
        Rows(cache.passages(encoder, [d.page for d in documents], lambda x: progress(0.7 + 0.3 * x)), one),
    )


def _together(old: Rows, new: Rows, places: Sequence[int]) -> Rows:
    """The rows of the documents at these places: from 0 those of `old`, from -1 downwards those of `new`."""
    starts = {True: _starts(old.sizes), False: _starts(new.sizes)}
    wanted = [old.sizes[at] if at >= 0 else new.sizes[-1 - at] for at in courteous(places)]
    sizes = np.array(wanted, np.int64)
    vectors = np.empty((int(sizes.sum()), old.vectors.shape[1]), np.float32)
    at = 0
    for is_old, first, last in _runs(places):
        source = old.vectors if is_old else new.vectors
        begin, end = int(starts[is_old][first]), int(starts[is_old][last + 1])
        for row in range(begin, end, _AT_ONCE):
            some = source[row : min(row + _AT_ONCE, end)]
            vectors[at : at + len(some)] = some
            at += len(some)
            give_way()
    return Rows(vectors, sizes)


def _runs(places: Sequence[int]) -> list[tuple[bool, int, int]]:
    """Stretches that lie one after another in the same source: (from the old one, first place, last place)."""
    runs: list[tuple[bool, int, int]] = []
    for place in courteous(places):
        is_old, where = place >= 0, place if place >= 0 else -1 - place
        if runs and runs[-1][0] == is_old and runs[-1][2] + 1 == where:
            runs[-1] = (is_old, runs[-1][1], where)
        else:
            runs.append((is_old, where, where))
    return runs


def _starts(sizes: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _sizes(groups: Iterable[Sequence[str]]) -> Ints:
    return np.array([len(some) for some in groups], np.int64)
