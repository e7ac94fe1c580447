"""What the town tells everybody: at the top of the chat's page, comes and goes while it is open, in its language."""

import json
from dataclasses import replace
from datetime import datetime

import pytest

from faq.town import Notice
from faq.town.model import SHOWN
from tests.webchat.chat_house import Browser, ChatHouse
from tests.webchat.test_news import IDENT, stream

WATER = Notice(
    "wasser", "crisis", None, datetime(2026, 11, 23, 18), frozenset(SHOWN), {"de": "Abkochen <b>!", "en": "Boil."}
)


def told(house: ChatHouse, *notices: Notice) -> None:
    """From now on these hold."""
    house.core.calendar.take(replace(house.core.town, notices=notices))


async def test_on_the_page_until_it_is_over(browser: Browser, house: ChatHouse) -> None:
    assert (
        '<section class="notices" id="notices" role="status" aria-label="Mitteilungen der Stadt" hidden>'
        in (await browser.open()).html
    )
    told(house, WATER)
    html = (await browser.open()).html
    assert "Wichtiger Hinweis" in html
    assert "Abkochen &lt;b&gt;!" in html
    assert 'lang="de"' not in html.partition('id="notices"')[2].partition("</section>")[0]
    house.clock.move(hours=8)
    assert "Abkochen" not in (await browser.open()).html
    told(house, replace(WATER, last=None, where=frozenset({"chat"})))
    assert "Abkochen" not in (await browser.open()).html


async def test_in_the_pages_language_else_in_german(browser: Browser, house: ChatHouse) -> None:
    told(house, WATER)
    browser.headers["Accept-Language"] = "en"
    assert "Boil." in (await browser.open()).html
    browser.headers["Accept-Language"] = "ar"
    shown = (await browser.open()).html.partition('id="notices"')[2].partition("</section>")[0]
    assert "متوفر بالألمانية فقط" in shown
    assert '<p class="words" dir="auto" lang="de">Abkochen' in shown


async def test_an_open_page_learns_of_it(browser: Browser, house: ChatHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.webchat.stream.HEARTBEAT", 0.05)
    await browser.open()
    async with stream(browser) as events:
        assert json.loads((await events.next("notices")).data) == ""
        told(house, WATER)
        assert "Abkochen" in json.loads((await events.next("notices")).data)
        house.clock.move(hours=8)
        assert json.loads((await events.next("notices")).data) == ""
    told(house, replace(WATER, last=None))
    async with browser.session.get(f"{browser.url}/chat/lines?after=") as response:
        assert "Abkochen" in (await response.json())["notices"]


async def test_told_in_the_conversation_once(browser: Browser, house: ChatHouse) -> None:
    told(house, WATER)
    await browser.open()
    await browser.submit(text="Hallo")
    await browser.submit(text="Danke")
    words = [line for line in browser.lines if "Abkochen" in line]
    assert len(words) == 1
    assert IDENT not in browser.html
