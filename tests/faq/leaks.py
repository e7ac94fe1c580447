"""Near-copies of trial questions among what learns, and among what is matched word by word.

Two texts are copies when at least NEAR of their character 4-grams (case, umlauts, accents and punctuation do not
count) are shared, Jaccard; when they are the same words in another order; when they share at least WHOLE words and
SAME of all; or when a trial of at least WHOLE words stands in the learned text with at least HELD of its 4-grams. A
phrase of keywords.yml and its like is a copy when it names at least SPELT words that stand in the trial in that order
and make up NEAR of its letters: shorter phrases are language, not a quotation, and so is a step of more than EITHER
alternatives, whose word counts for nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from math import ceil
from typing import NamedTuple

from nlu.text import fold, words

NEAR = 0.75
SAME = 0.8
HELD = 0.95
WHOLE = 5
SHARED = 0.6  # of a question's 4-grams, at least, by every rule
RARE = 4
SPELT = 4
EITHER = 4


class Leak(NamedTuple):
    """A trial and what of the learned texts or phrases it copies."""

    trial: str
    learned: str


def comparable(text: str) -> str:
    """What is left of a text when case, umlauts and punctuation do not count; itself where nothing would be."""
    return " ".join(words(text)) or text.strip()


def grams(text: str) -> frozenset[str]:
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


class Phrases:
    """Phrases as nlu/phrases.py reads them: words and gaps; a|b either, ~ and * bear differences."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._steps: dict[str, list[frozenset[str]]] = {}
        self._beginning: dict[str, set[str]] = defaultdict(set)
        for phrase in phrases:
            steps = [_alternatives(step) for step in phrase.split() if step.strip("^$.")]
            if len(steps) >= SPELT:
                self._steps[phrase] = steps
                for word in steps[0]:
                    self._beginning[word.rstrip("*")[:3]].add(phrase)

    def __len__(self) -> int:
        return len(self._steps)

    def copied_by(self, question: str) -> str | None:
        """A phrase that spells the question out, if there is one."""
        asked = words(question)
        for phrase in sorted({p for word in asked for p in self._beginning.get(word[:3], ())}):
            spelt = _spelt(self._steps[phrase], asked)
            if sum(map(len, spelt)) >= NEAR * sum(map(len, asked)) and len(spelt) >= SPELT:
                return phrase
        return None


def _alternatives(step: str) -> frozenset[str]:
    return frozenset(fold(word.replace("_", " ").lstrip("~")) for word in step.split("|"))


def _spelt(steps: Sequence[frozenset[str]], asked: Sequence[str]) -> list[str]:
    """The asked words that a phrase's narrow steps name, in order; none where one step is missing."""
    spelt: list[str] = []
    place = 0
    for step in steps:
        found = next((at for at in range(place, len(asked)) if _fits(step, asked[at])), None)
        if found is None:
            return []
        spelt += [asked[found]] if len(step) <= EITHER else []
        place = found + 1
    return spelt


def _fits(step: frozenset[str], word: str) -> bool:
    return word in step or any(part.endswith("*") and word.startswith(part[:-1]) for part in step)


def leaks(trials: Iterable[str], *learned: Learned | Phrases) -> Iterator[Leak]:
    """Every trial that copies something, with the first thing that it copies."""
    for trial in trials:
        for some in learned:
            if (copied := some.copied_by(trial)) is not None:
                yield Leak(trial, copied)
                break


def strings(node: object) -> Iterator[str]:
    """Every text in a data file; a key says what its value is and is none."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from strings(value)
    elif isinstance(node, Sequence):
        for value in node:
            yield from strings(value)
