"""Which known examples a text looks like: nearest neighbours by fragments of words, no model and no training run.

It reads the same examples.yml as Rasa and takes a quarter of a second a language to load, about a millisecond a text.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from nlu.examples import read_examples, unmarked
from nlu.phrases import Word, tokenise

_SIZES = (3, 4)
_NEIGHBOURS = 10
_SHARPNESS = 4  # a neighbour twice as near counts sixteen times
_RARE = 8.0  # weight of a fragment no example has: it makes every example less alike
_COMMON = 8  # fragments of more than one example in eight say little and cost most of the time
_ALIKE = 0.6  # from here on two texts say the same


class LookAlike:
    """Examples of one language, searched by their fragments."""

    def __init__(self, examples: Mapping[str, Sequence[str]]) -> None:
        told = [(intent, _fragments(tokenise(unmarked(line)))) for intent, lines in examples.items() for line in lines]
        seen = Counter(part for _, parts in told for part in parts)
        self._weights = {part: math.log((len(told) + 1) / (n + 1)) for part, n in seen.items()}
        self._intents = [intent for intent, _ in told]
        common = max(20, len(told) // _COMMON)
        self._index: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for at, (_, parts) in enumerate(told):
            for part, weight in self._vector(parts).items():
                if seen[part] <= common:
                    self._index[part].append((at, weight))

    def rank(self, found: Sequence[Word]) -> list[tuple[str, float]]:
        """(intent, confidence), best first. The confidence is the intent's share among the nearest examples,
        lessened where even the nearest is not very like the text."""
        alike: dict[int, float] = defaultdict(float)
        for part, weight in self._vector(_fragments(found)).items():
            for at, other in self._index.get(part, ()):
                alike[at] += weight * other
        nearest = sorted(alike.items(), key=lambda pair: (-pair[1], pair[0]))[:_NEIGHBOURS]
        shares: dict[str, float] = defaultdict(float)
        for at, likeness in nearest:
            shares[self._intents[at]] += likeness**_SHARPNESS
        whole = sum(shares.values())
        if not whole:
            return []
        sure = min(1.0, nearest[0][1] / _ALIKE)
        return sorted(((intent, sure * share / whole) for intent, share in shares.items()), key=lambda p: -p[1])

    def _vector(self, parts: Mapping[str, int]) -> dict[str, float]:
        weighted = {p: (1 + math.log(n)) * self._weights.get(p, _RARE) for p, n in parts.items()}
        length = math.sqrt(sum(weight * weight for weight in weighted.values())) or 1.0
        return {part: weight / length for part, weight in weighted.items()}


@cache
def look_alike(path: Path) -> LookAlike | None:
    """The examples of a file, read once; None where a language has none."""
    return LookAlike(read_examples(path)) if path.exists() else None


def _fragments(found: Sequence[Word]) -> Counter[str]:
    said = [word.text for word in found]
    parts = [f"#{word}" for word in said]
    parts += [f"#{left} {right}" for left, right in zip(["^", *said], [*said, "$"], strict=True)]
    for word in said:
        edged = f" {word} "
        parts += [edged[at : at + size] for size in _SIZES for at in range(len(edged) - size + 1)]
    return Counter(re.sub(r"\d", "0", part) for part in parts)
