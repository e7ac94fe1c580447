"""The order's weights: what tells the right document apart weighs, the rest does not; and who judges whom."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from faq.fitting.weights import GIVEN, Asked, ablation, fit_weights, lines, recall

QUESTIONS, DOCUMENTS = 60, 12


def asked(name: str, family: str = "", weight: float = 1.0, seed: int = 1, **strengths: float) -> Asked:
    """Signals of chance in which the right document stands out by so much."""
    chance = np.random.default_rng(seed)
    answer = chance.integers(DOCUMENTS, size=QUESTIONS)
    right = np.arange(DOCUMENTS) == answer[:, None]
    signals = {
        signal: (chance.random((QUESTIONS, DOCUMENTS)) + strength * right).astype(np.float32)
        for signal, strength in strengths.items()
    }
    return Asked(name, family or name, weight, signals, np.arange(DOCUMENTS), right)


def test_what_tells_the_right_one_weighs_most_and_nothing_weighs_less_than_nothing() -> None:
    one = asked("a", good=1.0, noise=0.0, against=-1.0)
    found = fit_weights([one], ("good", "noise", "against"))
    assert found["good"] > 3 * found["noise"] >= 0
    assert found["against"] == 0
    assert recall(one, found)[0] > recall(one, {"noise": 1.0})[0] + 0.4


def test_together_signals_do_better_than_the_best_alone() -> None:
    one, other = (asked("a", seed=seed, first=0.5, second=0.5) for seed in (1, 2))
    found = fit_weights([one], ("first", "second"))
    assert recall(other, found)[0] > max(recall(other, {name: 1.0})[0] for name in ("first", "second"))


def test_corpora_without_weight_only_test() -> None:
    good, bad = asked("a", good=1.0, noise=0.0), asked("b", weight=0.0, good=0.0, noise=1.0)
    alone = fit_weights([good], ("good", "noise"))
    assert fit_weights([good, bad], ("good", "noise")) == alone
    assert fit_weights([good, replace(bad, weight=1.0)], ("good", "noise")) != alone


def test_a_weight_that_is_given_is_not_fitted() -> None:
    one = asked("a", good=1.0, learned=0.0)
    assert fit_weights([one], ("good", "learned"))["learned"] == GIVEN["learned"]


def test_equal_scores_count_half_before() -> None:
    even = Asked("a", "a", 1.0, {"x": np.ones((1, 2), np.float32)}, np.arange(2), np.array([[True, False]]))
    assert recall(even, {"x": 1.0}) == (0.0, 1.0)


def test_no_corpus_nor_its_like_has_part_in_the_weights_that_judge_it() -> None:
    strengths: Mapping[str, float] = {"good": 1.0, "noise": 0.0}
    other = asked("other", seed=2, **strengths)
    twin = asked("twin", family="family", weight=0.0, seed=3, **strengths)
    kin = asked("kin", family="family", seed=4, **strengths)
    misled = replace(kin, signals={**kin.signals, "good": -kin.signals["good"]})

    def judged(corpora: list[Asked]) -> Any:
        return {title: row["twin"] for title, row in ablation(corpora).items()}

    assert judged([other, twin, kin]) == judged([other, twin, misled])
    stranger = replace(misled, family="stranger", weight=50.0)
    assert judged([other, twin, kin]) != judged([other, twin, stranger]), "others do have part"


def test_an_ablation_tells_of_all_of_each_left_out_and_of_each_alone() -> None:
    corpora = [asked(name, seed=seed, good=1.0, noise=0.0) for seed, name in enumerate("ab")]
    shares: list[float] = []
    table = ablation(corpora, shares.append)
    assert list(table) == ["fused", "-good", "-noise", "good", "noise"]
    assert shares == pytest.approx([1 / 3, 2 / 3, 1])
    assert table["good"]["a"] == recall(corpora[0], {"good": 1.0})
    assert table["-good"]["a"] == table["noise"]["a"], "what is left is noise alone, whatever it weighs"
    assert table["fused"]["a"][0] > table["-good"]["a"][0] + 0.3
    head, rule, *rows = lines(table)
    assert head == "| | a | b |"
    assert rule.count("---") == 3
    assert len(rows) == len(table)
