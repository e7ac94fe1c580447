"""Whether somebody is in danger or at their wits' end: by phrases alone, before any model and whatever it says.

The phrases stand in languages/<code>/alarms.yml, written as nlu/phrases.py tells, and with two things more:

    {child}         one of the words listed under `words: child:`
    a & b & c       each of them, in any order, up to eight other words between neighbours
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from itertools import permutations
from typing import Any, Literal, cast

from nlu.data import read_data
from nlu.phrases import NOT, Phrasebook, tokenise, unmasked
from nlu.profiles import LANGUAGES, LANGUAGES_DIR
from nlu.text import cap

AlarmKind = Literal["danger", "medical", "poison", "police", "violence", "distress"]

KINDS: tuple[AlarmKind, ...] = ("danger", "medical", "poison", "police", "violence", "distress")
"""In the order in which they count when a message speaks of several."""

LIMIT = 2000
"""Code points looked at; whoever writes more has said what the matter is by then."""

_NAME = re.compile(r"\{(\w+)\}")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")  # "hilfeeee": no language doubles a letter twice


def emergency_kind(text: str) -> AlarmKind | None:
    """Whether someone is in danger, and of what kind, in any language we know.

    Pure. It is asked before any model and overrules it. All languages are looked up whatever the conversation's is:
    people in fear fall back into the language of their childhood.
    """
    return _kind(cap(text, LIMIT))


def is_settled(text: str) -> bool:
    """Is it good news and a question for the town hall, "our baby is born, where do we register it"?

    It counts against what models guess, never against the phrases of an alarm. Pure.
    """
    return bool(_good_news().find(tokenise(cap(text, LIMIT))))


@lru_cache(maxsize=64)  # a message is asked about on arrival, and again where it is understood
def _kind(text: str) -> AlarmKind | None:
    kinds = {hit.label for hit in unmasked(_book().find(tokenise(_DRAWN_OUT.sub(r"\1", text))))}
    return next((kind for kind in KINDS if kind in kinds), None)


@cache
def _book() -> Phrasebook:
    """The phrases of all languages together: a false friend of one may ring in another ("ambulance bill" is French,
    too), and a word is compared once, not seven times."""
    phrases: list[tuple[str, str]] = []
    fillers: list[str] = []
    for code in LANGUAGES:
        path = LANGUAGES_DIR / code / "alarms.yml"
        if path.exists():
            data = cast(dict[str, Any], read_data(path))
            fillers += [word for line in data.get("fillers", ()) for word in line.split()]
            phrases += _phrases(data)
    return Phrasebook(phrases, fillers)


@cache
def _good_news() -> Phrasebook:
    paths = [LANGUAGES_DIR / code / "alarms.yml" for code in LANGUAGES]
    read = [read_data(path) for path in paths if path.exists()]
    return Phrasebook([("settled", spelt) for data in read for p in data["settled"] for spelt in spelt_out(p, {})])


def _phrases(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    words = {name: "|".join(listed.split()) for name, listed in data.get("words", {}).items()}
    for section in (*KINDS, NOT.strip()):
        label = section if section in KINDS else NOT
        for phrase in data.get(section, ()):
            for spelt in spelt_out(phrase, words):
                yield label, spelt


def spelt_out(phrase: str, words: Mapping[str, str]) -> list[str]:
    """The phrases that one with {names} and & stands for. Raises KeyError for a name that `words` has not."""
    plain = _NAME.sub(lambda name: words[name[1]], phrase)
    return [" ... ".join(order) for order in permutations(plain.split(" & "))]
