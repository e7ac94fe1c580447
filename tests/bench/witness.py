"""A real browser among the consoles: when it shows a message, and for how long at a stretch its page is busy."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Page, async_playwright

from bot.people.staff import CONSOLE
from tests.bench.console_page import SIGN
from tests.browser.chromium import ARGUMENTS, find

WIDTH, HEIGHT = 1280, 800
# Long tasks are those of more than 50 ms, as the standard counts them.
WATCH = """(sign) => {
  const pattern = new RegExp(sign, "g");
  window.signs = {};
  window.long = [];
  const look = () => {
    for (const [, name] of document.getElementById("transcript").textContent.matchAll(pattern)) {
      window.signs[name] ??= Date.now();
    }
  };
  look();
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
  new PerformanceObserver((list) => window.long.push(...list.getEntries().map((task) => task.duration))).observe({
    type: "longtask",
  });
}"""


@asynccontextmanager
async def witness(url: str, name: str, password: str, conversation: str) -> AsyncIterator[Page | None]:
    """Signed in, with the conversation open; None where there is no Chromium."""
    path = await asyncio.to_thread(find)
    if path is None:
        yield None
        return
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, locale="de-DE")
            await page.goto(f"{url}{CONSOLE}/login")
            await page.get_by_label("Benutzername").fill(name)
            await page.get_by_label("Passwort").fill(password)
            await page.keyboard.press("Enter")
            await page.wait_for_url(f"{url}{CONSOLE}/inbox")
            await page.goto(f"{url}{CONSOLE}/inbox/{conversation}")
            await page.evaluate(WATCH, SIGN.pattern)
            yield page
        finally:
            await browser.close()


async def seen(page: Page) -> dict[str, Any]:
    """`signs`: unix seconds by sign; `long`: milliseconds of its long tasks; `heap`: MiB."""
    found: dict[str, Any] = await page.evaluate(
        "({ signs: window.signs, long: window.long, heap: performance.memory.usedJSHeapSize / 2 ** 20 })"
    )
    return found | {"signs": {sign: at / 1000 for sign, at in found["signs"].items()}}
