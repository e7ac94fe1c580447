"""A word of the dictionary is found with what Arabic writes together with it, and as Turkish changes it."""

import pytest

from faq.retrieval.terms import bare, terms
from faq.retrieval.text import words


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("هويتي", "هوية"),  # my identity card
        ("الهوية", "هوية"),
        ("رخصتكم", "رخصة"),  # your licence
        ("بيتي", "يتي"),  # my house: no ending of that kind; the first letter is read as "in"
        ("فقدت", "فقدت"),  # I lost
    ],
)
def test_an_arabic_word_without_what_is_written_together_with_it(said: str, word: str) -> None:
    [typed], [meant] = words(said), words(word)
    assert bare(typed, "ar") == meant
    assert bare(typed, "tr") == typed


@pytest.mark.parametrize("said", ["kimlik", "kimliğim", "kimligimi", "kimliğini"])
def test_a_turkish_word_is_known_where_its_last_letter_softens(said: str) -> None:
    taken, german = terms().at(words(said), "tr")
    assert taken == 1
    assert "Personalausweis" in german
