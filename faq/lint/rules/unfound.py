"""Entries that their own question does not find: another one stands before them."""

from collections.abc import Iterator

import numpy as np

from faq.lint.corpus import Corpus
from faq.lint.finding import Finding, Level, SideBySide
from faq.lint.near import near_pairs
from faq.retrieval.fusion import WORDS_ONLY, best_documents, shipped

NAME = "unfound"
SUSPECT = 0.6  # share of letters in fours that a title must share with another's wording to be worth a search


def whole(corpus: Corpus) -> Iterator[Finding]:
    """The title is asked of the index, which must not know it word for word. A search takes milliseconds times the
    corpus: only titles that stand near another entry's words are asked, for no other can lose."""
    titles = {r.entry: r.texts["de"].question for r in corpus.revisions if "de" in r.texts}
    others = [(r.entry, wording) for r in corpus.revisions if "de" in r.texts for wording in r.texts["de"].variants]
    owners = [*titles, *(entry for entry, _ in others)]
    texts = [*titles.values(), *(wording for _, wording in others)]
    suspects: set[str] = set()
    for a, b in near_pairs(texts, SUSPECT, len(titles)):
        if owners[a] != owners[b]:
            suspects |= {owners[place] for place in (a, b) if place < len(titles)}
    for entry in sorted(suspects):
        winner = _winner(corpus, titles[entry])
        if winner != entry and not corpus.on_one_matter(entry, winner):
            values = {"question": titles[entry], "winner": corpus.by_entry[winner].text("de").question}
            fixes = (SideBySide(entry, winner),)
            yield Finding(NAME, Level.WARNING, (entry, winner), "unfound", fixes, values)


def _winner(corpus: Corpus, question: str) -> str:
    """By weights alone: a search would know its own title, and put it first whatever else says."""
    index = corpus.index
    signals = index.signals(question)
    scores = shipped(WORDS_ONLY).score(signals.values)
    best = best_documents(scores, signals.owner)
    return index.revisions[int(np.argmax(scores[best]))].entry
