"""The web chat in a real Chromium: live, by keyboard, without script, in a narrow window, on a foreign site."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, Route, async_playwright, expect

from bot.conversation import Line
from bot.document import from_markdown, from_text, to_json
from bot.settings import Settings
from bot.store.protocol import Write
from faq.retrieval.index import Index
from faq.town import Notice
from faq.town.model import SHOWN
from tests.browser.chromium import ARGUMENTS, PATIENCE, find
from tests.browser.listening import Ears
from tests.console.injections import INJECTIONS, bare, chunks
from tests.house import corpus_state, words_index
from tests.webchat.chat_house import KIM, ChatHouse, chat_house

pytestmark = [pytest.mark.browser, pytest.mark.slow]
QUESTION = "Wie beantrage ich einen Personalausweis?"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return corpus_state(tmp_path_factory.mktemp("chat"))


@pytest.fixture(scope="module")
def index(state: Settings) -> Index:
    return words_index(state)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that stops at once."""
    monkeypatch.setattr("bot.worker.WAIT_SECONDS", 0.05)


@pytest.fixture
async def house(state: Settings, index: Index) -> AsyncIterator[ChatHouse]:
    async with chat_house(state, index) as running:
        yield running


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find(), args=list(ARGUMENTS))
        yield browser
        await browser.close()


@asynccontextmanager
async def visitor(chromium: Browser, **wishes: object) -> AsyncIterator[Page]:
    """A German visitor's page; any script error or blocked resource fails the test."""
    context: BrowserContext = await chromium.new_context(locale="de-DE", **wishes)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if "Security" in message.text else None)
    yield page
    assert not wrong
    await context.close()


@pytest.fixture
async def page(chromium: Browser, house: ChatHouse) -> AsyncIterator[Page]:
    async with visitor(chromium) as opened:
        await opened.goto(house.url)
        yield opened


async def write(page: Page, text: str) -> None:
    await page.get_by_role("textbox", name="Ihre Nachricht").fill(text)
    await page.keyboard.press("Enter")


async def turned(page: Page, language: str) -> None:
    """The page has loaded itself anew in the language that the citizen went over to, its script too."""
    await expect(page.locator("html")).to_have_attribute("lang", language)
    await page.wait_for_load_state("load")


async def test_a_question_is_answered_live_and_said_once(page: Page) -> None:
    await page.evaluate(
        """() => { window.said = {added: 0, removed: 0};
        new MutationObserver((changes) => changes.forEach((change) => {
          if (change.target.id !== "lines") return;
          said.added += change.addedNodes.length; said.removed += change.removedNodes.length;
        })).observe(document.getElementById("log"), {childList: true, subtree: true}) }"""
    )
    await expect(page.get_by_role("log", name="Gespräch")).to_be_attached()
    await write(page, QUESTION)
    lines = page.locator(".line")
    await expect(lines.nth(2)).to_contain_text("46,00 €")
    await expect(lines.nth(2).locator(".footer")).to_contain_text("Automatische Antwort · Quelle: Personalausweis")
    await expect(lines.nth(0)).to_contain_text("Sie")
    await expect(page.locator(".pending")).to_have_count(0)
    await expect(page.locator("#typing")).to_be_hidden()
    await expect(page.get_by_role("textbox", name="Ihre Nachricht")).to_be_focused()
    await expect(page.get_by_role("textbox", name="Ihre Nachricht")).to_have_value("")
    assert await page.evaluate("said") == {"added": 3, "removed": 0}


async def test_a_button_is_pressed_and_used_up(page: Page) -> None:
    await write(page, "/start")
    button = page.get_by_role("log").get_by_role("button", name="Mit Mensch schreiben")
    await button.click()
    await expect(page.locator(".line.citizen").last).to_contain_text("Mit Mensch schreiben")
    await expect(page.locator(".line.bot").last).to_contain_text("Ihre Nummer ist")
    await expect(page.locator(".line.bot").first.get_by_role("button")).to_be_disabled()
    await expect(page.get_by_role("button", name="Doch nicht nötig")).to_be_enabled()
    await expect(page.get_by_text("liegt bei einem Menschen")).to_be_visible()


