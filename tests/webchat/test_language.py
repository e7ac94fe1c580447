"""Whole conversations in the citizens' languages: the frame follows, doubtful words do not turn it, a choice holds."""

import pytest

from bot.phrasebook import load_languages
from nlu.profiles import LANGUAGES
from tests.webchat.chat_house import Browser, ChatHouse

GREETINGS = {
    "de": "Guten Morgen",
    "en": "good morning",
    "tr": "merhaba",
    "uk": "привіт",
    "ar": "مرحبا",
    "ru": "здравствуйте",
    "fr": "bonjour",
}
HUMAN = {
    "de": "ich möchte mit einem menschen sprechen",
    "en": "i want to talk to a person",
    "tr": "bir görevliyle konuşmak istiyorum",
    "uk": "хочу поговорити з людиною",
    "ar": "أريد التحدث مع موظف",
    "ru": "хочу поговорить с человеком",
    "fr": "je veux parler à une personne",
}
QUESTION = "Wie beantrage ich einen Personalausweis?"


async def language(house: ChatHouse) -> str:
    held = await house.core.store.load(await house.only_conversation())
    assert held.conversation
    return held.conversation.language


@pytest.mark.parametrize("code", LANGUAGES)
async def test_a_greeting_and_the_wish_for_a_person_are_answered_in_kind(
    browser: Browser, house: ChatHouse, code: str
) -> None:
    words = load_languages()[code]
    await browser.open()
    await browser.submit(text=GREETINGS[code])
    assert await language(house) == code
    assert f'<html lang="{code}" dir="{"rtl" if code == "ar" else "ltr"}">' in browser.html
    first = words.replies["greeting"].split("\n")[0].split("Stadtbote")[0].strip("\u200f ,،")
    assert first in browser.lines[-1]
    assert words.labels["button.human"] in browser.lines[-1]
    await browser.submit(text=HUMAN[code])
    assert "1001" in browser.lines[-1]
    assert words.labels["first"] in browser.lines[-1].replace("\u2068", "").replace("\u2069", "")


async def test_the_language_follows_plain_words_only(browser: Browser, house: ChatHouse) -> None:
    await browser.open()
    for text, expected in [
        ("merhaba", "tr"),
        ("ok", "tr"),
        ("Anmeldung", "tr"),
        ("4711", "tr"),
        ("thank you", "en"),
        ("👍", "en"),
        ("дякую", "uk"),
        ("паспорт", "uk"),
        ("Wann hat das Bürgeramt offen?", "de"),
    ]:
        await browser.submit(text=text)
        assert await language(house) == expected, text


async def test_a_chosen_language_holds(browser: Browser, house: ChatHouse) -> None:
    await browser.open()
    await browser.submit(text="/sprache ar")
    assert load_languages()["ar"].replies["language.set"].strip() in browser.lines[-1]
    await browser.submit(text="Vielen Dank für die Hilfe")
    assert await language(house) == "ar"
    assert load_languages()["ar"].replies["thanks"].split("!")[0] in browser.lines[-1]


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code not in ("de", "en")])
async def test_a_german_answer_comes_with_a_sentence_in_the_citizens_language(
    browser: Browser, house: ChatHouse, code: str
) -> None:
    words = load_languages()[code]
    await browser.open()
    await browser.submit(text=f"/sprache {code}")
    await browser.submit(text=QUESTION)
    said = browser.lines[-1]
    assert words.replies["answer.german_only"].strip() in said
    assert "46,00" in said
    assert words.labels["footer"] in said
    assert words.labels["source"] in said
