"""Does a question name another place? What the town answers for itself is then most likely not what is asked."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from faq.retrieval.text import words


@dataclass(frozen=True)
class Places:
    """`names` are places wherever they stand, `words` only after one of `before`; after one of `origin` neither is.
    Names of several words are kept as tuples of folded words."""

    names: frozenset[tuple[str, ...]]
    words: frozenset[tuple[str, ...]]
    before: frozenset[str]
    origin: frozenset[str]

    def elsewhere(self, question: str, known: Callable[[str], bool]) -> bool:
        """Does it name a place of which the corpus knows nothing, as where it is about? `known` says whether any
        entry holds a (folded) word."""
        said = words(question)
        longest = max((len(name) for name in self.names), default=1)
        for at in range(len(said)):
            preceding = said[at - 1] if at else ""
            if preceding in self.origin:
                continue
            for length in range(1, longest + 1):
                name = tuple(said[at : at + length])
                place = name in self.names or (name in self.words and preceding in self.before)
                if place and not all(known(word) for word in name):
                    return True
        return False


@cache
def places() -> Places:
    """Those of places.yml."""
    told = yaml.safe_load(Path(__file__).with_name("places.yml").read_text(encoding="utf-8"))

    def names(line: str) -> frozenset[tuple[str, ...]]:
        return frozenset(tuple(words(name)) for name in line.split(","))

    def single(line: str) -> frozenset[str]:
        return frozenset(word for name in names(line) for word in name)

    return Places(names(told["names"]), names(told["words"]), single(told["before"]), single(told["from"]))
