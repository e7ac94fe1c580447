"""The ask box in a real browser: the sample town searched by words, drafts beside it, by keys alone, without script."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from bot.answers import Answers
from bot.ask import Examiner
from bot.composition import SAMPLE_TOWN
from bot.drafts import Drafts
from faq.entry import Draft
from faq.sources import read
from nlu.keywords import KeywordNlu
from tests.browser.test_console import Office, office

__all__ = ["office"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
QUESTION = "was darf in den gelben sack"
WIDTHS = (320, 800, 1280, 2560)


@asynccontextmanager
async def asking(office: Office) -> AsyncIterator[None]:
    """The console's questions are answered by the real examiner; the town has two drafts."""
    core, oracle = office.work.core, office.work.oracle
    core.catalogue.load([d for d in read(SAMPLE_TOWN) if isinstance(d, Draft)], "eda", publish=True)
    answers = Answers(core.catalogue, core.town)
    drafts = Drafts(core.catalogue, answers, patience=None)
    oracle.ask = Examiner(core.turns, KeywordNlu(), answers, drafts).describe  # type: ignore[method-assign]
    state = core.catalogue.get("gelber-sack")
    assert state is not None
    content = state.head.content
    german = replace(content.texts["de"], question="Was darf in den Gelben Sack und was nicht?", variants=())
    core.catalogue.save_draft("gelber-sack", replace(content, texts={"de": german}), "eda", state.head.id)
    fresh = replace(german, question="Wer reinigt den Gelben-Sack-Platz?", answer="Der Stadtservice.")
    core.catalogue.save_draft("sackplatz", replace(content, texts={"de": fresh}), "eda")
    try:
        yield
    finally:
        drafts.close()
        answers.close()


async def fits(page: Page) -> None:
    """No page scrolls sideways, and no barrier is found."""
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, width
    violations = (await Axe().run(page)).response["violations"]
    assert [f"{v['id']} {n['html'][:120]}" for v in violations for n in v["nodes"]] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_drafts_beside_the_live_answers(office: Office, scheme: str, tmp_path: Path) -> None:
    async with asking(office):
        page = await office.page("eda", color_scheme=scheme, reduced_motion="reduce")
        await page.goto(f"{office.base}/console/ask")
        await expect(page.locator("#question")).to_be_focused()  # the cursor stands in the field
        await page.keyboard.type(QUESTION)
        for _ in range(4):  # over the button, the language and the expected answer
            await page.keyboard.press("Tab")
        await expect(page.get_by_role("checkbox")).to_be_focused()
        await page.keyboard.press("Space")
        await page.keyboard.press("Enter")
        live, drafts = page.locator(".side").nth(0), page.locator(".side").nth(1)
        await expect(live.get_by_role("heading", name="Jetzt, mit den veröffentlichten Antworten")).to_be_visible()
        await expect(drafts.get_by_role("heading", name="Mit allen Entwürfen")).to_be_visible()
        await expect(page.locator(".changes")).to_contain_text("2 Entwürfe warten.")
        await expect(drafts.get_by_role("link", name="Was darf in den Gelben Sack und was nicht?")).to_have_attribute(
            "href", "/console/faq/entries/gelber-sack"
        )
        await expect(drafts.locator("tr", has_text="Gelben-Sack-Platz")).to_contain_text("neu unter den ersten")
        await expect(drafts.locator("tr", has_text="Gelben-Sack-Platz")).to_contain_text("Entwurf")
        await expect(live).not_to_contain_text("Gelben-Sack-Platz")
        await expect(page.get_by_role("checkbox")).to_be_checked()
        await expect(page.locator(".alert")).to_contain_text("nur nach Wörtern")
        await page.screenshot(path=tmp_path / f"ask-{scheme}.png", full_page=True)
        await drafts.get_by_text("So würde er schreiben").click()
        await expect(drafts.locator("blockquote")).to_be_visible()
        await fits(page)
        await page.set_viewport_size({"width": 320, "height": 900})
        await page.screenshot(path=tmp_path / f"ask-{scheme}-320.png", full_page=True)


async def test_without_script(office: Office) -> None:
    async with asking(office):
        page = await office.page("eda", java_script_enabled=False, viewport={"width": 640, "height": 900})
        await page.goto(f"{office.base}/console/ask")
        await page.locator("#question").fill("es brennt in der küche")
        await page.locator(".askbox button").click()
        await expect(page.locator(".sentence.emergency")).to_be_visible()
        await page.locator("#question").fill("hat das bürgeramt am freitag auf")
        await page.locator(".askbox button").click()
        await expect(page.locator(".facts").nth(1)).to_contain_text("27")
        await expect(page.locator(".sides")).to_have_count(0)


async def test_in_english_with_a_language_set(office: Office) -> None:
    async with asking(office):
        page = await office.page("eda", viewport={"width": 640, "height": 900})
        await page.goto(f"{office.base}/console/account")
        await page.locator("select[name=language]").select_option("en")
        await page.locator("form[action$='/account/language'] button").click()
        await expect(page.locator("html")).to_have_attribute("lang", "en")
        await page.goto(f"{office.base}/console/ask")
        await expect(page.locator("html")).to_have_attribute("lang", "en")
        field = page.get_by_label("Language of the question")
        await expect(field).to_have_value("")
        await page.get_by_label("Question", exact=True).fill("sperrmüll anmelden")
        await field.select_option("tr")
        await page.locator(".askbox button").click()
        await expect(page.locator(".facts").first).to_contain_text("Turkish")  # though its words are German
        await expect(page.locator("blockquote")).to_have_attribute("lang", "tr")
        await expect(field).to_have_value("tr")
        await expect(page.locator("figcaption")).to_contain_text("These are the general thresholds")
        await field.select_option("")
        await page.locator(".askbox button").click()
        await expect(page.locator(".facts").first).to_contain_text("German")
        await fits(page)
