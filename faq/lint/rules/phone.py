"""Telephone numbers that lead to the wrong office, to nobody, or differ between languages."""

import re
from collections.abc import Iterable, Iterator, Mapping

from faq.entry import LEICHT, Revision
from faq.lint.corpus import Corpus, told
from faq.lint.finding import Finding, Level, OpenEntry
from faq.lint.reading import number, phones
from faq.style.sentences import sentences

NAME = "phone"
_SHORTEST = 6  # digits that all of a town's numbers begin with, at least, for another one to be one of the town's


def alone(revision: Revision, corpus: Corpus) -> Iterator[Finding]:
    """Each number of each text."""
    known = _known(corpus)
    prefix = _shared(known)
    german = phones(told(revision.texts["de"])) if "de" in revision.texts else {}
    for language, text in revision.texts.items():
        at = OpenEntry(revision.entry, f"texts.{language}.answer")
        for sentence in sentences(told(text)):
            for digits, written in phones(sentence).items():
                meant = _named(sentence, corpus)
                if digits in known and meant and not (known[digits] & meant):
                    offices = corpus.town.offices
                    values = {"number": written, "office": ", ".join(sorted(offices[o].name for o in meant))}
                    values["other"] = ", ".join(sorted(offices[o].name for o in known[digits] if o in offices))
                    if values["other"]:
                        yield Finding(NAME, Level.ERROR, (revision.entry,), "phone.office", (at,), values)
                elif digits not in known and len(prefix) >= _SHORTEST and digits.startswith(prefix):
                    yield Finding(NAME, Level.ERROR, (revision.entry,), "phone.unknown", (at,), {"number": written})
        if language not in ("de", LEICHT) and german:
            there = phones(told(text))
            if strange := {d: w for d, w in there.items() if d not in german and d not in known}:
                values = {"language": language, "number": ", ".join(strange.values())}
                values["german"] = ", ".join(german.values())
                if not any(_leads_to(revision, digits) for digits in strange):
                    yield Finding(NAME, Level.WARNING, (revision.entry,), "phone.languages", (at,), values)


def _shared(numbers: Iterable[str]) -> str:
    """What all of them begin with."""
    first, last = min(numbers, default=""), max(numbers, default="")
    alike = next((n for n, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    return first[:alike] if first != last else ""


def _known(corpus: Corpus) -> Mapping[str, frozenset[str]]:
    """The town's numbers with the offices that they lead to; the switchboard leads to all."""
    found: dict[str, frozenset[str]] = {}
    for office in corpus.town.offices.values():
        if office.phone:
            digits = number(office.phone)
            found[digits] = found.get(digits, frozenset()) | {office.id}
    if corpus.town.phone:
        found[number(corpus.town.phone)] = frozenset(corpus.town.offices)
    return found


def _named(sentence: str, corpus: Corpus) -> frozenset[str]:
    """The offices that the sentence names, with those that do their work elsewhere."""
    offices = corpus.town.offices.values()
    named = {o.id for o in offices if re.search(rf"\b{re.escape(o.name)}(?:s|es)?\b", sentence)}
    return frozenset(named | {o.id for o in offices if o.branch_of in named})


def _leads_to(revision: Revision, digits: str) -> bool:
    return bool(revision.elsewhere and revision.elsewhere.phone and number(revision.elsewhere.phone) == digits)
