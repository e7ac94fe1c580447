"""The page with two phones, as a person uses it: with mouse, keyboard, on a small screen."""

import shutil
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page, async_playwright, expect
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup

from bot.document import from_text
from bot.render import telegram_html
from bot.simulator import Simulator
from tests.browser.chromium import PATIENCE
from tests.browser.listening import Ears
from tests.console.injections import INJECTIONS, bare, chunks

from .test_whatsapp_api import Api, listed, row

pytestmark = [pytest.mark.browser, pytest.mark.slow]
expect.set_options(timeout=PATIENCE)


@pytest.fixture
async def page(sim: Simulator) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = await browser.new_page(viewport={"width": 320, "height": 720}, locale="de-DE")
        tab.set_default_timeout(PATIENCE)
        problems: list[str] = []
        tab.on("pageerror", lambda error: problems.append(str(error)))
        tab.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        await tab.goto(sim.url)
        await expect(tab.get_by_text("verbunden", exact=True)).to_be_visible()
        yield tab
        assert problems == []
        await browser.close()


def phone(page: Page, name: str) -> Any:
    return page.get_by_role("region", name=name)


async def test_a_conversation_on_telegram(sim: Simulator, bot: Bot, page: Page) -> None:
    telegram = phone(page, "Telegram")
    await telegram.get_by_role("textbox", name="Nachricht").fill("wann hat das <b>bürgeramt</b> auf?")
    await page.keyboard.press("Enter")
    await expect(telegram.get_by_text("wann hat das <b>bürgeramt</b> auf?")).to_be_visible()
    (update,) = await bot.get_updates()
    assert update.effective_chat is not None
    chat = update.effective_chat.id
    await bot.send_chat_action(chat, "typing")
    await expect(telegram.get_by_text("schreibt …")).to_be_visible()
    button = InlineKeyboardButton("👍", callback_data="gut")
    link = '<a href="https://stadt.example/">Termin buchen</a>'
    words = f"<b>Mo.–Fr.</b>, 8–12 Uhr. {link} &lt;img src=x onerror=alert(1)&gt;"
    await bot.send_message(chat, words, parse_mode="HTML", reply_markup=InlineKeyboardMarkup([[button]]))
    await expect(telegram.locator("b", has_text="Mo.–Fr.")).to_be_visible()
    await expect(telegram.get_by_role("link", name="Termin buchen")).to_be_visible()
    assert await page.locator("img").count() == 0
    await expect(telegram.get_by_text("schreibt …")).to_be_hidden()
    await telegram.get_by_role("button", name="👍").press("Enter")
    pressed = (await bot.get_updates(offset=update.update_id + 1, timeout=10))[0].callback_query
    assert pressed is not None
    await bot.answer_callback_query(pressed.id, "Danke!")
    await expect(telegram.get_by_text("Danke!")).to_be_visible()


async def test_a_list_on_whatsapp(sim: Simulator, http: aiohttp.ClientSession, page: Page) -> None:
    whatsapp = phone(page, "WhatsApp")
    await whatsapp.get_by_role("textbox", name="Nachricht").fill("ausweis")
    await whatsapp.get_by_role("button", name="Senden").click()
    await expect(whatsapp.get_by_text("Antwortfenster: noch 24 h 0 min")).to_be_visible()
    (account,) = sim.whatsapp.accounts.values()
    await Api(sim, http).send(account.key, "interactive", listed(row(1, "Ausweis", "29,00 €"), row(2, "Pass")))
    await whatsapp.get_by_role("button", name="Auswählen").click()
    await page.get_by_role("dialog").get_by_role("button", name="Ausweis").click()
    await expect(whatsapp.get_by_text("gewählt: Ausweis")).to_be_visible()
    assert account.said[-1].text == "Ausweis"


