"""The composer with keys alone: canned responses by their shortcut and by their words."""

import asyncio
from functools import partial

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Route, expect

from bot.handoff.desk import Clerk
from tests.browser.test_console import Office, office, pytestmark, written  # noqa: F401 - fixture and marks

GREETING = "Guten Tag Alex, ich bin Kim B. vom Bürgeramt. Ich sehe mir das an."


async def test_a_canned_response_with_keys_alone(office: Office) -> None:  # noqa: F811
    work = office.work
    conversation = await work.citizen("1", "wo muss ich hin", sender="Alex")
    await work.core.desk.claim(Clerk("kim", "Kim B."), conversation)
    page = await office.page("kim")
    await page.goto(f"{office.base}/console/inbox/{conversation}")
    reply, listed = page.locator("#reply"), page.locator("#canned-list [role=option]")
    await reply.focus()
    await page.keyboard.type("und/oder /g")  # a "/" within a word calls nobody
    await expect(listed.first).to_contain_text("Begrüßung")
    await expect(reply).to_have_attribute("aria-activedescendant", "canned-0")
    await page.keyboard.type("t")
    await expect(listed).to_have_count(1)
    await work.citizen("1", "noch etwas")  # the page is drawn anew: the list stays
    await expect(page.locator("#transcript")).to_contain_text("noch etwas")
    await expect(listed).to_have_count(1)
    violations = (await Axe().run(page)).response["violations"]
    assert not [f"{v['id']} {n['html'][:120]}" for v in violations for n in v["nodes"]]
    await page.keyboard.press("Enter")
    await expect(reply).to_have_value("und/oder " + GREETING)
    await expect(listed).to_have_count(0)

    # By a word of its title, the second one chosen; Escape closes the list and not the field.
    await reply.fill("")
    await page.keyboard.type("/")
    await expect(listed).to_have_count(4)
    await page.keyboard.press("Escape")
    await expect(listed).to_have_count(0)
    await expect(reply).to_be_focused()
    await page.keyboard.press("Backspace")
    await page.locator("#canned-menu").click()
    await expect(listed.first).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("ArrowDown")
    await expect(listed.nth(1)).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Tab")
    await expect(reply).to_have_value(GREETING)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".line.clerk")).to_contain_text(GREETING)
    assert await written(work, conversation) == [GREETING]


async def test_what_nobody_can_fill_is_selected_to_be_typed_over(office: Office) -> None:  # noqa: F811
    work = office.work
    conversation = await work.citizen("1", "wo muss ich hin", sender="")
    await work.core.desk.claim(Clerk("kim", "Kim B."), conversation)
    page = await office.page("kim")
    await page.goto(f"{office.base}/console/inbox/{conversation}")
    await page.locator("#reply").focus()
    await page.keyboard.type("/gt")
    await page.keyboard.press("Enter")
    await page.keyboard.type("Frau Öz")
    await expect(page.locator("#reply")).to_have_value(GREETING.replace("Alex", "Frau Öz"))
    await page.locator("#reply").fill("Guten Tag {name}")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#reply-why")).to_contain_text("{name}")
    await expect(page.locator("#reply")).to_have_value("Guten Tag {name}")


async def test_it_opens_at_the_citizens_words_and_stays_where_its_reader_is(office: Office) -> None:  # noqa: F811
    work = office.work
    conversation = await work.citizen("1", "die eigentliche Frage", sender="Alex")
    await work.core.desk.claim(Clerk("kim", "Kim B."), conversation)
    for n in range(12):
        await work.core.desk.write(Clerk("kim", "Kim B."), conversation, f"Satz {n}. " * 30)
    page = await office.page("kim")
    await page.goto(f"{office.base}/console/inbox/{conversation}")
    await expect(page.locator(".line.citizen").last).to_be_in_viewport()
    await work.citizen("1", "und noch eine")
    await expect(page.locator(".line.citizen").last).to_contain_text("und noch eine")
    await expect(page.locator(".line.citizen").last).to_be_in_viewport()
    await page.locator("#transcript").evaluate("box => { box.scrollTop = 200; }")
    await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    await work.citizen("1", "die dritte")
    await expect(page.locator(".line.citizen").last).to_contain_text("die dritte")
    assert await page.locator("#transcript").evaluate("box => box.scrollTop") == 200
    await page.locator("#reply").fill("Gern.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".line.clerk").last).to_contain_text("Gern.")
    await expect(page.locator(".line.clerk").last).to_be_in_viewport()


async def test_what_is_typed_while_an_answer_travels_stays(office: Office) -> None:  # noqa: F811
    work = office.work
    conversation = await work.citizen("1", "wo muss ich hin", sender="Alex")
    await work.core.desk.claim(Clerk("kim", "Kim B."), conversation)
    page = await office.page("kim")
    await page.goto(f"{office.base}/console/inbox/{conversation}")
    reply, typed, looked = page.locator("#reply"), asyncio.Event(), asyncio.Event()

    async def after(what: asyncio.Event, route: Route) -> None:
        await what.wait()
        await route.continue_()

    await page.route("**/reply", partial(after, typed), times=1)
    await page.route(f"**/inbox/{conversation}", partial(after, looked))
    await reply.fill("Sofort.")
    await page.keyboard.press("Control+Enter")
    await page.keyboard.type(" Und noch")
    typed.set()
    await expect(reply).to_have_value("Und noch")
    assert await written(work, conversation) == ["Sofort."]
    # It can be sent while the page has yet to look what came of the first.
    await page.keyboard.press("Control+Enter")
    await expect(reply).to_have_value("")
    assert await written(work, conversation) == ["Sofort.", "Und noch"]
    looked.set()
    await page.keyboard.type("Und mehr")
    await page.reload()
    await expect(reply).to_have_value("Und mehr")


async def test_a_note_typed_as_a_reply_is_kept_as_a_note(office: Office) -> None:  # noqa: F811
    work = office.work
    conversation = await work.citizen("1", "wo muss ich hin", sender="Alex")
    await work.core.desk.claim(Clerk("kim", "Kim B."), conversation)
    page = await office.page("kim")
    await page.goto(f"{office.base}/console/inbox/{conversation}")
    await page.locator("#reply").fill("Hat schon dreimal gefragt")
    await page.get_by_role("button", name="Als Notiz").click()
    await expect(page.locator(".line.note")).to_contain_text("Hat schon dreimal gefragt")
    await expect(page.locator("#reply")).to_have_value("")
    assert await written(work, conversation) == []