async def test_a_person_takes_over(page: Page, house: ChatHouse) -> None:
    await page.locator(".ways").get_by_role("button", name="Mit Mensch schreiben").click()
    await expect(page.locator(".line.bot").last).to_contain_text("Ihre Nummer ist")
    conversation = await house.only_conversation()
    await house.core.desk.claim(KIM, conversation)
    await house.core.desk.note(KIM, conversation, "nur für uns")
    await house.core.desk.write(KIM, conversation, "Guten Tag!\n\nWas kann ich tun?")
    await expect(page.locator(".line.clerk")).to_contain_text("Kim B., Mensch")
    await expect(page.get_by_text("Ein Mensch liest und schreibt gerade mit.")).to_be_visible()
    await write(page, "Ich habe eine Frage zu meinem Bescheid")
    await expect(page.locator(".pending")).to_have_count(0)
    await expect(page.locator("#typing")).to_be_hidden()
    assert "nur für uns" not in await page.content()


async def test_a_reload_keeps_the_conversation_and_the_typed_text(page: Page) -> None:
    await write(page, "Hallo")
    await expect(page.locator(".line")).to_have_count(2)
    await page.get_by_role("textbox", name="Ihre Nachricht").press_sequentially("noch nicht fertig")
    await page.reload()
    await expect(page.locator(".line")).to_have_count(2)
    await expect(page.get_by_role("textbox", name="Ihre Nachricht")).to_have_value("noch nicht fertig")
    await write(page, "Danke")
    await expect(page.locator(".line")).to_have_count(4)


async def test_two_tabs_show_the_same(page: Page, house: ChatHouse) -> None:
    other = await page.context.new_page()
    await other.goto(house.url)
    await write(page, "Hallo")
    await expect(other.locator(".line")).to_have_count(2)
    await write(other, "Danke")
    await expect(page.locator(".line")).to_have_count(4)


async def test_without_script_forms_do_it(chromium: Browser, house: ChatHouse) -> None:
    async with visitor(chromium, java_script_enabled=False) as page:
        await page.goto(house.url)
        await page.get_by_role("button", name="Wohnsitz ummelden").click()
        await expect(page.locator(".line.citizen")).to_contain_text("Wohnsitz ummelden")
        await page.get_by_role("textbox", name="Ihre Nachricht").fill("Ich möchte mit einem Menschen sprechen")
        await page.get_by_role("button", name="Senden").click()
        await expect(page.locator(".line.bot").last).to_contain_text("Ihre Nummer ist")
        await page.get_by_role("button", name="Doch nicht nötig").click()
        await expect(page.locator(".line.bot").last).to_contain_text("aus der Warteschlange genommen")
        await page.get_by_text("Menü").click()
        await page.get_by_text("Daten löschen", exact=True).click()
        await page.get_by_role("button", name="Jetzt löschen").click()
        await expect(page.locator(".line")).to_have_count(1)


@pytest.mark.parametrize(("width", "height"), [(320, 640), (320, 256), (768, 1024), (2560, 1440)])
async def test_no_window_scrolls_sideways(chromium: Browser, house: ChatHouse, width: int, height: int) -> None:
    async with visitor(chromium, viewport={"width": width, "height": height}) as page:
        await page.goto(house.url)
        await write(
            page, "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 3 + " https://x.example/" + "a" * 90
        )
        await expect(page.locator(".line.bot").last).to_be_visible()
        await page.get_by_text("Menü").click()
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Senden").scroll_into_view_if_needed()
        await expect(page.get_by_role("button", name="Senden")).to_be_in_viewport()
        await expect(page.get_by_text("Hier antwortet ein Programm der Stadt Lindenfurt")).to_be_in_viewport()


async def test_fingers_find_what_they_need(chromium: Browser, house: ChatHouse) -> None:
    async with visitor(chromium, viewport={"width": 360, "height": 700}, has_touch=True, is_mobile=True) as page:
        await page.goto(house.url)
        await page.get_by_role("button", name="Personalausweis verlängern").tap()
        await expect(page.locator(".line.bot .choices").first).to_be_visible()
        sizes = await page.evaluate(
            """[...document.querySelectorAll("button, summary, textarea")].filter((e) => e.checkVisibility())
            .map((e) => [e.textContent.trim(), parseFloat(getComputedStyle(e, "::after").inset || 0) < 0
              ? e.offsetHeight + 20 : e.offsetHeight])"""
        )
        assert all(height >= 44 for _, height in sizes), sizes
        assert await page.evaluate("parseFloat(getComputedStyle(document.getElementById('text')).fontSize)") >= 16


