"""The control API: everything that the Python objects do, from any language; and what the page is fed with."""

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import RetryAfter

from bot.simulator import Simulator

from .conftest import Webhook

Json = dict[str, Any]


@pytest.fixture
async def post(sim: Simulator, http: aiohttp.ClientSession) -> Any:
    async def call(name: str, /, **body: Any) -> Json:
        async with http.post(f"{sim.url}/control/{name}", json=body) as answer:
            result: Json = await answer.json()
            assert (answer.status == 200) == ("error" not in result), result
            return result

    return call


async def events(response: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, Json]]:
    """Server-sent events, one by one."""
    name = ""
    async for line in response.content:
        key, _, value = line.decode().strip().partition(": ")
        if key == "event":
            name = value
        elif key == "data":
            yield name, json.loads(value)


async def test_a_citizen_acts_and_the_page_hears_of_everything(
    sim: Simulator, http: aiohttp.ClientSession, bot: Bot, post: Any
) -> None:
    erika = (await post("citizens", platform="telegram", name="Erika"))["citizen"]
    who = {"platform": "telegram", "citizen": erika}
    async with http.get(sim.url + "/control/events") as response:
        stream = events(response)
        name, state = await anext(stream)
        assert (name, [c["name"] for c in state["citizens"]]) == ("state", ["Erika"])
        said = (await post("say", **who, text="hallo"))["id"]
        _, record = await anext(stream)
        assert (record["what"], record["line"]["text"], record["line"]["by"]) == ("said", "hallo", "citizen")
        button = InlineKeyboardButton("Ja", callback_data="j")
        sent = await bot.send_message(erika, "<b>Guten</b> <Tag", reply_markup=InlineKeyboardMarkup([[button]]))
        _, record = await anext(stream)
        assert record["line"]["html"] == "&lt;b&gt;Guten&lt;/b&gt; &lt;Tag"
        await post("press", **who, message=str(sent.message_id), data="j")
        await post("edit", **who, message=said, text="Hallo!")
        await post("send", **who, what="sticker")
        await post("block", **who)
        assert [(await anext(stream))[1]["what"] for _ in range(4)] == ["said", "edited", "said", "blocked"]
    kinds = [sorted(u.to_dict())[0] for u in await bot.get_updates(timeout=0)]
    assert kinds == ["message", "callback_query", "edited_message", "message", "my_chat_member"]


@pytest.mark.parametrize("platform", ["telegram", "whatsapp"])
async def test_own_files_are_sent_and_the_bots_are_fetched(
    sim: Simulator, http: aiohttp.ClientSession, bot: Bot, post: Any, platform: str
) -> None:
    who = {"platform": platform, "citizen": (await post("citizens", platform=platform, name="Erika"))["citizen"]}
    given = {"name": "ä.pdf", "type": "application/pdf", "content": base64.b64encode(b"%PDF-1").decode()}
    await post("send", **who, what="document", text="hier", file=given)
    kept = sim.telegram.files if platform == "telegram" else sim.whatsapp.media
    assert [(file.name, file.content) for file in kept.values()] == [("ä.pdf", b"%PDF-1")]
    async with http.post(f"{sim.url}/control/send", json={**who, "what": "document", "file": {"name": "x"}}) as answer:
        assert answer.status == 400
    if platform == "telegram":
        sent = await bot.send_document(int(who["citizen"]), b"%PDF-2", filename="Größe.pdf")
        async with http.get(f"{sim.url}/control/files/telegram/{who['citizen']}/{sent.message_id}") as answer:
            assert await answer.read() == b"%PDF-2"
            assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''Gr%C3%B6%C3%9Fe.pdf"
        for missing in ("telegram/1/1", f"telegram/{who['citizen']}/999", "fax/1/1"):
            async with http.get(f"{sim.url}/control/files/{missing}") as answer:
                assert answer.status == 404


async def test_mistakes_are_named(sim: Simulator, http: aiohttp.ClientSession, post: Any) -> None:
    assert "platform" in (await post("say", platform="fax", citizen="1", text="x"))["error"]
    assert "citizen" in (await post("say", platform="telegram", citizen="1", text="x"))["error"]
    erika = (await post("citizens", platform="telegram"))["citizen"]
    assert "text" in (await post("say", platform="telegram", citizen=erika, text=" "))["error"]
    assert "kind" in (await post("faults", platform="telegram", kind="magic"))["error"]
    assert "taken" in (await post("citizens", platform="telegram", key=erika))["error"]
    async with http.post(sim.url + "/control/calm", data={"a": "form"}) as answer:
        assert answer.status == 400


async def test_misbehaviour_is_planned_and_ended(sim: Simulator, bot: Bot, hook: Webhook, post: Any) -> None:
    erika = (await post("citizens", platform="telegram"))["citizen"]
    await post("say", platform="telegram", citizen=erika, text="hallo")
    await post("faults", platform="telegram", kind="throttle", seconds=3, times=None)
    await post("misbehave", platform="telegram", repeats=[2, 2], hold=True)
    await post("misbehave", platform="whatsapp", receipts={"states": ["read", "sent"], "copies": 2}, repeats=[1, 3])
    with pytest.raises(RetryAfter):
        await bot.send_message(erika, "?")
    assert sim.whatsapp.receipts.states == ("read", "sent")
    await post("calm")
    await bot.send_message(erika, "!")
    assert (sim.telegram.updates.repeats, sim.whatsapp.hooks.repeats) == ((1, 1), (1, 1))
    await post("webhook", url=hook.url)
    kim = (await post("citizens", platform="whatsapp", name="Kim", hidden=True))["citizen"]
    await post("say", platform="whatsapp", citizen=kim, text="hallo")
    await hook.got(1)
    await post("expire", citizen=kim)
    assert sim.whatsapp.window(sim.whatsapp.by_id[kim]) == 0


async def test_the_ledger_can_be_read_from_a_point_on(sim: Simulator, http: aiohttp.ClientSession, post: Any) -> None:
    erika = (await post("citizens", platform="telegram"))["citizen"]
    await post("say", platform="telegram", citizen=erika, text="eins")
    await post("say", platform="telegram", citizen=erika, text="zwei")
    async with http.get(sim.url + "/control/ledger") as answer:
        records = (await answer.json())["records"]
    async with http.get(sim.url + "/control/ledger", params={"since": str(records[1]["seq"])}) as answer:
        assert [r["detail"]["text"] for r in (await answer.json())["records"]] == ["zwei"]


async def test_the_page_allows_nothing_from_outside(sim: Simulator, http: aiohttp.ClientSession) -> None:
    for path in ("/", "/static/phones.css", "/static/phones.js"):
        async with http.get(sim.url + path) as answer:
            assert answer.status == 200
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            text = await answer.text()
            assert "http://" not in text.replace("http://www.w3.org/", "")
            assert "https://" not in text
    async with http.get(sim.url + "/static/..%2Fserver.py") as answer:
        assert answer.status == 404
