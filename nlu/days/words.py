"""The words of nlu/languages/<code>/days.yml as a language's book."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from nlu.phrases import Phrasebook
from nlu.profiles import LANGUAGES_DIR
from nlu.text import fold

_TYPO_FROM = {"weekday": 6, "relative": 6}  # letters from which a word bears a typing error; "faster" is not Easter
_TYPO_ELSE = 7


@dataclass(frozen=True)
class Language:
    """One language: `book` holds all names, labelled kind:value; `exact` are those without a typing error."""

    book: Phrasebook
    exact: frozenset[tuple[str, str]]
    short: Mapping[str, int]
    before_short: frozenset[str]
    numbers: Mapping[str, int]
    ordinals: Mapping[str, int]
    part_words: Mapping[str, str]
    parts_after_day: Mapping[str, str]
    weekday_words: Mapping[str, int]
    exact_after: frozenset[str]
    of: frozenset[str]
    before_day: frozenset[str]
    named: tuple[Mapping[str, Any], ...]


@cache
def languages() -> Mapping[str, Language]:
    """Every language that has a days.yml; read once."""
    found = {}
    for path in sorted(LANGUAGES_DIR.glob("*/days.yml")):
        raw = yaml.safe_load(path.read_text("utf-8"))
        found[raw["language"]] = _read(raw)
    return found


def _read(raw: Mapping[str, Any]) -> Language:
    phrases: list[tuple[str, str]] = []
    exact: set[tuple[str, str]] = set()

    def learn(label: str, listed: Iterable[str]) -> None:
        phrases.extend((label, _pattern(label, words)) for words in listed)
        exact.update((label, fold(words)) for words in listed)

    for kind in (
        "now", "in_days", "in_weeks", "this", "next", "after_next", "week", "weekend", "hour", "half", "to", "join",
    ):  # fmt: skip
        learn(kind, raw[kind])
    for kind, listed in (("relative", raw["relative"]), ("weekday", raw["weekdays"]), ("part", raw["parts"])):
        for value, names in listed.items():
            learn(f"{kind}:{value}", names)
    for value, names in raw["months"].items():
        learn(f"month:{value}", names)
    for place, named in enumerate(raw["named"]):
        learn(f"named:{place}", named["words"])
    return Language(
        Phrasebook(phrases),
        frozenset(exact),
        {fold(k): v for k, v in raw["weekdays_short"].items()},
        frozenset(fold(w) for w in raw["before_short"]),
        {fold(k): v for k, v in raw["numbers"].items()},
        {fold(k): v for k, v in raw["ordinals"].items()},
        {fold(w): part for part, listed in raw["parts"].items() for w in listed if " " not in w},
        {fold(k): v for k, v in raw["parts_after_day"].items()},
        {fold(w): day for day, listed in raw["weekdays"].items() for w in listed},
        frozenset(fold(w) for w in raw["exact_after"]),
        frozenset(fold(w) for w in raw["of"]),
        frozenset(fold(w) for w in raw["before_day"]),
        tuple(raw["named"]),
    )


def _pattern(label: str, words: str) -> str:
    """Words as a phrase in which the longer ones bear a typing error."""
    parts = [fold(word) if word != ".." else word for word in words.split()]
    least = _TYPO_FROM.get(label.partition(":")[0], _TYPO_ELSE)
    return " ".join(f"~{part}" if len(part) >= least else part for part in parts)
