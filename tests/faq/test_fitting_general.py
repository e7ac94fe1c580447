"""What ships for any corpus: its candidates, its promise, and that no corpus judges itself."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from faq.fitting import general
from faq.fitting.certify import NotCertified, bound, fitting_half
from faq.fitting.general import _candidates, _proved, citizens, fit_general
from faq.fitting.observe import Corpus, Seen, bare, key_of
from faq.fitting.probability import Rows, rows_of
from faq.measure import Trial
from faq.vectors import VectorCache
from tests.faq import made_up
from tests.faq.town import TOWN

STRANGERS = [f"spiel lied {number}" for number in range(20)]


@cache
def corpora() -> tuple[Corpus, ...]:
    return tuple(made_up.corpus(name, entries=60, seed=seed, wrong=0.02) for seed, name in enumerate("abc"))


def fit(some: Sequence[Corpus]) -> tuple[dict[str, Any], dict[str, Any]]:
    return fit_general(some, STRANGERS, None, VectorCache(":memory:"))


@cache
def fitted() -> tuple[dict[str, Any], dict[str, Any]]:
    return fit(corpora())


def test_a_general_fit_holds_by_its_own_evidence() -> None:
    logistic, found = fitted()
    proof = found["certificate"]
    assert all(weight >= 0 for name, weight in logistic["logistic"].items() if name not in ("length", "elsewhere"))
    assert proof["bound"] == pytest.approx(bound(proof["right"], proof["answered"]), abs=1e-4)
    assert proof["bound"] >= found["promise"] >= general.PROMISES[-1]
    assert 0 < found["clarify"] <= found["answer"] < 1
    kept = [key_of(t) for corpus in corpora() for t in corpus.trials]
    assert proof["asked"] == len(kept) - fitting_half(kept, "halves of the general fit").sum()
    assert proof["asked"] == sum(one["asked"] for one in found["certificates"].values())
    assert proof["answered"] == sum(one["answered"] for one in found["certificates"].values())
    assert found["answer"] in [one["answer"] for one in found["tried"]]
    for name, kinds in found["unseen_by_corpus"].items():
        assert kinds[name]["n"] == 180
        assert kinds["strangers"]["n"] == len(STRANGERS)
        assert kinds["left out"]["n"] > 0
    assert found["unseen"]["strangers"]["n"] == len(corpora()) * len(STRANGERS)


def swapped(corpus: Corpus, second: bool) -> Corpus:
    """One question of every sixth entry changes its answer with that of the next, within one half."""
    trials = list(corpus.trials)
    half = fitting_half([key_of(trial) for trial in trials], "halves of the general fit") != second
    places = np.flatnonzero(half)[::9]
    for one, other in zip(places[::2], places[1::2], strict=False):
        here, there = corpus.trials[one], corpus.trials[other]
        trials[one], trials[other] = replace(here, relevant=there.relevant), replace(there, relevant=here.relevant)
    return replace(corpus, trials=trials)


def test_certifying_questions_move_no_candidate() -> None:
    _, kept = fitted()
    _, moved = fit([swapped(corpora()[0], second=True), *corpora()[1:]])
    assert [one["answer"] for one in moved["tried"]] == [one["answer"] for one in kept["tried"]]
    assert moved["certificate"] != kept["certificate"]


def test_fitting_questions_do() -> None:
    logistic, _ = fit([*corpora()[:2], swapped(corpora()[2], second=False)])
    assert logistic != fitted()[0]


def test_what_is_told_of_a_corpus_comes_from_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    learned: list[set[str]] = []
    real = general.fit

    def watched(rows: Rows) -> Any:
        learned.append({str(key)[0] for key in rows.key if "-" in key})
        return real(rows)

    monkeypatch.setattr(general, "fit", watched)
    fit(corpora())
    assert learned == [{"b", "c"}, {"a", "c"}, {"a", "b"}, {"a", "b", "c"}]


def test_no_corpus_that_proves_means_no_candidate() -> None:
    with pytest.raises(NotCertified, match="no threshold"):
        fit([replace(corpus, proves=False) for corpus in corpora()])


def test_a_bare_corpus_has_titles_and_texts_alone() -> None:
    asked = [Trial("hundesteuer", frozenset(["hund-anmelden"]), "de")]
    stripped = bare("bare", Corpus("town", TOWN, asked, 1.0, "family"))
    assert (stripped.trials, stripped.family, stripped.proves) == (asked, "family", False)
    for before, after in zip(TOWN, stripped.revisions, strict=True):
        assert before.texts["de"].variants
        assert after == replace(before, texts={"de": replace(before.texts["de"], variants=())})


def test_a_corpus_without_its_wordings_teaches_and_proves_nothing() -> None:
    stripped = bare("stripped", made_up.corpus("a", entries=60, seed=7, wrong=0.02))
    logistic, found = fit([*corpora(), stripped])
    assert logistic != fitted()[0]
    assert found["certificate"]["asked"] == fitted()[1]["certificate"]["asked"]
    assert "stripped" not in found["certificates"]


# -- candidates


def answered(name: str, right: Sequence[bool]) -> tuple[str, list[Seen], float]:
    return name, [Seen({"margin": 1.0}, one, one, f"{name}{n}") for n, one in enumerate(right)], 1.0


def test_candidates_are_the_lowest_that_hold_on_average_and_anywhere() -> None:
    sure = np.concatenate([np.linspace(0.999, 0.3, 200), np.linspace(0.999, 0.3, 200)])
    rows = rows_of([answered("a", [n < 120 for n in range(200)]), answered("b", [n < 150 for n in range(200)])])
    named = _candidates(rows, sure, ["a", "b"])
    assert named == sorted(set(named), reverse=True)

    def shares(threshold: float) -> list[float]:
        return [float(rows.right[(rows.kind == name) & (sure >= threshold)].mean()) for name in "ab"]

    loosest = named[-1]
    assert np.mean(shares(loosest)) >= general.AVERAGE
    assert min(shares(loosest)) >= general.LEAST_ANYWHERE
    assert np.mean(shares(loosest - 0.005)) < general.AVERAGE or min(shares(loosest - 0.005)) < general.LEAST_ANYWHERE
    assert np.mean(shares(named[0])) >= general.AVERAGE + 0.02


def test_one_bad_corpus_keeps_all_from_being_answered() -> None:
    sure = np.tile(np.linspace(0.999, 0.3, 300), 4)
    good = [answered(name, [True] * 300) for name in "abc"]
    assert _candidates(rows_of([*good, answered("d", [True] * 300)]), sure, list("abcd"))
    bad = rows_of([*good, answered("d", [n % 5 > 0 for n in range(300)])])  # 0.95 on average, 0.8 here
    assert _candidates(bad, sure, list("abcd")) == []
    assert _candidates(bad, sure, list("abc")), "it is not asked to prove anything"


def test_no_candidate_answers_more_strangers_than_may_be() -> None:
    rows = rows_of([answered("a", [True] * 100), answered("strangers", [False] * 100)])
    sure = np.concatenate([np.linspace(0.999, 0.3, 100), np.linspace(0.9, 0.1, 100)])
    named = _candidates(rows, sure, ["a"])
    assert named
    assert (sure[100:] >= named[-1]).mean() <= 0.02


# -- the promise


def proving(steps: Sequence[tuple[float, int, int]]) -> tuple[Any, Any]:
    """Probability, right and wrong ones."""
    sure = np.concatenate([np.full(right + wrong, probability) for probability, right, wrong in steps])
    return sure, np.concatenate([np.arange(right + wrong) < right for _, right, wrong in steps])


def test_the_highest_promise_is_made_for_the_loosest_that_proves_it() -> None:
    sure, right = proving([(0.9, 100, 1), (0.8, 100, 4), (0.7, 10, 60)])
    promise, (answer, proof) = _proved(sure, right, [0.9, 0.8, 0.7])
    assert (promise, answer, proof.answered) == (0.9, 0.8, 205)


def test_a_lower_promise_is_made_for_the_strictest_alone() -> None:
    sure, right = proving([(0.9, 92, 8), (0.8, 300, 10)])
    assert bound(392, 410) > 0.9 > bound(92, 100) > 0.85, "the looser one would prove more: a second chance"
    promise, (answer, _) = _proved(sure, right, [0.9, 0.8])
    assert (promise, answer) == (0.85, 0.9)


def test_no_promise_is_made_where_the_lowest_fails() -> None:
    sure, right = proving([(0.9, 70, 30), (0.8, 900, 0)])
    with pytest.raises(NotCertified, match="70 of 100"):
        _proved(sure, right, [0.9, 0.8])


def test_promises_are_broken_in_no_more_than_one_case_of_twenty() -> None:
    """All promises are tried of thresholds that keep none of them by a hair."""
    chance = np.random.default_rng(3)
    sure = np.repeat([0.9, 0.8, 0.7], 120)
    broken = 0
    for _ in range(400):
        right = chance.random(360) < np.repeat([0.899, 0.849, 0.799], 120)
        try:
            promise, (answer, _) = _proved(sure, right, [0.9, 0.8, 0.7])
        except NotCertified:
            continue
        broken += promise > {0.9: 0.899, 0.8: 0.874, 0.7: 0.849}[answer]
    assert broken / 400 <= 0.05 + 2 * (0.05 * 0.95 / 400) ** 0.5


# -- the town's part in it


def test_the_town_brings_the_fitting_half_of_its_questions_only() -> None:
    corpus = corpora()[0]
    brought = citizens(corpus).trials
    assert 0.3 < len(brought) / len(corpus.trials) < 0.7
    assert fitting_half([key_of(trial) for trial in brought]).all()
    rest = [trial for trial in corpus.trials if trial not in brought]
    assert not fitting_half([key_of(trial) for trial in rest]).any()
