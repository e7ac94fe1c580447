"""What may be taught, and what may not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.taught import checks
from bot.taught.checks import LONGEST, MOST, complaints, shipped, tidied
from faq.examples.added import Added
from nlu.examples import TAUGHT, Trial, read_trials
from nlu.profiles import LANGUAGES_DIR

FINE = "wo krieg ich denn meinen angelschein verlängert kollege"


def said(
    *lines: str, intent: str = "faq_question", added: Added | None = None, questions: tuple[str, ...] = ()
) -> list:
    found = complaints("de", intent, lines, added or Added(), questions)
    return [(one.line, one.key) for one in found]


def test_what_people_write_may_be_taught() -> None:
    assert said(FINE, "💥 alles kaputt hier bei uns am pier") == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("x" * (LONGEST + 1), "long"),
        ("???", "empty"),
        ("ruf mich an unter 0171 2345678 wegen dem angelschein", "personal"),
        ("HALLO!", "elsewhere"),
        (shipped("de")["faq_question"][0].upper(), "known"),
        (shipped("en")["greet"][3], "elsewhere"),
    ],
)
def test_what_may_not(line: str, why: str) -> None:
    assert said(FINE, line) == [(2, why)]


@pytest.mark.parametrize("trial", read_trials(LANGUAGES_DIR)[::97], ids=lambda trial: trial.text[:20])
def test_nobody_teaches_what_the_understanding_is_tried_with(trial: Trial) -> None:
    assert said(f"  {trial.text.upper()} !") == [(1, "trial")]


def test_nor_what_the_answers_are_tried_with() -> None:
    assert said(FINE, questions=(FINE.title() + "?",)) == [(1, "trial")]


def test_what_was_added_to_one_matter_cannot_stand_for_another() -> None:
    added = Added.read({"de": {"greet": [FINE]}})
    assert said(FINE + "!", added=added) == [(1, "elsewhere")]
    assert said(FINE, intent="greet", added=added) == [], "its own place"


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"{FINE} nummer {word}" for word in ("eins", "zwei", "drei")]
    assert said(*[f"{FINE} {'a' * n}" for n in range(1, MOST + 2)])[0] == (0, "many")
    monkeypatch.setattr(checks, "MOST_IN_ALL", 3)
    assert said(*lines) == []
    assert said(*lines, added=Added.read({"en": {"greet": ["grüezi wohl du"]}})) == [(0, "many_in_all")]


@given(st.text())
def test_tidied_lines_are_clean_once_and_for_all(text: str) -> None:
    lines = tidied(text)
    assert all(line.strip() == line and line for line in lines)
    assert tidied("\n".join(lines)) == lines


def test_the_same_words_are_kept_once_as_they_stood_first() -> None:
    assert tidied("Guten Tag!\n\n  guten tag \nMoin\n") == ("Guten Tag!", "Moin")


def test_every_taught_language_ships_examples() -> None:
    assert all(shipped(code)["faq_question"] for code in TAUGHT)
