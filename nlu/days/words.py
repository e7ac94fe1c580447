"""The words of nlu/languages/<code>/days.yml as a language's book."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from nlu.phrases import Phrasebook
from nlu.profiles import LANGUAGES_DIR
from nlu.spellings import read_words, spelt
from nlu.text import fold

_TYPO_FROM = {"weekday": 6, "relative": 6}  # letters from which a word bears a typing error; "faster" is not Easter
_TYPO_ELSE = 7


@dataclass(frozen=True)
class Language:
    """One language: `book` holds all names, labelled kind:value; `exact` are those without a typing error.

    `modifiers_after`: "next" may stand behind its day, too ("vendredi prochain"). `glued` are words that are written
    at a number ("8h30"). `hour_before` stand before a time ("saat 8"), `half_after` behind one ("sekiz buçuk"),
    `after_day` behind a day of the month ("24 числа"), `day_after` before one ("le 24").
    """

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
    modifiers_after: bool = False
    glued: frozenset[str] = frozenset()
    hour_before: frozenset[str] = frozenset()
    half_after: frozenset[str] = frozenset()
    after_day: frozenset[str] = frozenset()
    day_after: frozenset[str] = frozenset()


@cache
def languages() -> Mapping[str, Language]:
    """Every language that has a days.yml; read once."""
    found = {}
    for path in sorted(LANGUAGES_DIR.glob("*/days.yml")):
        raw = read_words(path)
        found[raw["language"]] = _read(raw)
    return found


def _read(raw: Mapping[str, Any]) -> Language:
    phrases: list[tuple[str, str]] = []
    exact: set[tuple[str, str]] = set()
    inflected = tuple(raw.get("beginnings", ())), tuple(raw.get("endings", ()))

    def learn(label: str, listed: Iterable[str], *, inflects: bool = False) -> None:
        edges = inflected if inflects else ((), ())
        for words in listed:
            for form in spelt(words, *edges):
                phrases.append((label, _pattern(label, form)))
                exact.add((label, fold(form)))

    def folded(name: str) -> frozenset[str]:
        return frozenset(fold(word) for word in raw.get(name, ()))

    def valued(name: str) -> dict[str, Any]:
        return {fold(word): value for word, value in raw[name].items()}

    for kind in (
        "now", "in_days", "in_weeks", "this", "next", "after_next", "last", "past", "next_week", "greeting", "hour",
        "half", "to", "join",
    ):  # fmt: skip
        learn(kind, raw.get(kind, ()))
    for kind in ("week", "weekend"):
        learn(kind, raw[kind], inflects=True)
    for kind, listed in (("relative", raw["relative"]), ("weekday", raw["weekdays"]), ("part", raw["parts"])):
        for value, names in listed.items():
            learn(f"{kind}:{value}", names, inflects=True)
    for value, names in raw["months"].items():
        learn(f"month:{value}", names, inflects=True)
    for place, named in enumerate(raw["named"]):
        learn(f"named:{place}", named["words"], inflects=True)
    return Language(
        Phrasebook(phrases),
        frozenset(exact),
        valued("weekdays_short"),
        folded("before_short"),
        valued("numbers"),
        valued("ordinals"),
        {fold(w): part for part, listed in raw["parts"].items() for w in listed if " " not in w},
        valued("parts_after_day"),
        {fold(w): day for day, listed in raw["weekdays"].items() for w in listed},
        folded("exact_after"),
        folded("of"),
        folded("before_day"),
        tuple(raw["named"]),
        bool(raw.get("modifiers_after", False)),
        folded("glued"),
        folded("hour_before"),
        folded("half_after"),
        folded("after_day"),
        folded("day_after"),
    )


def _pattern(label: str, words: str) -> str:
    """Words as a phrase in which the longer ones bear a typing error."""
    parts = [fold(word) if word != ".." else word for word in words.split()]
    least = _TYPO_FROM.get(label.partition(":")[0], _TYPO_ELSE)
    return " ".join(f"~{part}" if len(part) >= least and part.isalpha() else part for part in parts)