async def test_several_people_blocking_and_other_things(sim: Simulator, bot: Bot, page: Page) -> None:
    telegram = phone(page, "Telegram")
    await telegram.get_by_role("textbox", name="Nachricht").fill("erste")
    await page.keyboard.press("Enter")
    await expect(telegram.get_by_text("erste")).to_be_visible()
    await telegram.get_by_role("button", name="Neue Person").click()
    await page.get_by_role("dialog").get_by_label("Name").fill("Oksana")
    await page.get_by_role("button", name="Anlegen").click()
    await expect(telegram.get_by_text("Noch keine Nachricht")).to_be_visible()
    await telegram.get_by_text("Anderes senden und tun").click()
    await telegram.get_by_role("button", name="Sprachnachricht").click()
    await expect(telegram.get_by_role("log").get_by_text("Sprachnachricht")).to_be_visible()
    first, second = sim.telegram.accounts.values()
    assert (second.name, second.said[0].kind) == ("Oksana", "voice")
    await bot.send_message(first.key, "für die erste")
    await expect(telegram.get_by_role("combobox", name="Person")).to_contain_text("(1 neu)")
    await telegram.get_by_role("button", name="Blockieren").click()
    await expect(telegram.get_by_text("von dieser Person blockiert")).to_be_visible()
    assert second.blocked
    await telegram.get_by_role("combobox", name="Person").select_option(first.key)
    await expect(telegram.get_by_text("für die erste")).to_be_visible()
    await telegram.get_by_role("button", name="Bearbeiten").click()
    await telegram.get_by_role("textbox", name="Nachricht").fill("geändert")
    await page.keyboard.press("Enter")
    await expect(telegram.get_by_text("geändert")).to_be_visible()
    assert first.said[0].edited


async def test_it_fits_a_small_screen_and_survives_a_reload(sim: Simulator, page: Page) -> None:
    telegram = phone(page, "Telegram")
    await telegram.get_by_role("textbox", name="Nachricht").fill("Donaudampfschifffahrtsgesellschaft" * 4)
    await page.keyboard.press("Enter")
    await expect(telegram.get_by_text("Donau")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    await page.reload()
    await expect(telegram.get_by_text("Donau")).to_be_visible()
    assert len(sim.telegram.accounts) == 1


async def test_trouble_is_made_and_ended_from_the_page(sim: Simulator, page: Page) -> None:
    await page.get_by_text("Störungen").click()
    await page.get_by_role("button", name="Stören", exact=True).click()
    await expect(page.get_by_text("Die Störung ist vorgemerkt.")).to_be_visible()
    assert sim.telegram.faults.planned == 1
    await page.get_by_role("button", name="Alles wieder normal").click()
    await expect(page.get_by_text("Alles wieder normal.")).to_be_visible()
    assert sim.telegram.faults.planned == 0


async def test_nothing_that_anybody_typed_runs(sim: Simulator, bot: Bot, page: Page) -> None:
    """A hundred texts that want to be more than text: from citizens, by their names, from a bot, on its buttons."""
    ears = await Ears.on(page.context, sim.url)
    writer = sim.telegram.new_account("Alex")
    for platform in (sim.telegram, sim.whatsapp):
        for text in INJECTIONS:
            platform.new_account(text)
    for text in INJECTIONS:
        sim.telegram.say(writer, text)
    for text in chunks(3500):
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton(text[:200], callback_data="x")]])
        await bot.send_message(writer.key, text, reply_markup=keyboard)
        await bot.send_message(writer.key, telegram_html(from_text(text)), parse_mode="HTML")
    await page.reload()
    telegram = phone(page, "Telegram")
    names = [
        bare(text)
        for text in await telegram.get_by_role("combobox", name="Person").locator("option").all_text_contents()
    ]
    assert {bare(text) for text in INJECTIONS} <= set(names)
    await telegram.get_by_role("combobox", name="Person").select_option(writer.key)
    seen = bare("".join(await telegram.locator(".chat").all_text_contents()))
    assert not [text for text in INJECTIONS if bare(text) not in seen]
    await ears.quiet(page)
    sim.telegram.say(writer, INJECTIONS[11])  # and live
    await expect(telegram.locator(".chat > [data-key]").last).to_contain_text("onerror=pwn(12)")
    await ears.quiet(page)
