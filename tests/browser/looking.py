"""Brings a browser into the states of tests/browser/states, and looks at the page there."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, BrowserContext, Error, Page, async_playwright

from tests.browser.chromium import ADVICE, ARGUMENTS, PATIENCE, find
from tests.browser.scenes import SCENES, Scene
from tests.browser.states import STATES
from tests.browser.states.state import State

LAPTOP, PHONE = (1280, 800), (390, 844)
ZOOMED = (320, 256)
"""1280 by 1024 at 400 %."""
TABLET = (900, 700)
COLOURS, ALL_BUT_COLOURS = "colours", "all but colours"
SCROLLS = """() => document.body.classList.contains("inbox") && innerWidth > 700 && innerHeight > 500
  && document.documentElement.scrollHeight > innerHeight"""
CUT_OFF = """() => JSON.stringify([...document.querySelectorAll("button, .button, input, select, summary, nav a")]
  .filter((e) => e.checkVisibility() && !e.closest(".sr, .unseen, .skip"))
  .map((e) => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
  .filter(([, r]) => r.height < 24 || r.width < 24 || r.left < -1 || r.right > innerWidth + 1)
  .map(([html, r]) => [html, r.width, r.height, r.right]))"""
CLIPPED = """() => [...document.querySelectorAll("button, .button, input, select, summary")]
  .filter((e) => e.checkVisibility() && !e.closest(".sr, .unseen, .skip"))
  .filter((e) => {
    const r = e.getBoundingClientRect();
    for (let box = e.parentElement; box; box = box.parentElement) {
      const around = box.getBoundingClientRect();
      const clips = getComputedStyle(box).overflowX;
      if (clips !== "visible" && r.left < around.left - 1 && !box.scrollLeft) return true;
      if ((clips === "hidden" || clips === "clip") && r.right > around.right + 1) return true;
    }
    return false;
  })
  .map((e) => `cut off by what it stands in: ${e.outerHTML.slice(0, 80)}`)"""
REACHED = """(e) => {
  e.scrollIntoView({block: "center"});
  const r = e.getBoundingClientRect();
  const hit = document.elementFromPoint((r.left + r.right) / 2, r.top + Math.min(r.height, 24) / 2);
  return Boolean(hit) && (e === hit || e.contains(hit));
}"""


class Unreached(Exception):
    """What somebody does to come into a state does not lead there."""


class Looker:
    """One scene, and browsers in front of it. What a page complains of is kept in `complaints`."""

    def __init__(self, scene: Scene, browser: Browser) -> None:
        self.scene, self._browser = scene, browser
        self._pages: dict[str, Page] = {}
        self._visitor: BrowserContext | None = None
        self.complaints: list[str] = []

    async def enter(self, state: State) -> Page:
        """The page in that state, at a laptop's size and in light colours. Raises Unreached."""
        page = await self._page(state.user)
        await resize(page, LAPTOP, "light")
        await page.goto(self.scene.base + state.path.format(**self.scene.ids))
        for number, step in enumerate(state.steps, 1):
            try:
                await step(page, self.scene)
            except (AssertionError, Error) as error:
                raise Unreached(f"{state.name}: step {number} fails: {str(error)[:300]}") from error
        return page

    async def _page(self, user: str) -> Page:
        if user and user in self._pages:
            return self._pages[user]
        if not user and self._visitor:
            await self._visitor.close()
        context = await self._browser.new_context(
            locale="de-DE",
            timezone_id="Europe/Berlin",
            reduced_motion="reduce",
            viewport={"width": 1280, "height": 800},
        )
        context.set_default_timeout(PATIENCE)
        if cookie := await self.scene.session(user) if user else "":
            await context.add_cookies([{"name": "stadtbote", "value": cookie, "url": self.scene.base}])
        page = await context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if "Content Security" in said.text else None)
        if user:
            self._pages[user] = page
        else:
            self._visitor = context
        return page


@asynccontextmanager
async def looking(scene: str, folder: Path, redis_url: str, browser: Browser) -> AsyncIterator[Looker]:
    """Somebody looks at a scene."""
    async with SCENES[scene](folder, redis_url) as running:
        looker = Looker(running, browser)
        yield looker
        for context in browser.contexts:
            await context.close()


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """One browser."""
    path = find()
    assert path, ADVICE
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=list(ARGUMENTS), env={**os.environ, "LANGUAGE": "de"}
        )
        yield browser
        await browser.close()


def states_of(scene: str) -> list[State]:
    """In the order of the table."""
    return [state for state in STATES if state.scene == scene]


async def resize(page: Page, size: tuple[int, int], scheme: str) -> None:
    """Another window, other colours; the page is not loaded anew."""
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")


async def barriers(page: Page, what: str = "", apart: str = "") -> list[str]:
    """What axe holds against the page but for what lies `apart`; `what`: COLOURS alone, ALL_BUT_COLOURS, or all."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if what == COLOURS:
        options["runOnly"] = {"type": "rule", "values": ["color-contrast"]}
    if what == ALL_BUT_COLOURS:
        options["rules"] = {"color-contrast": {"enabled": False}}
    about = {"exclude": [[apart]]} if apart else {"include": [["html"]]}
    found = await page.evaluate("(told) => axe.run(...told).then((r) => r.violations)", [about, options])
    return [f"{one['id']} ({one['impact']}): {node['html'][:120]}" for one in found for node in one["nodes"]]


async def sticks_out(page: Page, width: int) -> list[str]:
    """What makes the page scroll sideways, is cut off, or too small to be hit."""
    wide = await page.evaluate("document.documentElement.scrollWidth")
    found = [f"the page is {wide} px wide"] if wide > width else []
    found += ["the inbox scrolls as a whole, beside its columns"] if await page.evaluate(SCROLLS) else []
    found += await page.evaluate(CLIPPED)
    return found + [str(one) for one in json.loads(await page.evaluate(CUT_OFF))]


async def reached(page: Page, state: State) -> list[str]:
    """Whether what the page is for can be brought into the window, with nothing over it."""
    if not state.primary:
        return []
    place = page.locator(state.primary).locator("visible=true").first
    if not await place.count():
        return [f"{state.primary} is not there"]
    return [] if await place.evaluate(REACHED) else [f"{state.primary} is covered or outside"]
