"""The settings in a real browser: a day closed by keys alone and without script, no barrier, no sideways scroll."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.test_ask import fits
from tests.browser.test_console import Office, office
from tests.console.house import PASSWORD

__all__ = ["office"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]


WATER = "Bitte kochen Sie Trinkwasser ab. "
NOTICES = [
    {"id": "wasser", "level": "crisis", "until": "2026-12-02 18:00", "texts": {"de": WATER * 8, "en": "Boil water."}},
    {"id": "fest", "level": "information", "open_ended": True, "texts": {"de": "Am Samstag ist Stadtfest."}},
]


async def shown(page: Page, office: Office, section: str) -> None:
    await page.goto(f"{office.base}/console/settings{section}")
    await expect(page.locator("h1")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_what_reaches_nobody_is_said_without_a_barrier(office: Office, scheme: str) -> None:
    work = office.work
    work.accounts.disable("kim")
    work.accounts.disable("lea")
    work.accounts.add("nea", PASSWORD, "clerk", teams=["buergeramt"])
    rule = {"topic": ["abfall"], "language": ["tr"], "team": "buergeramt"}
    live = work.core.live_town
    routing = live.document("routing")
    live.save({"routing": {**routing, "routes": [*routing["routes"], rule]}}, "ada", "Türkisch im Bürgeramt")
    live.save({"notices": NOTICES}, "ada", "Rohrbruch im Wasserwerk")
    page = await office.page("ada", color_scheme=scheme, reduced_motion="reduce")
    for section in ("", "/hours", "/teams", "/routing"):
        await shown(page, office, section)
        await fits(page)


async def test_a_day_is_closed_by_keys_alone(office: Office, tmp_path: Path) -> None:
    page = await office.page("ada")
    await shown(page, office, "/special_days")
    await page.get_by_role("button", name="Tag hinzufügen").press("Enter")
    row = page.locator("fieldset.entry").last
    await expect(row.get_by_label("Tag", exact=True)).to_be_focused()
    await row.get_by_label("Tag", exact=True).fill("2026-11-24")  # the order of its parts is the browser's
    await row.get_by_label("Grund", exact=True).focus()
    await page.keyboard.type("Rohrbruch")
    await row.locator("summary").press("Enter")
    await row.get_by_label("Bürgeramt", exact=True).press("Space")
    await page.get_by_role("button", name="Erst ansehen").press("Enter")
    await expect(page.get_by_text("Di., 24.11.: Bürgeramt geschlossen (Rohrbruch)")).to_be_visible()
    await page.get_by_label("Warum?").press("Enter")  # Enter in a field saves, and takes no row away
    await expect(page.get_by_role("status")).to_contain_text("Gespeichert")
    assert "Rohrbruch" in [s.reason for s in office.work.core.town.special_days]
    await page.get_by_role("button", name="Letzte Änderung zurücknehmen").press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Zurückgeholt")
    assert "Rohrbruch" not in [s.reason for s in office.work.core.town.special_days]


async def test_what_is_wrong_and_who_was_quicker(office: Office, tmp_path: Path) -> None:
    """Without script, on a small screen; both are looked at for barriers."""
    page = await office.page("ada", viewport={"width": 320, "height": 800}, java_script_enabled=False)
    await shown(page, office, "/hours?office=wahlamt")
    await page.get_by_label("Montag").fill("vormittags")
    await page.get_by_role("button", name="Speichern").click()
    await expect(page.get_by_text("„vormittags“ ist keine Zeit.")).to_be_visible()
    await page.screenshot(path=tmp_path / "settings-wrong.png", full_page=True)
    await page.get_by_label("Montag").fill("9-12")
    live = office.work.core.live_town
    live.save({"hours": {**live.document("hours"), "wahlamt": {"mon": ["10:00-11:00"]}}}, "ada", "Umzug")
    await page.get_by_role("button", name="Speichern").click()
    await expect(page.get_by_text("Jemand anderes hat inzwischen gespeichert")).to_be_visible()
    await expect(page.locator(".sides")).to_contain_text("Mo. 10–11")
    await page.screenshot(path=tmp_path / "settings-conflict.png", full_page=True)
    seeing = await office.page("ada", viewport={"width": 1280, "height": 900})
    await shown(seeing, office, "/canned")
    await seeing.get_by_role("button", name="Entfernen (Zeile 1)").click()
    await seeing.get_by_label("Text auf Deutsch").first.fill("Liebe {nmae}")
    await seeing.get_by_role("button", name="Speichern").click()
    await expect(seeing.get_by_text("{nmae} wird nicht ausgefüllt")).to_be_visible()
    await fits(seeing)
