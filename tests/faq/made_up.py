"""Corpora of words that are in no language, with questions whose answers are known: something to fit on in seconds."""

from dataclasses import replace

import numpy as np

from faq.entry import Revision
from faq.fitting.observe import Corpus
from faq.measure import Trial
from tests.faq.town import revision

_SOUNDS = np.array([f"{one}{other}" for one in "bdfghklmnprtwz" for other in "aiou"])


def corpus(name: str, entries: int = 60, seed: int = 1, wrong: float = 0.1, weight: float = 1.0) -> Corpus:
    """Three questions an entry: by its two words, by one of them, and by one of them beside a word of the neighbour.
    The share `wrong` of all questions are about another entry than they sound like, at random: no evidence can tell."""
    chance = np.random.default_rng(seed)
    chosen = ["".join(chance.choice(_SOUNDS, 5)) for _ in range(2 * entries)]
    revisions: list[Revision] = []
    trials: list[Trial] = []
    for number in range(entries):
        one, other = chosen[2 * number], chosen[2 * number + 1]
        beside = chosen[(2 * number + 2) % len(chosen)]
        revisions.append(revision(f"{name}-{number}", f"{one} {other}", f"Antwort {number}"))
        for question in (f"{one} {other} bitte sofort", f"bitte {other}", f"{one} oder {beside}"):
            about = number if chance.random() >= wrong else int(chance.integers(entries))
            trials.append(Trial(question, frozenset([f"{name}-{about}"]), "de"))
    return Corpus(name, revisions, trials, weight, name)


def relabelled(trial: Trial, entry: str) -> Trial:
    """The same question about another entry."""
    return replace(trial, relevant=frozenset([entry]))
