"""Texts that are nearly the same, found by their letters without comparing each with each.

Two texts are copies when at least NEAR of their character 4-grams (case, umlauts, accents and punctuation do not
count) are shared, Jaccard; when they are the same words in another order; when they share at least WHOLE words and
SAME of all; or when a question of at least WHOLE words stands in the learned text with at least HELD of its 4-grams.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from math import ceil

import numpy as np

from nlu.text import words

NEAR = 0.75
SAME = 0.8
HELD = 0.95
WHOLE = 5
SHARED = 0.6  # of a question's 4-grams, at least, by every rule
RARE = 4
_BANDS, _ROWS = 12, 4
_CROWD = 50  # texts that all say the same are compared with so many that follow, not with all


def comparable(text: str) -> str:
    """What is left of a text when case, umlauts and punctuation do not count; itself where nothing would be."""
    return " ".join(words(text)) or text.strip()


def grams(text: str) -> frozenset[str]:
    """The text's letters in fours, with its edges."""
    padded = f" {text} "
    return frozenset(padded[place : place + 4] for place in range(max(1, len(padded) - 3)))


class Learned:
    """Texts, arranged so that those which share rare 4-grams with a question are found without reading the rest."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = sorted({comparable(text) for text in texts})
        self._grams = [grams(text) for text in self._texts]
        self._often = Counter(chain.from_iterable(self._grams))
        self._holding: dict[str, list[int]] = defaultdict(list)
        for number, found in enumerate(self._grams):
            for gram in found:
                self._holding[gram].append(number)
        self._orderless: dict[tuple[str, ...], int] = {}
        for number, text in enumerate(self._texts):
            self._orderless.setdefault(tuple(sorted(text.split())), number)

    def __len__(self) -> int:
        return len(self._texts)

    def copied_by(self, question: str) -> str | None:
        """A learned text that the question is a near-copy of, if there is one."""
        plain = comparable(question)
        if (reordered := self._orderless.get(tuple(sorted(plain.split())))) is not None:
            return self._texts[reordered]
        asked = grams(plain)
        for number in self._candidates(asked):
            if self._is_copy(plain, asked, number):
                return self._texts[number]
        return None

    def _candidates(self, asked: frozenset[str]) -> list[int]:
        """Whatever shares SHARED of these grams shares RARE of the rarest, for the others are too few."""
        least = ceil(SHARED * len(asked))
        wanted = min(RARE, least)
        rarest = sorted(asked, key=self._often.__getitem__)[: len(asked) - least + wanted]
        hits = Counter(chain.from_iterable(self._holding.get(gram, ()) for gram in rarest))
        return [number for number, times in hits.items() if times >= wanted]

    def _is_copy(self, plain: str, asked: frozenset[str], number: int) -> bool:
        held = self._grams[number]
        if len(held) < SHARED * len(asked) or (both := len(asked & held)) < SHARED * len(asked):
            return False
        if both >= NEAR * (len(asked) + len(held) - both):
            return True
        here, there = set(plain.split()), set(self._texts[number].split())
        if len(here & there) >= WHOLE and len(here & there) >= SAME * len(here | there):
            return True
        return len(plain.split()) >= WHOLE and both >= HELD * len(asked)


def near_pairs(texts: Sequence[str], near: float, first: int | None = None) -> Iterator[tuple[int, int]]:
    """Places of texts that share at least that much of their character 4-grams (Jaccard), each pair once; with `first`
    only pairs one of which is among so many first texts.

    By MinHash with bands (Broder 1997; Indyk and Motwani 1998): only texts that agree in all hashes of a band are
    compared, which of two that share 0.75 happens in 99 of 100 cases, and of two that share a tenth in one of 800. So
    200,000 wordings take seconds, and the same texts always give the same pairs.
    """
    plain = [grams(comparable(text)) for text in texts]
    limit = len(texts) if first is None else first
    for one, other in sorted(_candidates(plain)):
        if one < limit:
            both = len(plain[one] & plain[other])
            if both >= near * (len(plain[one]) + len(plain[other]) - both):
                yield one, other


def _candidates(plain: Sequence[frozenset[str]]) -> set[tuple[int, int]]:
    if len(plain) < 2:
        return set()
    numbers: dict[str, int] = {}
    # Sorted: a set's order differs from run to run, and with it which hash a 4-gram gets.
    terms = np.array([numbers.setdefault(gram, len(numbers)) for some in plain for gram in sorted(some)])
    starts = np.concatenate([[0], np.cumsum([len(some) for some in plain])[:-1]])
    chance = np.random.default_rng(1997)
    found: set[tuple[int, int]] = set()
    for _ in range(_BANDS):
        key = np.zeros(len(plain), np.uint64)
        for _ in range(_ROWS):
            hashes = chance.integers(1 << 63, size=len(numbers), dtype=np.uint64)
            key = key * np.uint64(0x9E3779B97F4A7C15) + np.minimum.reduceat(hashes[terms], starts)
        order = np.argsort(key, kind="stable")
        for group in np.split(order, np.flatnonzero(np.diff(key[order])) + 1):
            some = [int(place) for place in group] if len(group) > 1 else []
            for place, one in enumerate(some):  # each sorts behind those before it, for the sort is stable
                found.update((one, other) for other in some[place + 1 : place + 1 + _CROWD])
    return found
