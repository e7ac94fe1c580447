"""What gives a language away: its own letters, its common words, and how its letters follow each other.

Read from languages/<code>/profile.yml.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nlu.data import read_data
from nlu.letters import Letters

LANGUAGES = ("de", "en", "tr", "uk", "ar", "ru", "fr")
"""The languages a citizen may write in."""

LANGUAGES_DIR = Path(__file__).with_name("languages")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_NO_ACCENT = str.maketrans({"ı": "i", "ß": "ss", "œ": "oe"})


@dataclass(frozen=True)
class Profile:
    """Signs of one language. `own` letters occur in it alone; `words` are lower-case, spelt with accents and without;
    `borrowed` ones stand in sentences of other languages, too: the language's own, and what everybody says."""

    script: str
    own: frozenset[str]
    words: frozenset[str]
    borrowed: frozenset[str]
    letters: Letters


@cache
def profiles() -> Mapping[str, Profile]:
    """The profiles of all languages that share their script with another; read once, in 50 ms."""
    found = {}
    for code in LANGUAGES:
        path = LANGUAGES_DIR / code / "profile.yml"
        if path.exists():
            found[code] = _read(path)
    return found


def _read(path: Path) -> Profile:
    data = read_data(path)
    script = str(data["script"])
    words, borrowed, everywhere = (
        frozenset(spelling for word in str(data.get(key, "")).split() for spelling in _spellings(word, script))
        for key in ("words", "borrowed", "everywhere")
    )
    letters = Letters(sorted(words | borrowed))
    return Profile(script, frozenset(str(data["letters"])), words, borrowed | everywhere, letters)


def _spellings(word: str, script: str) -> set[str]:
    """As it is written, and as it is typed on a keyboard without its accents. In Cyrillic an accent makes another
    letter, which nobody leaves out."""
    if script != "latin":
        return {word}
    apart = unicodedata.normalize("NFD", word.translate(_NO_ACCENT))
    bare = "".join(char for char in apart if not unicodedata.combining(char))
    return {word, word.translate(_UMLAUTS), bare}
