"""How likely a word's sequence of letters is in a language, counted in a list of its words."""

import math
from collections import Counter
from collections.abc import Iterable

_LONGEST = 4  # letters looked at together; longer sequences are whole words
_ALPHABET = 60  # letters that may follow where nothing is known: about what a script and its accents have


class Letters:
    """A letter model: each letter given up to three before it, word edges among them.

    Short sequences stand in for long ones that were never seen, weighted as by Witten and Bell (1991).
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._seen: Counter[str] = Counter()
        self._after: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        for word in words:
            for text, at in _places(word):
                for start in range(max(0, at - _LONGEST + 1), at + 1):
                    before, whole = text[start:at], text[start : at + 1]
                    self._kinds[before] += whole not in self._seen
                    self._seen[whole] += 1
                    self._after[before] += 1

    def log_chance(self, word: str) -> float:
        """The natural logarithm of the word's likelihood; below 0, lower for longer and stranger words."""
        return sum(math.log(self._chance(text, at)) for text, at in _places(word))

    def _chance(self, text: str, at: int) -> float:
        chance = 1 / _ALPHABET
        for start in range(at, max(0, at - _LONGEST + 1) - 1, -1):
            before = text[start:at]
            if not self._after[before]:
                break
            kinds = self._kinds[before]
            chance = (self._seen[text[start : at + 1]] + kinds * chance) / (self._after[before] + kinds)
        return chance


def _places(word: str) -> Iterable[tuple[str, int]]:
    text = f"^{word}$"
    return ((text, at) for at in range(1, len(text)))
