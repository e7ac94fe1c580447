"""The chat's own words, and which language a page is in."""

import re
from typing import Any

import pytest

from bot.channels.commands import ALIASES
from bot.channels.commands import load_words as messenger_words
from bot.webchat.pages import number
from bot.webchat.words import choose, load_words
from nlu.profiles import LANGUAGES


def shape(value: Any) -> Any:
    """Keys and kinds; the length of a list may differ by language."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return [] if isinstance(value, list) else ""


def test_every_language_says_everything() -> None:
    words = load_words({})
    assert set(words) >= {"de", "en"}
    for language in words.values():
        assert shape(language.texts) == shape(words["de"].texts)


@pytest.mark.parametrize(
    ("conversation", "accept", "expected"),
    [
        ("", "", "de"),
        ("", "en-GB,en;q=0.9", "en"),
        ("", "tr;q=0.9,en;q=0.5,de;q=0.1", "en"),
        ("", "de;q=0.2,en;q=0.8", "en"),
        ("", "en;q=0, *", "de"),
        ("de", "en", "de"),
        ("ar", "en", "en"),
        ("", "en;q=nonsense", "de"),
    ],
)
def test_language_of_a_page(conversation: str, accept: str, expected: str) -> None:
    assert choose({"de", "en"}, conversation, accept) == expected


def test_every_language_of_the_bot_has_its_page() -> None:
    assert set(load_words({})) == set(LANGUAGES)


def test_arabic_pages_run_from_the_right() -> None:
    turned = {code for code, words in load_words({}).items() if words.direction == "rtl"}
    assert turned == {"ar"}


def test_numbers_are_grouped_as_the_language_writes_them() -> None:
    words = load_words({})
    assert [number(4213, words[code]) for code in ("de", "en", "fr", "uk")] == [
        "4.213",
        "4,213",
        "4\u202f213",
        "4\u00a0213",
    ]


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_page_fills_in_the_same_names(code: str) -> None:
    words = load_words({})
    assert names(words[code].texts) == names(words["de"].texts)


def names(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: names(inner) for key, inner in value.items()}
    return set(re.findall(r"{\w+}", value)) if isinstance(value, str) else None


def test_messengers_have_their_few_words_in_every_language() -> None:
    menus = messenger_words()
    assert set(menus) == set(LANGUAGES)
    for words in menus.values():
        assert len(words["choose"]) <= 20
        assert len(words["menu"]) == 7
        assert all(len(text) <= 256 for text in words["menu"].values())
        assert {ALIASES[command] for command in words["menu"]} == {ALIASES[command] for command in menus["de"]["menu"]}
