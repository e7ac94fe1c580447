"""Arabic in a real Chromium: the chat's page and the console's inbox run where their words run."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from bot.settings import Settings
from faq.retrieval.index import Index
from tests.browser.test_console import Office, office
from tests.browser.test_webchat import chromium, quick, turned, visitor
from tests.house import corpus_state, words_index
from tests.webchat.chat_house import KIM, ChatHouse, chat_house

pytestmark = [pytest.mark.browser, pytest.mark.slow]
__all__ = ["chromium", "office", "quick"]
GREETING = "السلام عليكم"
QUESTION = "أريد التحدث مع موظف"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return corpus_state(tmp_path_factory.mktemp("direction"))


@pytest.fixture(scope="module")
def index(state: Settings) -> Index:
    return words_index(state)


@pytest.fixture
async def house(state: Settings, index: Index) -> AsyncIterator[ChatHouse]:
    async with chat_house(state, index) as running:
        yield running


async def keep(page: Page, name: str) -> None:
    """A picture for people, where DIRECTION_PICTURES names a folder."""
    if folder := os.environ.get("DIRECTION_PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


async def direction(place: Locator) -> str:
    return str(await place.evaluate("element => getComputedStyle(element).direction"))


async def box(place: Locator) -> dict[str, float]:
    found = await place.bounding_box()
    assert found
    return {"x": found["x"], "width": found["width"]}


async def order(place: Locator, *pieces: str) -> list[float]:
    """Where each piece of a text begins on the screen, from the left, in pixels."""
    return [
        float(
            await place.evaluate(
                """(element, piece) => {
                  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
                  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                    const at = node.data.indexOf(piece);
                    if (at < 0) continue;
                    const range = document.createRange();
                    range.setStart(node, at);
                    range.setEnd(node, at + piece.length);
                    return range.getBoundingClientRect().left;
                  }
                  throw new Error("not on the page: " + piece);
                }""",
                piece,
            )
        )
        for piece in pieces
    ]


async def test_an_arabic_conversation_runs_from_the_right(chromium: Browser, house: ChatHouse) -> None:
    async with visitor(chromium, viewport={"width": 720, "height": 900}) as page:
        await page.goto(house.url)
        assert await direction(page.locator("html")) == "ltr"
        await page.locator("#text").fill(GREETING)
        assert await direction(page.locator("#text")) == "rtl"
        await page.keyboard.press("Enter")
        # The page follows the citizen into the language, its own words and its direction.
        await turned(page, "ar")
        await expect(page.locator("html")).to_have_attribute("dir", "rtl")
        await expect(page.locator("#send")).to_contain_text("إرسال")
        greeting = page.locator(".line.bot .said").last
        await expect(greeting).to_contain_text("Stadtbote")
        assert await direction(greeting.locator("p").first) == "rtl"
        await page.locator("#text").fill(QUESTION)
        await page.keyboard.press("Enter")
        await expect(page.locator(".line.bot").last).to_contain_text("رقمكم هو")
        await keep(page, "chat-arabic")
        # The citizen's line and the send button are at the left, the bot's lines and the buttons at the right.
        width = (await box(page.locator("main")))["width"]
        bot, citizen = await box(page.locator(".line.bot").last), await box(page.locator(".line.citizen").last)
        assert bot["x"] + bot["width"] > citizen["x"] + citizen["width"]
        assert citizen["x"] < bot["x"] or bot["width"] > 0.8 * width
        button = page.locator(".line.bot .choices button").last
        assert await direction(button) == "rtl"
        choices = await box(page.locator(".line.bot .choices").last)
        pressed = await box(button)
        assert choices["x"] + choices["width"] - (pressed["x"] + pressed["width"]) < 2
        send, text = await box(page.locator("#send")), await box(page.locator("#text"))
        assert send["x"] < text["x"]
        # A German answer in it runs from the left.
        conversation = await house.only_conversation()
        await house.core.desk.claim(KIM, conversation)
        await house.core.desk.write(
            KIM, conversation, "Bitte bringen Sie den Pass mit.\n\nالهاتف: 0221 4710 100, Zimmer 12"
        )
        said = page.locator(".line.clerk .said p")
        await expect(said).to_have_count(2)
        assert [await direction(said.nth(n)) for n in (0, 1)] == ["ltr", "rtl"]
        # The telephone number and what follows it keep their order within the Arabic sentence.
        label, first, second, room = await order(said.nth(1), "الهاتف", "0221", "100", "Zimmer")
        assert first < second < room < label
        await keep(page, "chat-arabic-german")


async def test_the_language_is_chosen_and_the_page_turns_back(chromium: Browser, house: ChatHouse) -> None:
    async with visitor(chromium) as page:
        await page.goto(house.url)
        await page.locator("#text").fill("/sprache ar")
        await page.keyboard.press("Enter")
        await turned(page, "ar")
        await expect(page.locator("html")).to_have_attribute("dir", "rtl")
        await page.locator("#text").fill("/sprache de")
        await page.keyboard.press("Enter")
        await turned(page, "de")
        await expect(page.locator("html")).to_have_attribute("dir", "ltr")


async def test_without_script_the_page_is_arabic_for_an_arabic_browser(chromium: Browser, house: ChatHouse) -> None:
    context = await chromium.new_context(locale="ar", java_script_enabled=False)
    page = await context.new_page()
    await page.goto(house.url)
    await expect(page.locator("html")).to_have_attribute("dir", "rtl")
    await page.locator("#text").fill(QUESTION)
    await page.locator("#send").click()
    await expect(page.locator(".line.bot").last).to_contain_text("رقمكم هو")
    await context.close()


async def test_a_clerk_reads_arabic_from_the_right_in_a_german_inbox(office: Office) -> None:
    work = office.work
    await work.citizen("1", "أين أجد Bürgeramt Nord؟ هاتفي 0151 234 567")
    page = await office.page("kim")
    await page.get_by_role("link", name="أين أجد").click()
    await expect(page.locator(".transcript .words").first).to_be_visible()
    assert await direction(page.locator("html")) == "ltr"
    subject = page.locator(".item .subject").first
    assert await direction(subject) == "rtl"
    words = page.locator(".transcript .line.citizen .words").first
    assert await direction(words) == "rtl"
    where, office_name, north, mine, first, last = await order(
        words, "أين", "Bürgeramt", "Nord", "هاتفي", "0151", "567"
    )
    assert first < last < mine < office_name < north < where
    for line in await page.locator(".transcript .line.bot .words p").all():
        text = await line.inner_text()
        arabic = any("\u0600" <= char <= "\u06ff" for char in text)
        assert await direction(line) == ("rtl" if arabic else "ltr"), text
    await page.get_by_role("button", name="Übernehmen").click()
    reply = page.locator("#reply")
    await reply.fill("مرحبا")
    assert await direction(reply) == "rtl"
    await keep(page, "inbox-arabic")
