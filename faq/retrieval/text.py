"""How retrieval reads words: folding, stems, letters in fours, and the office's word for what people say."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import snowballstemmer
import yaml

GRAM = 4
_WORD = re.compile(r"[^\W_]+")
_GENDER = re.compile(r"(?<=\w)[*:·_/](?=in(?:nen)?\b)")  # Bürger*innen is one word
_DIGRAPHS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
_SHORTEST_PART = 5  # letters that a word must have to be recognised inside a compound
_ENDING = 3  # letters that may follow it there: -schein[es], -s, -en
_stemmer = snowballstemmer.stemmer("german")


def fold(text: str) -> str:
    """Case, umlauts and their spellings with e made equal: Führerschein = fuehrerschein = FUHRERSCHEIN."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = "".join(c for c in unicodedata.normalize("NFD", plain) if c not in "\u0308\u0301\u0300\u0302")
    plain = unicodedata.normalize("NFC", plain)
    for pair, one in _DIGRAPHS:
        plain = plain.replace(pair, one)
    return plain


def words(text: str) -> list[str]:
    """All words, folded."""
    return _WORD.findall(fold(_GENDER.sub("", text)))


def content_words(text: str) -> list[str]:
    """The words that say what it is about; all of them where nothing else is left."""
    every = words(text)
    return [word for word in every if word not in stop_words()] or every


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    found: str = _stemmer.stemWord(word)
    return found


def grams(word: str, size: int = GRAM) -> list[str]:
    """A word's letters in fours, with its edges: a compound shares most of them with its parts."""
    edged = f"_{word}_"
    return [edged[i : i + size] for i in range(max(1, len(edged) - size + 1))]


def letters_in(text: str) -> set[str]:
    """The content words' letters in fours, each once."""
    return {gram for word in content_words(text) for gram in grams(word)}


@cache
def stop_words() -> frozenset[str]:
    lists = yaml.safe_load((Path(__file__).with_name("stopwords.yml")).read_text(encoding="utf-8"))
    return frozenset(word for text in lists.values() for word in words(text))


@dataclass(frozen=True)
class Concept:
    """One thing a question names: its own words, and what an entry may call it instead; `phrases` is the same as
    offices write it, where that is known, to be read for its meaning."""

    words: tuple[str, ...]
    instead: tuple[tuple[str, ...], ...] = ()
    phrases: tuple[str, ...] = ()


class Thesaurus:
    """Everyday words to the office's. Keys of several words are found as such, single ones also in compounds."""

    def __init__(self, lines: Mapping[Any, Sequence[Any]]) -> None:
        self._instead: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        self._phrases: dict[tuple[str, ...], list[str]] = {}
        for said, official in lines.items():
            key = tuple(stem(word) for word in words(str(said).replace("-", "")))
            others = [tuple(content_words(str(word))) for word in official]
            self._instead.setdefault(key, []).extend(others)
            self._phrases.setdefault(key, []).extend(map(str, official))
        self._longest = max((len(key) for key in self._instead), default=1)
        self._parts = {key[0] for key in self._instead if len(key) == 1 and len(key[0]) >= _SHORTEST_PART}

    @property
    def phrases(self) -> tuple[str, ...]:
        """All that offices say instead, each once."""
        return tuple(dict.fromkeys(phrase for some in self._phrases.values() for phrase in some))

    def concepts(self, question: str, limit: int = 40) -> list[Concept]:
        """What the question names, in its order; at most `limit` of them."""
        every = words(question)
        stems = [stem(word) for word in every]
        found: list[Concept] = []
        at = 0
        while at < len(every) and len(found) < limit:
            for length in range(min(self._longest, len(every) - at), 0, -1):
                key = tuple(stems[at : at + length])
                if key in self._instead:
                    said = tuple(every[at : at + length])
                    found.append(Concept(said, tuple(self._instead[key]), tuple(self._phrases[key])))
                    at += length
                    break
            else:
                word = every[at]
                if word not in stop_words():
                    found.append(Concept((word,), tuple(self._in_compound(word))))
                at += 1
        return found or [Concept((word,)) for word in every[:limit]]

    def _in_compound(self, word: str) -> list[tuple[str, ...]]:
        """Führerscheinentzug holds Führerschein: so Fahrerlaubnis may stand there, beside Entzug."""
        found: list[tuple[str, ...]] = []
        own, size = stem(word), len(word)
        ends = range(max(size - _ENDING, _SHORTEST_PART), size + 1)
        firsts = [(word[:end], word[end:]) for end in range(_SHORTEST_PART, size + 1)]
        lasts = [(word[at:end], word[:at]) for end in ends for at in range(1, end - _SHORTEST_PART + 1)]
        for part, left in firsts + lasts:
            if part in self._parts and part != own:
                beside = (left,) if len(left) >= GRAM else ()
                found += [(*official, *beside) for official in self._instead[(part,)]]
        return found


@cache
def thesaurus() -> Thesaurus:
    return Thesaurus(yaml.safe_load(Path(__file__).with_name("synonyms.yml").read_text(encoding="utf-8")))
