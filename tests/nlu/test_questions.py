"""Several questions in one message: told apart where that is certain, and never a word lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.questions import LIMIT, holds_its_matter, split_questions

ONE = [
    "Perso verloren und neuen beantragen",
    "Wie beantrage ich einen Personalausweis? Was kostet das?",
    "Perso verloren? Was tun?",
    "Ich ziehe um. Was muss ich tun?",
    "wann und wo muss ich mich ummelden",
    "was kostet das und wie lange dauert das",
    "ich bin umgezogen und muss mein auto ummelden",
    "Hallo\nich bin neu hier\nwie melde ich mich an",
    "Guten Tag! Können Sie mir helfen? Mein Hund ist weg.",
    "was mache ich wenn ich krank bin und nicht kommen kann",
    "Wie melde ich meinen Hund an und muss er an die Leine?",
    "?!?",
    "und",
    "",
]
SEVERAL = [
    ("Was kostet ein Reisepass? Und wann hat das Bürgeramt auf?", "Und wann hat das Bürgeramt auf?"),
    ("wie melde ich mein auto ab und wo kann ich sperrmüll anmelden", "und wo kann ich sperrmüll anmelden"),
    ("Wie melde ich meinen Hund an; und wann kommt die Müllabfuhr", "und wann kommt die Müllabfuhr"),
    ("wie bekomme ich einen bewohnerparkausweis\nund außerdem wo ist der wertstoffhof",
     "und außerdem wo ist der wertstoffhof"),
    ("was kostet das und kann ich mit karte zahlen", "und kann ich mit karte zahlen"),
    ("How do I register my dog? And where is the recycling centre?", "And where is the recycling centre?"),
    ("Скільки коштує новий паспорт? Де знаходиться міська бібліотека?", "Де знаходиться міська бібліотека?"),
]  # fmt: skip


@pytest.mark.parametrize("text", ONE)
def test_what_is_one_matter_stays_one(text: str) -> None:
    assert split_questions(text) == (text.strip(),)


@pytest.mark.parametrize(("text", "second"), SEVERAL)
def test_two_matters_are_two(text: str, second: str) -> None:
    parts = split_questions(text)
    assert len(parts) == 2
    assert parts[1] == second


def test_a_question_without_a_matter_belongs_to_the_one_before_it() -> None:
    first, second = "Wie beantrage ich einen Perso? Was kostet das?", "Und wie melde ich meinen Hund an?"
    assert split_questions(f"{first} {second}") == (first, second)


def test_a_numbered_list_of_questions() -> None:
    asked = ["1. Was kostet ein Reisepass?", "2) Wo ist das Rathaus?", "- Wann ist Weihnachtsmarkt?"]
    assert split_questions("\n".join(asked)) == tuple(asked)


WORDS = st.sampled_from(
    ["wie", "was kostet", "ein Perso", "und", "außerdem", "wann", "?", ";", "\n", "der Hund", "das", "muss ich", "2.",
     "Müll", "ich", "hallo", ". ", ",", "and where", "Скільки", "؟"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=40).map(" ".join))


@given(TEXTS)
def test_no_text_is_lost_and_what_was_cut_stays_cut(text: str) -> None:
    parts = split_questions(text)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(split_questions(part) == (part,) for part in parts)


@given(st.integers(LIMIT + 1, 20_000))
def test_a_letter_is_one_question(size: int) -> None:
    text = ("Was kostet ein Hund? Und wo ist der Wertstoffhof?\n" * 500)[:size]
    assert split_questions(text) == (text.strip(),)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("wie melde ich ein auto um und was kostet das", True),
        ("Wie melde ich meinen Hund an? Was kostet das?", True),
        ("und was kostet das?", False),
        ("brauche ich dafür meinen reisepass?", False),
        ("was kostet das und wie lange dauert das", False),
    ],
)
def test_a_bare_question_may_lean_on_its_own_message(text: str, own: bool) -> None:
    assert holds_its_matter(text) is own
