"""A clerk's and an editor's day in a real browser, with the mouse and with keys alone."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, async_playwright, expect

from bot.conversation import Status
from bot.handoff.desk import Clerk
from faq.entry import Status as EntryStatus
from tests.browser.chromium import ADVICE, ARGUMENTS, PATIENCE, find
from tests.console.house import PASSWORD, House, house, later
from tests.console.test_inbox import match

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class Office:
    """A console with browsers in front of it; what a page complains of ends the test."""

    def __init__(self, work: House, browser: Browser, stack: AsyncExitStack) -> None:
        self.work, self._browser, self._stack = work, browser, stack
        self.base = str(work.server.make_url("/")).rstrip("/")
        self.complaints: list[str] = []

    async def page(self, user: str = "", **options: Any) -> Page:
        """A fresh browser, signed in."""
        options = {"viewport": {"width": 1280, "height": 800}, "locale": "de-DE", **options}
        context = await self._browser.new_context(**options)
        self._stack.push_async_callback(context.close)
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if "Content Security" in said.text else None)
        if user:
            await page.goto(self.base + "/console/login")
            await page.get_by_label("Benutzername").fill(user)
            await page.get_by_label("Passwort").fill(PASSWORD)
            await page.keyboard.press("Enter")
            await expect(page).not_to_have_url(self.base + "/console/login")
            await page.wait_for_load_state("load")  # before that no script hears a key
        return page


@pytest.fixture
async def office(tmp_path: Path, redis_url: str) -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        work = await stack.enter_async_context(house(tmp_path, redis_url))
        path = find()
        assert path, ADVICE
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        stack.push_async_callback(browser.close)
        made = Office(work, browser, stack)
        yield made
        assert not made.complaints


async def status(work: House, conversation: str) -> Status:
    return (await work.conversation(conversation)).status


def holding(text: str) -> re.Pattern[str]:
    """A pattern for a value that holds the text."""
    return re.compile(re.escape(text))


async def written(work: House, conversation: str) -> list[str]:
    return [line.text for line in await work.core.store.transcript(conversation) if line.by == "clerk"]


async def test_with_the_mouse(office: Office) -> None:
    work = office.work
    work.publish("perso", "Perso verloren?", "Melden Sie den Verlust.")
    page = await office.page("kim")
    await expect(page.get_by_text("Niemand wartet").or_(page.get_by_text("Noch kein Gespräch"))).to_be_visible()
    # It arrives while the page is open.
    conversation = await work.citizen("1", "hab mein perso verloren", matches=(match("perso"),))
    await page.get_by_role("link", name="hab mein perso verloren").click()
    await expect(page).to_have_title("(1) Posteingang · Stadtbote")
    await page.get_by_role("button", name="Übernehmen").click()
    await expect(page.locator("#reply")).to_be_focused()
    assert await status(work, conversation) is Status.ASSIGNED
    await expect(page).to_have_title("● Posteingang · Stadtbote")  # the citizen waits for a word

    await page.get_by_role("link", name="Diese Antwort einfügen").click()
    await expect(page.locator("#reply")).to_have_value(holding("Melden Sie den Verlust."))
    await page.locator("#reply").fill("Guten Tag!")
    await page.get_by_role("button", name="Senden", exact=True).click()
    await expect(page.locator(".line.clerk")).to_contain_text("Guten Tag!")
    await expect(page.locator("#reply")).to_have_value("")
    await page.get_by_role("button", name="Diese Antwort senden").click()
    await expect(page.locator(".line.clerk")).to_have_count(2)

    # The citizen's next word comes in, is announced, and leaves alone what is being typed.
    await page.locator("#reply").fill("Ich schreibe gera")
    await work.citizen("1", "danke <3")
    await expect(page.locator("#transcript")).to_contain_text("danke <3")
    await expect(page.locator("#announcer")).to_contain_text("danke <3")
    await expect(page.locator("#reply")).to_have_value("Ich schreibe gera")
    await expect(page.locator("#reply")).to_be_focused()
    await page.reload()
    await expect(page.locator("#reply")).to_have_value("Ich schreibe gera")  # a reload costs nothing
    await page.locator("#reply").fill("")

    await page.get_by_role("button", name="Zurück an den Bot").click()
    await expect(page.get_by_text("Hier antwortet der Bot")).to_be_visible()
    assert await status(work, conversation) is Status.BOT
    await page.get_by_role("button", name="Übernehmen").click()
    await page.get_by_role("button", name="Erledigt").click()
    await expect(page.get_by_role("button", name="Wieder öffnen")).to_be_visible()
    assert await status(work, conversation) is Status.RESOLVED
    assert await written(work, conversation) == ["Guten Tag!", (await written(work, conversation))[1]]


async def test_with_keys_alone(office: Office) -> None:
    work = office.work
    work.publish("perso", "Perso verloren?", "Melden Sie den Verlust.")
    first = await work.citizen("1", "erstes anliegen", matches=(match("perso"),))
    second = await work.citizen("2", "zweites anliegen")
    page = await office.page("kim")
    press = page.keyboard.press
    await expect(page.locator("a.item")).to_have_count(2)
    await press("j")
    await expect(page.locator("#conversation")).to_have_attribute("data-id", first)
    await press("j")
    await expect(page.locator("#conversation")).to_have_attribute("data-id", second)
    await press("k")
    await expect(page.locator("#conversation")).to_have_attribute("data-id", first)
    await press("Enter")
    await expect(page.locator("#reply")).to_be_focused()
    assert await status(work, first) is Status.ASSIGNED
    await page.keyboard.type("Guten Tag jkenb?")  # letters are letters while one writes
    await press("Control+Enter")
    await expect(page.locator(".line.clerk")).to_contain_text("Guten Tag jkenb?")
    await expect(page.locator("#reply")).to_have_value("")
    await expect(page.locator("#reply")).to_be_focused()
    await press("Escape")
    await press("1")
    await expect(page.locator("#reply")).to_have_value(holding("Melden Sie"))
    await press("Control+Enter")
    await expect(page.locator(".line.clerk")).to_have_count(2)
    await press("Escape")
    await press("n")
    await expect(page.locator("#note")).to_be_focused()
    await page.keyboard.type("nur für uns")
    await press("Control+Enter")
    await expect(page.locator(".line.note")).to_contain_text("nur für uns")
    await expect(page.locator("#h-talk")).to_be_focused()  # in the note's field, "e" would be a letter
    await press("e")
    await expect(page.get_by_role("button", name="Wieder öffnen")).to_be_visible()
    assert await status(work, first) is Status.RESOLVED
    await press("/")
    await page.keyboard.type("zweites")
    await expect(page.locator("a.item:visible")).to_have_count(1)
    await press("Enter")
    await expect(page.locator("#conversation")).to_have_attribute("data-id", second)
    await press("Escape")
    await press("b")
    await expect(page.get_by_text("Hier antwortet der Bot")).to_be_visible()
    assert await status(work, second) is Status.BOT
    await press("?")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    assert len(await written(work, first)) == 2


async def test_two_clerks(office: Office) -> None:
    work = office.work
    conversation = await work.citizen("1", "wer zuerst kommt")
    kim, ada = await office.page("kim"), await office.page("ada")
    for page in (kim, ada):
        await page.goto(f"{office.base}/console/inbox/{conversation}")
    await kim.get_by_role("button", name="Übernehmen").click()
    # Ada's page learns of it by itself; if she was quicker than the news, she is told beside the button.
    await expect(ada.get_by_text("Hier antwortet jemand anderes")).to_be_visible()
    await expect(ada.locator("#g-team")).to_contain_text("1")
    work.accounts.disable("ada")
    await work.citizen("1", "noch etwas")
    await expect(ada.locator("#line")).to_contain_text("abgelaufen")


async def test_a_refusal_stands_beside_its_verb(office: Office) -> None:
    work = office.work
    conversation = await work.citizen("1", "hallo")
    page = await office.page("kim")

    async def of_before(route: Route) -> None:  # on the way, as each look at the page brings the right epoch back
        await route.continue_(post_data=re.sub("epoch=[0-9]+", "epoch=0", route.request.post_data or ""))

    await page.route("**/reply", of_before)
    await page.goto(f"{office.base}/console/inbox/{conversation}")
    await page.get_by_role("button", name="Übernehmen").click()
    await page.locator("#reply").fill("Zu spät")
    await page.get_by_role("button", name="Senden", exact=True).click()
    await expect(page.locator("#reply-why")).to_contain_text("noch nicht gesehen")
    await expect(page.locator("#reply")).to_have_value("Zu spät")


async def test_a_refresh_never_sweeps_away_what_is_being_opened(office: Office) -> None:
    work, hold, asked = office.work, asyncio.Event(), asyncio.Event()
    first = await work.citizen("1", "erstes anliegen")
    second = await work.citizen("2", "zweites anliegen")
    page = await office.page("kim")
    await page.goto(f"{office.base}/console/inbox/{first}")
    await expect(page.locator("#conversation")).to_have_attribute("data-id", first)

    async def slow(route: Route) -> None:
        asked.set()
        await hold.wait()
        await route.continue_()

    await page.route(f"**/inbox/{second}", slow)
    await page.keyboard.press("j")
    await asyncio.wait_for(asked.wait(), PATIENCE / 1000)
    await page.keyboard.press("Enter")  # the buttons still are the first one's: it must not be claimed
    async with page.expect_response(f"**/inbox/{first}"):
        await work.citizen("1", "noch etwas")
    hold.set()
    await expect(page.locator("#conversation")).to_have_attribute("data-id", second)
    await expect(page).to_have_url(f"{office.base}/console/inbox/{second}")
    assert await status(work, first) is Status.WAITING


async def test_without_scripts(office: Office) -> None:
    work = office.work
    conversation = await work.citizen("1", "ohne skript")
    page = await office.page("kim", java_script_enabled=False)
    await page.get_by_role("link", name="ohne skript").click()
    await page.get_by_role("button", name="Übernehmen").click()
    await page.locator("#reply").fill("Geht auch so.")
    await page.get_by_role("button", name="Senden", exact=True).click()
    await expect(page.locator(".line.clerk")).to_contain_text("Geht auch so.")
    await page.locator("#pass-on > summary").click()
    await page.get_by_label("An wen?").select_option("team:bauen-umwelt")
    await page.locator("#pass-on").get_by_role("button", name="Weitergeben").click()
    await expect(page.get_by_text("niemand da: Bauen und Umwelt")).to_be_visible()
    await page.get_by_role("button", name="Trotzdem").click()
    await expect(page.get_by_text("ist weitergegeben")).to_be_visible()
    held = await work.conversation(conversation)
    assert (held.status, held.team) == (Status.WAITING, "bauen-umwelt")
    await page.get_by_role("button", name="Rückgängig").click()
    await expect(page.locator("#reply")).to_be_visible()
    assert (await work.conversation(conversation)).owner == "kim"


async def test_signing_out_takes_the_drafts_along(office: Office) -> None:
    conversation = await office.work.citizen("1", "hallo")
    page = await office.page("kim")
    await page.goto(f"{office.base}/console/inbox/{conversation}")
    await page.get_by_role("button", name="Übernehmen").click()
    await page.locator("#reply").fill("privat")
    assert "privat" in await page.evaluate("JSON.stringify(localStorage)")
    await page.get_by_text("Kim B.", exact=True).first.click()
    await page.get_by_role("button", name="Abmelden").click()
    await expect(page.get_by_role("heading", name="Anmelden")).to_be_visible()
    assert "privat" not in await page.evaluate("JSON.stringify(localStorage)")


async def test_the_editor(office: Office) -> None:
    work = office.work
    page = await office.page("eda")
    await page.get_by_role("link", name="Neue Antwort").first.click()
    await page.wait_for_url("**/console/faq/new**")  # its script, too: it makes the short name
    german = page.get_by_role("group", name="Deutsch")
    await german.get_by_label("Frage").fill("Wie melde ich meinen Hund in Süd an?")
    await expect(page.get_by_label("Kurzname")).to_have_value("wie-melde-ich-meinen-hund-in-sued-an")
    await german.get_by_label("Antwort").fill("Das geht **online**.")
    await expect(page.locator("#preview strong").first).to_have_text("online")
    await page.get_by_label("Thema").select_option("steuern")
    await page.get_by_label("Amt").select_option("steueramt")
    await page.get_by_label("Quelle (Adresse)").fill("https://stadt.example/hund")
    await page.get_by_role("button", name="Zur Prüfung geben").click()
    await expect(page.get_by_role("link", name="Release vorbereiten")).to_be_visible()
    state = work.core.catalogue.get("wie-melde-ich-meinen-hund-in-sued-an")
    assert state
    assert state.status is EntryStatus.REVIEW
    assert not state.live


async def test_the_most_urgent_and_what_is_new_of_ones_own_are_a_key_away(office: Office) -> None:
    work = office.work
    urgent = await work.citizen("1", "das Dringende", due=later(60))
    await work.citizen("2", "das andere", due=later(600))
    mine = await work.citizen("3", "schreibt noch einmal")
    await work.core.desk.claim(Clerk("kim", "Kim B."), mine)
    page = await office.page("kim")
    await expect(page.locator(".item.mine .new")).to_be_visible()
    for key, wanted in (("w", urgent), ("m", mine)):
        await page.keyboard.press(key)
        await expect(page.locator("#conversation")).to_have_attribute("data-id", wanted)
        await expect(page.locator(f'.item[data-id="{wanted}"]')).to_be_focused()
