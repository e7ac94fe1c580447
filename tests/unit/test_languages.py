"""Every language says everything: the same keys, the same names to fill in, its plurals, labels that fit a button."""

import re
from typing import Any

import pytest
import yaml

from bot.phrasebook import LANGUAGES
from bot.plural import FORMS, plural
from nlu.profiles import LANGUAGES as CODES

FILES = {code: yaml.safe_load((LANGUAGES / code / "replies.yml").read_text("utf-8")) for code in CODES}
GERMAN = FILES["de"]
OTHERS = [code for code in CODES if code != "de"]
PLURALS = {"minutes", "hours", "position"}
BUTTON = 20  # characters of a WhatsApp reply button's title (PLATFORMS: interactive reply buttons)
DATES = {"date", "date.full"}  # a language may write the month as a number or as a word


def names(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


def plain_labels(raw: dict[str, Any]) -> dict[str, str]:
    """Without the further plural forms that a language has."""
    return {key: text for key, text in raw["labels"].items() if key.rpartition(".")[0] not in PLURALS}


@pytest.mark.parametrize("code", OTHERS)
def test_every_language_has_every_key(code: str) -> None:
    assert set(FILES[code]) == set(GERMAN)
    assert set(FILES[code]["replies"]) == set(GERMAN["replies"])
    assert set(plain_labels(FILES[code])) == set(plain_labels(GERMAN))
    assert set(FILES[code]["ordinals"]) == set(GERMAN["ordinals"])
    assert len(FILES[code]["weekdays"]) == 7


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_fills_in_the_same_names(code: str) -> None:
    wrong = {
        key: names(text) ^ names(GERMAN["replies"][key])
        for key, text in FILES[code]["replies"].items()
        if names(text) != names(GERMAN["replies"][key])
    }
    assert wrong == {}
    for key, text in plain_labels(FILES[code]).items():
        if key not in DATES:
            assert names(text) <= names(GERMAN["labels"][key]) | {"n"}, key


@pytest.mark.parametrize("code", CODES)
def test_nothing_is_left_unsaid(code: str) -> None:
    empty = [key for key, text in FILES[code]["replies"].items() if not text.strip()]
    assert empty == (["notice.german_only", "answer.german_only"] if code == "de" else [])


@pytest.mark.parametrize("code", CODES)
def test_a_language_has_the_plurals_that_its_numbers_want(code: str) -> None:
    labels = FILES[code]["labels"]
    wanted = FORMS.get(code, frozenset()) - {"one", "other"}
    for key in PLURALS:
        assert {name.rpartition(".")[2] for name in labels if name.startswith(f"{key}.")} == wanted
    if "one" in wanted or code in ("uk", "ru"):  # 21 takes the form of 1 there
        assert "{n}" in labels["minute"]
        assert "{n}" in labels["hour"]
        assert "{n}" in labels["position_one"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("de", {1: "one", 2: "other", 21: "other"}),
        ("fr", {1: "one", 5: "other"}),
        ("uk", {1: "one", 3: "few", 5: "many", 11: "many", 12: "many", 21: "one", 22: "few", 112: "many"}),
        ("ru", {1: "one", 4: "few", 10: "many", 14: "many", 31: "one", 111: "many"}),
        ("ar", {1: "one", 2: "two", 3: "few", 10: "few", 11: "many", 99: "many", 100: "other", 103: "few"}),
    ],
)
def test_numbers_take_their_plural(code: str, said: dict[int, str]) -> None:
    assert {n: plural(code, n) for n in said} == said


@pytest.mark.parametrize("code", CODES)
def test_labels_of_buttons_fit_where_messengers_cut_them(code: str) -> None:
    labels = [text for key, text in FILES[code]["labels"].items() if key.startswith("button.")]
    assert [text for text in [*labels, FILES[code]["name"]] if len(text) > BUTTON] == []


@pytest.mark.parametrize("code", CODES)
def test_every_language_says_that_a_machine_speaks_and_how_to_reach_a_person(code: str) -> None:
    for key in ("greeting", "disclosure", "ask_bot_identity", "handoff.back"):
        text = FILES[code]["replies"][key]
        assert "Stadtbote" in text
        assert "/mensch" in text
        assert "{privacy_url}" in text


@pytest.mark.parametrize("code", CODES)
def test_messages_are_short(code: str) -> None:
    assert {k: len(text) for k, text in FILES[code]["replies"].items() if len(text) > 650} == {}
