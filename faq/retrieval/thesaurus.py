"""The office's words for what people say: everyday German ones, and those of other languages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from faq.retrieval.terms import Terms, terms
from faq.retrieval.text import GRAM, LONGEST_WORD, content_words, stem, stop_words, words
from nlu.data import read_data

_SHORTEST_PART = 5  # letters that a word must have to be recognised inside a compound
_ENDING = 3  # letters that may follow it there: -schein[es], -s, -en


@dataclass(frozen=True)
class Concept:
    """One thing a question names: its own words, and what an entry may call it instead; `phrases` is the same as
    offices write it, where that is known, to be read for its meaning."""

    words: tuple[str, ...]
    instead: tuple[tuple[str, ...], ...] = ()
    phrases: tuple[str, ...] = ()


class Thesaurus:
    """Everyday words to the office's. Keys of several words are found as such, single ones also in compounds; `terms`
    are those of other languages, looked up first."""

    def __init__(self, lines: Mapping[Any, Sequence[Any]], terms: Terms | None = None) -> None:
        self._terms = terms
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
        own = [phrase for some in self._phrases.values() for phrase in some]
        return tuple(dict.fromkeys([*own, *(self._terms.phrases if self._terms else ())]))

    def concepts(self, question: str, language: str = "de", limit: int = 40) -> list[Concept]:
        """What the question names, in its order; at most `limit` of them. `language` is the question's."""
        every = words(question)
        stems = [stem(word) for word in every]
        found: list[Concept] = []
        at = 0
        while at < len(every) and len(found) < limit:
            taken, german = self._terms.at(every[at:], language) if self._terms else (0, ())
            if taken:
                instead = dict.fromkeys((word,) for phrase in german for word in content_words(phrase))
                found.append(Concept(tuple(every[at : at + taken]), tuple(instead), german))
                at += taken
                continue
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
        if size > LONGEST_WORD:
            return found
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
    """That of synonyms.yml and terms.yml."""
    lines = read_data(Path(__file__).with_name("synonyms.yml"))
    return Thesaurus(lines, terms())
