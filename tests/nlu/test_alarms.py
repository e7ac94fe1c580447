"""Emergencies and distress are recognised in seven languages, and their false friends are not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from nlu.alarms import emergency_kind
from nlu.keywords import KeywordNlu

CASES = yaml.safe_load(Path(__file__).with_name("alarms.yml").read_text(encoding="utf-8"))


def known() -> Iterator[tuple[str, str, str]]:
    for language, kinds in CASES["known"].items():
        for kind, texts in kinds.items():
            yield from ((language, kind, text) for text in texts)


@pytest.mark.parametrize(("language", "kind", "text"), list(known()))
def test_known_alarms_have_their_kind(language: str, kind: str, text: str) -> None:
    expected = None if kind == "none" else kind
    assert emergency_kind(text, language) == expected
    # Whatever language the conversation was in: fear makes people fall back into their own.
    assert emergency_kind(text) == emergency_kind(text, "de") == expected


@pytest.mark.parametrize("language", CASES["held_out"])
def test_most_unseen_alarms_are_found(language: str) -> None:
    texts = CASES["held_out"][language]["alarm"]
    missed = [text for text in texts if emergency_kind(text) is None]
    assert len(missed) <= len(texts) // 8, missed


@pytest.mark.parametrize("language", CASES["held_out"])
def test_few_unseen_false_friends_alarm(language: str) -> None:
    texts = CASES["held_out"][language]["none"]
    alarmed = [text for text in texts if emergency_kind(text) is not None]
    assert len(alarmed) <= len(texts) // 8, alarmed


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("HILFE ES BRENNT!!! 🔥", "emergency"),
        ("ich  will\u200b nicht\nmehr leben", "distress"),
        ("es brent", "emergency"),
    ],
)
def test_an_alarm_is_the_intent_whatever_its_spelling(text: str, intent: str) -> None:
    understanding = KeywordNlu().understand_now(text)
    assert (understanding.intent, understanding.confidence) == (intent, 1.0)


def test_a_long_text_is_read_far_enough_and_ends_in_time() -> None:
    assert emergency_kind("es brennt " + "a " * 50_000) == "danger"
    assert emergency_kind("a" * 100_000) is None
