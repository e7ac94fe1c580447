"""What offices and places are called in the citizens' languages, and how names are bent there.

From nlu/languages/<code>/offices.yml: `names` (German name: other names and spellings), and what names bear at their
end (`endings`: "Standesamtes", "Bürgeramt'a") and at their front (`beginnings`: "والبلدية").
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from nlu.phrases import tokenise
from nlu.profiles import LANGUAGES_DIR
from nlu.spellings import read_words

Words = tuple[str, ...]
"""A name's folded words."""

GERMAN = "de"
_SHORT = 4
"""Letters up to which a German name bears German endings alone: other words are too near."""


@dataclass(frozen=True)
class Name:
    """A name, and what its last word may bear at the end, its first at the front."""

    words: Words
    endings: Words = ()
    beginnings: Words = ()

    @property
    def phrases(self) -> Iterator[tuple[Words, ...]]:
        """For each place of a phrase the words that may stand there."""
        yield (*((word,) for word in self.words[:-1]), tuple(self.words[-1] + end for end in ("", *self.endings)))
        if self.beginnings:
            yield (tuple(begun + self.words[0] for begun in self.beginnings), *((word,) for word in self.words[1:]))


@dataclass(frozen=True)
class _Language:
    names: Mapping[Words, tuple[Words, ...]]
    endings: Words
    beginnings: Words


def folded(name: str) -> Words:
    """A name's words as they are compared."""
    return tuple(word.text for word in tokenise(name))


def all_names(listed: Collection[str]) -> Iterator[Name]:
    """The names of an office or place as a town's file lists them, and what the citizens' languages make of them."""
    own = {words for name in listed if (words := folded(name))}
    known = _languages()
    # Who writes Cyrillic spells the name in Cyrillic, too, or writes it apart.
    ends = tuple(dict.fromkeys(end for language in known.values() for end in language.endings if end.isascii()))
    begins = tuple(dict.fromkeys(begun for language in known.values() for begun in language.beginnings))
    for words in sorted(own):
        short = len(words[-1]) <= _SHORT
        yield Name(words, known[GERMAN].endings if short else ends, () if short else begins)
    for language in known.values():
        for german, others in language.names.items():
            if german in own:
                yield from (Name(other, language.endings, language.beginnings) for other in others)


@cache
def _languages() -> Mapping[str, _Language]:
    """Every language that has an offices.yml; read once."""
    return {path.parent.name: _read(read_words(path)) for path in sorted(LANGUAGES_DIR.glob("*/offices.yml"))}


def _read(raw: Mapping[str, Any]) -> _Language:
    names = {
        folded(german): tuple(dict.fromkeys(folded(name) for name in listed))
        for german, listed in raw.get("names", {}).items()
    }
    return _Language(names, _parts(raw.get("endings", ())), _parts(raw.get("beginnings", ())))


def _parts(listed: Iterable[str]) -> Words:
    return tuple(dict.fromkeys("".join(folded(part)) for part in listed))
