"""Files in a real browser: a picture in the clerk's transcript, a file back, refusals beside the field."""

import os
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.settings import Settings
from bot.simulator import File
from bot.simulator.samples import sample
from faq.retrieval.index import Index
from tests.attachments.house import LARGEST, House, house
from tests.browser.chromium import ADVICE, ARGUMENTS, PATIENCE, find
from tests.console.house import PASSWORD
from tests.house import corpus_state, words_index

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PICTURES = os.environ.get("PICTURES", "")  # a folder for screenshots


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return corpus_state(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module")
def index(state: Settings) -> Index:
    return words_index(state)


class Town:
    """A house with files and browsers in front of it; what a page complains of ends the test."""

    def __init__(self, home: House, browser: Browser, stack: AsyncExitStack) -> None:
        self.home, self._browser, self._stack = home, browser, stack
        self.base = str(home.server.make_url("/")).rstrip("/")
        self.complaints: list[str] = []

    async def page(self, **options: Any) -> Page:
        context = await self._browser.new_context(locale="de-DE", **options)
        self._stack.push_async_callback(context.close)
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if "Content Security" in said.text else None)
        return page

    async def clerk(self, name: str = "kim") -> Page:
        page = await self.page(viewport={"width": 1280, "height": 800})
        await page.goto(self.base + "/console/login")
        await page.get_by_label("Benutzername").fill(name)
        await page.get_by_label("Passwort").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page).not_to_have_url(self.base + "/console/login")
        await page.wait_for_load_state("load")
        return page


@pytest.fixture
async def town(state: Settings, index: Index, tmp_path: Path, redis_url: str) -> AsyncIterator[Town]:
    async with AsyncExitStack() as stack:
        home = await stack.enter_async_context(house(state, tmp_path, redis_url, index))
        path = find()
        assert path, ADVICE
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        stack.push_async_callback(browser.close)
        made = Town(home, browser, stack)
        yield made
        assert not made.complaints


async def pictured(page: Page, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=f"{PICTURES}/{name}.png")


async def without_barriers(page: Page) -> None:
    found = await Axe().run(page)
    grave = [v["id"] for v in found.response["violations"] if v["impact"] in ("serious", "critical")]
    assert not grave


async def test_files_between_a_citizen_and_a_clerk(town: Town) -> None:
    citizen = await town.page(viewport={"width": 400, "height": 800})
    await citizen.goto(town.base)
    upload = citizen.locator("#attach")
    await expect(upload).to_be_hidden()
    await citizen.locator("#text").fill("/mensch")
    await citizen.keyboard.press("Enter")
    await expect(upload).to_be_visible()
    await citizen.locator("#file").set_input_files(
        {"name": "groß.jpg", "mimeType": "image/jpeg", "buffer": bytes(LARGEST + 1)}
    )
    await citizen.get_by_role("button", name="Datei senden").click()
    await expect(citizen.get_by_role("alert")).to_contain_text("zu groß")
    await citizen.locator("#file").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"<svg/>"})
    await citizen.get_by_role("button", name="Datei senden").click()
    await expect(citizen.get_by_role("alert")).to_contain_text("Diese Art Datei")
    await citizen.locator("#file").set_input_files(
        {"name": "Schlagloch.jpg", "mimeType": "image/jpeg", "buffer": sample("photo", 1)}
    )
    await citizen.get_by_role("button", name="Datei senden").click()
    await expect(citizen.get_by_role("img", name="Bild: Schlagloch.jpg")).to_be_visible()
    await expect(citizen.get_by_role("alert")).to_be_hidden()
    await without_barriers(citizen)
    await pictured(citizen, "chat-file")

    clerk = await town.clerk()
    await clerk.locator("a.item").first.click()
    image = clerk.get_by_role("img", name="Bild: Schlagloch.jpg")
    await expect(image).to_be_visible()
    assert await image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1
    await clerk.get_by_role("button", name="Übernehmen").click()
    await clerk.get_by_text("Datei senden").click()
    field = clerk.get_by_label("Datei auswählen")
    await field.set_input_files({"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"<html>"})
    await clerk.get_by_role("button", name="Datei jetzt senden").click()
    await expect(clerk.locator("#file-why")).to_contain_text("Diese Art Datei")
    await without_barriers(clerk)
    await pictured(clerk, "console-refused")
    await field.set_input_files(
        {"name": "Antrag Sperrmüll.pdf", "mimeType": "application/pdf", "buffer": sample("document", 1)}
    )
    await clerk.get_by_role("button", name="Datei jetzt senden").click()
    await expect(clerk.get_by_role("link", name="Antrag Sperrmüll.pdf")).to_be_visible()
    await expect(clerk.locator("#attach-box")).not_to_have_attribute("open", re.compile(".*"))
    await pictured(clerk, "console-file")

    theirs = citizen.get_by_role("link", name="Antrag Sperrmüll.pdf herunterladen")
    await expect(theirs).to_be_visible()
    async with citizen.expect_download() as begun:
        await theirs.click()
    download = await begun.value
    assert download.suggested_filename == "Antrag Sperrmüll.pdf"
    assert Path(await download.path()).read_bytes() == sample("document", 1)


async def test_a_file_opened_by_itself_runs_nothing(town: Town) -> None:
    erika = await town.home.citizen("telegram")
    evil = sample("photo", 1) + b"<html><script>document.title = 'run'</script>"
    await erika.send("photo", file=File("x.html", "text/html", evil))
    file = await town.home.file(town.home.id("telegram", erika.key), "ready")
    clerk = await town.clerk()
    url = f"{town.base}/console/inbox/{town.home.id('telegram', erika.key)}/files/{file.id}/image"
    await clerk.goto(url)
    assert await clerk.title() != "run"
    assert await clerk.evaluate("document.images.length") == 1
    assert all("inline style" in said for said in town.complaints)  # of the browser's own page for a picture
    town.complaints.clear()
