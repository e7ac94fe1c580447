"""The chat's own words, and which language a page is in."""

from typing import Any

import pytest

from bot.webchat.words import choose, load_words


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
