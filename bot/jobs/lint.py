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


def run(work: Work) -> Mapping[str, Any]:
    """{"state": what it was made of, "entries": how many, "findings": [as JSON]}; rule by rule, so that it can be told
    how far it is."""
    catalogue = Catalogue(work.engine, lambda: work.job.at)
    state = state_of(catalogue)
    town = live_town(corpus_folder(work.settings), work.engine).town
    corpus = corpus_of(catalogue, town, work.job.at)
    found = []
    for number, rule in enumerate(RULES):
        work.tell("lint.running", number / len(RULES))
        found += [to_json(finding) for finding in lint(corpus, [rule])]
    return {"state": state, "entries": len(corpus.revisions), "findings": found}
