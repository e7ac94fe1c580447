"""The promise and its proof: the bound, the halves, the rule for thresholds, and what cannot be kept."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from faq.fitting.certify import NotCertified, bound, certificate, certified, fewest, fitting_half
from faq.fitting.observe import Seen, dealt
from faq.fitting.probability import fit, probabilities, rows_of
from faq.fitting.thresholds import MARGINS, candidates, floor_of
from faq.retrieval.confidence import Confidence


@given(st.integers(0, 400), st.integers(0, 400))
def test_the_bound_is_clopper_and_pearsons(one: int, other: int) -> None:
    right, answered = sorted((one, other))
    found = bound(right, answered)
    assert found == pytest.approx(float(beta.ppf(0.05, right, answered - right + 1)) if right else 0, abs=1e-9)
    assert 0 <= found <= (right / answered if answered else 0) + 1e-12


def test_the_bound_of_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="no share"):
        bound(3, 2)


@given(st.floats(0.5, 0.99))
def test_fewest_answers_that_can_prove_anything(promise: float) -> None:
    least = fewest(promise)
    assert bound(least, least) >= promise - 1e-9
    assert bound(least - 1, least - 1) < promise + 1e-9
    assert fewest(0.95) == 59


@given(st.lists(st.text(min_size=1), min_size=1, max_size=50))
def test_an_entry_is_in_one_half_only(keys: list[str]) -> None:
    twice = fitting_half([*keys, *keys])
    assert twice[: len(keys)].tolist() == twice[len(keys) :].tolist()


def test_halves_are_halves() -> None:
    assert 0.45 < fitting_half([f"entry-{n}" for n in range(2000)]).mean() < 0.55


def test_an_entry_falls_where_it_fell_when_the_shipped_thresholds_were_fitted() -> None:
    assert dealt("halves", "hund-anmelden") == 13134044685245725806
    assert [dealt("parts of a half", key) % 5 for key in ("a", "b", "straße")] == [3, 4, 1]


PURPOSES = ("halves", "halves of the general fit", "parts of a half", "left out 1", "left out 2", "some")


@pytest.mark.parametrize("one", PURPOSES)
@pytest.mark.parametrize("other", PURPOSES)
@pytest.mark.parametrize("length", [1, 3])
def test_what_is_dealt_for_one_purpose_tells_nothing_of_another(one: str, other: str, length: int) -> None:
    """Names of one length, between which a checksum such as CRC32 tells no purposes apart."""
    if one == other:
        return
    names = [f"{n:06}" * length for n in range(2000)]
    here = fitting_half(names, one)
    there = fitting_half(names, other)
    assert 0.45 < there[here].mean() < 0.55
    assert 0.45 < there[~here].mean() < 0.55


def test_the_loosest_threshold_that_is_proved_is_taken() -> None:
    sure = np.concatenate([np.full(300, 0.9), np.full(100, 0.7), np.full(100, 0.5)])
    right = np.concatenate([np.ones(300, bool), np.ones(100, bool), np.zeros(100, bool)])
    answer, proof = certified(sure, right, [0.9, 0.7, 0.5], 0.95)
    assert (answer, proof.answered, proof.right, proof.coverage) == (0.7, 400, 400, 0.8)
    assert proof.bound >= 0.95


def test_nothing_looser_is_tried_after_a_failure() -> None:
    sure = np.concatenate([np.full(100, 0.9), np.full(1000, 0.5)])
    right = np.concatenate([np.zeros(20, bool), np.ones(1080, bool)])
    assert certificate(sure, right, 0.5).bound >= 0.95  # which would be a second chance
    with pytest.raises(NotCertified, match="80 of 100 answers right"):
        certified(sure, right, [0.9, 0.5], 0.95)


def test_what_answers_too_little_proves_nothing_and_stops_nothing() -> None:
    sure = np.concatenate([np.full(10, 0.99), np.full(200, 0.8)])
    right = np.concatenate([np.zeros(1, bool), np.ones(209, bool)])
    assert certified(sure, right, [0.99, 0.8], 0.95)[0] == 0.8


def seen(key: str, right: bool, **told: float) -> Seen:
    return Seen(told, right, right, key)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=5, max_size=60))
def test_more_evidence_never_makes_a_match_less_probable(told: list[tuple[float, bool]]) -> None:
    rows = rows_of([("own", [seen(str(n), right, margin=m) for n, (m, right) in enumerate(told)], 1.0)])
    found = fit(rows)
    assert found.logistic.get("margin", 0) >= 0
    assert found.probability({"margin": 0.2}) <= found.probability({"margin": 0.9}) + 1e-12


def test_naming_another_place_only_speaks_against() -> None:
    rows = rows_of([("own", [seen(str(n), n % 2 == 0, elsewhere=float(n % 2 == 0)) for n in range(40)], 1.0)])
    assert fit(rows).logistic.get("elsewhere", 0) <= 0


def test_the_probability_is_calibrated_where_the_model_holds() -> None:
    chance = np.random.default_rng(4)
    margins = chance.uniform(0, 4, 4000)
    truth = 1 / (1 + np.exp(2 - 1.5 * margins))
    rows = rows_of(
        [("own", [seen(str(n), bool(chance.random() < p), margin=m) for n, (m, p) in
                  enumerate(zip(margins, truth, strict=True))], 1.0)]
    )  # fmt: skip
    told = probabilities(rows, fit(rows, softening=1e-4))
    assert np.abs(told - truth).max() < 0.06


def test_a_corpus_of_few_questions_keeps_near_to_what_holds_for_all() -> None:
    rows = rows_of([("own", [seen(str(n), n % 3 == 0, margin=n / 10, chance=0.5) for n in range(6)], 1.0)])
    usual = Confidence({"margin": 2.0}, -1.0)
    assert abs(fit(rows, usual, softening=100).logistic["margin"] - 2) < 0.05


def test_the_floor_keeps_every_kind_below_its_cap() -> None:
    groups = [("strangers", [seen(f"s{n}", False, margin=n / 100) for n in range(100)], 1.0)]
    rows = rows_of(groups)
    sure = np.arange(100) / 100
    floor = floor_of(rows, sure, [(("strangers",), 0.03)])
    assert (sure >= floor).mean() <= 0.03
    assert floor < 0.98


def test_easy_strangers_do_not_hide_questions_near_to_the_corpus() -> None:
    strangers = [seen(f"s{n}", False, margin=0.0) for n in range(900)]
    near = [seen(f"o{n}", False, margin=n / 100) for n in range(100)]
    rows = rows_of([("strangers", strangers, 1.0), ("outside", near, 1.0)])
    sure = np.concatenate([np.zeros(900), np.arange(100) / 100])
    floor = floor_of(rows, sure)
    assert (sure[900:] >= floor).mean() == 0.04
    assert (sure >= floor).mean() < 0.02, "of all together more might be answered"


def test_candidates_are_what_the_fitting_half_believes_in() -> None:
    sure = np.linspace(1, 0, 1000)
    right = np.arange(1000) < 600
    named = candidates(sure, right, 0.95, 0.0)
    assert named == sorted(named, reverse=True)
    for one in named:
        given_ = sure >= one
        assert bound(int(right[given_].sum()), int(given_.sum())) >= 0.95 + MARGINS[-1]
    assert candidates(sure, right, 0.95, 0.999) == [0.999] * len(named)
    assert candidates(sure, np.zeros(1000, bool), 0.95, 0.0) == []
