"""Near-copies of trial questions among what learns, and among what is matched word by word.

What a copy of a text is says faq/lint/near.py, which the editors' lint uses as well. A phrase of keywords.yml and its
like is a copy when it names at least SPELT words that stand in the trial in that order and make up NEAR of its letters:
shorter phrases are language, not a quotation, and so is a step of more than EITHER alternatives, whose word counts for
nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from faq.lint.near import NEAR, Learned, comparable
from nlu.text import fold, words

__all__ = ["Leak", "Learned", "Phrases", "comparable", "leaks", "strings"]

SPELT = 4
EITHER = 4


class Leak(NamedTuple):
    """A trial and what of the learned texts or phrases it copies."""

    trial: str
    learned: str


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
