"""A text as words, and the names of days and times found among them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nlu.days.words import Language
from nlu.phrases import Hit, Word, tokenise
from nlu.text import normalise

_NAMES = frozenset({"weekday", "relative", "named", "month", "weekend", "week", "next_week", "part", "now", "hour"})
_GLUED = re.compile(r"(\d{1,2})([^\W\d_]+)(\d{2})?")
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")


@dataclass(frozen=True)
class Found:
    """A name of one kind ("weekday", "month" …) covers the words from `first` up to, not including, `last`."""

    kind: str
    value: str
    first: int
    last: int


class Sentence:
    """One text, read with one language's names. Places are those of `words`; `original` tells the text's own."""

    def __init__(self, text: str, known: Language) -> None:
        self.known = known
        self._words = tuple(self._apart(tokenise(text)))
        self.words = tuple(word for _, word in self._words)
        self._plain = normalise(text)
        self.found: Sequence[Found] = tuple(self._longest())

    def _apart(self, found: Sequence[Word]) -> Iterator[tuple[int, Word]]:
        """(place in the text, word), numbers apart from what is written at them: "8h30" is three words here."""
        for at, word in enumerate(found):
            glued = _GLUED.fullmatch(word.text)
            if glued and glued[2] in self.known.glued:
                cuts = [word.start, word.start + glued.end(1), word.start + glued.end(2), word.end]
                parts = [Word(*part) for part in zip(glued.groups(""), cuts, cuts[1:], strict=False)]
                yield from ((at, part) for part in parts if part.text)
            else:
                yield at, word

    def original(self, places: Iterable[int]) -> frozenset[int]:
        """The places of these words among those of `tokenise(text)`."""
        return frozenset(self._words[at][0] for at in places)

    def _longest(self) -> Iterator[Found]:
        """Names that do not overlap, the longest first where they would and those spelt right, in the text's order."""
        taken: set[int] = set()
        kept = []

        def rank(hit: Hit) -> tuple[int, bool, int]:
            said = " ".join(word.text for word in self.words[hit.first : hit.last])
            return hit.first - hit.last, (hit.label, said) not in self.known.exact, hit.first

        for hit in sorted(self.known.book.find(self.words), key=rank):
            if taken.isdisjoint(range(hit.first, hit.last)):
                taken.update(range(hit.first, hit.last))
                kind, _, value = hit.label.partition(":")
                kept.append(Found(kind, value, hit.first, hit.last))
        return iter(sorted(kept, key=lambda h: h.first))

    @property
    def names_days(self) -> bool:
        """Is a day or a time named by a word, not by numbers alone?"""
        return any(f.kind in _NAMES for f in self.found)

    def has(self, kind: str) -> bool:
        """Is something of that kind named?"""
        return any(f.kind == kind for f in self.found)

    def starts(self, at: int, *kinds: str) -> bool:
        """Does something of these kinds begin with that word?"""
        return any(f.kind in kinds and f.first == at for f in self.found)

    def ends(self, at: int, kind: str) -> bool:
        """Does something of that kind end before that word?"""
        return any(f.kind == kind and f.last == at for f in self.found)

    def text(self, at: int) -> str:
        """The folded word, "" beyond the ends."""
        return self.words[at].text if 0 <= at < len(self.words) else ""

    def digits(self, at: int) -> int:
        """The number that the word is, 0 for none."""
        said = self.text(at)
        return int(said) if said.isascii() and said.isdecimal() and len(said) <= 4 else 0

    def ordinal(self, at: int) -> int:
        """The number of "24th" or "24", 0 for none that a day of a month may be."""
        ordinal = _ORDINAL.fullmatch(self.text(at))
        number = int(ordinal[1]) if ordinal else self.digits(at)
        return number if number <= 31 else 0

    def is_ordinal(self, at: int) -> bool:
        """Is it "24th"?"""
        return bool(_ORDINAL.fullmatch(self.text(at)))

    def between(self, at: int) -> str:
        """What stands between this word and the next."""
        return self._plain[self.words[at].end : self.words[at + 1].start] if 0 <= at < len(self.words) - 1 else ""

    def after(self, at: int) -> str:
        """What follows the word at once."""
        return self._plain[self.words[at].end : self.words[at].end + 2]
