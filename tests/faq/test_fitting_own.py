"""A corpus' own fit, from its trials to its thresholds: what fits, what certifies, and that the two are kept apart."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.fitting import own
from faq.fitting.certify import NotCertified, bound, fitting_half
from faq.fitting.observe import Corpus, Observer, Seen, everyday, key_of, unanswerable
from faq.fitting.own import fit_files, fit_own
from faq.fitting.probability import Rows, rows_of
from faq.fitting.resampled import by_entry
from faq.fitting.thresholds import CAPS, clarify_from
from faq.measure import Trial
from faq.vectors import VectorCache
from tests.faq import made_up
from tests.faq.town import TOWN

PROMISE = 0.9  # so many questions prove it with something to spare


@cache
def corpus() -> Corpus:
    return made_up.corpus("town", entries=150, wrong=0.01)


def fit(trials: Sequence[Trial]) -> dict[str, Any]:
    outside = [Trial(f"{word} wozu {number}", frozenset(), "de") for number in range(20) for word in ("warum", "womit")]
    strangers = [f"spiel lied {number}" for number in range(40)]
    return fit_own(corpus().revisions, trials, outside, strangers, None, VectorCache(":memory:"), PROMISE)


@cache
def fitted() -> dict[str, Any]:
    return fit(corpus().trials)


def test_a_fit_that_succeeds_says_what_it_rests_on() -> None:
    found = fitted()
    proof = found["certificate"]
    trials = corpus().trials
    first = fitting_half([key_of(trial) for trial in trials])
    assert proof["asked"] == len(trials) - first.sum()
    assert found["fitting_half"]["own"]["n"] == first.sum()
    assert proof["bound"] >= found["promise"] == PROMISE
    assert proof["bound"] == pytest.approx(bound(proof["right"], proof["answered"]), abs=1e-4)
    assert proof["coverage"] > 0.4, "of questions this plain"
    assert 0 < found["clarify"] <= found["answer"] < 1
    assert found["by_entry"]["entries"] <= proof["answered"]
    assert {"outside", "strangers", "left out", "elsewhere", "own"} == set(found["certifying_half"])


def test_the_loosest_candidate_of_those_that_were_proved_before_any_failed_is_taken() -> None:
    found = fitted()
    named = [one["answer"] for one in found["tried"]]
    assert named == sorted(named, reverse=True)
    proved = [one["bound"] >= found["promise"] for one in found["tried"]]
    assert found["answer"] == named[(proved.index(False) if False in proved else len(proved)) - 1]


def test_no_kind_of_unanswerable_question_is_answered_more_often_than_its_cap() -> None:
    told = fitted()["fitting_half"]
    for kinds, cap in CAPS:
        answered = sum(told[kind]["n"] * told[kind]["answered"] for kind in kinds)
        assert answered <= cap * sum(told[kind]["n"] for kind in kinds) + 1e-6


def swapped(trials: Sequence[Trial], which: np.ndarray[Any, np.dtype[np.bool_]], pairs: int) -> list[Trial]:
    """So many pairs of those questions change their answers with each other; every entry keeps as many."""
    found = list(trials)
    places = [int(place) for place in np.flatnonzero(which)][:: which.sum() // (2 * pairs)][: 2 * pairs]
    for one, other in zip(places[::2], places[1::2], strict=True):
        here, there = trials[one], trials[other]
        found[one], found[other] = replace(here, relevant=there.relevant), replace(there, relevant=here.relevant)
    assert found != list(trials)
    return found


def test_answers_of_the_certifying_half_move_nothing_but_the_certificate() -> None:
    trials = corpus().trials
    first = fitting_half([key_of(trial) for trial in trials])
    kept, moved = fitted(), fit(swapped(trials, ~first, 1))
    assert [one["answer"] for one in moved["tried"]] == [one["answer"] for one in kept["tried"]]
    assert (moved["logistic"], moved["constant"]) == (kept["logistic"], kept["constant"])
    assert moved["fitting_half"].keys() == kept["fitting_half"].keys()
    assert moved["tried"] != kept["tried"], "the proof has seen them"


def test_thresholds_are_named_by_fits_that_have_not_seen_the_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    learned: list[set[str]] = []
    judged: list[set[str]] = []
    real_fit, real_sure = own.fit, own.sure

    def fit_watched(rows: Rows, toward: Any) -> Any:
        learned.append(set(rows.key.tolist()))
        return real_fit(rows, toward)

    def sure_watched(rows: Rows, by: Any) -> Any:
        judged.append(set(rows.key.tolist()))
        return real_sure(rows, by)

    monkeypatch.setattr(own, "fit", fit_watched)
    monkeypatch.setattr(own, "sure", sure_watched)
    fit(corpus().trials)
    *parts, whole = learned
    *blind, kept = judged
    assert len(parts) == len(blind) == 5
    assert not any(one & other for one, other in zip(parts, blind, strict=True))
    assert set().union(*blind) == whole
    assert not whole & kept


def test_near_questions_are_pressed_where_the_probability_is_fitted_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted: list[tuple[str, float]] = []
    real_fit, real_clarify = own.fit, own.clarify_from

    def counts(rows: Rows) -> float:
        return float(rows.weight[rows.kind == "outside"].sum() / rows.weight[rows.kind == "own"].sum())

    def fit_watched(rows: Rows, toward: Any) -> Any:
        counted.append(("fit", counts(rows)))
        return real_fit(rows, toward)

    def clarify_watched(rows: Rows, *more: Any) -> Any:
        counted.append(("clarify", counts(rows)))
        return real_clarify(rows, *more)

    monkeypatch.setattr(own, "fit", fit_watched)
    monkeypatch.setattr(own, "clarify_from", clarify_watched)
    fit(corpus().trials)
    *_, (_, pressed), (last, plain) = counted
    assert last == "clarify"
    assert (pressed, plain) == (pytest.approx(0.45), pytest.approx(0.15))


def test_answers_of_the_fitting_half_move_the_fit() -> None:
    trials = corpus().trials
    first = fitting_half([key_of(trial) for trial in trials])
    assert fit(swapped(trials, first, 1))["logistic"] != fitted()["logistic"]


def test_files_are_fitted_as_the_corpus_they_hold(tmp_path: Path) -> None:
    def file(name: str, rows: Iterable[dict[str, object]]) -> Path:
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        return tmp_path / name

    texts = [(revision.entry, revision.texts["de"]) for revision in corpus().revisions]
    faq = file("faq.jsonl", ({"id": e, "question": t.question, "answer": t.answer} for e, t in texts))
    asked = [*corpus().trials, *(Trial(f"{text.question} bitte", frozenset([entry]), "de") for entry, text in texts)]
    queries = file("queries.jsonl", ({"query": t.query, "relevant_ids": sorted(t.relevant)} for t in asked))
    oos = file("oos.jsonl", ({"query": f"warum wozu {number}"} for number in range(30)))
    told: list[float] = []
    found = fit_files(faq, queries, oos, None, VectorCache(":memory:"), lambda step, share: told.append(share))
    first = fitting_half([key_of(trial) for trial in asked])
    assert found["asked"] == len(asked) - first.sum()
    assert found["bound"] >= 0.95
    assert found["clarify"] < found["answer"]
    assert told == sorted(told)
    assert told[-1] == 1


def test_a_promise_that_cannot_be_kept_is_refused() -> None:
    wrong = [Trial(r.texts["de"].question, frozenset([TOWN[0].entry]), "de") for r in TOWN]
    with pytest.raises(NotCertified, match="out of reach"):
        fit_own(TOWN, wrong, [], [], None, VectorCache(":memory:"))


def test_further_questions_have_no_answer_and_left_out_entries_are_gone() -> None:
    trials = [Trial(f"{r.texts['de'].question} bitte", frozenset([r.entry]), "de") for r in TOWN]
    more = unanswerable(Corpus("town", TOWN, trials), ["spiel musik"])
    for some in more["left out"]:
        assert not {r.entry for r in some.revisions} & {e for t in some.trials for e in t.relevant}
    observer = Observer(None, VectorCache(":memory:"))
    for kind in ("left out", "strangers", "elsewhere"):
        assert not any(one.right for some in more[kind] for one in observer.observe(some))
    assert all(one.evidence["elsewhere"] for some in more["elsewhere"] for one in observer.observe(some))


def test_everyday_questions_are_the_corpus_own_words_and_its_first_entries() -> None:
    trials = [Trial(f"{r.texts['de'].question} bitte", frozenset([r.entry]), "de") for r in corpus().revisions]
    more = everyday(Corpus("town", corpus().revisions, trials))
    observer = Observer(None, VectorCache(":memory:"))
    assert all(one.right for some in more["known"] for one in observer.observe(some))
    for some in more["few"]:
        kept = {revision.entry for revision in some.revisions}
        asked = [bool(trial.relevant & kept) for trial in some.trials]
        assert len(kept) == 8
        assert sum(asked) == len(asked) / 2


def rows(offered: Sequence[bool]) -> Rows:
    return rows_of([("own", [Seen({"margin": 1.0}, False, one, str(n)) for n, one in enumerate(offered)], 1.0)])


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40), st.floats(0, 1))
def test_below_asking_back_few_would_have_found_their_entry(told: list[tuple[float, bool]], answer: float) -> None:
    sure = np.array([probability for probability, _ in told])
    some = rows([offered for _, offered in told])
    least = clarify_from(some, sure, answer)
    assert 0 <= least <= answer
    withheld = some.offered[sure < least]
    assert not len(withheld) or withheld.mean() <= 1 / 6


def test_asking_back_begins_where_it_pays() -> None:
    sure = np.linspace(0, 0.99, 100)
    assert clarify_from(rows([n >= 50 for n in range(100)]), sure, 0.9) == pytest.approx(sure[59], abs=0.011)
    assert clarify_from(rows([False] * 100), sure, 0.5) == 0.5
    assert clarify_from(rows([True] * 100), sure, 0.5) == 0


# -- a bound by entries


def test_questions_of_one_entry_that_fail_together_prove_less_than_as_many_apart() -> None:
    right = np.repeat([True, True, True, True, True, True, True, True, True, False], 10)
    together = by_entry(right, [str(n // 10) for n in range(100)])
    apart = by_entry(right, [str(n) for n in range(100)])
    assert (together["entries"], together["faultless"]) == (10, 9)
    assert together["bound"] < apart["bound"] - 0.05
    assert apart["bound"] == pytest.approx(bound(90, 100), abs=0.02)


def test_where_nothing_is_wrong_an_entry_counts_once() -> None:
    assert by_entry(np.ones(100, bool), [str(n // 10) for n in range(100)])["bound"] == round(bound(10, 10), 4)
    assert by_entry(np.ones(0, bool), []) == {"entries": 0, "faultless": 0, "bound": 0.0}
