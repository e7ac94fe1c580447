"""Phrases written by people in a data file, found in what citizens type.

A phrase is words, separated by spaces, in any spelling (they are folded). A word may be

    wort      itself                 ~wort    itself with at most one typing error
    wort*     its beginning          *wort    its end
    a|b       one of several         ..       up to three words between its neighbours, ... up to eight
    a|b_c     also of several words: "a", or "b c"
    ^ and $   the message's first and last place; filler words do not count, and "^ .." and ".. $" bear with
              up to three more words there
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import cast

from nlu.text import fold, normalise

_GAP = ".."
_GAPS = {_GAP: 3, "...": 8}
_REMEMBERED = 4096  # whose patterns are remembered
_LETTER = r"(?:[^\W_]|[\u0610-\u061a\u064b-\u065f\u0670])"  # Arabic vowel marks are none to Python
_TOKEN = re.compile(rf"{_LETTER}+(?:['’`´]{_LETTER}+)*|[\u2600-\u27bf\U0001f300-\U0001faff]|[:;]-?[)(]")
_ELISION = re.compile(r"([a-zà-ÿœ]{1,2}|\d+)['’`´]([a-zà-ÿœğışç]{3,}|(?<=\d.)[^\W\d_]+)", re.IGNORECASE)
_APOSTROPHES = re.compile(r"['’`´ʼ]")


@dataclass(frozen=True)
class Word:
    """One folded word and where it stands in `normalise(text)`."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Hit:
    """A phrase of `label` covers the words from `first` up to, but not including, `last`."""

    label: str
    first: int
    last: int

    @property
    def place(self) -> range:
        """The words it covers."""
        return range(self.first, self.last)


NOT = "not "
"""Begins the labels of false friends: "not fee" of what is no question of the fee, NOT alone of what is nothing."""


def unmasked(hits: Iterable[Hit]) -> list[Hit]:
    """The hits that are no false friends: none of their words belongs to a phrase that takes back their label or all.

    What stands beside a false friend counts: "was kostet das und kann ich mit karte zahlen" asks for the fee.
    """
    listed = list(hits)
    masked: dict[str, set[int]] = defaultdict(set)
    for hit in listed:
        if hit.label.startswith(NOT):
            masked[hit.label.removeprefix(NOT)].update(hit.place)
    real = [hit for hit in listed if not hit.label.startswith(NOT)]
    return [hit for hit in real if masked[""].isdisjoint(hit.place) and masked[hit.label].isdisjoint(hit.place)]


def tokenise(text: str) -> list[Word]:
    """The words and emoji of a text. "l'aide" and "8'de" are two, "don't" is one: "dont", as many type it."""
    plain = normalise(text)
    found: list[Word] = []
    for match in _TOKEN.finditer(plain):
        start, end = match.span()
        elided = _ELISION.fullmatch(match[0])
        if elided:
            found.append(Word(fold(elided[1]), start, start + elided.end(1)))
            found.append(Word(fold(elided[2]), start + elided.start(2), end))
        else:
            found.append(Word(fold(_APOSTROPHES.sub("", match[0])), start, end))
    return [word for word in found if word.text]


@dataclass(frozen=True)
class _Phrase:
    label: str
    steps: tuple[frozenset[str] | int, ...]
    """For each place the patterns that fit; a number is a gap of at most so many words."""
    before: int | None
    after: int | None
    """How many words, fillers apart, may stand before and after it; None is any number."""


