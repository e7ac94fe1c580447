"""Does a question name another place? What the town answers for itself is then most likely not what is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from faq.retrieval.text import words
from nlu.data import read_data


@dataclass(frozen=True)
class Places:
    """`names` are places wherever they stand, `words` only after one of `before`; after one of `origin` neither is.
    One after `toward` is where somebody goes: it makes a match less likely, but who leaves asks the town that they
    leave. They are kept as tuples of folded words, each with the name as it is written."""

    names: Mapping[tuple[str, ...], str]
    words: Mapping[tuple[str, ...], str]
    before: frozenset[str]
    origin: frozenset[str]
    toward: frozenset[str]

    def elsewhere(self, question: str, known: Callable[[str], bool]) -> str:
        """The place that it names, not as where somebody comes from, and of which the corpus knows nothing; "" for
        none. `known` says whether any entry holds a (folded) word."""
        return self._named(question, known, self.origin)

    def of_another(self, question: str, known: Callable[[str], bool]) -> str:
        """As `elsewhere`, but only a place that the question is of."""
        return self._named(question, known, self.origin | self.toward)

    def _named(self, question: str, known: Callable[[str], bool], skipped: frozenset[str]) -> str:
        said = words(question)
        longest = max((len(name) for name in self.names), default=1)
        for at in range(len(said)):
            preceding = said[at - 1] if at else ""
            if preceding in skipped:
                continue
            for length in range(1, longest + 1):
                name = tuple(said[at : at + length])
                place = self.names.get(name) or (self.words.get(name, "") if preceding in self.before else "")
                if place and not all(known(word) for word in name):
                    return place
        return ""


@cache
def places() -> Places:
    """Those of places.yml."""
    told = read_data(Path(__file__).with_name("places.yml"))

    def names(line: str) -> dict[tuple[str, ...], str]:
        return {tuple(words(name)): name.strip() for name in line.split(",")}

    def single(line: str) -> frozenset[str]:
        return frozenset(word for name in names(line) for word in name)

    return Places(
        names(told["names"]), names(told["words"]), single(told["before"]), single(told["from"]), single(told["to"])
    )
