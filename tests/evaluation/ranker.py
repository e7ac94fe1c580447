"""`python -m tests.evaluation.ranker [--write]`: what each signal is worth, or new weights for coefficients.json.

Fits on corpora without wordings, each counting the same: the two beside the checkout, and the sample town without
its wordings, asked by two of each entry's; never on trials. The table's figures for a corpus come from weights that
were fitted without it and its like.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bot.processes.models import encoder_loader
from bot.settings import read
from faq.entry import revision_of
from faq.fitting import weights
from faq.fitting.observe import Corpus, dealt, own_wordings
from faq.measure import NEVER, Trial
from faq.retrieval import fusion
from tests.evaluation import sets
from tests.evaluation.sets import FOREIGN, OTHERS, TOWN, town_drafts, town_revisions, town_trials

_MOST = 300  # questions of one corpus that are fitted on: enough for a dozen weights
_TRANSLATED = 0.02  # what the same questions in another language count: little, they are the same questions
_BARE = 2  # wordings of each entry that are asked of a corpus without any


def main(arguments: Sequence[str]) -> int:
    """Print the table, or fit on everything and write."""
    writing = "--write" in arguments
    encoder, cache = encoder_loader(read())
    corpora = [corpus for corpus in (*foreign(), *town()) if corpus.weight or not writing]
    for kind, with_encoder in ((fusion.FULL, encoder), (fusion.WORDS_ONLY, None)):
        asked = [weights.ask(corpus, with_encoder, cache) for corpus in corpora]
        if writing:
            fitted = weights.fit_weights(asked, tuple(asked[0].signals))
            weights.write_weights(Path(fusion.__file__).with_name("coefficients.json"), kind, fitted)
            print(kind, fitted)
        else:
            print("\n".join([kind, *weights.lines(weights.ablation(asked))]), flush=True)
    return 0


def foreign() -> Iterator[Corpus]:
    """Corpora that nobody here wrote, where they are there."""
    for family in FOREIGN:
        for one in sets.foreign(family):
            yield Corpus(one.name, one.revisions, one.trials, 1.0 if one.name == family else _TRANSLATED, family)


def town() -> Iterator[Corpus]:
    """The sample town: asked with wordings taken out of it, asked without any wordings, and by its trials."""
    own = own_wordings("own wordings", town_drafts(), 0, 0.0, TOWN)
    yield replace(own, trials=_some(own.trials))
    bare, trials = [], []
    for draft in town_drafts():
        german = draft.content.texts["de"]
        texts = {"de": replace(german, variants=())}
        bare.append(revision_of(draft.entry, 1, replace(draft.content, texts=texts), "bare", NEVER))
        trials += [Trial(said, frozenset([draft.entry]), "de") for said in german.variants[:_BARE]]
    yield Corpus("bare", bare, _some(trials), 1.0, TOWN)
    full = town_revisions()
    for language in ("de", *OTHERS):
        if asked := town_trials(language):
            yield Corpus(f"trials {language}", full, asked, 0.0, TOWN)


def _some(trials: Sequence[Trial]) -> list[Trial]:
    return sorted(trials, key=lambda trial: dealt("some", trial.query))[:_MOST]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
