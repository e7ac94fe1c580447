"""An editor's week in the product as it is started, by keyboard alone: what was asked in vain becomes an entry, a
second editor publishes it, the citizen on Telegram reads it, and it is taken back."""

import asyncio
import itertools
import re
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from bot.simulator import UNLIMITED, Citizen, Simulator
from tests.browser.looking import chromium
from tests.console.house import PASSWORD
from tests.faq.town import CORPUS
from tests.integration.product import Product, product

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ASKED = (
    "Wo kann ich ein Osterfeuer anmelden?",
    "Osterfeuer anmelden",
    "Muss ich mein Osterfeuer bei der Stadt anmelden?",
    "Ich möchte ein Osterfeuer anmelden",
)
ANSWER = "Melden Sie Ihr Osterfeuer bis zwei Wochen vorher beim Ordnungsamt an."
AGAIN = "Wie kann ich denn ein Osterfeuer anmelden?"
NUMBERS = itertools.count(1)
PATIENCE = 300_000  # ms; a limit, never a verdict: jobs give way to all else that a busy machine does
FARTHEST = 150  # presses of the tabulator


@asynccontextmanager
async def week(folder: Path) -> AsyncIterator[tuple[Simulator, Product]]:
    """A small town of its own: its trials are quickly asked, and nothing in it is about Easter."""
    corpus = folder / "corpus"
    corpus.mkdir()
    for name in ("town.yml", "ausweise.yml", "meldewesen.yml"):
        shutil.copyfile(CORPUS / name, corpus / name)
    async with (
        Simulator(rates=UNLIMITED) as simulator,
        product(simulator, corpus=str(corpus), encoder="off") as running,
    ):
        await running.ready()
        for name, shown in (("eda", "Eda Aslan"), ("edi", "Edi Brandt")):
            await running.users_add(name, "editor", PASSWORD, shown)
        yield simulator, running


async def to(page: Page, target: Locator) -> Locator:
    """The keyboard's way to it: the tabulator, and nothing else."""
    await expect(target).to_have_count(1)
    for _ in range(FARTHEST):
        if await target.evaluate("e => e === document.activeElement"):
            return target
        await page.keyboard.press("Tab")
    raise AssertionError(f"the tabulator does not lead to {target}")


async def press(page: Page, target: Locator) -> None:
    """Go there and press Enter."""
    await (await to(page, target)).press("Enter")


async def fill(page: Page, target: Locator, text: str) -> None:
    """Go there and write over what stands in it."""
    await to(page, target)
    await page.keyboard.press("Control+A")
    await page.keyboard.type(text)


async def signed_in(browser: Browser, running: Product, name: str) -> Page:
    page = await (await browser.new_context(locale="de-DE")).new_page()
    page.set_default_timeout(PATIENCE)
    await page.goto(f"{running.url}/console/login")
    await expect(page.locator("#name")).to_be_focused()  # the cursor comes with the page's first picture
    await page.keyboard.type(name)
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#name")).to_have_count(0)
    return page


async def at_the_gaps(page: Page, running: Product) -> None:
    """The clock takes the facts in, a job brings them together: looked for again until they are there."""
    async with asyncio.timeout(PATIENCE / 1000):
        while True:
            await page.goto(f"{running.url}/console/faq/gaps")
            if await page.get_by_role("link", name="Osterfeuer").count():
                return
            look = page.get_by_role("button", name="Jetzt nachsehen")
            if await look.is_enabled():
                await press(page, look)
                await page.wait_for_load_state()
            await asyncio.sleep(0.5)


async def answered(simulator: Simulator, question: str) -> bool:
    """Somebody who never wrote before asks: do they read our answer? (Who asks in vain twice gets a person.)"""
    somebody: Citizen = simulator.citizen("telegram", f"Mensch Nummer {next(NUMBERS)}")
    await somebody.say(question)
    await somebody.say("danke schön")  # answered after all that went before
    await somebody.reads("Gern geschehen", PATIENCE / 1000)
    return any(ANSWER in seen.text for seen in somebody.seen)


async def until_answered(simulator: Simulator, wanted: bool) -> float:
    """Seconds until somebody who asks reads the answer, or no longer."""
    began = time.monotonic()
    async with asyncio.timeout(PATIENCE / 1000):
        while await answered(simulator, AGAIN) is not wanted:
            await asyncio.sleep(0.1)
    return time.monotonic() - began


async def test_a_gap_becomes_an_answer_and_goes_again(tmp_path: Path) -> None:
    async with week(tmp_path) as (simulator, running), chromium() as browser:
        for question in ASKED:
            assert not await answered(simulator, question)

        # The first editor finds what was asked in vain, and writes the answer.
        eda = await signed_in(browser, running, "eda")
        await at_the_gaps(eda, running)
        await press(eda, eda.get_by_role("link", name="Osterfeuer").first)
        await press(eda, eda.get_by_role("link", name="Eintrag entwerfen"))
        await expect(eda.locator("#question")).to_have_value(re.compile("Osterfeuer"))
        await (await to(eda, eda.locator("input[name=checked]"))).press("Space")
        await press(eda, eda.locator("form.entry button.primary"))
        await eda.wait_for_url("**/console/faq/entries/**")  # its script, too: it hears the key that saves
        await to(eda, eda.locator("#topic"))
        await eda.keyboard.press("End")
        await to(eda, eda.locator("#office"))
        await eda.keyboard.press("End")
        await fill(eda, eda.locator("[id='texts.de.answer']"), ANSWER)
        await eda.keyboard.press("Control+S")
        await expect(eda.locator(".good")).to_be_visible()
        entry = eda.url.split("?")[0]

        # In the ask box it wins, against what is live.
        await press(eda, eda.get_by_role("link", name="Frage testen", exact=True))
        await fill(eda, eda.locator("#question"), AGAIN)
        await (await to(eda, eda.locator("input[name=draft]"))).press("Space")
        async with asyncio.timeout(PATIENCE / 1000):
            while True:  # until a worker was quick enough
                async with eda.expect_navigation():
                    await eda.keyboard.press("Enter")
                if await eda.locator("section.side").last.filter(has_text="Osterfeuer").count():
                    break
                await to(eda, eda.locator("#question"))
        await eda.goto(entry)
        await to(eda, eda.locator("[id='texts.de.question']"))
        await eda.keyboard.press("Control+Enter")
        await expect(eda.locator(".good")).to_be_visible()

        # The second one reads it, lets the trials run, and publishes.
        edi = await signed_in(browser, running, "edi")
        await press(edi, edi.get_by_role("link", name="Releases", exact=True))
        await press(edi, edi.get_by_role("button", name="Release vorbereiten"))
        await expect(edi.locator("#deciding button.primary")).to_be_enabled(timeout=PATIENCE)
        await press(edi, edi.locator("#deciding button.primary"))
        await expect(edi.get_by_text("Der Bot antwortet damit.")).to_be_visible()
        print(f"{await until_answered(simulator, True):.2f} s from the published page to a citizen's new answer")
        assert await answered(simulator, ASKED[1])

        # And back.
        release = edi.url.split("?")[0]
        await edi.goto(f"{running.url}/console/faq/releases")
        await fill(edi, edi.locator("#why"), "Die Frist stimmt nicht.")
        await edi.keyboard.press("Enter")
        await expect(edi.get_by_text("Die Frist stimmt nicht.")).to_be_visible()
        print(f"{await until_answered(simulator, False):.2f} s until it is as it was")
        await edi.goto(release)
        await expect(edi.locator(".story")).to_contain_text("Die Frist stimmt nicht.")
