"""Makes pictures of every page and state (`make gallery`): laptop, telephone and 400 %, light and dark, for people to
look at. The states are those that the tests look at (tests/browser/states); everybody in them is invented.

    python -m docs.gallery FOLDER [WORD …]      only states whose name holds one of the words
"""

import asyncio
import html
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, expect

from tests.browser.looking import LAPTOP, PHONE, ZOOMED, Unreached, chromium, looking, resize, states_of
from tests.browser.scenes import SCENES
from tests.browser.states.state import State
from tests.valkey import valkey

VIEWS = {
    "laptop-light": (LAPTOP, "light"),
    "laptop-dark": (LAPTOP, "dark"),
    "phone-light": (PHONE, "light"),
    "phone-dark": (PHONE, "dark"),
    "zoomed-light": (ZOOMED, "light"),
}
TALLEST = 2400  # CSS pixels of a picture: of a list of two hundred one has seen enough then
SHEET = 12  # pictures on a contact sheet
STILL = 900  # ms: fonts, and the refresh with which a live page begins
COLUMNS = {"laptop": 3, "phone": 6, "zoomed": 6}
STYLE = """body { margin: 16px; background: #888; font: 14px system-ui, sans-serif; }
main { display: grid; gap: 16px; align-items: start; }
figure { margin: 0; } figcaption { color: #fff; padding: 4px 0; } img { width: 100%; display: block; }"""


async def pictures(browser: Browser, scene: str, states: list[State], folder: Path, redis_url: str) -> None:
    """Photograph the states of a scene."""
    with tempfile.TemporaryDirectory(prefix="stadtbote-") as home:
        async with looking(scene, Path(home), redis_url, browser) as looker:
            for state in states:
                try:
                    page = await looker.enter(state)
                except Unreached as error:
                    print(error, file=sys.stderr)  # noqa: T201
                    continue
                await page.wait_for_timeout(STILL)
                for name, (size, scheme) in VIEWS.items():
                    await resize(page, size, scheme)
                    tall = min(await page.evaluate("document.documentElement.scrollHeight"), TALLEST)
                    if size is not ZOOMED:  # there, how low the window is changes what the page looks like
                        await resize(page, (size[0], max(tall, size[1])), scheme)
                    clip = {"x": 0, "y": 0, "width": size[0], "height": max(tall, size[1])}
                    path = folder / name / f"{state.name}.png"
                    await page.screenshot(path=path, full_page=True, clip=clip, animations="disabled", caret="hide")  # type: ignore[arg-type]
            if looker.complaints:
                sys.exit("\n".join(looker.complaints))


async def sheets(browser: Browser, names: list[str], folder: Path) -> None:
    """Contact sheets: a dozen pictures on one."""
    page = await browser.new_page(viewport={"width": 1800, "height": 1200})
    for view in VIEWS:
        columns = COLUMNS[view.partition("-")[0]]
        for number in range(0, len(names), SHEET):
            shown = "".join(
                f"<figure><img src='{view}/{name}.png'><figcaption>{html.escape(name)}</figcaption></figure>"
                for name in names[number : number + SHEET]
            )
            grid = f"<main style='grid-template-columns: repeat({columns}, 1fr)'>{shown}</main>"
            sheet = folder / f"sheet-{view}-{number // SHEET + 1}"
            sheet.with_suffix(".html").write_text(f"<!doctype html><style>{STYLE}</style>{grid}", "utf-8")
            await page.goto(sheet.with_suffix(".html").as_uri())
            await page.screenshot(path=sheet.with_suffix(".png"), full_page=True)


async def make(folder: Path, wanted: list[str], redis_url: str) -> None:
    """All of it."""
    for view in VIEWS:
        (folder / view).mkdir(parents=True, exist_ok=True)
    names: list[str] = []
    async with chromium() as browser:
        for scene in SCENES:
            states = [s for s in states_of(scene) if not wanted or any(word in s.name for word in wanted)]
            if states:
                await pictures(browser, scene, states, folder, redis_url)
                names += [state.name for state in states]
                print(f"{scene}: {len(states)} states")  # noqa: T201
        await sheets(browser, names, folder)


def main() -> None:
    """Into the folder named first."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    expect.set_options(timeout=20_000)
    with valkey() as redis_url:
        asyncio.run(make(Path(sys.argv[1]), sys.argv[2:], redis_url))


if __name__ == "__main__":
    main()
