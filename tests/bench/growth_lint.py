"""How the lint grows with the FAQ: python -m tests.bench.growth_lint ENTRIES, one size a process.

Entries are made up as in growth_faq, with twenty wordings each; the trial questions are the sample town's. Prints one
JSON object: processor seconds by rule, and the most memory that the process ever had beyond what it began with.
"""

import json
import random
import resource
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime

from bot.composition import SAMPLE_TOWN
from faq.entry import Content, Revision, revision_of
from faq.lint.corpus import Corpus, Trial
from faq.lint.lint import RULES, lint
from faq.town import load_town
from faq.trials import corpus_trials
from tests.bench.growth_faq import SEED, made_up

WORDINGS = 20


def worded(revision: Revision, chance: random.Random) -> Revision:
    """With so many wordings, each of words that the entry has already."""
    text = revision.texts["de"]
    words = f"{text.question} {' '.join(text.variants)} {text.answer}".split()
    variants = tuple(" ".join(chance.choices(words, k=chance.randint(3, 7))) for _ in range(WORDINGS - 1))
    content: Content = replace(revision.content, texts={"de": replace(text, variants=variants)})
    return revision_of(revision.entry, 1, content, "bench", revision.at)


def measure(entries: int) -> dict[str, object]:
    """Every rule by itself, in the order in which all are run."""
    chance = random.Random(SEED)
    revisions = tuple(worded(one, chance) for one in made_up(entries))
    known = corpus_trials(SAMPLE_TOWN, datetime.now(UTC))
    trials = tuple(Trial(trial.question, trial.relevant) for trial in known)
    corpus = Corpus(revisions, load_town(SAMPLE_TOWN / "town.yml"), date(2026, 6, 1), trials)
    before, took, found = _most(), dict[str, float](), 0
    for rule in RULES:
        began = time.process_time()
        found += len(lint(corpus, [rule]))
        took[rule] = round(time.process_time() - began, 2)
    told = {"entries": entries, "cpu_s": round(sum(took.values()), 1), "mib": round(_most() - before)}
    return told | {"findings": found, "rules": {rule: seconds for rule, seconds in took.items() if seconds >= 0.1}}


def _most() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
