"""The five languages that Rasa has no examples of: what is said around a question is understood by phrases alone."""

from pathlib import Path

import pytest
import yaml

from nlu.client import RasaNlu
from nlu.keywords import KeywordNlu
from tests.nlu.fake_rasa import TOKEN, FakeRasa, serving

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


async def test_rasa_is_not_asked_about_a_language_it_has_no_examples_of() -> None:
    rasa = FakeRasa()
    async with serving(rasa) as url:
        nlu = RasaNlu(url, TOKEN, fallback=KeywordNlu())
        try:
            for language, said in SAID.items():
                for texts in said.values():
                    found = await nlu.understand(str(texts[0]), language)
                    assert (found.source, found.language) == ("keywords", language)
            assert rasa.asked == []
            # A plain sentence in a language that it knows is another matter, whatever was spoken before.
            assert (await nlu.understand("how long does that take please", "tr")).source == "rasa"
            # A German word that everyone uses is not.
            assert (await nlu.understand("Bürgeramt", "tr")).source == "keywords"
        finally:
            await nlu.close()
