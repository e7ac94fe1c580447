"""A release in a real browser: its proof is seen to end without a reload, and it is published by keys alone."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from bot.settings import OFF
from tests.browser.chromium import PATIENCE
from tests.browser.looking import chromium
from tests.browser.test_ask import fits
from tests.console.house import House, house
from tests.console.release_house import draft, lay_out, prove, worded

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest.fixture
async def town(tmp_path: Path, redis_url: str) -> AsyncIterator[House]:
    async with house(tmp_path, redis_url, four_eyes=True, encoder=OFF) as found:
        lay_out(found)
        yield found


async def test_from_review_to_live_by_keys_alone(town: House, browser: Browser) -> None:
    base = str(town.server.make_url("/")).rstrip("/")
    draft(town, "hund", worded("Wie melde ich meinen Hund an?", "Jetzt online.", "hundesteuer"))

    async def visit(user: str, path: str) -> Page:
        context = await browser.new_context(reduced_motion="reduce")
        context.set_default_timeout(PATIENCE)
        cookie = (await town.signed_in(user)).cookie()
        await context.add_cookies([{"name": "stadtbote", "value": cookie, "url": base}])
        page = await context.new_page()
        await page.goto(base + path)
        return page

    eda = await visit("eda", "/console/faq/releases")
    await eda.get_by_label("Worum geht es?").focus()
    await eda.keyboard.type("Hund online")
    await eda.keyboard.press("Tab")
    await eda.keyboard.press("Enter")
    await expect(eda.get_by_role("progressbar")).to_be_visible()
    await expect(eda.get_by_role("button", name="Veröffentlichen", exact=True)).to_be_disabled()
    await asyncio.to_thread(prove, town)
    await expect(eda.get_by_text("Dieses Release antwortet so gut wie das bisherige")).to_be_visible()
    await expect(eda.get_by_role("button", name="Veröffentlichen", exact=True)).to_be_disabled()  # her own words

    ada = await visit("ada", eda.url.removeprefix(base).partition("?")[0])
    button = ada.get_by_role("button", name="Veröffentlichen", exact=True)
    await button.focus()
    await ada.keyboard.press("Enter")
    await expect(ada.get_by_role("status").first).to_contain_text("Veröffentlicht")
    await fits(ada)
    state = town.core.catalogue.get("hund")
    assert state
    assert state.live == state.head
