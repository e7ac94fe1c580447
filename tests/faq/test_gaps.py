"""Questions come together by what they are about; what is together stays together, whatever comes later."""

import itertools
from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from faq.encoder import Vectors
from faq.gaps.grouping import grouped
from faq.gaps.likeness import FEW, apart, by_letters
from faq.gaps.words import bare, says_something, stems, telling, typical


@st.composite
def clouds(draw: st.DrawFn) -> Vectors:
    """Up to forty questions about a few things, in eight dimensions."""
    seed, count, about = draw(st.integers(0, 10**6)), draw(st.integers(1, 40)), draw(st.integers(1, 8))
    chance = np.random.default_rng(seed)
    middles = chance.normal(size=(about, 8))
    found = middles[chance.integers(about, size=count)] + draw(st.floats(0.1, 1)) * chance.normal(size=(count, 8))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def together(groups: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(groups == one).tolist()) for one in set(groups.tolist())}


def one_by_one(vectors: Vectors, threshold: float) -> set[frozenset[int]]:
    """Average linkage as the textbooks say it: join the nearest pair until none is near enough."""
    groups = [[n] for n in range(len(vectors))]
    alike = vectors.astype(float) @ vectors.T.astype(float)
    while len(groups) > 1:
        means = {(a, b): alike[np.ix_(groups[a], groups[b])].mean() for b in range(len(groups)) for a in range(b)}
        (a, b), best = max(means.items(), key=lambda pair: pair[1])
        if best < threshold:
            break
        groups[a] += groups.pop(b)
    return {frozenset(some) for some in groups}


@given(clouds(), st.floats(0.1, 0.95))
@settings(max_examples=60)
def test_it_is_average_linkage(vectors: Vectors, threshold: float) -> None:
    assert together(grouped(vectors, [-1] * len(vectors), threshold)) == one_by_one(vectors, threshold)


@given(clouds(), st.floats(0.1, 0.95), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_questions_decides_nothing(vectors: Vectors, threshold: float, chance: object) -> None:
    order = list(range(len(vectors)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    moved = grouped(vectors[order], [-1] * len(order), threshold)
    back = {frozenset(order[n] for n in some) for some in together(moved)}
    assert back == together(grouped(vectors, [-1] * len(vectors), threshold))


@given(clouds(), st.floats(0.1, 0.95), st.data())
@settings(max_examples=60)
def test_what_is_together_stays_together_whatever_comes(
    vectors: Vectors, threshold: float, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(vectors)))
    first = grouped(vectors[:cut], [-1] * cut, threshold)
    numbers = {one: n for n, one in enumerate(sorted(set(first.tolist())))}
    before = [numbers[one] for one in first.tolist()]
    after = grouped(vectors, before + [-1] * (len(vectors) - cut), threshold)
    assert after[:cut].tolist() == before  # none lost, none merged, none split


def test_equal_questions_end_in_one_group() -> None:
    same = np.ones((9, 4), np.float32) / 2
    assert len(together(grouped(same, [-1] * 9, 0.5))) == 1
    assert grouped(same, [0, 1, *[-1] * 7], 0.5)[:2].tolist() == [0, 1]
    assert grouped(same[:0], [], 0.5).tolist() == []


def test_what_a_language_shares_is_taken_out() -> None:
    chance = np.random.default_rng(1)
    about = chance.normal(size=(60, 32)).astype(np.float32)
    tongue = {"de": chance.normal(size=32) * 20, "tr": chance.normal(size=32) * 20}
    languages = [code for code, _ in itertools.product(tongue, range(60))]
    said = np.concatenate([about + tongue["de"], about + tongue["tr"]]).astype(np.float32)
    said /= np.linalg.norm(said, axis=1, keepdims=True)
    mixed = said[:60] @ said[60:].T
    assert mixed.diagonal().mean() - mixed.mean() < 0.01  # the same thing in two languages looks like any other
    found = apart(said, languages)
    mixed = found[:60] @ found[60:].T
    assert mixed.diagonal().mean() - mixed.mean() > 0.4
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert apart(said[:0], []).shape == (0, 32)
    assert np.array_equal(apart(said[: FEW - 1], languages[: FEW - 1], said[:0]), said[: FEW - 1])
    assert np.allclose(apart(said[:60], languages[:60], said[60:], languages[60:]), found[:60], atol=1e-4)


def test_letters_bring_spellings_together() -> None:
    words = by_letters(["Sperrmüll anmelden", "sperrmuell anmelden bitte", "Hund angemeldet"])
    assert words[0] @ words[1] > 0.7 > words[0] @ words[2]


def test_a_name_is_a_question_and_the_words_that_several_share() -> None:
    asked = ["Wo ist der Eislaufplatz?", "Hat der Eislaufplatz offen", "eislaufplatz mit Kindern [NAME]"]
    other = ["Wo ist das Rathaus?", "Hat das Rathaus offen?"]
    everywhere = Counter(one for text in asked + other for one in stems(text))
    assert telling(asked, everywhere, 5) == ["Eislaufplatz"]
    assert telling(asked[:1], everywhere, 5) == []  # what one citizen said alone is no name
    assert typical(np.array([[1, 0], [0.8, 0.6], [0, 1]], np.float32)) == 1


def test_what_says_nothing_is_known() -> None:
    assert bare("Ich bin [NAME], [PHONE]") == "Ich bin ,"
    for text in ("", "  ", "???", "[NAME] [E-MAIL]", "12 34", "aaaa", "und?", "👍", "ok"):
        assert not says_something(text), text
    for text in ("Perso", "wo ist der Zoo", "яка аптека", "وين بقدم لجوء"):
        assert says_something(text), text
