"""Texts that are nearly the same, found by their letters without comparing each with each.

Two texts are copies when at least NEAR of their character 4-grams (case, umlauts, accents and punctuation do not
count) are shared, Jaccard; when they are the same words in another order; when they share at least WHOLE words and
SAME of all; or when a question of at least WHOLE words stands in the learned text with at least HELD of its 4-grams.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faq.lint.fours import Codes, Fours
from nlu.text import words

NEAR = 0.75
SAME = 0.8
HELD = 0.95
WHOLE = 5
SHARED = 0.6  # of a question's 4-grams, at least, by every rule
RARE = 4
_BANDS, _ROWS = 12, 4
_CROWD = 50  # texts that all say the same are compared with so many that follow, not with all
_BLOCK = 10_000  # texts hashed in one step
_HALF = np.uint64(32)

Pairs = NDArray[np.int64]


@lru_cache(maxsize=1 << 18)  # each wording is asked for by three rules, and folding it is most of what they cost
def comparable(text: str) -> str:
    """What is left of a text when case, umlauts and punctuation do not count; itself where nothing would be."""
    return " ".join(words(text)) or text.strip()


class Learned:
    """Texts, arranged so that those which share rare 4-grams with a question are found without reading the rest."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = sorted({comparable(text) for text in texts})
        self._fours = Fours(self._texts)
        self._holding = self._fours.holding()
        self._orderless: dict[str, int] = {}
        for number, text in enumerate(self._texts):
            self._orderless.setdefault(_orderless(text), number)

    def __len__(self) -> int:
        return len(self._texts)

    def copied_by(self, question: str) -> str | None:
        """A learned text that the question is a near-copy of, if there is one."""
        plain = comparable(question)
        if (reordered := self._orderless.get(_orderless(plain))) is not None:
            return self._texts[reordered]
        codes = Fours([plain]).of(0)
        asked = frozenset(codes.tolist())
        for number in self._candidates(codes):
            if self._is_copy(plain, asked, number):
                return self._texts[number]
        return None

    def _candidates(self, asked: Codes) -> list[int]:
        """Whatever shares SHARED of these grams shares RARE of the rarest, for the others are too few."""
        least = ceil(SHARED * len(asked))
        wanted = min(RARE, least)
        holding = sorted((self._holding.of(code) for code in asked), key=len)
        rarest = holding[: len(asked) - least + wanted]
        numbers, times = np.unique(np.concatenate(rarest), return_counts=True)
        found: list[int] = numbers[times >= wanted].tolist()
        return found

    def _is_copy(self, plain: str, asked: frozenset[int], number: int) -> bool:
        held = self._fours.of(number).tolist()
        if len(held) < SHARED * len(asked) or (both := len(asked.intersection(held))) < SHARED * len(asked):
            return False
        if both >= NEAR * (len(asked) + len(held) - both):
            return True
        here, there = set(plain.split()), set(self._texts[number].split())
        if len(here & there) >= WHOLE and len(here & there) >= SAME * len(here | there):
            return True
        return len(plain.split()) >= WHOLE and both >= HELD * len(asked)


def _orderless(plain: str) -> str:
    return " ".join(sorted(plain.split()))


def near_pairs(texts: Sequence[str], near: float, first: int | None = None) -> Iterator[tuple[int, int]]:
    """Places of texts that share at least that much of their character 4-grams (Jaccard), each pair once; with `first`
    only pairs one of which is among so many first texts.

    By MinHash with bands (Broder 1997; Indyk and Motwani 1998): only texts that agree in all hashes of a band are
    compared, which of two that share 0.75 happens in 99 of 100 cases, and of two that share a tenth in one of 800. So
    200,000 wordings take seconds, and the same texts always give the same pairs.
    """
    fours = Fours([comparable(text) for text in texts])
    pairs = _candidates(fours, len(texts) if first is None else first)
    ones, others = np.divmod(pairs, max(1, len(texts)))
    sizes = fours.sizes
    small, large = np.minimum(sizes[ones], sizes[others]), np.maximum(sizes[ones], sizes[others])
    likely = small >= near * large  # no two of other sizes share so much
    last, held = -1, frozenset[int]()
    for one, other in zip(ones[likely].tolist(), others[likely].tolist(), strict=True):
        if one != last:
            last, held = one, frozenset(fours.of(one).tolist())
        there = fours.of(other).tolist()
        both = len(held.intersection(there))
        if both >= near * (len(held) + len(there) - both):
            yield one, other


def _candidates(fours: Fours, first: int) -> Pairs:
    """Pairs that agree in a band, sorted and each once: one * number of texts + other, with one < other and < first."""
    found = np.zeros(0, np.int64)
    for key in _keys(fours):
        # Stable: of texts that agree, each stands behind those before it.
        order = np.argsort(key, kind="stable")
        ordered, agreeing = key[order], [found]
        for ahead in range(1, _CROWD + 1):
            same = np.flatnonzero(ordered[ahead:] == ordered[:-ahead])
            if not same.size:
                break
            one, other = order[same], order[same + ahead]
            agreeing.append((one * len(order) + other)[one < first])
        found = np.unique(np.concatenate(agreeing))
    return found


def _keys(fours: Fours) -> NDArray[np.uint64]:
    """A row for each band: of each text one number, the same for two texts whose smallest hashes are."""
    chance = np.random.default_rng(1997)
    turns = chance.integers(1 << 63, size=(_BANDS, _ROWS), dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    keys = np.zeros((_BANDS, len(fours)), np.uint64)
    for begin in range(0, len(fours), _BLOCK):
        codes, starts = fours.some(begin, begin + _BLOCK)
        for band in range(_BANDS):
            key = keys[band, begin : begin + _BLOCK]
            for row in range(_ROWS):
                key *= np.uint64(0x9E3779B97F4A7C15)
                key += np.minimum.reduceat(_hashed(codes, turns[band, row]), starts)
    return keys


def _hashed(codes: Codes, turn: Any) -> NDArray[np.uint64]:
    """Another order of these numbers for each odd `turn`: multiplied, and the upper half brought down."""
    found: NDArray[np.uint64] = codes * turn
    found ^= found >> _HALF
    found *= turn
    return found
