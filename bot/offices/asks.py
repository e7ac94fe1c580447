"""How people ask after an office: phrases of all languages from nlu/languages/<code>/offices.yml."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache

from nlu.phrases import NOT, Phrasebook, Word, unmasked
from nlu.profiles import LANGUAGES_DIR
from nlu.spellings import read_words
from nlu.text import fold

ASPECTS = ("phone", "where", "next", "until", "hours")
"""What may be asked; of several in one message the first counts."""

OPENING = frozenset({"next", "hours"})


@dataclass(frozen=True)
class Asked:
    """An aspect, how many unexplained words it bears with, and the words that ask for it.

    `opening` says that the words speak of an office's being open: "wie lange?" alone does not.
    """

    aspect: str
    opening: bool
    rest: int
    covered: frozenset[int]


@dataclass(frozen=True)
class Asks:
    """All phrases in one book; which language a phrase is in does not matter to what it asks.

    `us` are words by which the town itself is meant.
    """

    book: Phrasebook
    words: Phrasebook
    rest: Mapping[str, int]
    us: frozenset[str]

    def find(self, words: Sequence[Word], taken: Set[int] = frozenset()) -> Asked | None:
        """What is asked, None for nothing. `taken` words say something else already: "nächsten" of a Thursday is
        not the nearest place."""
        own = self._own(words)
        kept = []
        for hit in unmasked(self.book.find(words)):
            said = {at for at in hit.place if hit.label in own.get(at, ())}
            if not said <= taken:
                kept.append((hit.label, said))
        named = {label for label, _ in kept}
        aspect = next((a for a in ASPECTS if a in named), None)
        if aspect is None:
            return None
        return Asked(aspect, bool(named & OPENING), self.rest[aspect], frozenset(at for _, said in kept for at in said))

    def _own(self, words: Sequence[Word]) -> dict[int, set[str]]:
        """Which aspects' phrases hold each word: what stands in a phrase's gap is not of the phrase."""
        found: dict[int, set[str]] = {}
        for hit in self.words.find(words):
            found.setdefault(hit.first, set()).add(hit.label)
        return found

    def rest_of(self, words: Sequence[Word], covered: frozenset[int]) -> int:
        """How many words say something else."""
        return self.book.unexplained(words, covered)


@cache
def asks() -> Asks:
    """Every language's phrases; read once."""
    phrases: list[tuple[str, str]] = []
    fillers: list[str] = []
    us: set[str] = set()
    rest: dict[str, int] = {}
    for path in sorted(LANGUAGES_DIR.glob("*/offices.yml")):
        raw = read_words(path)
        for aspect, section in raw["asks"].items():
            rest[aspect] = max(rest.get(aspect, 0), section["rest"])
            phrases += [(aspect, phrase) for phrase in section["phrases"]]
            phrases += [(NOT + aspect, phrase) for phrase in section.get("not", [])]
        us.update(fold(word) for word in raw["us"])
        fillers += [word for line in raw["fillers"] for word in str(line).replace('"', "").split()]
    single = {(aspect, word) for aspect, phrase in phrases for part in phrase.split() for word in _words(part)}
    return Asks(Phrasebook(phrases, fillers), Phrasebook(single), rest, frozenset(us))


def _words(part: str) -> list[str]:
    """The words that one place of a phrase may hold."""
    return [] if part in ("^", "$", "..") else part.replace("_", "|").split("|")
