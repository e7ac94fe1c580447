"""Two clerks, two browsers: who is here, one conversation passed on, typed in by both, and taken back."""

import asyncio

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from bot.console.roster import OPEN_PAGE
from bot.conversation import Status
from bot.handoff.desk import Clerk
from tests.browser.test_console import Office, office, pytestmark, status, written  # noqa: F401 - fixture and marks
from tests.console.house import PASSWORD, later


async def test_passed_on_from_one_browser_to_another(office: Office) -> None:  # noqa: F811
    work = office.work
    conversation = await work.citizen("1", "der baum vor dem haus")
    ada = await office.page("ada")
    kim = await office.page("kim")
    await kim.get_by_role("link", name="der baum vor dem haus").click()
    await kim.get_by_role("button", name="Übernehmen").click()
    await expect(kim.locator("#reply")).to_be_focused()
    await kim.keyboard.press("Escape")
    await kim.keyboard.press("t")
    await expect(kim.locator("#to")).to_be_focused()
    await kim.locator("#to").select_option("clerk:ada")
    await kim.get_by_label("Notiz dazu").fill("sie kennt den Baum")
    await kim.locator("#pass-on").get_by_role("button", name="Weitergeben", exact=True).click()

    # It stands with Ada as new, without her doing anything.
    mine = ada.locator(".item.mine")
    await expect(mine).to_contain_text("der baum vor dem haus")
    await expect(mine.locator(".badge.new")).to_be_visible()
    assert (await work.conversation(conversation)).owner == "ada"
    # Nobody has looked yet: a mistake is taken back with one click, and given again.
    await expect(kim.locator("#undo")).to_contain_text("ist weitergegeben")
    await kim.get_by_role("button", name="Rückgängig").click()
    await expect(kim.locator("#reply")).to_be_visible()
    assert (await work.conversation(conversation)).owner == "kim"
    await expect(mine).to_have_count(0)
    await kim.locator("#pass-on > summary").click()
    await kim.locator("#to").select_option("clerk:ada")
    await kim.locator("#pass-on").get_by_role("button", name="Weitergeben", exact=True).click()
    await expect(kim.get_by_text("Hier antwortet jemand anderes")).to_be_visible()

    await mine.click()
    await expect(ada.locator("#transcript")).to_contain_text("sie kennt den Baum")
    await expect(kim.locator("#undo")).to_be_empty()
    await expect(kim.locator("#others")).to_contain_text("Ada B. sieht das auch an")
    await ada.evaluate("Date.now = ((now) => () => now)(Date.now())")  # she has just typed, however late kim sees it
    await ada.locator("#reply").press_sequentially("Guten Tag")
    await expect(kim.locator("#others")).to_contain_text("Ada B. schreibt gerade")
    await ada.keyboard.press("Control+Enter")
    await expect(ada.locator(".line.clerk")).to_contain_text("Guten Tag")
    assert await written(work, conversation) == ["Guten Tag"]


async def test_a_team_without_anybody_and_away_for_a_reason(office: Office) -> None:  # noqa: F811
    work = office.work
    work.accounts.add("amt", PASSWORD, "clerk", teams=["buergeramt"])
    conversation = await work.citizen("1", "der baum vor dem haus")
    amt, kim = await office.page("amt"), await office.page("kim")
    await kim.locator("#presence > summary").click()
    await kim.get_by_role("button", name="Pause").click()
    await expect(kim.locator("#presence > summary")).to_contain_text("Pause")

    await amt.get_by_role("link", name="der baum vor dem haus").click()
    await amt.locator("#pass-on > summary").click()
    await expect(amt.locator("#to option[disabled]")).to_have_text("Kim B. · weg: Pause")
    await amt.locator("#to").select_option("team:bauen-umwelt")
    await amt.get_by_label("Notiz dazu").fill("eilt")
    await amt.locator("#pass-on").get_by_role("button", name="Weitergeben", exact=True).click()
    await expect(amt.locator("#pass-why")).to_contain_text("niemand da: Bauen und Umwelt")
    await expect(amt.get_by_label("Notiz dazu")).to_have_value("eilt")
    # The page is drawn anew, with somebody more to choose from: what was chosen and offered stays.
    await office.page("ada")
    await work.citizen("1", "und zwar eilig")
    await expect(amt.locator("#to option", has_text="Ada B.")).to_have_count(1)
    await expect(amt.locator("#to")).to_have_value("team:bauen-umwelt")
    await amt.get_by_role("button", name="Trotzdem").click()
    await expect(amt.locator("#list #undo")).to_contain_text("ist weitergegeben")
    assert (await work.conversation(conversation)).team == "bauen-umwelt"
    await work.citizen("3", "noch etwas")  # the list is drawn anew; the line stays
    await expect(amt.locator("#list")).to_contain_text("noch etwas")
    await amt.get_by_role("button", name="Rückgängig").click()
    await expect(amt.locator("#conversation")).to_have_attribute("data-id", conversation)
    assert await status(work, conversation) is Status.WAITING
    assert (await work.conversation(conversation)).team == "buergeramt"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_teams_page_has_no_barrier_and_keeps_itself_fresh(office: Office, scheme: str) -> None:  # noqa: F811
    work = office.work
    await work.citizen("1", "مرحبا بكم " * 20, due=later(-60), waiting_since=later(-7200))
    await work.citizen("2", "bald fällig", due=later(600))
    lea = await office.page("lea", color_scheme=scheme)
    await lea.get_by_role("link", name="Team heute").click()
    await expect(lea.locator("#f-waiting .figure-value")).to_have_text("2")
    third = await work.citizen("3", "noch jemand")
    await expect(lea.locator("#f-waiting .figure-value")).to_have_text("3")
    # What is being chosen stays while the page is drawn anew.
    row = lea.locator(f"#r-{third}")
    await lea.locator("#d-wait > summary").click()
    await row.get_by_role("combobox").select_option("team:bauen-umwelt")
    await work.citizen("4", "und noch jemand")
    await lea.locator("h1").click()
    await expect(lea.locator("#f-waiting .figure-value")).to_have_text("4")
    await expect(row.get_by_role("combobox")).to_have_value("team:bauen-umwelt")
    await expect(lea.locator("#d-wait")).to_have_attribute("open", "")
    await row.get_by_role("button", name="Weitergeben").click()
    await expect(row.get_by_role("alert")).to_contain_text("niemand da")
    violations = (await Axe().run(lea)).response["violations"]
    assert not [f"{v['id']} {n['html'][:120]}" for v in violations for n in v["nodes"]]
    await row.get_by_role("button", name="Trotzdem").click()
    await expect(row.locator("p.small")).to_contain_text("Bauen und Umwelt")
    assert (await work.conversation(third)).team == "bauen-umwelt"
    page = await office.page("kim", color_scheme=scheme)
    await page.goto(f"{office.base}/console/inbox/{third}")
    await page.locator("#presence > summary").click()
    violations = (await Axe().run(page)).response["violations"]
    await page.locator("#pass-on > summary").click()
    violations += (await Axe().run(page)).response["violations"]
    assert not [f"{v['id']} {n['html'][:120]}" for v in violations for n in v["nodes"]]


