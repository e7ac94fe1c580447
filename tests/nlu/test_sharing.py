"""One question about several matters is a question of each, with what they share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.phrases import tokenise
from nlu.sharing import questions_in, share, shares

SHARED = [
    ("was kostet der perso und der reisepass", ("was kostet der perso", "was kostet der reisepass")),
    ("was kosten perso und reisepass?", ("was kosten perso?", "was kosten reisepass?")),
    (
        "perso, reisepass und führerschein was kostet das",
        ("perso was kostet das", "reisepass was kostet das", "führerschein was kostet das"),
    ),
    ("Hund und Katze anmelden", ("Hund anmelden", "Katze anmelden")),
    (
        "brauche ich für perso und reisepass einen termin",
        ("brauche ich für perso einen termin", "brauche ich für reisepass einen termin"),
    ),
    ("how much is a passport and an identity card", ("how much is a passport", "how much is an identity card")),
    ("wie kann ich auto ummelden und rad abmelden", ("wie kann ich auto ummelden", "wie kann ich rad abmelden")),
    (
        "hat das bürgeramt und das standesamt morgen auf",
        ("hat das bürgeramt morgen auf", "hat das standesamt morgen auf"),
    ),
]
ONE = [
    "was kostet der perso",
    "was kostet das und das",
    "wann und wo muss ich mich ummelden",
    "was kostet geburts- und heiratsurkunde",
    "perso oder reisepass für spanien?",
    "ich bin umgezogen und muss mein auto ummelden",
    "und",
    "",
]


@pytest.mark.parametrize(("text", "parts"), SHARED)
def test_each_matter_gets_what_is_shared(text: str, parts: tuple[str, ...]) -> None:
    assert share(text) == parts
    assert questions_in(text) == parts
    assert shares(text, parts)


@pytest.mark.parametrize("text", ONE)
def test_what_is_one_question_stays_one(text: str) -> None:
    assert share(text) == (text.strip(),)


def test_questions_that_stand_apart_are_cut_and_share_nothing() -> None:
    text = "Wie beantrage ich Wohngeld? Und wo ist das Rathaus?"
    parts = questions_in(text)
    assert len(parts) == 2
    assert not shares(text, parts)


WORDS = st.sampled_from(
    ["perso", "pass", "und", "and", ",", "der", "was kostet", "anmelden", "-", "morgen", "?", "das", "für"]
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=20).map(" ".join))


@given(TEXTS)
def test_every_word_is_one_of_the_citizens(text: str) -> None:
    said = {word.text for word in tokenise(text)}
    for part in share(text):
        assert {word.text for word in tokenise(part)} <= said
