"""The five languages that Rasa has no examples of: what is said around a question is understood by phrases alone."""

from pathlib import Path

import pytest
import yaml

from nlu.keywords import KeywordNlu

SAID = yaml.safe_load(Path(__file__).with_name("foreign.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def keywords() -> KeywordNlu:
    return KeywordNlu()


@pytest.mark.parametrize("language", SAID)
def test_nine_in_ten_are_understood_and_no_question_is_taken_for_something_else(
    keywords: KeywordNlu, language: str
) -> None:
    said = [(str(text), intent) for intent, texts in SAID[language].items() for text in texts]
    found = [(keywords.understand_now(text, language).intent, intent) for text, intent in said]
    assert sum(got == wanted for got, wanted in found) >= 0.88 * len(found)
    assert {got for got, wanted in found if wanted == "faq_question"} == {"faq_question"}


@pytest.mark.parametrize("language", SAID)
def test_every_intent_of_a_conversation_is_there(keywords: KeywordNlu, language: str) -> None:
    for intent, texts in SAID[language].items():
        heard = [keywords.understand_now(str(text), language).intent for text in texts]
        assert heard.count(intent) >= len(texts) / 2, intent
