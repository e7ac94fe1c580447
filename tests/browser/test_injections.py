"""The texts of tests/console/injections.yml in a real Chromium under the real policy: nothing runs, nothing is even
tried, nothing is fetched from elsewhere, and everything is shown as it was typed."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.conversation import Line
from tests.browser.chromium import ADVICE, ARGUMENTS, PATIENCE, find
from tests.browser.listening import Ears
from tests.console.evil import CHIEF, everybody_here, filled, unplaced
from tests.console.house import PASSWORD, House, house, later
from tests.console.injections import INJECTIONS, bare, chunks

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
async def work(tmp_path: Path, redis_url: str) -> AsyncIterator[House]:
    async with house(tmp_path, redis_url) as found:
        yield found


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    path = find()
    assert path, ADVICE
    async with AsyncExitStack() as stack:
        playwright = await stack.enter_async_context(async_playwright())
        made = await playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        stack.push_async_callback(made.close)
        yield made


async def signed_in(work: House, browser: Browser, user: str) -> tuple[Page, Ears]:
    base = str(work.server.make_url("/")).rstrip("/")
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="de-DE", base_url=base)
    context.set_default_timeout(PATIENCE)
    ears = await Ears.on(context, base)
    page = await context.new_page()
    await page.goto("/console/login")
    await page.get_by_label("Benutzername").fill(user)
    await page.get_by_label("Passwort").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page).not_to_have_url(f"{base}/console/login")
    return page, ears


async def shown(page: Page, selector: str, expected: Iterable[str], value: str = "textContent") -> None:
    """Each of the texts stands in an element of its own, or in an attribute of one."""
    found = await page.locator(selector).evaluate_all(
        "(all, name) => all.map((one) => one[name] ?? one.getAttribute(name) ?? '')", value
    )
    held = {bare(text) for text in found}
    assert not [text for text in expected if bare(text) not in held], selector


async def test_nothing_runs_on_any_page(work: House, browser: Browser) -> None:
    evil = await filled(work)
    await everybody_here(work)
    page, ears = await signed_in(work, browser, CHIEF)
    places = {
        f"/console/inbox/{evil.talk}": [
            (f".line.{by} .words", INJECTIONS) for by in ("citizen", "clerk", "note", "bot")
        ]
        + [("select#canned option", map(unplaced, INJECTIONS), "data-text"), (".chips .chip", INJECTIONS)],
        f"/console/inbox/{evil.filed}": [("bdi", INJECTIONS[1::2])],
        f"/console/inbox/{evil.named}": [(".line.citizen .who bdi", chunks(100_000))],
        "/console/inbox": [],
        "/console/callbacks": [("a[href^='tel:'] bdi", INJECTIONS)],
        "/console/team": [("tr th bdi", [text[:100] for text in INJECTIONS])],
        "/console/search?q=pwn": [],
        "/console/audit": [],
        "/console/faq": [],
        f"/console/faq/entries/{evil.entry}": [],
        "/console/faq/entries/evil-1": [],
        "/console/settings/special_days": [("input[name$='.reason']", INJECTIONS, "value")],
        "/console/settings/teams": [("input[name$='.name']", chunks(600), "value")],
        "/console/settings/canned/1": [],
        f"/console/inbox/{evil.talk}/suggest/r59": [],
    }
    for path, expected in places.items():
        await page.goto(path)
        await page.wait_for_load_state("load")
        await ears.quiet(page)
        for selector, texts, *value in expected:  # type: ignore[misc]
            await shown(page, selector, texts, *value)


async def test_nothing_runs_that_comes_in_while_the_page_is_open(work: House, browser: Browser) -> None:
    """What scripts put into the page: the stream's news, the list of canned responses, drafts, previews."""
    evil = await filled(work)
    page, ears = await signed_in(work, browser, CHIEF)
    await page.goto(f"/console/inbox/{evil.named}")
    for n, text in enumerate(INJECTIONS):
        await work.line(evil.named, Line(f"x{n}", "citizen", later(n), text, text, name=text))
    await work.line(evil.named, Line("end", "citizen", later(900), "das Ende", "das Ende"))
    await expect(page.locator("#announcer")).to_contain_text("das Ende")
    await shown(page, ".line.citizen .words", INJECTIONS)
    await ears.quiet(page)
    reply = page.locator("#reply")
    await reply.press_sequentially("/")
    await expect(page.locator("#canned-list")).to_be_visible()
    await shown(page, "#canned-list strong", INJECTIONS)
    await ears.quiet(page)
    for text in chunks(3900):
        await reply.fill(text)
        await page.reload()
        kept = await reply.input_value()
        assert bare(kept) == bare(text)
        await ears.quiet(page)
    await page.goto("/console/faq/entries/evil-2")
    await page.locator("[name='texts.de.answer']").fill("\n\n".join(INJECTIONS))
    await expect(page.locator("#preview")).to_contain_text("-rf --help 135")
    await ears.quiet(page)
