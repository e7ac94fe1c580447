"""German verbs that come apart: "wie melde ich mich um" asks for Ummelden.

In a main clause the prefix stands behind, at the clause's end, and the verb before it is bent. A question is read with
the two joined as a dictionary has them, where the corpus knows such a verb: grammar alone would join what is no verb.
Entries ask so themselves, so the bent verb is kept beside it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from faq.retrieval.text import words
from nlu.data import read_data

_CLAUSE = re.compile(r"[,.;:!?()\n–—]+(?=\s|$)|\s[-–—]\s")
_ENDINGS = ("est", "et", "st", "t", "en", "e", "n", "")
_OTHER_STEM = {"nimm": "nehm", "nimmt": "nehm"}
_LEAST = 3  # letters of a stem
_LONGEST_CLAUSE, _LONGEST = 40, 200  # words; what is longer is no question, and would cost time by its square


@dataclass(frozen=True)
class Joined:
    """A question as it is read: `text` has its verbs joined, `apart` tells each one's bent form."""

    text: str
    apart: Mapping[str, str]


def joined(question: str, known: Callable[[str], bool]) -> Joined:
    """The question's words, folded, with each verb and its prefix as one infinitive if the corpus knows that; as it
    is if there is none. `known` says whether any entry holds a (folded) word."""
    prefixes, onward = _small_words()
    read: list[str] = []
    apart: dict[str, str] = {}
    for clause in _CLAUSE.split(question):
        said = words(clause)
        if len(said) > _LONGEST_CLAUSE or len(read) > _LONGEST:
            read += said
            continue
        for at in reversed(range(1, len(said))):
            if said[at] not in prefixes or (at + 1 < len(said) and said[at + 1] not in onward):
                continue
            if verb := next(_verbs(said[:at], said[at], known), None):
                place, infinitive = verb
                apart[infinitive] = said[place]
                said = [*said[:place], infinitive, *said[place + 1 : at], *said[at + 1 :]]
                break
        read += said
    return Joined(" ".join(read), apart) if apart else Joined(question, {})


def _verbs(before: list[str], prefix: str, known: Callable[[str], bool]) -> Iterator[tuple[int, str]]:
    """Which of these words, with that prefix, are verbs of the corpus: place and infinitive, the first one first."""
    for place, word in enumerate(before):
        for infinitive in _infinitives(word):
            if known(prefix + infinitive):
                yield place, prefix + infinitive


def _infinitives(word: str) -> Iterator[str]:
    """What a bent verb may be called: meldet, melde, melden; gibt is of geben, sammle of sammeln."""
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if not word.endswith(ending) or len(stem) < _LEAST:
            continue
        yield from (f"{stem}n", f"{stem}en") if stem.endswith(("el", "er")) else (f"{stem}en", f"{stem}n")
        other = _OTHER_STEM.get(stem) or re.sub(r"ie?(?=[^aeiou]+$)", "e", stem)
        if other != stem:
            yield f"{other}en"


@cache
def _small_words() -> tuple[frozenset[str], frozenset[str]]:
    """The prefixes, and what may follow one: those of verbs.yml."""
    told = read_data(Path(__file__).with_name("verbs.yml"))
    return frozenset(words(told["prefixes"])), frozenset(words(told["onward"]))
