"""The editor in real browsers: two languages side by side, three telephones, a page that dies, two people at once."""

import os
from datetime import date
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from faq.entry import Content, Link, Text
from tests.browser.test_ask import fits
from tests.browser.test_console import Office, office

__all__ = ["office"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LONG = "Bringen Sie bitte Ihren alten Ausweis und ein Lichtbild mit. "


def entry(office: Office, german: str = "Kommen Sie vorbei.", based_on: str | None = None) -> str:
    """The entry "perso" with an English and an Arabic text; returns its revision."""
    texts = {
        "de": Text("de", "Perso verloren?", ("ausweis weg",), german),
        "en": Text("en", "Lost your id card?", (), "Please come in."),
        "ar": Text("ar", "هل فقدت بطاقة هويتك؟", (), "تعال إلى Bürgeramt من فضلك."),
    }
    source = Link("Stadt", "https://stadt.example/perso")
    content = Content(texts, "ausweise", "buergeramt", source, date(2026, 11, 1))
    return office.work.core.catalogue.save_draft("perso", content, "kim", based_on).id


async def shown(page: Page, office: Office, path: str = "/entries/perso") -> None:
    await page.goto(f"{office.base}/console/faq{path}")
    await expect(page.locator("h1")).to_be_visible()


async def saved(page: Page) -> None:
    """By its key, from a page whose script listens, to the next one whose script does."""
    await page.keyboard.press("Control+s")
    await expect(page.get_by_role("status").first).to_contain_text("ist gespeichert")
    await page.wait_for_load_state("load")


async def picture(page: Page, name: str) -> None:
    """Where a folder for pictures is named, for people to look at."""
    if folder := os.environ.get("PICTURES"):
        await page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


async def test_an_entry_is_written(office: Office) -> None:
    first = entry(office)
    entry(office, "Kommen Sie ins Bürgeramt.", first)
    page = await office.page("eda", viewport={"width": 1440, "height": 900})
    await shown(page, office)
    # Two languages side by side, and the one that was left behind says so.
    german, english = page.locator('[name="texts.de.answer"]'), page.locator('[name="texts.en.answer"]')
    left, right = await german.bounding_box(), await english.bounding_box()
    assert left
    assert right
    assert left["x"] + left["width"] <= right["x"]
    await expect(page.locator("#translation-en")).to_contain_text("Original ist neuer")
    # Three telephones that follow the typing, with the cuts and the counts of each.
    phone = page.locator(".phone:visible")
    await expect(phone).to_contain_text("Kommen Sie ins Bürgeramt.")
    await german.fill(LONG * 80)
    await expect(phone).to_contain_text("Nachricht 1 von 2")
    await expect(phone).to_contain_text("von 4.096 Zeichen")
    await page.get_by_text("WhatsApp", exact=True).click()
    await expect(phone).to_contain_text("von 1.024 Zeichen")
    await page.get_by_text("Web-Chat", exact=True).click()
    await expect(phone.locator(".answered")).to_have_count(1)
    await picture(page, "editor-light")
    await page.locator("#translation-ar summary").first.click()
    await page.locator('[name="texts.ar.question"]').focus()
    await expect(phone.locator(".asked")).to_have_text("هل فقدت بطاقة هويتك؟")
    assert await phone.locator(".answered p").first.evaluate("e => getComputedStyle(e).direction") == "rtl"
    await page.locator("h1").click()
    # A new language, and away again before anything is saved.
    await page.locator("#language").select_option("tr")
    await page.get_by_role("button", name="Hinzufügen").click()
    await expect(page.locator('[name="texts.tr.question"]')).to_be_visible()
    await page.wait_for_load_state("load")
    await page.locator('[name="texts.tr.question"]').fill("Kimlik kayıp mı?")
    await page.locator('[name="texts.tr.answer"]').fill("Lütfen gelin.")
    await saved(page)
    state = office.work.core.catalogue.get("perso")
    assert state
    assert state.head.texts["tr"].answer == "Lütfen gelin."
    assert state.head.number == 3
    await page.keyboard.press("?")
    await expect(page.locator("#help")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".way [aria-current]")).to_contain_text("in Prüfung")
    await fits(page)


async def test_what_was_typed_outlives_its_page(office: Office) -> None:
    entry(office)
    page = await office.page("eda")
    await shown(page, office)
    answer = '[name="texts.de.answer"]'
    await page.locator(answer).fill("Mitten im Satz")
    await expect(page.locator("#kept")).to_contain_text("Zwischengespeichert")
    await page.evaluate("document.body.textContent = ''")  # it is gone, without a word to the server
    again = await page.context.new_page()
    await page.close()
    await shown(again, office)
    await expect(again.locator(answer)).to_have_value("Kommen Sie vorbei.")
    offer = again.locator(".typed")
    await expect(offer).to_contain_text("nicht gespeichert")
    await fits(again)
    await offer.get_by_role("button", name="Verwerfen").click()
    await offer.get_by_role("button", name="Zurückholen").click()
    await expect(again.locator(answer)).to_have_value("Mitten im Satz")
    other = await office.page("ada")
    await shown(other, office)
    assert "Mitten im Satz" not in await other.content()
    await again.get_by_role("button", name="Entwurf speichern").click()
    await expect(again.get_by_role("status").first).to_contain_text("gespeichert")
    await expect(again.locator(".typed")).to_have_count(0)


async def test_two_editors_at_one_entry(office: Office) -> None:
    entry(office)
    eda, ada = await office.page("eda"), await office.page("ada", color_scheme="dark", reduced_motion="reduce")
    await shown(eda, office)
    await shown(ada, office)
    await expect(ada.locator("#others")).to_contain_text("Eda B.")
    await eda.locator('[name="texts.en.answer"]').fill("Come in, please.")
    await eda.locator('[name="texts.de.answer"]').fill("Edas Satz.")
    await saved(eda)
    await ada.locator('[name="texts.de.answer"]').fill("Adas Satz.")
    await ada.keyboard.press("Control+s")
    # Both changed the German answer; the English one only Eda did, so hers is chosen already.
    clash = ada.locator(".conflict")
    await expect(clash.locator("tbody tr")).to_have_count(2)
    await ada.wait_for_load_state("load")
    await expect(clash).to_contain_text("beide geändert")
    await expect(ada.locator('[name="texts.en.answer"]')).to_have_value("Come in, please.")
    await expect(ada.locator('[name="texts.de.answer"]')).to_have_value("Adas Satz.")
    await fits(ada)
    await ada.set_viewport_size({"width": 1280, "height": 800})
    await picture(ada, "conflict-dark")
    await clash.get_by_role("radio", name="diesen Text").first.check()
    await expect(ada.locator('[name="texts.de.answer"]')).to_have_value("Edas Satz.")
    await ada.locator('[name="texts.de.answer"]').fill("Beider Satz.")
    await saved(ada)
    state = office.work.core.catalogue.get("perso")
    assert state
    assert (state.head.number, state.head.texts["de"].answer) == (3, "Beider Satz.")
    assert state.head.texts["en"].answer == "Come in, please."
    await ada.get_by_role("button", name="Vergleichen").click()
    await expect(ada.locator(".diff ins")).to_contain_text("Beider")
    await expect(ada.locator(".diff del")).to_contain_text("Edas")
    await fits(ada)
