"""Emergencies and distress are recognised in seven languages, and their false friends are not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.hearing import alarm
from nlu.alarms import KINDS, emergency_kind, is_settled, spelt_out
from nlu.keywords import KeywordNlu
from nlu.understand import Understanding

ROUNDS = yaml.safe_load(Path(__file__).with_name("alarms.yml").read_text(encoding="utf-8"))["rounds"]
PLACES = [(name, language) for name, languages in ROUNDS.items() for language in languages]


def cases(name: str, language: str) -> Iterator[tuple[str, str]]:
    """(kind, text); "alarm" is any kind, "none" a false friend."""
    for kind, texts in ROUNDS[name][language].items():
        yield from ((kind, text) for text in texts)


@pytest.mark.parametrize(("name", "language"), PLACES)
def test_every_alarm_is_found(name: str, language: str) -> None:
    missed = [text for kind, text in cases(name, language) if kind != "none" and emergency_kind(text) is None]
    assert missed == []


@pytest.mark.parametrize(("name", "language"), PLACES)
def test_no_false_friend_alarms(name: str, language: str) -> None:
    alarmed = [text for kind, text in cases(name, language) if kind == "none" and emergency_kind(text) is not None]
    assert alarmed == []


@pytest.mark.parametrize("name", ROUNDS)
def test_nearly_every_alarm_has_its_kind(name: str) -> None:
    told = [(kind, emergency_kind(text), text) for language in ROUNDS[name] for kind, text in cases(name, language)]
    told = [case for case in told if case[0] in KINDS]
    wrong = [case for case in told if case[0] != case[1]]
    assert len(wrong) <= len(told) * 0.05, wrong


def test_the_language_of_the_conversation_does_not_matter() -> None:
    # Fear makes people fall back into their own.
    for name, language in PLACES:
        for _, text in list(cases(name, language))[::10]:
            heard = KeywordNlu().understand_now(text, "fr" if language == "de" else "de", alike=False)
            assert (heard.intent in ("emergency", "distress")) == (emergency_kind(text) is not None), text


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("HILFE ES BRENNT!!! 🔥", "emergency"),
        ("ich  will\u200b nicht\nmehr leben", "distress"),
        ("es brent", "emergency"),
        ("hilfeeeee es breeennt", "emergency"),
        ("mein mann schlägt mich", "distress"),
    ],
)
def test_an_alarm_is_the_intent_whatever_its_spelling(text: str, intent: str) -> None:
    understanding = KeywordNlu().understand_now(text)
    assert (understanding.intent, understanding.confidence) == (intent, 1.0)


def test_a_long_text_is_read_far_enough_and_ends_in_time() -> None:
    assert emergency_kind("es brennt " + "a " * 50_000) == "danger"
    assert emergency_kind("a" * 100_000) is None
    assert emergency_kind("nicht er mann luft blut " * 1_000) is not None


def test_names_and_ampersands_are_spelt_out() -> None:
    assert spelt_out("{kind} & weg", {"kind": "sohn|tochter"}) == ["sohn|tochter ... weg", "weg ... sohn|tochter"]
    with pytest.raises(KeyError):
        spelt_out("{nobody} & weg", {})


EVERYDAY = ["teuer", "neuer", "euer", "für", "trennt", "rennt", "policy", "fewer", "rettungswegen"]


@pytest.mark.parametrize("word", EVERYDAY)
def test_an_everyday_word_is_no_alarm_with_a_typing_error(word: str) -> None:
    asked = [word, f"ist das {word}?", f"das ist {word}", f"es {word} bitte", f"is it {word}"]
    assert [text for text in asked if emergency_kind(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "ich will einen stern am himmel nach meiner oma benennen lassen",
        "хочу назвати зірку на небі до дня бабусі",
        "хочу назвать звезду на небе к юбилею мамы",
    ],
)
def test_a_star_named_after_somebody_is_no_farewell(text: str) -> None:
    assert emergency_kind(text) is None
    assert emergency_kind("ich will in den himmel zu oma") == "distress"


@pytest.mark.parametrize(
    "text",
    [
        "народилася дитина куди йти",
        "unser baby ist geboren wo muss ich es anmelden",
        "our baby was born which office do i go to",
        "bebeğimiz doğdu nereye kayıt yaptırıyoruz",
        "родился сын какие документы нужны",
        "notre fille est née où aller",
        "ولد طفلي أين أذهب لتسجيل الاسم",
    ],
)
async def test_a_birth_that_went_well_is_no_alarm_whatever_a_model_guesses(text: str) -> None:
    async def meaning(_: str) -> None:
        return None

    guessed = Understanding("emergency", 0.9, (), (), "de", "rasa")
    assert await alarm(text, "", guessed, meaning) == ""
    assert await alarm(text, "medical", guessed, meaning) == "medical"  # the words of an alarm count whatever else
    assert await alarm("das baby kommt gerade", "", guessed, meaning) == "danger"


@pytest.mark.parametrize(("name", "language"), PLACES)
def test_no_alarm_passes_for_good_news(name: str, language: str) -> None:
    assert [text for kind, text in cases(name, language) if kind != "none" and is_settled(text)] == []