async def test_a_lead_passes_on_one_after_the_other_without_losing_the_place(office: Office) -> None:  # noqa: F811
    work = office.work
    theirs = [await work.citizen(str(n), f"anliegen {n}") for n in range(25)]
    await office.page("kim")
    lea = await office.page("lea")
    await lea.goto(f"{office.base}/console/team")
    for conversation in theirs[20:22]:
        row = lea.locator(f"#r-{conversation}")
        await row.scroll_into_view_if_needed()
        before = await lea.evaluate("scrollY")
        await row.get_by_role("combobox").select_option("clerk:kim")
        await row.get_by_role("button", name="Weitergeben").click()
        number = (await work.conversation(conversation)).number
        await expect(lea.locator("#undo")).to_contain_text(f"Nr. {number} ist weitergegeben")
        await expect(lea.locator("#undo")).to_be_in_viewport()
        assert before > 0
        assert await lea.evaluate("scrollY") > 0
        assert (await work.conversation(conversation)).owner == "kim"
    await lea.locator("#undo button").click()
    await expect(lea.locator("#conversation")).to_have_attribute("data-id", theirs[21])
    assert (await work.conversation(theirs[21])).owner == ""


async def test_who_is_here_holds_all_that_is_theirs(office: Office) -> None:  # noqa: F811
    work = office.work
    theirs = [await work.citizen(chat, f"anliegen {chat}") for chat in "123"]
    kim = await office.page("kim")
    for conversation in theirs[:2]:
        await work.core.desk.claim(Clerk("kim", "Kim B."), conversation)
    await expect(kim.locator(".item.mine")).to_have_count(2)
    until = {c: (await work.conversation(c)).lease_until for c in theirs}
    work.clock.at = later(60)
    # None of them is open; the page says of each that its clerk is here.
    async with asyncio.timeout(180):
        for conversation in theirs[:2]:
            while (await work.conversation(conversation)).lease_until == until[conversation]:
                await asyncio.sleep(0.05)
    assert (await work.conversation(theirs[2])).lease_until is None


async def test_a_browser_that_is_killed_loses_its_clerk_and_no_citizen(office: Office) -> None:  # noqa: F811
    work = office.work
    conversation = await work.citizen("1", "der baum vor dem haus")
    kim, ada = await office.page("kim"), await office.page("ada")
    await kim.get_by_role("link", name="der baum vor dem haus").click()
    await kim.get_by_role("button", name="Übernehmen").click()
    await expect(kim.locator("#reply")).to_be_visible()
    since = (await work.conversation(conversation)).waiting_since
    await kim.context.close()
    work.clock.at += OPEN_PAGE
    assert "kim" not in await work.core.store.people(work.clock())
    work.clock.at = later(work.core.settings.lease_seconds)
    await work.core.desk.time_passed(conversation)  # the clock's look
    await expect(ada.locator(".item.waiting")).to_contain_text("der baum vor dem haus")
    await ada.locator(".item.waiting").click()
    await expect(ada.locator("#transcript")).to_contain_text("lange niemand da war")
    await ada.get_by_role("button", name="Übernehmen").click()
    await expect(ada.locator("#reply")).to_be_visible()
    again = await work.conversation(conversation)
    assert (again.owner, again.waiting_since) == ("ada", since)


async def test_a_movement_after_a_while_says_that_somebody_is_there_once(office: Office) -> None:  # noqa: F811
    kim = await office.page("kim")
    told: list[str] = []
    kim.on("request", lambda request: told.append(request.url) if request.url.endswith("/presence/active") else None)
    await kim.mouse.move(10, 10)  # just opened: nothing to say
    await kim.evaluate("Date.now = ((now) => () => now() + 61_000)(Date.now)")
    async with kim.expect_response("**/console/presence/active") as answered:
        await kim.mouse.move(20, 20)
    assert (await answered.value).status == 200
    await kim.mouse.move(30, 30)
    await kim.keyboard.press("Shift")
    await kim.evaluate("document.title")  # whatever was to be sent has been
    assert len(told) == 1