async def test_the_keyboard_is_enough(page: Page) -> None:
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Zur Nachricht springen")).to_be_focused()
    await page.keyboard.press("Enter")
    box = page.get_by_role("textbox", name="Ihre Nachricht")
    await expect(box).to_be_focused()
    await page.keyboard.type("Erste Zeile")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("zweite Zeile")
    await expect(box).to_have_value("Erste Zeile\nzweite Zeile")
    await box.fill("/start")
    await page.keyboard.press("Enter")
    human = page.get_by_role("log").get_by_role("button", name="Mit Mensch schreiben")
    await expect(human).to_be_visible()
    await page.keyboard.press("Shift+Tab")
    await expect(human).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".line.citizen").last).to_be_focused()
    cancel = page.get_by_role("button", name="Doch nicht nötig")
    await expect(cancel).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(cancel).to_be_focused()
    menu = page.get_by_text("Menü")
    await menu.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Daten ansehen")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Daten ansehen")).to_be_hidden()
    await expect(menu).to_be_focused()


async def test_one_can_see_take_along_and_delete_ones_data(page: Page) -> None:
    await write(page, "Mein Hund heißt Bello")
    await expect(page.locator(".line.bot").first).to_be_visible()
    await page.get_by_text("Menü").click()
    await page.get_by_role("button", name="Daten ansehen").click()
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name="meine-daten.txt herunterladen").click()
    download = await waiting.value
    assert download.suggested_filename == "meine-daten.txt"
    assert "Bello" in (await download.path()).read_text("utf-8")
    await page.get_by_text("Menü").click()
    await page.get_by_text("Daten löschen", exact=True).click()
    await page.get_by_role("button", name="Jetzt löschen").click()
    await expect(page.locator(".line.bot").last).to_contain_text("Wir haben alles gelöscht")
    await expect(page.locator(".line")).to_have_count(1)
    assert "Bello" not in await page.content()


async def test_too_long_a_text_is_counted_and_stays(page: Page) -> None:
    text = "ä" * 4001
    await page.get_by_role("textbox", name="Ihre Nachricht").fill(text)
    await expect(page.locator("#left")).to_have_text("1 Zeichen zu viel.")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("4.001 Zeichen, mehr als 4.000")
    await expect(page.get_by_role("textbox", name="Ihre Nachricht")).to_have_value(text)
    await expect(page.locator(".line")).to_have_count(0)


async def test_an_answer_lost_on_the_way_does_not_double_the_message(page: Page, house: ChatHouse) -> None:
    losses = [True]

    async def lose_once(route: Route) -> None:
        if losses:
            losses.pop()
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/chat/send", lose_once)
    await write(page, "Hallo")
    await expect(page.locator(".line.bot")).to_have_count(1)
    await expect(page.locator(".pending")).to_have_count(0)
    assert len(await house.core.store.transcript(await house.only_conversation())) == 2


async def test_without_a_connection_the_text_comes_back(page: Page) -> None:
    await page.clock.install()
    await page.route("**/chat/send", lambda route: route.abort())
    await write(page, "Hallo")
    await expect(page.locator(".pending")).to_have_count(1)
    async with asyncio.timeout(90):
        while not await page.get_by_role("alert").is_visible():  # each try fails in its own time
            await page.clock.run_for(3000)
    await expect(page.get_by_role("alert")).to_contain_text("Ihr Text steht noch im Feld")
    await expect(page.get_by_role("textbox", name="Ihre Nachricht")).to_have_value("Hallo")
    await expect(page.locator(".line")).to_have_count(0)
    await page.reload()
    await expect(page.get_by_role("textbox", name="Ihre Nachricht")).to_have_value("Hallo")


async def test_where_streams_do_not_pass_the_page_asks(page: Page, house: ChatHouse) -> None:
    await page.route("**/chat/events*", lambda route: route.fulfill(status=502, body="no"))
    await page.goto(house.url)
    await write(page, "Hallo")
    await expect(page.locator(".line.bot")).to_contain_text("Guten Tag")


