"""What a question says once what says nothing is left out; how a cluster is called. Pure."""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from faq.encoder import Vectors
from faq.retrieval.text import fold, stem, stop_words

NAMED_BY = 3  # words
SHORTEST = 3  # letters of a word that tells something
_MARK = re.compile(r"\[[A-Z][A-Z-]*\]")
_WORD = re.compile(r"[^\W\d_]+")


def bare(text: str) -> str:
    """Without the marks of what was masked: they are the same in questions about anything."""
    return " ".join(_MARK.sub(" ", text).split())


def says_something(text: str) -> bool:
    """Is there any word by which one could tell what it is about?"""
    return any(_tells(fold(word)) for word in _WORD.findall(bare(text)))


def telling(questions: Sequence[str], elsewhere: Counter[str], of: int) -> list[str]:
    """The words, as citizens wrote them, that at least two of the questions share and that tell these from others,
    at most NAMED_BY. `elsewhere` counts in how many of all `of` questions each stem stands (see `stems`)."""
    shared = Counter(one for question in questions for one in stems(question))
    spelt: dict[str, Counter[str]] = {}
    for question in questions:
        for word in _WORD.findall(bare(question)):
            spelt.setdefault(stem(fold(word)), Counter())[word] += 1

    def weight(one: str) -> float:
        return float(shared[one] / len(questions) * np.log1p(of / (1 + elsewhere[one])))

    best = sorted((one for one, n in shared.items() if n > 1), key=lambda one: (-weight(one), one))
    return [min(spelt[one], key=lambda w: (-spelt[one][w], w)) for one in best[:NAMED_BY]]


def stems(question: str) -> set[str]:
    """What a question is about, each word once, by its stem."""
    return {stem(word) for word in map(fold, _WORD.findall(bare(question))) if _tells(word)}


def typical(vectors: Vectors) -> int:
    """The row that is most like all others: of equals the first."""
    likeness = vectors @ vectors.sum(axis=0)
    return int(np.round(likeness, 5).argmax())


def _tells(word: str) -> bool:
    return len(word) >= SHORTEST and word not in stop_words() and len(set(word)) > 1
