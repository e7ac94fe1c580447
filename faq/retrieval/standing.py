"""Where an expected entry stands for a question, however far behind, beside the one that won; and what it lacks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from faq.entry import Revision
from faq.retrieval.documents import documents_of
from faq.retrieval.fusion import FULL, WORDS_ONLY, best_documents, shipped
from faq.retrieval.index import Index
from faq.retrieval.text import fold, stem, words
from faq.retrieval.thesaurus import thesaurus

_PART = 4  # letters from which a word is recognised inside of a longer one, as the search's letters do


@dataclass(frozen=True)
class Standing:
    """`place` counts from 1 among the `of` entries that are valid on the day. `ratio` is its score as a share of the
    winner's. `signals` are what each signal adds to its rank (weight times value), `winner_signals` the same of the
    first one.

    `unsaid`: the question's words that stand nowhere in the entry; `unworded`: that stand in its answer only.
    `verbatim`: the winner has the very question as a wording, which wins whatever else speaks.
    """

    entry: str
    place: int
    of: int
    ratio: float
    signals: Mapping[str, float]
    winner: str
    winner_signals: Mapping[str, float]
    unsaid: tuple[str, ...]
    unworded: tuple[str, ...]
    verbatim: bool


def standing(index: Index, query: str, language: str, entry: str, today: date) -> Standing | None:
    """None where the index does not hold it, or it is not valid on that day. Costs one more search."""
    valid = [place for place, revision in enumerate(index.revisions) if revision.valid_on(today)]
    wanted = next((place for place in valid if index.revisions[place].entry == entry), None)
    search = index.search(query, language, 1, today)
    if wanted is None or not search.matches:
        return None
    signals = index.signals(query, language)
    kind = shipped(WORDS_ONLY if signals.words_only else FULL)
    scores = kind.score(signals.values)
    best = best_documents(scores, signals.owner)
    winner = search.matches[0]
    first = next(place for place in valid if index.revisions[place].entry == winner.revision.entry)
    verbatim = bool(search.evidence.get("verbatim"))
    own = float(scores[best[wanted]])
    behind = own - float(scores[best[first]])
    # Equal ones stand in the index's order, as a search has them.
    ahead = [place for place in valid if (-float(scores[best[place]]), place) < (-own, wanted)]
    if first != wanted and first not in ahead:
        ahead.append(first)  # by its own words, before all others

    def shares(document: int) -> dict[str, float]:
        added = {name: kind.weights[name] * float(signals.values[name][document]) for name in kind.weights}
        return {name: round(value, 4) for name, value in added.items()}

    revision = index.revisions[wanted]
    unsaid, unworded = _lacking(revision, query, language)
    place = 1 if first == wanted else len(ahead) + 1
    # Who stands behind a verbatim winner may have more signals than it, and is no surer for that.
    ratio = float(np.exp(min(0.0, behind)))
    return Standing(
        entry,
        place,
        len(valid),
        ratio,
        shares(int(best[wanted])),
        winner.revision.entry,
        shares(int(best[first])),
        unsaid,
        unworded,
        verbatim and first != wanted,
    )


def _lacking(revision: Revision, query: str, language: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The question's words that the entry does not hold at all, and those that only its answer holds."""
    documents = list(documents_of(revision))
    worded = _Held(" ".join(wording for document in documents for wording in document.wordings))
    told = _Held(" ".join(document.body for document in documents))
    unsaid: list[str] = []
    unworded: list[str] = []
    for concept in thesaurus().concepts(query, language):
        meant = (concept.words, *concept.instead)
        if any(map(worded.holds, meant)):
            continue
        (unworded if any(map(told.holds, meant)) else unsaid).append(_as_asked(concept.words, query))
    return tuple(unsaid), tuple(unworded)


class _Held:
    def __init__(self, text: str) -> None:
        every = set(words(text))
        self._stems = {stem(word) for word in every}
        self._letters = " ".join(every)

    def holds(self, phrase: tuple[str, ...]) -> bool:
        return all(stem(w) in self._stems or (len(w) >= _PART and stem(w) in self._letters) for w in phrase)


def _as_asked(folded: tuple[str, ...], query: str) -> str:
    """The words as they stand in the question."""
    spelt = {fold(word): word for word in query.replace("?", " ").replace("!", " ").replace(",", " ").split()}
    return " ".join(spelt.get(word, word) for word in folded)