async def test_is_writing_is_said_for_ten_seconds_at_most(chromium: Browser, state: Settings, index: Index) -> None:
    async with chat_house(state, index, awake=False) as house, visitor(chromium) as page:
        await page.clock.install()
        await page.goto(house.url)
        await write(page, "Hallo")
        await expect(page.get_by_text("Stadtbote schreibt …")).to_be_visible()
        await expect(page.locator(".pending")).to_contain_text("angekommen")
        await page.clock.run_for(10_000)
        await expect(page.get_by_text("Stadtbote schreibt …")).to_be_hidden()
        await expect(page.get_by_text("Die Antwort dauert länger als sonst.")).to_be_visible()


async def test_right_to_left_words_run_right_to_left(page: Page) -> None:
    await write(page, "أين يمكنني تجديد جواز السفر؟")
    await turned(page, "ar")
    await expect(page.locator(".line.citizen .said p")).to_have_css("direction", "rtl")
    await expect(page.locator(".line.bot").last).to_be_visible()


# --- the widget --------------------------------------------------------------------------------------------

HOSTILE = """* { color: red !important; font-size: 40px !important; position: static !important; opacity: .2; }
stadtbote-chat { display: none !important; } button { all: unset !important; }"""


@asynccontextmanager
async def foreign_site(chat: str) -> AsyncIterator[str]:
    """A page of somebody else's, with a strict policy and loud styles."""

    async def page(request: web.Request) -> web.Response:
        policy = f"default-src 'none'; script-src {chat}; frame-src {chat}; style-src 'self'"
        body = f"""<!doctype html><html lang="de"><title>Verein</title><link rel="stylesheet" href="/loud.css">
        <h1>Kleingartenverein</h1>{"<p>Text</p>" * 60}<a href="#ende" id="ende">Ende der Seite</a>
        <script src="{chat}/widget.js" defer></script>"""
        return web.Response(text=body, content_type="text/html", headers={"Content-Security-Policy": policy})

    async def loud(request: web.Request) -> web.Response:
        return web.Response(text=HOSTILE, content_type="text/css")

    app = web.Application()
    app.router.add_get("/", page)
    app.router.add_get("/loud.css", loud)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def test_the_widget_on_a_foreign_page(chromium: Browser, house: ChatHouse) -> None:
    async with foreign_site(house.url) as address, visitor(chromium) as page:
        await page.goto(address)
        bubble = page.get_by_role("button", name="Chat mit dem Stadtboten der Stadt Lindenfurt öffnen")
        await expect(bubble).to_be_visible()
        assert await bubble.evaluate("(e) => [getComputedStyle(e).position, getComputedStyle(e).fontSize]") == [
            "fixed",
            "16px",
        ]
        assert await page.context.cookies() == [], "nothing is stored before somebody opens it"
        assert len(page.frames) == 1
        await page.evaluate("scrollTo(0, document.body.scrollHeight)")
        end, over = await page.locator("#ende").bounding_box(), await bubble.bounding_box()
        assert end
        assert over
        assert end["y"] + end["height"] <= over["y"], "the end of the page lies above the button"

        await bubble.focus()
        await page.keyboard.press("Enter")
        frame = page.frame_locator("iframe")
        box = frame.get_by_role("textbox", name="Ihre Nachricht")
        await expect(box).to_be_focused()
        await expect(page.get_by_role("dialog")).to_be_visible()
        await page.keyboard.type("Hallo")
        await page.keyboard.press("Enter")
        await expect(frame.locator(".line.bot")).to_contain_text("Guten Tag")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_be_hidden()
        await expect(bubble).to_be_focused()

        conversation = await house.only_conversation()
        await house.core.desk.claim(KIM, conversation)
        told = page.get_by_role("button", name="neue Nachricht")
        await expect(told).to_be_visible()
        await told.click()
        await expect(frame.locator(".line.bot").last).to_contain_text("Kim B.")
        await page.get_by_role("button", name="Chat schließen").click()
        await expect(page.get_by_role("button", name="neue Nachricht")).to_have_count(0)


