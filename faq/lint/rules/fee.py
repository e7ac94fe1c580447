"""Fees that contradict one another: between languages, between text and facts, between entries on one matter."""

import re
from collections.abc import Iterator

from faq.entry import LEICHT, Revision, Text
from faq.lint.corpus import Corpus
from faq.lint.finding import Finding, Level, OpenEntry, SideBySide
from faq.lint.reading import amounts, is_free, placed_amounts
from faq.style.sentences import sentences

NAME = "fee"
# Words that say that the sum behind them is the fee itself, and not a fine, an income or a benefit.
_COSTS = re.compile(
    r"\b(?:kostet|Gebühr(?: beträgt| ist| liegt bei)|(?:the )?fee is|costs)\s+(?:\w+\s){0,2}(?=(?:€\s?)?\d)",
    re.IGNORECASE,
)


def alone(revision: Revision, corpus: Corpus) -> Iterator[Finding]:
    """Of one entry: the languages' facts, and each text against its facts."""
    german = revision.texts.get("de")
    for language, text in revision.texts.items():
        if german and language not in ("de", LEICHT) and _differ(german.facts.fee, text.facts.fee):
            at = OpenEntry(revision.entry, f"texts.{language}.facts.fee")
            values = {"language": language, "german": german.facts.fee, "other": text.facts.fee}
            yield Finding(NAME, Level.ERROR, (revision.entry,), "fee.languages", (at,), values)
        facts = german.facts.fee if german and language == LEICHT else text.facts.fee
        for sum_ in _told_otherwise(text, facts):
            at = OpenEntry(revision.entry, f"texts.{language}.answer")
            values = {"language": language, "sum": sum_, "fee": facts}
            yield Finding(NAME, Level.ERROR, (revision.entry,), "fee.text", (at,), values)


def whole(corpus: Corpus) -> Iterator[Finding]:
    """Between entries on one matter."""
    for pair in corpus.alike:
        one, other = (corpus.by_entry[entry].text("de").facts.fee for entry in (pair.one, pair.other))
        if _differ(one, other):
            fixes = (SideBySide(pair.one, pair.other),)
            yield Finding(NAME, Level.ERROR, (pair.one, pair.other), "fee.entries", fixes, {"one": one, "other": other})


def _differ(one: str, other: str) -> bool:
    """Do both name sums, and not the same; or one that it is free, and the other only sums?"""
    here, there = amounts(one) - {0}, amounts(other) - {0}
    if here and there:
        return here != there
    return (is_free(one) and bool(there) and not is_free(other)) or (is_free(other) and bool(here) and not is_free(one))


def _told_otherwise(text: Text, facts: str) -> Iterator[str]:
    """Sums that the text calls the fee and its facts do not name."""
    known = amounts(facts)
    if not known:
        return
    for sentence in sentences(text.answer):
        for costs in _COSTS.finditer(sentence):
            for cents, written in list(placed_amounts(sentence[costs.end() :]))[:1]:
                if cents not in known:
                    yield written
