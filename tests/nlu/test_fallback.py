"""The fallback's threshold follows its rule, and near copies stay together when it is fitted."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.fallback import Guess, believed, detection, fit
from nlu.near import parts


def guesses(chance: float, seed: int = 1, count: int = 4000) -> list[Guess]:
    """Guesses of which the share `chance` * 2 * confidence is right."""
    dice = random.Random(seed)
    drawn = [dice.random() for _ in range(count)]
    return [Guess("a", "a" if dice.random() < min(1, 2 * chance * c) else "b", c) for c in drawn]


@pytest.mark.parametrize(("chance", "even"), [(0.5, 0.5), (1.0, 0.25), (0.36, 0.7)])
def test_the_threshold_is_where_right_and_wrong_are_even(chance: float, even: float) -> None:
    assert fit(guesses(chance)) == pytest.approx(even, abs=0.06)


def test_a_model_that_is_always_right_is_always_believed_and_one_that_never_is_never() -> None:
    assert fit([Guess("a", "a", c / 10) for c in range(1, 10)]) == 0
    assert fit([Guess("a", "b", c / 10) for c in range(1, 10)]) == 1


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1))
def test_from_the_threshold_on_a_guess_is_as_often_right_as_wrong(drawn: list[tuple[float, bool]]) -> None:
    made = [Guess("a", "a" if right else "b", confidence) for confidence, right in drawn]
    threshold = fit(made)
    kept = [guess for guess in made if guess.confidence >= threshold]
    assert threshold == 1 or 2 * sum(guess.right for guess in kept) >= len(kept)


def test_outside_counts_refusals_and_doubts_apart() -> None:
    told = [
        Guess("out_of_scope", "out_of_scope", 0.9),
        Guess("out_of_scope", "faq_question", 0.1, unsure=True),
        Guess("out_of_scope", "greet", 0.9),
        Guess("out_of_scope", "out_of_scope", 0.2, unsure=True),
        Guess("faq_question", "out_of_scope", 0.9),
        Guess("faq_question", "faq_question", 0.2, unsure=True),
        Guess("greet", "greet", 0.9),
        Guess("thanks", "out_of_scope", 0.2, unsure=True),
    ]
    assert detection(told) == {"recall": 0.75, "refused": 0.25, "unsure": 0.5}
    assert believed(told) == {"kept": 0.5, "right": 0.5}


def test_near_copies_are_in_one_part_and_the_parts_are_alike() -> None:
    texts = ["was kostet das", "und was kostet das?", "Was kostet das denn", "wo ist das", "guten morgen", "danke"]
    texts += [f"{word} etwas ganz anderes {word[::-1]}" for word in ("haus", "baum", "fisch", "wolke")]
    found = parts(texts, 3)
    assert found[0] == found[1] == found[2]
    assert set(found) == {0, 1, 2}
    assert max(map(found.count, range(3))) <= 5
    assert parts(texts, 3) == found
