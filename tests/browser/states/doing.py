"""What somebody does on a page to come into a state."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Page, expect

from tests.browser.scenes import Scene

Step = Callable[[Page, Scene], Awaitable[object]]


def click(selector: str) -> Step:
    """Click the first of them that can be seen."""
    return lambda page, _: page.locator(selector).locator("visible=true").first.click()


def fill(selector: str, text: str) -> Step:
    """Type into a field."""
    return lambda page, _: page.locator(selector).first.fill(text)


def choose(selector: str, value: str) -> Step:
    """Choose an option by its value."""
    return lambda page, _: page.locator(selector).first.select_option(value)


def put(selector: str, name: str, media_type: str, content: bytes) -> Step:
    """Choose a file."""
    return lambda page, _: page.locator(selector).set_input_files(
        {"name": name, "mimeType": media_type, "buffer": content}
    )


def press(key: str) -> Step:
    """Press a key, where the focus is."""
    return lambda page, _: page.keyboard.press(key)


def sees(selector: str, words: str = "") -> Step:
    """Wait until one that holds the words can be seen."""

    async def step(page: Page, _: Scene) -> None:
        places = page.locator(selector).filter(has_text=words) if words else page.locator(selector)
        await expect(places.locator("visible=true").first).to_be_visible()

    return step


def behind(name: str) -> Step:
    """Something happens that this page's reader did not do."""
    return lambda _, scene: scene.does[name]()


def last(selector: str) -> Step:
    """Choose the last option."""

    async def step(page: Page, _: Scene) -> None:
        options = await page.locator(f"{selector} option").count()
        await page.locator(selector).select_option(index=options - 1)

    return step


async def reload(page: Page, _: Scene) -> None:
    """Load the page anew."""
    await page.reload()


async def overtaken(page: Page, scene: Scene) -> None:
    """The form stands on a version that somebody has written over meanwhile."""
    await page.locator("[name=based_on]").evaluate("(field, id) => (field.value = id)", scene.ids["revision"])
