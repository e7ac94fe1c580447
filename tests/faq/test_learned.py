"""What wordings teach: from how many on, when not, and that a fit made with them does not outlive them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from faq.encoder import EncoderUnavailable, HashingEncoder, Vectors
from faq.entry import Revision
from faq.fitting.observe import Corpus, Observer
from faq.measure import Trial
from faq.policy import Thresholds
from faq.retrieval import learned
from faq.retrieval.confidence import Confidence
from faq.retrieval.index import Index
from faq.retrieval.learned import ENOUGH, LEAST, MOST, remembered, wordings_of, worth
from faq.trust import LESSONS, Fit, Trust, fingerprints, judged
from faq.vectors import RESULTS, VectorCache
from tests.faq.town import TOWN


def wordy(wordings: int, entries: Sequence[Revision] = TOWN) -> list[Revision]:
    """The town's entries with so many wordings each, their question among them."""
    found = []
    for revision in entries:
        german = revision.texts["de"]
        more = tuple(f"{german.question} {word}" for word in ("bitte", "danke", "sofort", "heute", *"abcdefghijklmnop"))
        found.append(replace(revision, texts={"de": replace(german, variants=more[: wordings - 1])}))
    return found


def test_their_worth_grows_with_the_wordings_and_never_jumps() -> None:
    told = [worth([number] * 10)[1] for number in range(1, 25)]
    steps = np.diff(told)
    assert told[:2] == [0, 0]
    assert told[int(ENOUGH) - 1 :] == [1] * (25 - int(ENOUGH))
    assert (steps >= 0).all()
    assert steps.max() <= 1 / (ENOUGH - LEAST) + 1e-9
    just_below, just_above = worth([4] * 9 + [3])[1], worth([4] * 9 + [5])[1]
    assert just_above - just_below < 0.02


@pytest.mark.parametrize(
    ("sizes", "state"),
    [([9], "few"), ([1, 1, 4], "few"), ([2, 3], "taught"), ([MOST // 4] * 2, "taught"), ([MOST // 2] * 2, "many")],
)
def test_why_there_are_no_lessons(sizes: list[int], state: str) -> None:
    assert worth(sizes)[0] == state
    assert (worth(sizes)[1] > 0) == (state == "taught")


@pytest.mark.parametrize(("wordings", "share"), [(2, 0.0), (10, 0.5), (18, 1.0)])
def test_an_index_says_what_its_lessons_are_worth(wordings: int, share: float) -> None:
    revisions = wordy(wordings)
    assert wordings_of(revisions) == [wordings] * len(TOWN)
    index = Index.build(revisions, HashingEncoder())
    search = index.search("hund anmelden")
    assert index.lessons == search.lessons == pytest.approx(share)
    assert 0.8 * share <= index.signals("hund anmelden").values["learned"].max() <= share
    assert Index.build(revisions, None).search("hund anmelden").lessons == 0


def test_too_many_wordings_are_not_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learned, "MOST", 6 * 6 * 10 - 1)
    assert worth(wordings_of(wordy(10)))[0] == "many"
    index = Index.build(wordy(10), HashingEncoder())
    assert index.lessons == 0
    assert not index.signals("hund anmelden").values["learned"].any()


@pytest.fixture
def lessons(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many wordings were learned from, each time."""
    seen: list[int] = []
    learn = learned.learn

    def counted(vectors: Vectors, owner: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> learned.Learned:
        seen.append(len(vectors))
        return learn(vectors, owner)

    monkeypatch.setattr(learned, "learn", counted)
    return seen


def test_an_answer_that_changes_teaches_nothing_new(lessons: list[int]) -> None:
    before = wordy(6)
    index = Index.build(before, HashingEncoder())
    german = before[2].texts["de"]
    fee = replace(before[2], id="fee", texts={"de": replace(german, answer="Nun online.")})
    assert lessons == [36]
    after = index.updated([fee])
    assert lessons == [36]
    fresh = Index.build([fee if r.entry == fee.entry else r for r in before], HashingEncoder())
    ask = "wo zahle ich für den hund"
    assert (after.signals(ask).values["learned"] == fresh.signals(ask).values["learned"]).all()


def test_wordings_that_change_are_learned_anew(lessons: list[int]) -> None:
    before = wordy(6)
    index = Index.build(before, HashingEncoder())
    german = before[2].texts["de"]
    said = replace(before[2], id="said", texts={"de": replace(german, variants=(*german.variants, "welpe"))})
    swapped = replace(before[2], id="swap", texts={"de": replace(german, variants=german.variants[::-1])})
    for changed, learned_from in (([said], 37), ([swapped], 36), ([], None)):
        lessons.clear()
        after = index.updated(changed, [] if changed else [before[0].entry])
        assert lessons == [learned_from or 30]
        live = [next((c for c in changed if c.entry == r.entry), r) for r in before]
        fresh = Index.build(live if changed else live[1:], HashingEncoder())
        assert (after.signals("welpe").values["learned"] == fresh.signals("welpe").values["learned"]).all()


# -- and what is trusted


def fit(lessons: float | None) -> Fit:
    sure = Trust(Confidence({"margin": 1.0}, 9.0), Thresholds(0.5, 0.2, 0.02), lessons)
    return Fit(HashingEncoder().name, fingerprints(TOWN), {"full": sure})


def test_a_fit_holds_only_for_a_search_that_weighs_as_when_it_was_made() -> None:
    search = Index.build(wordy(10), HashingEncoder()).search("hund")
    assert search.lessons == 0.5
    for made_with, holds in ((0.5, True), (0.5 + LESSONS, True), (0.9, False), (0.0, False), (None, True)):
        told, limits = judged(search, fit(made_with))
        assert (limits is not None) == holds, made_with
        assert (told == search) != holds


# -- and what is measured


class Failing(HashingEncoder):
    def __init__(self, after: int) -> None:
        super().__init__()
        self.left = after

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        self.left -= 1
        if self.left < 0:
            raise RuntimeError("out of memory")
        return super().encode_queries(texts)


@pytest.mark.parametrize("after", [0, 10])
def test_nothing_is_fitted_on_what_words_alone_found(after: int) -> None:
    """Whether the encoder fails on the corpus or on the questions."""
    trials = [Trial(f"hund {number}", frozenset(["hund-anmelden"]), "de") for number in range(20)]
    observer = Observer(Failing(after), VectorCache(":memory:"))
    with pytest.raises(EncoderUnavailable, match="out of memory"):
        observer.observe(Corpus("town", TOWN, trials))
    assert len(Observer(None, VectorCache(":memory:")).observe(Corpus("town", TOWN, trials))) == 20


def test_what_was_learned_is_kept_for_other_processes(tmp_path: Path, lessons: list[int]) -> None:
    chance = np.random.default_rng(3)
    vectors, owner = chance.standard_normal((40, 8)).astype(np.float32), np.repeat(np.arange(5), 8)
    first = remembered(VectorCache(tmp_path / "v.sqlite"))(vectors, owner)
    other = VectorCache(tmp_path / "v.sqlite")
    again = remembered(other)(vectors, owner)
    assert len(lessons) == 1
    for name in ("weights", "bias", "middle"):
        assert np.array_equal(getattr(first, name), getattr(again, name))
    assert np.array_equal(first.likeness(vectors[3]), again.likeness(vectors[3]))
    remembered(other)(vectors, owner[::-1].copy())
    remembered(other)(vectors + 1, owner)
    assert len(lessons) == 3
    for number in range(RESULTS + 3):
        other.keep(bytes([number]), b"x")
    assert other.result(bytes([2])) is None
    assert other.result(bytes([RESULTS + 2])) == b"x"
