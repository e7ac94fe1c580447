"""How a text is spelt, as tf-idf of words and of letters; and a linear classifier over that and a sentence vector.

Learning is scikit-learn's. What was learned are arrays, and applying them to one text is a few lookups: a tenth of
what scikit-learn's general sparse matrices take for a single row. Run in Rasa's Python; no Rasa is needed to import it.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_WORD = re.compile(r"\b\w+\b|[^\w\s]")
_SPACES = re.compile(r"\s+")
_MANY = 1000  # texts, from which on a term of one text alone is left out: the same accuracy, a third of the work
_SHORTEST, _LONGEST = 2, 5  # letters of a fragment; fragments of a word, its edges included, never across words


def fold(text: str) -> str:
    """The spellings of one word made one: "Öffnungszeiten" and "oeffnungszeiten"."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_UMLAUTS)
    return _SPACES.sub(" ", plain).strip()


def words(text: str) -> list[str]:
    """Single words and pairs of neighbours of a folded text; punctuation and emoji count as words."""
    single = _WORD.findall(text)
    return single + [f"{left} {right}" for left, right in pairwise(single)]


def letters(text: str) -> list[str]:
    """Fragments of the words of a folded text."""
    return list(_fragments(text))


def _fragments(text: str) -> Iterator[str]:
    for word in text.split():
        edged = f" {word} "
        for size in range(_SHORTEST, min(_LONGEST, len(edged)) + 1):
            for at in range(len(edged) - size + 1):
                yield edged[at : at + size]


@dataclass(frozen=True)
class Vocabulary:
    """Terms and how telling each is; `first` is the row of the first one in the classifier's table."""

    rows: dict[str, int]
    rarity: np.ndarray  # float32 (terms,)
    first: int

    def weigh(self, terms: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """(rows in the table, weights) of the known terms; the weights' length is one."""
        counted = [(self.rows[term], count) for term, count in Counter(terms).items() if term in self.rows]
        rows = np.array([row for row, _ in counted], dtype=np.intp)
        weights = np.array([1.0 + math.log(count) for _, count in counted], dtype=np.float32) * self.rarity[rows]
        return rows + self.first, weights / max(float(np.linalg.norm(weights)), 1e-6)


@dataclass(frozen=True)
class Classifier:
    """`table` float32 (word terms + letter terms + width of the vector, intents), `bias` and `labels` by intent."""

    words: Vocabulary
    letters: Vocabulary
    table: np.ndarray
    bias: np.ndarray
    labels: Sequence[str]

    def chances(self, text: str, vector: np.ndarray) -> np.ndarray:
        """The probability of each label, for a text and its sentence vector (empty: by spelling alone)."""
        folded = fold(text)
        scores = self.bias.copy()
        for vocabulary, terms in ((self.words, words(folded)), (self.letters, letters(folded))):
            rows, weights = vocabulary.weigh(terms)
            scores += weights @ self.table[rows]
        if len(vector):
            scores += vector @ self.table[-len(vector) :]
        grown = np.exp(scores - scores.max())
        return grown / grown.sum()

    def save(self, path: Path) -> None:
        """As arrays in one file: no pickled object, so that loading it runs no code."""
        terms = {name: np.array(list(getattr(self, name).rows), dtype=str) for name in ("words", "letters")}
        np.savez_compressed(
            path,
            table=self.table,
            bias=self.bias,
            labels=np.array(self.labels, dtype=str),
            words_rarity=self.words.rarity,
            letters_rarity=self.letters.rarity,
            **terms,
        )

    @classmethod
    def load(cls, path: Path) -> "Classifier":
        """What `save` wrote."""
        with np.load(path, allow_pickle=False) as kept:
            known = {name: {term: row for row, term in enumerate(kept[name].tolist())} for name in ("words", "letters")}
            return cls(
                Vocabulary(known["words"], kept["words_rarity"], 0),
                Vocabulary(known["letters"], kept["letters_rarity"], len(known["words"])),
                kept["table"],
                kept["bias"],
                kept["labels"].tolist(),
            )


def centred(vectors: np.ndarray, centre: np.ndarray, weight: float) -> np.ndarray:
    """Float32 (texts, width): where each vector differs from the centre, of length `weight`."""
    shifted = vectors - centre
    length = np.linalg.norm(shifted, axis=1, keepdims=True)
    return np.asarray(weight * shifted / np.maximum(length, 1e-6), dtype=np.float32)


def weight(labels: Sequence[str], meaning: float, few: int) -> float:
    """The weight of the sentence vector beside the spelling: twice `meaning` while an intent has, in the median, fewer
    than `few` examples. With 10 to 25 examples spelling has not seen enough words (docs/decisions/13)."""
    return float(meaning) * (2 if median(Counter(labels).values()) < few else 1)


def learn(texts: Sequence[str], labels: Sequence[str], vectors: np.ndarray, C: float, max_iter: int) -> Classifier:
    """Fits a logistic regression; `vectors` float32 (texts, width), width 0 for spelling alone."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.linear_model import LogisticRegression

    folded = [fold(text) for text in texts]
    least = 2 if len(texts) >= _MANY else 1
    by_words, by_letters = _counter(words, least), _counter(letters, least)
    parts = [by_words.fit_transform(folded), by_letters.fit_transform(folded), csr_matrix(vectors)]
    fitted = LogisticRegression(C=C, class_weight="balanced", max_iter=max_iter, tol=1e-2, random_state=42)
    fitted.fit(csr_matrix(hstack(parts)), labels)
    weights, bias = fitted.coef_, fitted.intercept_
    if len(fitted.classes_) == 2:  # scikit-learn keeps the second one's scores only, as odds against the first
        weights, bias = np.vstack([0 * weights, weights]), np.append(0 * bias, bias)
    first, second = _vocabulary(by_words, 0), _vocabulary(by_letters, len(by_words.vocabulary_))
    return Classifier(
        first,
        second,
        np.ascontiguousarray(weights.T, dtype=np.float32),
        bias.astype(np.float32),
        [str(label) for label in fitted.classes_],
    )


def _counter(terms: Any, least: int) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(sublinear_tf=True, analyzer=terms, min_df=least, dtype=np.float32)


def _vocabulary(counter: Any, first: int) -> Vocabulary:
    ordered = sorted(counter.vocabulary_.items(), key=lambda pair: pair[1])
    return Vocabulary({term: int(row) for term, row in ordered}, counter.idf_.astype(np.float32), first)
