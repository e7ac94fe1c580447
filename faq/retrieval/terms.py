"""What a question in another language asks for, in the German office's own words, by a small dictionary of terms."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import Any

from faq.retrieval.text import words
from nlu.data import read_data

# How many letters a word may go on for after the term: "документ" is found in "документами", "car" not in "cartoon".
_ENDINGS = {"en": 3, "fr": 3, "tr": 8, "uk": 5, "ru": 5, "ar": 3}
_SHORT = 3  # a term of so few letters stands for itself alone, or with one letter more
_ARTICLES = ("وال", "بال", "لل", "ال", "و", "ب", "ل")  # written together with an Arabic word
_OWNED = re.compile("(?<=[^\\W_]{3})ت(?:ي|ك|ه|ها|نا|كم|هم)$")  # my, your, his, her, our, your (all), their
_SOFT = {"k": "g", "p": "b", "t": "d"}  # folded: ğ is g, ç is c
_LEAST = 3  # letters that must be left when such an article is taken off


class Terms:
    """Terms by language: sequences of beginnings, the longest first."""

    def __init__(self, plain: Mapping[str, Any]) -> None:
        languages = plain["languages"]
        # By language and the first letters, so that a word is compared with few.
        self._terms: dict[str, dict[str, list[tuple[tuple[str, ...], str]]]] = {one: {} for one in languages}
        for german, columns in plain["terms"].items():
            for language, column in zip(languages, columns, strict=True):
                for term in (form for said in str(column).split(",") for form in _forms(said, language)):
                    self._terms[language].setdefault(term[0][:_SHORT], []).append((term, str(german)))
        for some in (some for table in self._terms.values() for some in table.values()):
            some.sort(key=lambda term: _size(term[0]), reverse=True)
        self._longest = max(len(t) for table in self._terms.values() for some in table.values() for t, _ in some)
        self.phrases = tuple(map(str, plain["terms"]))

    @property
    def languages(self) -> frozenset[str]:
        """The languages whose terms are known."""
        return frozenset(self._terms)

    def at(self, said: Sequence[str], language: str) -> tuple[int, tuple[str, ...]]:
        """How many of these (folded) words the longest term takes from the first on, and what German offices call
        it: several terms may fit as well. 0 and nothing where none begins here, or the language is not known."""
        more = _ENDINGS.get(language, 0)
        plain = [bare(word, language) for word in said[: self._longest]]
        taken: tuple[str, ...] = ()
        german: list[str] = []
        for term, office in self._terms.get(language, {}).get(plain[0][:_SHORT], ()) if plain else ():
            if taken and _size(term) < _size(taken):
                break
            if len(term) <= len(plain) and all(map(_begins, plain, term, repeat(more))):
                taken = term
                german.append(office)
        return len(taken), tuple(german)


def _forms(said: str, language: str) -> list[tuple[str, ...]]:
    """A term as it stands, and in Turkish with its last letter as it is before "my" or "his": kimlik, kimliğim."""
    term = tuple(bare(word, language) for word in words(said))
    last = term[-1]
    soft = _SOFT.get(last[-1]) if language == "tr" and len(last) > _SHORT else None
    return [term, (*term[:-1], last[:-1] + soft)] if soft else [term]


def bare(word: str, language: str) -> str:
    """An Arabic word without what is written together with it; any other as it is. The ending of "identity" turns
    into a letter of its own before "my", and is folded as what it looks like."""
    if language == "ar":
        word = _OWNED.sub("ه", word)
        for article in _ARTICLES:
            if word.startswith(article) and len(word) - len(article) >= _LEAST:
                return word[len(article) :]
    return word


def _size(term: tuple[str, ...]) -> tuple[int, int]:
    return len(term), sum(map(len, term))


def _begins(word: str, term: str, more: int) -> bool:
    ending = len(word) - len(term)
    return word.startswith(term) and ending <= (more if len(term) > _SHORT else 1)


@cache
def terms() -> Terms:
    """Those of terms.yml."""
    return Terms(read_data(Path(__file__).with_name("terms.yml")))
