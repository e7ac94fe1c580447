"""Entries as they are read for an index: once, however many indexes follow in which they say the same."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from faq.courtesy import courteous
from faq.entry import Revision
from faq.retrieval.documents import Document, documents_of
from faq.retrieval.text import fold, letters_in
from faq.retrieval.words import Bag, Vocabulary

Vocabularies = tuple[Vocabulary, Vocabulary]
"""Of letters in fours, and of stems."""


@dataclass(frozen=True)
class Read:
    """A document with its words counted; `said` are its wordings, folded."""

    document: Document
    letters: Bag
    stems: Bag
    wordings: tuple[Bag, ...]
    said: tuple[str, ...]


def read(revision: Revision, vocabularies: Vocabularies, before: Sequence[Read] = ()) -> tuple[Read, ...]:
    """`before`: as the entry was; what of it says the same (another office, say) is not counted anew."""
    letters, stems = vocabularies
    found: list[Read] = []
    for document in documents_of(revision):
        if known := same(before, document):
            found.append(replace(known, document=replace(known.document, revision=revision)))
            continue
        in_fours, stemmed = document.counted()
        wordings = tuple(letters.add(Counter(letters_in(wording))) for wording in document.wordings)
        told = tuple(fold(wording).strip(" .!?") for wording in document.wordings)
        found.append(Read(document, letters.add(in_fours), stems.add(stemmed), wordings, told))
    return tuple(found)


def same(before: Sequence[Read], document: Document) -> Read | None:
    """The one that says the same in the same language."""
    told = (document.language, document.wordings, document.body)
    reads = (one for one in before if (one.document.language, one.document.wordings, one.document.body) == told)
    return next(reads, None)


def said(entries: Sequence[Sequence[Read]]) -> Mapping[str, int | None]:
    """Every wording, folded, with the place of its entry; None where two entries share it."""
    found: dict[str, int | None] = {}
    for place, reads in enumerate(courteous(entries)):
        for key in (key for one in reads for key in one.said):
            found[key] = place if found.get(key, place) == place else None
    found.pop("", None)
    return found
