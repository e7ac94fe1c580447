"""When a guess is too unsure to act on: the rule by which the fallback's threshold is fitted, and what it then does.

The threshold itself stands in nlu/rasa/config.yml, as that of Rasa's FallbackClassifier, so that it is part of the
model that it was fitted for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from nlu.understand import FALLBACK

OUTSIDE = "out_of_scope"


@dataclass(frozen=True)
class Guess:
    """The model's first guess about a text whose intent is known; `unsure` where the fallback stood before it."""

    wanted: str
    found: str
    confidence: float
    unsure: bool = False

    @property
    def right(self) -> bool:
        """Whether the guess, believed or not, was the text's intent."""
        return self.wanted == self.found

    @property
    def outcome(self) -> str:
        """What is acted on."""
        return FALLBACK if self.unsure else self.found


def fit(guesses: Sequence[Guess]) -> float:
    """The confidence from which on a guess is right at least as often as wrong.

    A guess that is not believed costs a search in the FAQ instead of a reply, a wrong one a wrong reply: both are one
    turn, so evens is where believing begins to pay. The chance of being right is made to grow with the confidence by
    pooling adjacent violators (isotonic regression; Ayer et al., Ann. Math. Statist. 26, 1955). The guesses must be of
    texts that the model has not learned. 0 where every guess is to be believed, 1 where none is.
    """
    blocks: list[tuple[float, float, int, int]] = []  # lowest and highest confidence, right ones, all
    ordered = sorted(guesses, key=lambda one: one.confidence)
    for confidence, alike in groupby(ordered, key=lambda one: one.confidence):
        found = [guess.right for guess in alike]
        block = (confidence, confidence, sum(found), len(found))
        while blocks and blocks[-1][2] * block[3] >= block[2] * blocks[-1][3]:
            low, _, right, count = blocks.pop()
            block = (low, block[1], right + block[2], count + block[3])
        blocks.append(block)
    highest = 0.0
    for at, (low, high, right, count) in enumerate(blocks):
        if 2 * right >= count:
            # Between the last guess that is not to be believed and the first that is.
            return (highest + low) / 2 if at else 0.0
        highest = high
    return 1.0


def believed(guesses: Sequence[Guess]) -> dict[str, float]:
    """`kept`: the share of guesses that are acted on; `right`: how many of those are right."""
    kept = [guess for guess in guesses if not guess.unsure]
    return {"kept": len(kept) / len(guesses), "right": sum(g.right for g in kept) / max(len(kept), 1)}


def detection(guesses: Sequence[Guess]) -> dict[str, float]:
    """How well texts outside the town's matters are told from the others, at the threshold of the model.

    `recall`: of those outside, the share that became out_of_scope or the fallback; `refused`: of all others, the
    share that became out_of_scope, which turns a citizen away; `unsure`: of all others, the share that became the
    fallback, which searches the FAQ and may still answer.
    """
    outside = [guess for guess in guesses if guess.wanted == OUTSIDE]
    others = [guess for guess in guesses if guess.wanted != OUTSIDE]
    return {
        "recall": sum(guess.outcome in (OUTSIDE, FALLBACK) for guess in outside) / max(len(outside), 1),
        "refused": sum(guess.outcome == OUTSIDE for guess in others) / max(len(others), 1),
        "unsure": sum(guess.unsure for guess in others) / max(len(others), 1),
    }
