"""The job "lint": all rules over the whole corpus, which takes a minute where there are ten thousand entries."""

from collections.abc import Mapping
from typing import Any

from bot.composition import corpus_folder
from bot.jobs.kinds import Work
from bot.linting import corpus_of
from bot.livetown import live_town
from faq.catalogue import Catalogue
from faq.lint.gather import state_of
from faq.lint.lint import RULES, lint
from faq.lint.told import to_json

ABOUT = "corpus"
MOST = 500
"""Findings of a rule that are kept, the first ones: where thousands of titles are alike, pairs of them are tens of
thousands, which nobody reads and every page of an entry would have to load."""


def run(work: Work) -> Mapping[str, Any]:
    """{"state": what it was made of, "entries": how many, "findings": [as JSON], "more": by rule, how many beyond those
    that are kept}; rule by rule, so that it can be told how far it is."""
    catalogue = Catalogue(work.engine, lambda: work.job.at)
    state = state_of(catalogue)
    town = live_town(corpus_folder(work.settings), work.engine).town
    corpus = corpus_of(catalogue, town, work.job.at)
    found: list[Any] = []
    more: dict[str, int] = {}
    for number, rule in enumerate(RULES):
        work.tell("lint.running", number / len(RULES))
        findings = lint(corpus, [rule])
        found += [to_json(finding) for finding in findings[:MOST]]
        if len(findings) > MOST:
            more[rule] = len(findings) - MOST
    return {"state": state, "entries": len(corpus.revisions), "findings": found, "more": more}
