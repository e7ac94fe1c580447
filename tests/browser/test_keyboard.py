"""A clerk without a mouse: nothing here clicks, and no script moves the focus. It is never lost, always seen, and what
happens is read out."""

import asyncio
from typing import Any

from playwright.async_api import Page, Route, expect

from bot.conversation import Status
from bot.handoff.desk import Clerk
from tests.browser.test_console import Office, holding, office, pytestmark, status, written  # noqa: F401 - fixture and marks
from tests.console.house import PASSWORD, later
from tests.console.test_inbox import match

LOOK = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const seen = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0;
  return {lost: at === document.body, ring, seen, what: at.outerHTML.slice(0, 120)};
}"""

SETTLES = 50  # looks, a tenth of a second apart; a limit, never a verdict


async def focus(page: Page, place: str) -> None:
    """It stands there, is on the screen, and wears its ring."""
    await expect(page.locator(place)).to_be_focused()
    assert await wrong_at_rest(page) == "", place


async def wrong_at_rest(page: Page) -> str:
    """What is wrong with where the focus is; the page may still be scrolling to it, or have just drawn it anew."""
    for _ in range(SETTLES):
        if not (wrong := complaint(await page.evaluate(LOOK))):
            break
        await page.wait_for_timeout(100)
    return wrong


def complaint(look: dict[str, Any]) -> str:
    wrong = [what for what, is_so in (("lost", look["lost"]), ("no ring", not look["ring"])) if is_so]
    wrong += [] if look["seen"] else ["not on the screen"]
    return f"{', '.join(wrong)}: {look['what']}" if wrong else ""


async def announced(page: Page, words: str) -> None:
    await expect(page.locator("#announcer")).to_contain_text(words)


async def signed_in(office: Office) -> Page:  # noqa: F811
    page = await office.page()
    await page.goto(office.base + "/console/login")
    await focus(page, "#name")
    await page.keyboard.type("kim")
    await page.keyboard.press("Tab")
    await focus(page, "#password")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#list")).to_be_visible()
    await page.wait_for_load_state("load")
    return page


async def test_a_day_without_a_mouse(office: Office) -> None:  # noqa: F811
    work = office.work
    work.publish("perso", "Perso verloren?", "Melden Sie den Verlust.")
    first = await work.citizen("1", "erstes anliegen", matches=(match("perso"),), due=later(60))
    second = await work.citizen("2", "zweites anliegen", due=later(120))
    page = await signed_in(office)
    press, write = page.keyboard.press, page.keyboard.type

    # Found, claimed, answered: with a canned response, with the best match, with own words.
    await press("j")
    await expect(page.locator("#conversation")).to_have_attribute("data-id", first)
    await focus(page, f'.item[data-id="{first}"]')
    await press("Enter")
    await focus(page, "#reply")
    assert await status(work, first) is Status.ASSIGNED
    await write("/gt")
    await expect(page.locator("#canned-list [role=option]")).to_have_count(1)
    await announced(page, "1 Textbaustein")
    await press("Enter")
    await focus(page, "#reply")
    await write(" Einen Moment bitte.")
    await press("Control+Enter")
    await expect(page.locator(".line.clerk")).to_contain_text("Einen Moment bitte.")
    await focus(page, "#reply")
    await announced(page, "Gesendet.")
    await press("Escape")
    await focus(page, "#h-talk")
    await press("1")
    await expect(page.locator("#reply")).to_have_value(holding("Melden Sie den Verlust."))
    await focus(page, "#reply")
    await press("Control+Enter")
    await expect(page.locator(".line.clerk")).to_have_count(2)
    await work.citizen("1", "und wo mache ich das")
    await announced(page, "und wo mache ich das")
    await focus(page, "#reply")

    # A note, for colleagues.
    await press("Escape")
    await press("n")
    await focus(page, "#note")
    await write("wirkt eilig")
    await press("Control+Enter")
    await expect(page.locator(".line.note")).to_contain_text("wirkt eilig")
    await focus(page, "#h-talk")

    # On to a team of which nobody is here: refused beside the choice, then chosen nevertheless, then taken back.
    await press("t")
    await focus(page, "#to")
    await write("Bauen")
    await expect(page.locator("#to")).to_have_value("team:bauen-umwelt")
    await press("Tab")
    await focus(page, "#pass-note")
    await write("der Baum")
    await press("Control+Enter")
    await expect(page.locator("#pass-why")).to_contain_text("niemand da")
    await focus(page, "#pass-note")
    await press("Tab")
    await press("Tab")
    await focus(page, "#anyway")
    await press("Enter")
    await expect(page.locator("#undo")).to_contain_text("ist weitergegeben")
    await focus(page, "#h-talk")
    await announced(page, "ist weitergegeben")
    assert (await work.conversation(first)).team == "bauen-umwelt"
    await press("u")
    await expect(page.locator("#reply")).to_be_visible()
    await focus(page, "#h-talk")
    assert (await work.conversation(first)).owner == "kim"

    # A menu that is opened by mistake closes, and the focus stays with it.
    await press("o")
    await focus(page, "#outcomes button >> nth=0")
    await press("Escape")
    await focus(page, "#outcomes > summary")

    # The next one, resolved with an outcome, by mistake.
    await press("k")  # those who wait stand above
    await expect(page.locator("#conversation")).to_have_attribute("data-id", second)
    await focus(page, f'.item[data-id="{second}"]')
    await press("Enter")
    await focus(page, "#reply")
    await press("Escape")
    await press("o")
    await press("Tab")
    await focus(page, "#outcomes button[value=forwarded]")
    await press("Enter")
    await expect(page.get_by_role("button", name="Wieder öffnen")).to_be_visible()
    await focus(page, "#h-talk")
    await announced(page, "ist erledigt")
    assert (await work.conversation(second)).outcome == "forwarded"
    await press("u")
    await expect(page.locator("#reply")).to_be_visible()
    await focus(page, "#h-talk")
    await press("e")
    await expect(page.get_by_role("button", name="Wieder öffnen")).to_be_visible()

    # All keys are in the help sheet, which gives the focus back; then the filter, and search.
    await press("?")
    await focus(page, "#help button")
    for key in ("undo", "outcome", "search"):
        await expect(page.locator("#help")).to_contain_text(HELP[key])
    await press("Escape")
    await focus(page, "#h-talk")
    await press("/")
    await focus(page, "#q")
    await write("wo mache")
    await expect(page.locator("a.item:visible")).to_have_count(1)
    await press("Escape")
    await focus(page, "#h-talk")
    await press("s")
    await expect(page).to_have_url(office.base + "/console/search")
    await page.wait_for_load_state("load")
    await focus(page, "#q")
    await write("erstes")
    await press("Enter")
    await expect(page.locator(".hit")).to_have_count(1)
    await page.wait_for_load_state("load")
    await press("j")
    await focus(page, ".hit")
    await press("Enter")
    await expect(page.locator("#conversation")).to_have_attribute("data-id", first)
    assert len(await written(work, first)) == 2


HELP = {"undo": "rückgängig", "outcome": "erledigt, weil", "search": "alle Gespräche durchsuchen"}


async def test_the_focus_stays_with_its_row_whatever_others_do(office: Office) -> None:  # noqa: F811
    work, ada = office.work, Clerk("ada", "Ada B.")
    await work.citizen("1", "anliegen eins", due=later(60))
    held = await work.citizen("2", "anliegen zwei", due=later(120))
    page = await signed_in(office)
    for _ in range(2):
        await page.keyboard.press("j")
    await expect(page.locator("#conversation")).to_have_attribute("data-id", held)
    row = f'.item[data-id="{held}"]'
    await focus(page, row)
    await work.citizen("3", "noch eiliger", due=later(1))  # stands before it from now on
    await expect(page.locator("#list")).to_contain_text("noch eiliger")
    await announced(page, "Ein neues Gespräch wartet.")
    await focus(page, row)
    await work.core.desk.claim(ada, held)  # it goes to another group of the list
    await expect(page.locator("#group-team")).to_contain_text("anliegen zwei")
    await focus(page, row)
    await page.keyboard.press("Tab")  # into what follows, not to the top of the page
    assert await wrong_at_rest(page) == ""
    # The button that has the focus goes away with what others do.
    first = await work.citizen("4", "anliegen vier", due=later(2))
    await expect(page.locator("#list")).to_contain_text("anliegen vier")
    await page.keyboard.press("/")
    await page.keyboard.type("anliegen vier")
    await page.keyboard.press("Enter")
    await expect(page.locator("#conversation")).to_have_attribute("data-id", first)
    await page.keyboard.press("Escape")
    await focus(page, "#h-talk")
    for _ in range(9):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.dataset.key") == "Enter":
            break
    await focus(page, "[data-key=Enter]")
    await work.core.desk.claim(ada, first)
    await expect(page.get_by_text("Hier antwortet jemand anderes")).to_be_visible()
    await focus(page, "#h-talk")


async def test_every_stop_of_the_tab_key_is_seen(office: Office) -> None:  # noqa: F811
    work = office.work
    work.publish("perso", "Perso verloren?", "Melden Sie den Verlust.")
    conversation = await work.citizen("1", "erstes anliegen", matches=(match("perso"),))
    await work.core.desk.claim(Clerk("kim", "Kim B."), conversation)
    page = await signed_in(office)
    await page.keyboard.press("j")
    await expect(page.locator("#reply")).to_be_visible()
    wrong, stops = [], []
    for key in ("Tab", "Shift+Tab"):
        for _ in range(80):
            await page.keyboard.press(key)
            look = await page.evaluate(LOOK)
            if look["lost"]:
                break  # over the edge of the page
            stops.append(look["what"])
            wrong += [found] if complaint(look) and (found := await wrong_at_rest(page)) else []
        assert look["lost"], f"{key} never leaves the page"
    assert wrong == []
    for wanted in (
        'class="skip"',
        'id="reply"',
        'id="q"',
        'id="transcript"',
        "data-insert",
        "aria-label",
        'class="item',
    ):
        assert any(wanted in stop for stop in stops), wanted


async def with_a_late_answer(office: Office, what: str) -> tuple[Page, str, asyncio.Event, asyncio.Event]:  # noqa: F811
    """A page with a conversation in hand; when it sends `what`, the first event is set, and it waits for the second."""
    work, asked, hold = office.work, asyncio.Event(), asyncio.Event()
    conversation = await work.citizen("1", "erstes anliegen")
    await work.core.desk.claim(Clerk("kim", "Kim B."), conversation)
    page = await signed_in(office)
    await page.keyboard.press("j")
    await expect(page.locator("#reply")).to_be_visible()

    async def slow(route: Route) -> None:
        asked.set()
        await hold.wait()
        await route.continue_()

    await page.route(f"**/{what}*", slow)
    return page, conversation, asked, hold


async def test_a_late_answer_takes_no_focus_from_who_types_on(office: Office) -> None:  # noqa: F811
    page, conversation, asked, hold = await with_a_late_answer(office, "note")
    press, write = page.keyboard.press, page.keyboard.type
    await press("n")
    await write("wirkt eilig")
    await press("Control+Enter")
    await asyncio.wait_for(asked.wait(), 90)
    await press("Escape")
    await press("r")
    await write("Guten ")
    hold.set()
    await expect(page.locator(".line.note")).to_contain_text("wirkt eilig")
    await announced(page, "Gesendet.")
    await write("Tag, ich bin")  # were these letters verbs, "b" would give it back to the bot
    await expect(page.locator("#reply")).to_have_value("Guten Tag, ich bin")
    await focus(page, "#reply")
    assert await status(office.work, conversation) is Status.ASSIGNED


async def test_a_late_answer_leaves_who_went_to_a_menu_there(office: Office) -> None:  # noqa: F811
    page, conversation, asked, hold = await with_a_late_answer(office, "reply")
    press = page.keyboard.press
    await press("r")
    await page.keyboard.type("Kommen Sie vorbei.")
    await press("Control+Enter")
    await asyncio.wait_for(asked.wait(), 90)
    await press("Escape")
    await press("t")
    await focus(page, "#to")
    hold.set()
    await expect(page.locator(".line.clerk")).to_contain_text("Kommen Sie vorbei.")
    await announced(page, "Gesendet.")
    await focus(page, "#to")
    await press("Escape")
    await press("n")  # were the field for the citizen in focus again, it would get this letter
    await focus(page, "#note")
    await expect(page.locator("#reply")).to_have_value("")
    assert await status(office.work, conversation) is Status.ASSIGNED
