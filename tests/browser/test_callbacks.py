"""Call-backs in a real browser: kept fresh, worked by keyboard alone, no barrier, nothing cut off on a phone."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from bot.handoff.callback import Callback
from tests.browser.test_console import Office, office, pytestmark  # noqa: F401 - fixture and marks
from tests.console.house import later


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_call_is_worked_by_keyboard_on_a_narrow_page(office: Office, scheme: str) -> None:  # noqa: F811
    work = office.work
    page = await office.page("kim", color_scheme=scheme)
    await page.get_by_role("link", name="Rückrufe").click()
    await expect(page.locator("#parts")).to_contain_text("Niemand wartet auf einen Anruf.")
    wanted = Callback("+49 171 2345678", later(-600), "بعد الساعة الثانية ظهرا")
    first = await work.citizen("1", "hallo", callback=wanted, sender="Donaudampfschifffahrtsgesellschaft " * 2)
    row = page.locator(f"#k-{first}")
    await expect(row).to_contain_text("+49 171 2345678")  # without a reload
    await page.set_viewport_size({"width": 320, "height": 720})
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    await row.get_by_role("button", name="nicht erreicht").focus()
    await page.keyboard.press("Enter")
    await expect(row).to_contain_text("1 Mal nicht erreicht")
    violations = (await Axe().run(page)).response["violations"]
    assert not [f"{v['id']} {n['html'][:120]}" for v in violations for n in v["nodes"]]
    await row.get_by_role("button", name="erledigt").press("Enter")
    await expect(page.locator("#parts")).to_contain_text("Niemand wartet auf einen Anruf.")
