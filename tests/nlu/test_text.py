"""Text functions take anything and keep their promises; short texts are told apart by language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.text import LANGUAGES, cap, detect_language, fold, normalise, words

anything = st.text(alphabet=st.characters(), max_size=60)


@given(anything)
def test_normalising_twice_changes_nothing_and_always_encodes(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    once.encode("utf-8")


@given(anything)
def test_folding_twice_changes_nothing_and_does_not_mind_what_is_invisible(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(normalise(text)) == fold(text)


@given(anything, st.integers(-2, 70))
def test_a_capped_text_is_a_beginning_within_the_limit(text: str, limit: int) -> None:
    short = cap(text, limit)
    assert len(short) <= max(limit, 0)
    assert text.startswith(short)
    assert cap(short, limit) == short


@given(anything)
def test_any_text_has_a_language_and_a_share_of_certainty(text: str) -> None:
    detected = detect_language(text)
    assert detected.language in LANGUAGES
    assert 0 <= detected.confidence <= 1


@pytest.mark.parametrize(
    "spellings",
    [
        ("Öffnungszeiten", "OEFFNUNGSZEITEN", "öffnungs\u00adzeiten", "o\u0308ffnungszeiten"),
        ("Straße", "STRASSE", "strasse"),
        ("médecin", "medecin", "MÉDECIN"),
        ("ещё", "еще"),
        ("İkametgâh", "ikametgah", "ıkametgah"),
        ("إسعاف", "اسعاف", "إِسْعَاف"),
    ],
)
def test_spellings_of_one_word_fold_to_one(spellings: tuple[str, ...]) -> None:
    assert len({fold(spelling) for spelling in spellings}) == 1


def test_folding_keeps_letters_that_make_other_words() -> None:
    assert fold("Київ") == "київ"
    assert fold("мой") == "мой"


def test_capping_keeps_words_whole_where_it_can() -> None:
    assert cap("Guten Tag liebe Stadt", 16) == "Guten Tag liebe"
    assert cap("Donaudampfschifffahrt", 5) == "Donau"


def test_words_have_no_punctuation() -> None:
    assert words("Perso verloren!! Was tun? 😟") == ["perso", "verloren", "was", "tun"]


@pytest.mark.parametrize(
    ("language", "texts"),
    {
        "de": [
            "wo kann ich mich ummelden",
            "perso weg",
            "müll",
            "was kostet das",
            "kita anmeldung",
            "Ähm hallo",
            "12345",
        ],
        "en": ["where can i register my address", "lost passport", "how much is it", "dog tax", "thank you"],
        "tr": ["pasaport nasıl alınır", "nerede kayıt olabilirim", "ikametgah lazim", "teşekkürler"],
        "uk": ["де отримати паспорт", "дякую", "як зареєструвати дитину в садок", "мені потрібна довідка"],
        "ar": ["كيف أحصل على جواز سفر", "شكرا", "مرحبا"],
        "ru": ["где получить паспорт", "спасибо", "как зарегистрировать ребенка", "мне нужна справка"],
        "fr": ["où est la mairie", "passeport perdu", "combien ça coûte", "je voudrais un rendez-vous", "merci"],
    }.items(),
)
def test_short_texts_are_told_apart(language: str, texts: list[str]) -> None:
    assert [text for text in texts if detect_language(text).language != language] == []


def test_what_speaks_for_nothing_is_the_default_and_says_so() -> None:
    assert detect_language("4711 ??", default="en").language == "en"
    assert detect_language("4711 ??").confidence == 0
    assert detect_language("").confidence == 0
    assert detect_language("где мой паспорт и когда его можно забрать").confidence > 0.8
