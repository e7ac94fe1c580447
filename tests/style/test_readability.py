"""How hard a text is: formulas by hand-counted passages, hints by example, and silence where nothing is wrong."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.words import texts
from faq.entry import MAX_ANSWER, NO_LINK, Content, Text
from faq.links.found import links_of
from faq.readability import Level, amstad, read, reading_ease, wiener
from faq.style.hints import KINDS
from faq.style.sentences import lines, sentences, words
from faq.style.syllables import syllables


@pytest.mark.parametrize(
    ("word", "count"),
    [
        *(("Haus", 1), ("Häuser", 2), ("Personalausweis", 5), ("Quelle", 2), ("Theater", 3), ("Station", 3)),
        *(
            ("Familie", 4),
            ("Familienkasse", 6),
            ("studieren", 3),
            ("Müll-Tonne", 3),
            ("46,00", 1),
            ("neue", 2),
            ("Ei", 1),
            ("BAföG", 2),
            ("Straße", 2),
        ),
    ],
)
def test_german_syllables(word: str, count: int) -> None:
    assert syllables(word, "de") == count


@pytest.mark.parametrize(
    ("word", "count"),
    [("house", 1), ("table", 2), ("asked", 1), ("wanted", 2), ("identity", 4), ("people", 2), ("application", 4)],
)
def test_english_syllables(word: str, count: int) -> None:
    assert syllables(word, "en") == count


def test_the_formulas_are_the_published_ones() -> None:
    # The worked values follow from the papers' coefficients, by hand.
    assert wiener(20, 10, 30, 40) == pytest.approx(0.1935 * 20 + 1.672 + 3.891 - 1.308 - 0.875)
    assert amstad(10, 1.5) == pytest.approx(82.25)
    assert reading_ease(10, 1.5) == pytest.approx(69.785)


def test_a_passage_counted_by_hand() -> None:
    # 9 words in 2 sentences; syllables 1 1 1 2 1 · 1 1 2 1; none of three syllables or of more than six letters.
    found = read("Das ist ein gutes Haus. Wir sind alle da.", "de")
    assert (found.words, found.sentences, found.scale) == (9, 2, "wiener")
    assert found.figure == pytest.approx(0.1672 * 4.5 - 0.0327 * 100 * 7 / 9 - 0.875, abs=0.06)
    assert found.flesch == pytest.approx(180 - 4.5 - 58.5 * 11 / 9, abs=0.06)
    assert (found.level, found.year, found.few) == (Level.EASY, 4, True)


def test_easy_and_hard_are_told_apart() -> None:
    hard = (
        "Die Inanspruchnahme der Vergünstigung setzt die unverzügliche Beantragung unter Beifügung sämtlicher "
        "erforderlicher Nachweisunterlagen bei der zuständigen Bewilligungsbehörde voraus."
    )
    easy = "Bringen Sie Ihren Ausweis mit. Die Karte kostet 10 Euro. Sie gilt ein Jahr."
    assert (read(hard, "de").level, read(easy, "de").level) == (Level.HARD, Level.EASY)
    hard = "Notwithstanding administrative considerations, applicants necessitating accommodation notify authorities."
    assert (read(hard, "en").level, read("Bring your card. It costs ten euros.", "en").level) == (
        Level.HARD,
        Level.EASY,
    )


def test_sentences_end_where_people_end_them() -> None:
    text = "Rufen Sie an, z. B. am Mo. oder am 1. April.\nDas geht unter 0221 4710 300.\n"
    text += "Kommen Sie vorbei!\n\n- ein Foto\n- 6,00 €"
    assert sentences(text) == [
        "Rufen Sie an, z. B. am Mo. oder am 1. April.",
        "Das geht unter 0221 4710 300.",
        "Kommen Sie vorbei!",
        "ein Foto",
        "6,00 €",
    ]
    assert lines("**Fett** und [ein Ort](https://a.example/b.c)\n\n") == ["Fett und ein Ort"]
    assert words("Müll-Tonne für 46,00 €") == ["Müll-Tonne", "für", "46,00"]


@pytest.mark.parametrize(
    ("language", "text", "kind", "word"),
    [
        ("de", "Der Antrag wird vom Amt geprüft.", "passive", "wird … geprüft"),
        ("de", "Die Karte muss abgeholt werden.", "passive", "werden … abgeholt"),
        ("de", "Das erfolgt gemäß der Satzung.", "office_word", "gemäß"),
        ("de", "Sie können das Angebot in Anspruch nehmen.", "nominal", "in Anspruch nehmen"),
        (
            "de",
            "Nach Erstellung und Aushändigung der Unterlagen erfolgt die Bearbeitung.",
            "nominal",
            "Erstellung, Aushändigung, Bearbeitung",
        ),
        ("de", "Zeigen Sie die Wohnungsgeberbestätigung.", "long_word", "Wohnungsgeberbestätigung"),
        ("de", " ".join(["Wort"] * 21) + ".", "long_sentence", "21"),
        ("en", "Forms are accepted by the office.", "passive", "are accepted by"),
        ("en", "Apply prior to arrival.", "office_word", "prior to"),
        ("leicht", "Das ist eins. Das ist zwei.", "leicht_two", ""),
        ("leicht", "Das ist das Haus des Vaters.", "leicht_genitive", "des Vaters"),
        ("leicht", "Bringen Sie drei Fotos mit.", "leicht_number", "drei"),
        ("leicht", "Der Behindertenparkausweis ist blau.", "leicht_word", "Behindertenparkausweis"),
        ("leicht", "Bringen Sie z. B. ein Foto mit.", "leicht_short", "z. B."),
        ("leicht", " ".join(["Wort"] * 13) + ".", "leicht_long", "12"),
        ("leicht", "Der Brief wird geschickt.", "passive", "wird … geschickt"),
    ],
)
def test_a_hint(language: str, text: str, kind: str, word: str) -> None:
    assert (kind, word) in [(hint.kind, hint.word) for hint in read(text, language).hints]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Sie werden einen Brief erhalten."),
        ("de", "Der Ausweis wird teuer."),
        ("de", "Das wird gut, und Sie haben bezahlt."),
        ("de", "Die Wohnung, die Rechnung und die Versicherung bezahlen Sie selbst."),
        ("de", "Das Amt ist am 24. Dezember geschlossen."),
        ("en", "The office is closed on Monday."),
        ("leicht", "Der Sperr-Müll kommt weg."),
        ("leicht", "Das kostet 27 Euro und 60 Cent."),
        ("leicht", "Ein Termin ist ein Tag mit Uhr-Zeit."),
        ("tr", "Kimliğim kayboldu, ne yapmalıyım?"),
    ],
)
def test_a_good_sentence_is_left_alone(language: str, text: str) -> None:
    assert read(text, language).hints == ()


def test_a_hint_says_in_which_sentence() -> None:
    (hint,) = read("Das ist gut. Der Antrag wird geprüft. Das war es.", "de").hints
    assert (hint.sentence, hint.text) == (1, "Der Antrag wird geprüft.")


@pytest.mark.parametrize("language", ["tr", "ar"])
def test_there_is_no_figure_for_other_languages(language: str) -> None:
    found = read("Bu bir cümle.", language)
    assert (found.figure, found.level, found.words) == (None, None, 3)


@given(st.text(max_size=200), st.sampled_from(["de", "en", "leicht", "tr"]))
def test_any_text_is_read(text: str, language: str) -> None:
    found = read(text, language)
    assert (found.figure is None) == (language == "tr" or not found.words)
    assert all(hint.kind in KINDS and hint.text for hint in found.hints)


@pytest.mark.parametrize("sign", ["@a", "a", "[", "](", "[a](", "<https://", "<tel:", "a.", ".)", "- ", "\n", "wird "])
@pytest.mark.parametrize("language", ["de", "leicht"])
def test_a_row_of_signs_keeps_no_process_busy(sign: str, language: str) -> None:
    """As long as an answer may be: it is read anew with each letter that somebody types."""
    began, long = time.process_time(), sign * (MAX_ANSWER // len(sign))
    read(long, language)
    links_of(Content({"de": Text("de", "Wo?", answer=long)}, "a", "b", NO_LINK, date(2026, 11, 1)))
    assert time.process_time() - began < 2


@given(st.lists(st.sampled_from(["Das ist gut.", "Wir holen den Müll.", "Bringen Sie ein Foto mit."]), min_size=1))
def test_the_same_sentences_again_change_nothing(told: list[str]) -> None:
    once, twice = read(" ".join(told), "de"), read(" ".join(told * 2), "de")
    assert once.figure == pytest.approx(twice.figure)
    assert twice.words == 2 * once.words


def test_every_hint_and_level_has_words() -> None:
    wanted = {f"readability.hint.{kind}" for kind in KINDS} | {f"readability.level.{level}" for level in Level}
    wanted |= {f"readability.hint.{kind}_instead" for kind in ("nominal", "office_word")}
    assert not wanted - set(texts("de"))
