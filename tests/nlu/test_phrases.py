"""The little language in which keywords.yml is written."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nlu.phrases import NOT, Phrasebook, one_edit, tokenise, unmasked


def found(phrase: str, text: str, fillers: tuple[str, ...] = ()) -> bool:
    return bool(Phrasebook([("label", phrase)], fillers).find(tokenise(text)))


@pytest.mark.parametrize(
    ("phrase", "fits", "does_not"),
    [
        ("es brennt", ["Es brennt!", "hilfe ES BRENNT"], ["es hat gebrannt", "brennt es"]),
        ("~feuerwehr", ["feuerwehr", "feuerwer", "feuerwehrr", "fueerwehr"], ["feuerwr", "feuer"]),
        ("lösch*", ["loeschen", "Löschung", "lösch"], ["auslöschen"]),
        ("*amt", ["bürgeramt", "Amt"], ["amtlich"]),
        ("kein|keine mensch", ["kein Mensch", "keine mensch"], ["ein mensch"]),
        ("can_not|cannot go", ["i can not go", "cannot go"], ["can go", "not go"]),
        (
            "ruf* .. notarzt",
            ["ruft notarzt", "ruft bitte schnell den notarzt"],
            ["ruft alle mal bitte schnell den notarzt"],
        ),
        ("^ feuer $", ["Feuer!", "feuer"], ["feuer machen", "das feuer"]),
        ("^ .. wo $", ["und dann wo"], ["so a b c wo", "wo ist das"]),
        ("👍", ["👍", "ja 👍"], ["👎"]),
    ],
)
def test_a_phrase_fits_what_it_says(phrase: str, fits: list[str], does_not: list[str]) -> None:
    assert [text for text in fits if not found(phrase, text)] == []
    assert [text for text in does_not if found(phrase, text)] == []


def test_fillers_do_not_count_at_the_edges() -> None:
    assert found("^ feuer $", "bitte feuer bitte", fillers=("bitte",))


@pytest.mark.parametrize("phrase", [".. wort", "wort ..", "~", "^ .. $"])
def test_a_phrase_without_a_beginning_or_end_is_refused(phrase: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        Phrasebook([("label", phrase)])


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("geld zahlen", ["fee"]),
        ("mit karte zahlen", []),
        ("geld und mit karte zahlen", ["fee"]),
        ("geld zahlen im spiel", []),
        ("wo mit karte zahlen", ["place"]),
    ],
)
def test_a_false_friend_counts_where_it_stands_for_its_label_or_for_all(text: str, labels: list[str]) -> None:
    book = Phrasebook(
        [("fee", "geld|zahlen"), ("place", "wo"), (f"{NOT}fee", "mit karte zahlen"), (NOT, "geld .. im spiel")]
    )
    assert sorted({hit.label for hit in unmasked(book.find(tokenise(text)))}) == labels


def test_elisions_are_two_words_and_contractions_one() -> None:
    assert [word.text for word in tokenise("l'ambulance, I don't")] == ["l", "ambulance", "i", "dont"]


@given(st.text(max_size=40))
@example("ŉ")  # which is an apostrophe and an n
def test_words_stand_where_they_say(text: str) -> None:
    from nlu.text import fold, normalise

    plain = normalise(text)
    for word in tokenise(text):
        said = plain[word.start : word.end]
        assert fold(re.sub("['’`´ʼ]", "", said)) == word.text


@given(st.text("abc", min_size=1, max_size=6), st.text("abc", max_size=6))
def test_one_edit_is_symmetric_and_knows_each_single_typo(word: str, other: str) -> None:
    assert one_edit(word, other) == one_edit(other, word)
    for at in range(len(word)):
        assert one_edit(word, word[:at] + word[at + 1 :])
        assert one_edit(word, word[:at] + "x" + word[at + 1 :])
        assert one_edit(word, word[:at] + "x" + word[at:])
        assert one_edit(word, word[:at] + word[at : at + 2][::-1] + word[at + 2 :])
