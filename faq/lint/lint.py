"""All rules, and how they are run: over the whole corpus, or over one entry while it is saved."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from faq.entry import Revision
from faq.lint.corpus import Corpus
from faq.lint.finding import Finding, Level
from faq.lint.rules import (
    dates,
    duplicate,
    fee,
    hard,
    hours,
    leaked,
    link,
    missing,
    phone,
    shared,
    translation,
    unfound,
)

Alone = Callable[[Revision, Corpus], Iterator[Finding]]
Whole = Callable[[Corpus], Iterator[Finding]]


@dataclass(frozen=True)
class Rule:
    """`alone` judges an entry by itself and is quick; `whole` compares entries. `worst` is the highest level that it
    gives; what it is about and why it matters are the console's words (lint.rule.<name>)."""

    worst: Level
    alone: Alone | None = None
    whole: Whole | None = None


RULES: dict[str, Rule] = {
    fee.NAME: Rule(Level.ERROR, fee.alone, fee.whole),
    hours.NAME: Rule(Level.ERROR, hours.alone),
    phone.NAME: Rule(Level.ERROR, phone.alone),
    missing.PLACEHOLDER: Rule(Level.ERROR, missing.placeholder),
    leaked.NAME: Rule(Level.ERROR, whole=leaked.whole),
    duplicate.NAME: Rule(Level.WARNING, whole=duplicate.whole),
    shared.NAME: Rule(Level.WARNING, whole=shared.whole),
    unfound.NAME: Rule(Level.WARNING, whole=unfound.whole),
    dates.EXPIRED: Rule(Level.WARNING, dates.expired),
    dates.REVIEW: Rule(Level.WARNING, dates.review),
    translation.STALE: Rule(Level.WARNING, translation.stale),
    link.BROKEN: Rule(Level.WARNING, link.broken),
    missing.MISSING: Rule(Level.WARNING, missing.missing),
    link.MOVED: Rule(Level.HINT, link.moved),
    translation.UNTRANSLATED: Rule(Level.HINT, whole=translation.untranslated),
    hard.NAME: Rule(Level.HINT, hard.alone),
}
"""Every rule by its name, in the order in which findings are shown."""


def lint(corpus: Corpus, rules: Collection[str] = tuple(RULES)) -> tuple[Finding, ...]:
    """What these rules find, rule by rule, each finding once."""
    found: dict[str, Finding] = {}
    for name in (name for name in RULES if name in rules):
        rule = RULES[name]
        for revision in corpus.revisions if rule.alone else ():
            assert rule.alone is not None
            found |= {finding.id: finding for finding in rule.alone(revision, corpus)}
        if rule.whole:
            found |= {finding.id: finding for finding in rule.whole(corpus)}
    return tuple(found.values())


def lint_entry(revision: Revision, corpus: Corpus) -> tuple[Finding, ...]:
    """What the quick rules find in this version of an entry, which need not be in the corpus."""
    every = (finding for rule in RULES.values() if rule.alone for finding in rule.alone(revision, corpus))
    return tuple({finding.id: finding for finding in every}.values())