class Phrasebook:
    """Many phrases, looked up together: the cost grows with the message, hardly with the number of phrases."""

    def __init__(self, phrases: Iterable[tuple[str, str]], fillers: Iterable[str] = ()) -> None:
        self._fillers = frozenset(fold(word) for word in fillers)
        self._by_rarest: dict[str, list[_Phrase]] = defaultdict(list)
        self._learnt: dict[str, frozenset[str]] = {}
        self._ends: set[str] = set()
        self._begins: set[str] = set()
        self._typos: dict[str, set[str]] = defaultdict(set)
        compiled = [self._compile(label, simple) for label, phrase in phrases for simple in _spelt_out(phrase)]
        # Looked up by the place that tells most: "er" and "nicht" stand in many phrases and in every second message.
        places = Counter(step for phrase in compiled for step in phrase.steps if isinstance(step, frozenset))
        told: Counter[str] = Counter()
        for step, times in places.items():
            told.update(dict.fromkeys(step, times))
        for phrase in compiled:
            steps = [step for step in phrase.steps if isinstance(step, frozenset)]
            for pattern in min(steps, key=lambda step: max(told[pattern] for pattern in step)):
                self._by_rarest[pattern].append(phrase)
        # Most of what people write are the same few thousand words.
        self._patterns_of = lru_cache(maxsize=_REMEMBERED)(self._patterns)

    def find(self, found: Sequence[Word]) -> list[Hit]:
        """Every place where a phrase fits."""
        fits = [self._patterns_of(word.text) for word in found]
        said = [0]  # how many words that are no fillers stand before each place
        for word in found:
            said.append(said[-1] + (word.text not in self._fillers))
        places: dict[str, list[int]] = defaultdict(list)
        for at, patterns in enumerate(fits):
            for pattern in patterns:
                places[pattern].append(at)
        tried = {id(phrase): phrase for pattern in places for phrase in self._by_rarest.get(pattern, ())}
        hits: set[Hit] = set()
        for phrase in tried.values():
            if any(isinstance(step, frozenset) and step.isdisjoint(places) for step in phrase.steps):
                continue
            for start in {at for pattern in cast(frozenset[str], phrase.steps[0]) for at in places.get(pattern, ())}:
                if phrase.before is not None and said[start] > phrase.before:
                    continue
                for end in _ends(phrase.steps, fits, start):
                    if phrase.after is None or said[-1] - said[end] <= phrase.after:
                        hits.add(Hit(phrase.label, start, end))
        return sorted(hits, key=lambda hit: (hit.first, hit.last, hit.label))

    def unexplained(self, found: Sequence[Word], covered: Set[int]) -> int:
        """How many words neither a phrase covers nor count as filler."""
        return sum(at not in covered and word.text not in self._fillers for at, word in enumerate(found))

    def _compile(self, label: str, phrase: str) -> _Phrase:
        parts = phrase.split()
        before = after = None
        if parts[0] == "^":
            before = _GAPS[_GAP] if parts[1] == _GAP else 0
            parts = parts[2 if before else 1 :]
        if parts[-1] == "$":
            after = _GAPS[_GAP] if parts[-2] == _GAP else 0
            parts = parts[: -2 if after else -1]
        if not parts or parts[0] in _GAPS or parts[-1] in _GAPS:
            raise ValueError(f"a phrase must begin and end with a word: {phrase!r} ({label})")
        steps = tuple(_GAPS.get(part) or self._step(part) for part in parts)
        return _Phrase(label, steps, before, after)

    def _step(self, part: str) -> frozenset[str]:
        """The patterns of one place; the same object for the same words, which many phrases share."""
        if part not in self._learnt:
            self._learnt[part] = frozenset(self._learn(part))
        return self._learnt[part]

    def _learn(self, part: str) -> Iterator[str]:
        for choice in part.split("|"):
            bare = fold(choice.strip("~*"))
            if not bare:
                raise ValueError(f"an empty word in {part!r}")
            if choice.startswith("~"):
                for near in (bare, *_deletions(bare)):
                    self._typos[near].add(bare)
                yield f"~{bare}"
            elif choice.endswith("*"):
                self._begins.add(bare)
                yield f"{bare}*"
            elif choice.startswith("*"):
                self._ends.add(bare)
                yield f"*{bare}"
            else:
                yield bare

    def _patterns(self, word: str) -> frozenset[str]:
        """All patterns that fit a word. Typos are found by comparing what is left when a letter is dropped."""
        found = {word}
        found.update(f"{word[:size]}*" for size in range(1, len(word) + 1) if word[:size] in self._begins)
        found.update(f"*{word[at:]}" for at in range(len(word)) if word[at:] in self._ends)
        for near in (word, *_deletions(word)):
            for bare in self._typos.get(near, ()):
                if one_edit(word, bare):
                    found.add(f"~{bare}")
        return frozenset(found)


def _spelt_out(phrase: str) -> list[str]:
    """The phrase without alternatives of several words: a phrase for each of them."""
    choices: list[list[str]] = []
    for part in phrase.split():
        listed = part.split("|")
        short = "|".join(choice for choice in listed if "_" not in choice)
        choices.append([*([short] if short else []), *(c.replace("_", " ") for c in listed if "_" in c)])
    return [" ".join(chosen) for chosen in product(*choices)]


def _deletions(word: str) -> set[str]:
    return {word[:at] + word[at + 1 :] for at in range(len(word))}


def one_edit(left: str, right: str) -> bool:
    """Whether two words are equal or differ by one letter left out, added, replaced, or two neighbours swapped."""
    if left == right:
        return True
    short, long = sorted((left, right), key=len)
    same = next((at for at, char in enumerate(short) if char != long[at]), len(short))
    if len(long) - len(short) == 1:
        return short[same:] == long[same + 1 :]
    if len(long) != len(short):
        return False
    swapped = short[same : same + 2] == long[same : same + 2][::-1]
    return short[same + 1 :] == long[same + 1 :] or (swapped and short[same + 2 :] == long[same + 2 :])


def _ends(steps: tuple[frozenset[str] | int, ...], fits: Sequence[frozenset[str]], start: int) -> Iterator[int]:
    """The places where a phrase that begins at `start` can end."""
    if not steps:
        yield start
        return
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        for skipped in range(step + 1):
            yield from _ends(rest, fits, start + skipped)
    elif start < len(fits) and step & fits[start]:
        yield from _ends(rest, fits, start + 1)