async def test_the_demonstration_has_the_widget(page: Page, house: ChatHouse) -> None:
    await page.goto(house.url + "/widget-demo")
    await expect(page.get_by_label("Diese Zeile")).to_have_value(f'<script src="{house.url}/widget.js" defer></script>')
    await page.get_by_role("button", name="Chat mit dem Stadtboten").click()
    await expect(page.frame_locator("iframe").get_by_role("textbox", name="Ihre Nachricht")).to_be_focused()


async def test_nothing_that_anybody_typed_runs(chromium: Browser, house: ChatHouse) -> None:
    """A hundred texts that want to be more than text: live, after a reload, within a site, as names and buttons."""
    context = await chromium.new_context(locale="de-DE")
    context.set_default_timeout(PATIENCE)
    ears = await Ears.on(context, house.url)
    page = await context.new_page()
    await page.goto(house.url)
    await write(page, "/start")
    await expect(page.locator(".line.bot").last).to_be_visible()
    conversation, store = await house.only_conversation(), house.core.store
    held = await store.load(conversation)
    assert held.conversation is not None
    lines = [
        line
        for n, text in enumerate(INJECTIONS)
        for line in (
            Line(f"c{n}", "citizen", house.clock(), text, text),
            Line(f"k{n}", "clerk", house.clock(), text, name=text, document=to_json(from_text(text)), footer=text),
            Line(
                f"b{n}", "bot", house.clock(), text, document=to_json(from_markdown(text)), buttons=((text[:60], text),)
            ),
        )
    ]
    await store.keep(conversation, held.version, Write(held.conversation, tuple(lines)))
    last = page.locator(f"#l-b{len(INJECTIONS) - 1}")
    for _ in range(2):  # as it came, and as the page has it from the beginning
        await expect(last).to_be_attached()
        await ears.quiet(page)
        for name in ("citizen", "clerk"):
            said = await page.locator(f".line.{name} .said").all_text_contents()
            assert {bare(text) for text in INJECTIONS} <= {bare(text) for text in said}
        await page.reload()
    box = page.get_by_role("textbox", name="Ihre Nachricht")
    for text in chunks(3900):
        await box.fill(text)
        await page.reload()
        assert bare(await box.input_value()) == bare(text)
        await ears.quiet(page)
    await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_notice_comes_and_goes_on_an_open_page(
    chromium: Browser, house: ChatHouse, scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a reload, in a narrow window, without a barrier; what is there already is not put there again."""
    monkeypatch.setattr("bot.webchat.stream.HEARTBEAT", 0.1)
    water = Notice("wasser", "crisis", None, None, frozenset(SHOWN), {"de": "Bitte kochen Sie <b>Trinkwasser</b> ab."})
    feast = replace(water, id="fest", level="information", texts={"de": "Am Samstag ist Stadtfest."})
    async with visitor(chromium, color_scheme=scheme, viewport={"width": 320, "height": 640}) as page:
        await page.goto(house.url)
        await expect(page.locator("#notices")).to_be_hidden()
        await page.get_by_role("textbox", name="Ihre Nachricht").fill("Hallo")
        await page.keyboard.press("Enter")
        await expect(page.locator(".line.bot")).to_have_count(1)
        house.core.calendar.take(replace(house.core.town, notices=(feast, water)))
        await expect(page.locator("#notices .notice")).to_have_count(2)
        await expect(page.locator("#notices .notice").first).to_contain_text("Bitte kochen Sie <b>Trinkwasser</b> ab.")
        await page.evaluate("document.querySelector('#notices .notice').dataset.kept = '1'")
        await page.evaluate("scrollTo(0, 0)")
        await page.screenshot(path=tmp_path / f"notice-{scheme}.png")
        found = await Axe().run(page)
        serious = [v for v in found.response["violations"] if v["impact"] in ("serious", "critical")]
        assert serious == []
        await page.get_by_role("textbox", name="Ihre Nachricht").fill("Danke")
        await page.keyboard.press("Enter")
        await expect(page.locator(".line.bot", has_text="Stadtfest")).to_have_count(1)
        await expect(page.locator("[data-kept]")).to_have_count(1)
        house.core.calendar.take(replace(house.core.town, notices=()))
        await expect(page.locator("#notices")).to_be_hidden()
