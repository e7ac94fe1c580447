"""Two hundred wait and it goes on: nobody loses the row they are at while the list moves under them."""

import asyncio
import re
from typing import Any

from playwright.async_api import Page, expect

from bot.handoff.desk import Clerk
from tests.browser.test_console import Office, office, pytestmark  # noqa: F401 - fixture and marks
from tests.console.house import House, later

WAITING = 200
ADA = Clerk("ada", "Ada B.")
FOCUSED = "() => document.activeElement.dataset.id ?? ''"


async def shows(page: Page, conversation: str, group: str) -> None:
    await expect(page.locator(f"#group-{group} a.item[data-id='{conversation}']")).to_have_count(1)


async def full(work: House) -> list[str]:
    """So many wait, the most urgent first."""
    return [
        await work.citizen(str(n), f"anliegen {n}", waiting_since=later(n - 9000), due=later(n + 3600))
        for n in range(WAITING)
    ]


async def test_the_list_moves_and_the_reader_stays(office: Office) -> None:  # noqa: F811
    work = office.work
    waits = await full(work)
    page = await office.page("kim")
    await expect(page.locator("#group-waiting a.item")).to_have_count(WAITING)
    rows = page.locator("a.item")
    await rows.nth(100).focus()
    # Above, at and below the reader's place: somebody goes, somebody comes, somebody says something.
    for number in range(10):
        work.clock.at = later(number + 1)
        await work.core.desk.claim(ADA, waits[number])
        await work.citizen(str(100 + number), f"noch ein wort {number}")
        await work.core.desk.claim(ADA, waits[150 + number])
        await work.citizen(f"neu {number}", "ganz dringend", waiting_since=later(-9999), due=later(number))
    for number in range(10):
        await shows(page, waits[number], "team")
        await shows(page, waits[150 + number], "team")
    await expect(page.locator(".item", has_text="ganz dringend")).to_have_count(10)
    await expect(page.locator(".item", has_text="noch ein wort")).to_have_count(10)
    assert await page.evaluate(FOCUSED) == waits[100]


async def test_who_reads_the_top_sees_who_comes_there(office: Office) -> None:  # noqa: F811
    work = office.work
    await full(work)
    page = await office.page("kim")
    await expect(page.locator("#group-waiting a.item")).to_have_count(WAITING)
    first = await work.citizen("neu", "ganz dringend", waiting_since=later(-9999), due=later(1))
    await expect(page.locator("a.item").first).to_have_attribute("data-id", first)
    await expect(page.locator("a.item").first).to_be_in_viewport()


async def test_a_refresh_sends_what_changed(office: Office) -> None:  # noqa: F811
    work = office.work
    waits = await full(work)
    page = await office.page("kim")
    await expect(page.locator("#group-waiting a.item")).to_have_count(WAITING)
    sizes: list[int] = []

    async def note(answer: Any) -> None:
        if answer.request.headers.get("x-stadtbote-part") == "list":
            text = await answer.text()
            sizes.append(len(re.findall(r'class="item ', text)))

    page.on("response", note)
    await work.core.desk.claim(ADA, waits[7])
    await shows(page, waits[7], "team")
    async with asyncio.timeout(90):
        while not sizes:  # the answer is on the page before it is told here
            await asyncio.sleep(0.05)
    assert max(sizes) <= 2
