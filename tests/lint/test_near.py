"""Near pairs are found without comparing each with each, and numbers are read as people write them."""

from hypothesis import given
from hypothesis import strategies as st

from faq.lint.fours import Fours, grams
from faq.lint.near import Learned, _candidates, comparable, near_pairs
from faq.lint.reading import amounts, number, opened, phones

WORDS = st.lists(
    st.sampled_from(["hund", "katze", "steuer", "anmelden", "marke", "stadt", "gebühr"]), min_size=1, max_size=6
)


def jaccard(one: str, other: str) -> float:
    here, there = grams(comparable(one)), grams(comparable(other))
    return len(here & there) / len(here | there)


@given(st.lists(st.text("aä 😀", max_size=9), min_size=1, max_size=9))
def test_numbers_of_fours_stand_for_the_fours(texts: list[str]) -> None:
    fours, sets = Fours(texts), [grams(text) for text in texts]
    assert fours.sizes.tolist() == [len(found) for found in sets]
    for one, held in enumerate(sets):
        assert fours.of(one).tolist() == sorted(set(fours.of(one).tolist()))
        shared = [len(set(fours.of(one).tolist()) & set(fours.of(other).tolist())) for other in range(len(texts))]
        assert shared == [len(held & other) for other in sets]
    holding = fours.holding()
    for code in fours.of(0):
        assert holding.of(code).tolist() == [n for n in range(len(texts)) if code in fours.of(n)]


@given(st.lists(WORDS.map(" ".join), min_size=1, max_size=25), WORDS.map(" ".join))
def test_a_copy_is_found_as_by_looking_at_each(texts: list[str], question: str) -> None:
    """By the first two rules, looked at text by text."""
    copies = {t for t in texts if jaccard(t, question) >= 0.75 or sorted(t.split()) == sorted(question.split())}
    found = Learned(texts).copied_by(question)
    assert (found is not None) or not copies
    assert found is None or found in map(comparable, texts)


@given(st.lists(WORDS.map(" ".join), max_size=25))
def test_every_pair_that_is_given_is_near_and_every_equal_pair_is_given(texts: list[str]) -> None:
    found = set(near_pairs(texts, 0.75))
    assert all(one < other and jaccard(texts[one], texts[other]) >= 0.75 for one, other in found)
    equal = {(a, b) for b in range(len(texts)) for a in range(b) if texts[a] == texts[b]}
    assert equal <= found
    assert {pair for pair in found if pair[0] < 3} == set(near_pairs(texts, 0.75, 3))


def test_nearly_all_near_pairs_are_found() -> None:
    texts = [f"wie melde ich {'ab' * (n % 7)} meinen hund nummer{n} bei der stadt lindenfurt an" for n in range(200)]
    texts += [text.replace("hund", "hunt") for text in texts]
    near = {(n, n + 200) for n in range(200) if jaccard(texts[n], texts[n + 200]) >= 0.85}
    found = set(near_pairs(texts, 0.85))
    assert len(near) > 100
    assert len(near & found) >= 0.9 * len(near)


def test_texts_that_share_nothing_are_never_compared() -> None:
    """No verdict by the clock: what costs is pairs, and texts with little in common make hardly any."""
    texts = [f"{n * 7919 % 100003:x} {n * 104729 % 99991:x}{n:x}" for n in range(3000)]
    compared = _candidates(Fours([comparable(text) for text in texts]), len(texts))
    assert len(compared) < 3000, "each with each would be four million"


def test_sums_of_money_as_people_write_them() -> None:
    assert amounts("46,00 €, unter 24 Jahren 27,60 €") == {4600, 2760}
    assert amounts("€46.00, under 24 €27.60") == {4600, 2760}
    assert amounts("27 Euro und 60 Cent") == {2760}
    assert amounts("36,30 bis 44,70 €") == {3630, 4470}
    assert amounts("1.500 €") == amounts("€1,500.00") == {150000}
    assert amounts("2 Fotos, 10 Tage, B1") == frozenset()


def test_telephone_numbers_as_people_write_them() -> None:
    assert set(phones("0221 4710 300 oder +49 221 4710-300")) == {"02214710300"}
    assert number("+49 (0)221 4710-300") == "02214710300"
    assert phones("am 1. 11. 2026 um 9 Uhr, Nummer 115, 12345 Lindenfurt") == {}


def test_opening_hours_as_people_write_them() -> None:
    def told(sentence: str) -> list[tuple[int, str]]:
        return [(slot.day, slot.clock) for slot in sorted(opened(sentence))]

    morning, noon = [(day, "8:00–12:00") for day in range(4)], (0, "14:00–16:00")
    assert told("Mo. bis Do. 8–12 Uhr") == told("Monday to Thursday from 8 am to 12 pm") == morning
    assert told("montags 8–12 und 14–16 Uhr") == [morning[0], noon]
    assert told("Mon: 9 am–1 pm and 3–5 pm") == [(0, "9:00–13:00"), (0, "15:00–17:00")]
    assert told("Kinder von 6 bis 12 Jahren, montags 8–16 Uhr") == [(0, "8:00–16:00")]
    assert told("So geht es: von 8–12 Uhr") == []
