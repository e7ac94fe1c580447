"""Finding a conversation with keys alone: filters that stay, search; and what happened while the line was cut."""

import re

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, Route, expect

from bot.conversation import Reason, Status
from bot.handoff.desk import Clerk
from tests.browser.test_console import Office, office, pytestmark  # noqa: F401 - fixture and marks
from tests.console.house import Pigeon, later


async def no_barriers(page: Page) -> None:
    violations = (await Axe().run(page)).response["violations"]
    assert not [f"{v['id']} {n['html'][:120]}" for v in violations for n in v["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_filters_stay_in_the_address_and_in_every_refresh(office: Office, scheme: str) -> None:  # noqa: F811
    work = office.work
    first = await work.citizen("1", "der baum ist krank", due=later(7200))
    await work.citizen("2", "مرحبا بكم", language="ar", team="bauen-umwelt", reason=Reason.COMPLAINT)
    mine = await work.citizen("3", "meine sache")
    await work.core.desk.claim(Clerk("kim", "Kim B."), mine)
    page = await office.page("kim", color_scheme=scheme)
    await page.locator("#narrow > summary").click()
    await page.locator("#f-team").select_option("buergeramt")
    await expect(page).to_have_url(re.compile("team=buergeramt"))
    await expect(page.locator("a.item")).to_have_count(2)
    await page.locator(".whose a", has_text="Wartend").click()
    await expect(page.locator("a.item")).to_have_count(1)
    await no_barriers(page)
    # What comes in is judged by the same filters.
    await work.citizen("4", "gehört nicht hierher", team="bauen-umwelt")
    await work.citizen("5", "gehört hierher")
    await expect(page.locator("a.item", has_text="gehört hierher")).to_be_visible()
    await expect(page.locator("a.item")).to_have_count(2)
    await page.locator("a.item", has_text="baum").click()
    await expect(page.locator("#conversation")).to_have_attribute("data-id", first)
    await page.get_by_role("button", name="Übernehmen").click()
    await expect(page.locator("#reply")).to_be_visible()
    await expect(page).to_have_url(re.compile(r"team=buergeramt.*who=waiting|who=waiting.*team=buergeramt"))
    await page.reload()
    await expect(page.locator("#f-team")).to_have_value("buergeramt")
    await expect(page.locator("a.item")).to_have_count(1)
    await page.locator(".clear").click()
    await expect(page.locator("a.item")).to_have_count(5)
    await expect(page.locator("#f-team")).to_have_value("")
    await page.go_back()
    await expect(page.locator("#f-team")).to_have_value("buergeramt")
    await expect(page.locator("a.item")).to_have_count(1)


async def test_searched_with_keys_alone(office: Office) -> None:  # noqa: F811
    work = office.work
    past = await work.citizen("1", "der baum vor dem haus ist krank", status=Status.RESOLVED, number=12)
    await work.citizen("2", "ein <b>baum</b> fiel um")
    page = await office.page("kim")
    await page.goto(office.base + "/console/search")
    await expect(page.locator("#q")).to_be_focused()
    await page.keyboard.type("baum")
    await page.keyboard.press("Enter")
    await expect(page.locator(".hit mark")).to_have_text(["baum", "baum"])
    await no_barriers(page)
    await page.wait_for_load_state("load")
    await page.keyboard.press("j")
    await expect(page.locator(".hit").first).to_be_focused()
    await page.keyboard.press("/")
    await expect(page.locator("#q")).to_be_focused()
    await page.keyboard.type("12")
    await page.keyboard.press("Enter")
    await expect(page.locator(".hit")).to_have_count(1)
    await page.wait_for_load_state("load")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await expect(page.locator("#conversation")).to_have_attribute("data-id", past)


async def test_what_was_missed_is_caught_up_and_never_doubled(office: Office) -> None:  # noqa: F811
    work = office.work
    conversation = await work.citizen("1", "erstes wort")
    page = await office.page("kim")
    await page.goto(f"{office.base}/console/inbox/{conversation}")
    await work.citizen("1", "zweites wort")
    await expect(page.locator("#announcer")).to_contain_text("zweites wort")

    async def cut(route: Route) -> None:
        await route.abort()

    # The line is cut, as by a lost network: streams break, and nothing else comes through.
    await page.route("**/console/**", cut)
    await page.context.set_offline(True)
    await page.evaluate("dispatchEvent(new Event('visibilitychange'))")
    await work.citizen("1", "drittes wort")
    await work.citizen("2", "jemand neues")
    assert await page.locator("#transcript", has_text="drittes wort").count() == 0
    await page.context.set_offline(False)
    await page.unroute("**/console/**")
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(page.locator("#transcript")).to_contain_text("drittes wort")
    await expect(page.locator("a.item")).to_have_count(2)
    await work.citizen("1", "viertes wort")
    await expect(page.locator("#transcript")).to_contain_text("viertes wort")
    for text in ("erstes wort", "zweites wort", "drittes wort", "viertes wort"):
        await expect(page.locator("#transcript .line.citizen", has_text=text)).to_have_count(1)
    for text in ("zweites wort", "drittes wort", "viertes wort"):
        await expect(page.locator("#announcer p", has_text=text)).to_have_count(1)
    await expect(page.locator("#line")).to_be_hidden()


async def test_the_window_counts_down_and_closes_the_composer(office: Office) -> None:  # noqa: F811
    work = office.work
    work.core.channels["telegram"] = Pigeon(window=3600)
    conversation = await work.citizen("1", "hallo")
    await work.core.desk.claim(Clerk("kim", "Kim B."), conversation)
    work.clock.at = later(3600 - 240)
    page = await office.page("kim")
    await page.goto(f"{office.base}/console/inbox/{conversation}")
    await expect(page.locator("#window")).to_contain_text(re.compile(r"3:\d\d"))
    await page.locator("#reply").fill("Ich schreibe gera")
    work.clock.at = later(3600)
    await work.citizen("2", "noch jemand")  # whatever makes the page look again
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(page.locator("#window")).to_contain_text("Antwortfenster")
    await expect(page.get_by_role("button", name="Senden", exact=True)).to_be_disabled()
    await expect(page.locator("#reply")).to_have_value("Ich schreibe gera")
    await no_barriers(page)
