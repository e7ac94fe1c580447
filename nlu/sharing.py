"""One question about several matters, told apart: "was kostet der Perso und der Reisepass" asks for the fee of each.

Pure. What they share (the words before the first matter and after the last) is said again with each. It proposes only:
whether each part is a matter of its own turns out where the parts are looked up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import yaml

from nlu.days import find_days
from nlu.manner import open_words
from nlu.phrases import Phrasebook, Word, tokenise
from nlu.profiles import LANGUAGES_DIR
from nlu.questions import split_questions
from nlu.text import fold, normalise

LONGEST = 16
"""Words from which on a message tells a story, and "und" joins more than two matters."""

_SOME_DAY = date(2026, 1, 1)
"""Which words name a day depends on none."""


@dataclass(frozen=True)
class _Words:
    couplers: frozenset[str]
    leads: frozenset[str]
    """Articles and prepositions: they stand before a matter and belong to it."""
    closing: Phrasebook
    """Verbs that end a question, and belong to all its matters."""


@dataclass(frozen=True)
class _Run:
    """A matter's words: `lead` is where its articles begin, `first` its own words, which end before `last`."""

    lead: int
    first: int
    last: int


@cache
def _words() -> _Words:
    data = [yaml.safe_load(path.read_text("utf-8")) for path in sorted(LANGUAGES_DIR.glob("*/manner.yml"))]
    couplers, leads = (
        frozenset(fold(word) for one in data for word in one.get(name, ())) for name in ("couplers", "leads")
    )
    return _Words(couplers, leads, Phrasebook([("closing", word) for one in data for word in one.get("closing", ())]))


def questions_in(text: str) -> tuple[str, ...]:
    """The questions of a message: those that stand apart in it, else those that share their words."""
    parts = split_questions(text)
    return parts if len(parts) > 1 else share(text)


def share(text: str) -> tuple[str, ...]:
    """A question for each matter that one question is about, in their order; the trimmed text where it is about one.

    Never raises.
    """
    found = tokenise(text)
    if not 2 < len(found) <= LONGEST:
        return (text.strip(),)
    plain, said = normalise(text), find_days(text, _SOME_DAY)
    open_ = open_words(found) - (said.covered if said else frozenset())  # "morgen" is no matter
    runs = _runs(found, open_, plain)
    if len(runs) < 2:
        return (text.strip(),)
    end = runs[-1].last - _closes(found, runs)
    runs = [*runs[:-1], _Run(runs[-1].lead, runs[-1].first, end)]

    def between(first: int, last: int) -> str:
        return plain[found[first].start : found[last - 1].end] if first < last else ""

    head, tail = plain[: found[runs[0].lead].start], plain[found[end - 1].end :]
    lead = between(runs[0].lead, runs[0].first)
    matters = [f"{between(run.lead, run.first) or lead} {between(run.first, run.last)}" for run in runs]
    return tuple(" ".join(f"{head} {matter.strip()}{tail}".split()) for matter in matters)


def shares(text: str, parts: Sequence[str]) -> bool:
    """Are they parts as `share` makes them, and not the text cut into pieces?"""
    return "".join("".join(parts).split()) != "".join(text.split())


def _runs(found: Sequence[Word], open_: frozenset[int], plain: str) -> list[_Run]:
    """The matters that the first "und" joins, with those before it after a comma and those after another "und"."""
    for at, word in enumerate(found):
        if word.text not in _words().couplers or at - 1 not in open_:
            continue
        if plain[found[at - 1].end :].startswith("-"):
            return []  # "Geburts- und Heiratsurkunde": half a word is no matter
        runs = [_before(found, open_, plain, at)]
        while runs[0].lead - 1 in open_ and _comma(found, plain, runs[0].lead):
            runs.insert(0, _before(found, open_, plain, runs[0].lead))
        while at < len(found) and found[at].text in _words().couplers and (run := _after(found, open_, at + 1)):
            runs.append(run)
            at = run.last
        return runs
    return []


def _before(found: Sequence[Word], open_: frozenset[int], plain: str, end: int) -> _Run:
    first = end
    while first - 1 in open_ and not (first < end and _comma(found, plain, first)):
        first -= 1
    lead = first
    while lead and found[lead - 1].text in _words().leads:
        lead -= 1
    return _Run(lead, first, end)


def _comma(found: Sequence[Word], plain: str, at: int) -> bool:
    return "," in plain[found[at - 1].end : found[at].start]


def _after(found: Sequence[Word], open_: frozenset[int], start: int) -> _Run | None:
    first = start
    while first < len(found) and found[first].text in _words().leads:
        first += 1
    last = first
    while last in open_:
        last += 1
    return _Run(start, first, last) if last > first else None


def _closes(found: Sequence[Word], runs: Sequence[_Run]) -> int:
    """1 where the last word is a verb of all of them: "Hund und Katze anmelden"; 0 where each has its own."""
    verbs = {hit.first for hit in _words().closing.find(found)}
    last = runs[-1]
    alone = last.last - last.first > 1 and last.last - 1 in verbs
    return int(alone and all(run.last - 1 not in verbs for run in runs[:-1]))
