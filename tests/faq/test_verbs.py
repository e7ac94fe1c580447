"""German verbs that come apart are read as one where the corpus knows them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.retrieval.index import Index
from faq.retrieval.text import stem, words
from faq.retrieval.verbs import joined
from tests.faq.town import revision

VERBS = "ausleihen mitbringen abstellen nachreichen zurückgeben wegwerfen ansammeln vorlesen teilnehmen ausfüllen"
STEMS = {stem(word) for word in words(VERBS)}


def known(word: str) -> bool:
    return stem(word) in STEMS


@pytest.mark.parametrize(
    ("question", "read"),
    [
        ("wo leihe ich ein Lastenrad aus", "wo ausleihen ich ein lastenrad"),
        ("Leiht ihr auch Werkzeug aus?", "ausleihen ihr auch werkzeug"),
        ("bringe ich meinen hund mit, oder nicht", "mitbringen ich meinen hund oder nicht"),
        ("wie stellt man das wasser ab wenn keiner da ist", "wie abstellen man das wasser wenn keiner da ist"),
        ("was reiche ich nach für den bescheid", "was nachreichen ich fur den bescheid"),
        ("GIBST DU DAS BUCH ZURUECK", "zuruckgeben du das buch"),
        ("wirft man sowas weg", "wegwerfen man sowas"),
        ("Laub sammelt sich an. Wer liest abends vor?", "laub ansammeln sich wer vorlesen abends"),
        ("nimmt mein Kind da teil", "teilnehmen mein kind da"),
        ("das formular fülle ich aus und dann", "das formular ausfullen ich und dann"),
    ],
)
def test_verb_and_prefix_are_read_as_one(question: str, read: str) -> None:
    assert joined(question, known).text == read


@pytest.mark.parametrize(
    "question",
    [
        "wo leihe ich aus der Bücherei ein Rad",  # a preposition with its object
        "wer bleibt auf",  # no such verb in the corpus
        "mit",
        "",
        "aus aus aus",
    ],
)
def test_nothing_else_is_joined(question: str) -> None:
    assert joined(question, known).text == question
    assert not joined(question, known).apart


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    assert joined(text, lambda word: False).text == text
    joined(text, lambda word: True)


@pytest.mark.parametrize("text", ["ab in " * 3000, "melde ab. " * 3000, "wort " * 9000 + "ab"])
def test_a_page_of_text_is_not_read_for_verbs(text: str) -> None:
    asked: list[str] = []
    joined(text, lambda word: bool(asked.append(word)))
    assert len(asked) < 5000


def test_a_question_finds_the_entry_of_the_joined_verb() -> None:
    """With both verbs in the corpus, the prefix decides."""
    rooms = (
        revision("ausleihe", "Geräte ausleihen", "Im Werkhof."),
        revision("rueckgabe", "Geräte zurückgeben", "Am Werkhof, bis zehn."),
    )
    index = Index.build(rooms, None)
    assert index.search("wo leihe ich die geräte aus").matches[0].revision.entry == "ausleihe"
    assert index.search("wo gebe ich die geräte zurück").matches[0].revision.entry == "rueckgabe"


def test_an_entry_that_asks_with_the_verb_apart_is_found_as_before() -> None:
    one = revision("rad", "Wo leihe ich ein Lastenrad aus?", "Zum Ausleihen kommen Sie in den Werkhof.")
    other = replace(one, entry="hof", texts={"de": replace(one.texts["de"], question="Was ist der Werkhof?")})
    assert Index.build([one, other], None).search("ein lastenrad leihe ich wo aus").matches[0].revision == one
