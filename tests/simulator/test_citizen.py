"""What tests and the demo hold in their hand: a citizen who says, reads and presses, and the ledger of it all."""

import ast
import asyncio
import sys
from pathlib import Path

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup

from bot import simulator
from bot.simulator import Citizen, NoSuchButton, NotRead, Simulator


@pytest.fixture
async def erika(sim: Simulator) -> Citizen:
    citizen = sim.citizen("telegram", "Erika")
    await citizen.say("Guten Tag")
    return citizen


async def test_reading_waits_and_moves_on(bot: Bot, erika: Citizen) -> None:
    reading = asyncio.create_task(erika.reads())
    await asyncio.sleep(0)
    assert not reading.done()
    for text in ("eins", "zwei", "drei Nr. 4711", "vier"):
        await bot.send_message(erika.key, text)
    assert (await reading).text == "eins"
    assert [seen.text for seen in erika.unread] == ["zwei", "drei Nr. 4711", "vier"]
    assert (await erika.reads("4711")).text.startswith("drei")
    assert [seen.text for seen in await erika.reads(1)] == ["vier"]
    assert erika.unread == []


async def test_a_predicate_or_a_count_is_awaited(bot: Bot, erika: Citizen) -> None:
    reading = asyncio.create_task(erika.reads(lambda seen: len(seen.text) > 3))
    for text in ("ja", "nein", "vielleicht", "doch"):
        await bot.send_message(erika.key, text)
    assert (await reading).text == "nein"
    assert [seen.text for seen in await erika.reads(2)] == ["vielleicht", "doch"]


async def test_what_does_not_come_is_reported_with_what_did(bot: Bot, erika: Citizen) -> None:
    await bot.send_message(erika.key, "etwas anderes")
    with pytest.raises(NotRead, match=r"(?s)Erika waited 0.01 s for 'Antwort'.*etwas anderes"):
        await erika.reads("Antwort", timeout=0.01)
    assert (await erika.reads()).text == "etwas anderes"


async def test_labels_are_found_on_the_newest_message_that_has_them(bot: Bot, erika: Citizen) -> None:
    for data in ("alt", "neu"):
        button = InlineKeyboardButton("👍 Hilfreich", callback_data=data)
        await bot.send_message(erika.key, data, reply_markup=InlineKeyboardMarkup([[button]]))
    await bot.send_message(erika.key, "ohne Knopf")
    await erika.press("👍")
    await erika.press("👍 hilfreich", on=erika.seen[0])
    updates = await bot.get_updates(timeout=0)
    assert [u.callback_query.data for u in updates if u.callback_query] == ["neu", "alt"]
    with pytest.raises(NoSuchButton, match="'👎'; there are: '👍 Hilfreich'"):
        await erika.press("👎")


async def test_until_waits_for_anything_that_happens(bot: Bot, erika: Citizen) -> None:
    button = InlineKeyboardButton("Ja", callback_data="j")
    await bot.send_message(erika.key, "?", reply_markup=InlineKeyboardMarkup([[button]]))
    query = await erika.press("Ja")
    waiting = asyncio.create_task(erika.until(lambda: erika.notices))
    await bot.answer_callback_query(query, "Danke")
    assert await waiting == ["Danke"]


async def test_the_ledger_holds_both_sides_in_order(sim: Simulator, bot: Bot, erika: Citizen) -> None:
    kim = sim.citizen("telegram", "Kim")
    await kim.say("Hallo")
    await bot.send_message(erika.key, "Willkommen")
    await erika.edit("Guten Abend")
    await erika.block()
    assert [record.what for record in sim.ledger.of(erika.account)] == ["citizen", "said", "seen", "edited", "blocked"]
    numbers = [record.seq for record in sim.ledger.records]
    assert numbers == sorted(set(numbers))
    assert [(c.platform, c.method, c.citizen, c.status) for c in sim.ledger.calls[1:]] == [
        ("telegram", "sendMessage", erika.key, 200)
    ]
    assert await sim.until(lambda: [r for r in sim.ledger.records if r.citizen == kim.key])


async def test_the_same_key_is_the_same_citizen(sim: Simulator, erika: Citizen) -> None:
    again = sim.citizen("telegram", key=erika.key)
    assert again.account is erika.account
    with pytest.raises(ValueError, match="platform"):
        sim.citizen("fax")


async def test_the_environment_names_everything_the_product_needs(sim: Simulator) -> None:
    settings = sim.environment("webhook")
    assert settings["STADTBOTE_TELEGRAM_API_URL"] == sim.telegram.url
    assert settings["STADTBOTE_TELEGRAM_MODE"] == "webhook"
    assert len(settings["STADTBOTE_TELEGRAM_SECRET"]) >= 16
    assert all(settings.values())


def test_the_simulator_knows_nothing_of_the_product() -> None:
    """It plays the outside world: the standard library, aiohttp and itself are all that it may import."""
    allowed = {*sys.stdlib_module_names, "aiohttp"}
    for path in Path(simulator.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                assert {name.name.partition(".")[0] for name in node.names} <= allowed, path.name
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 1 or (node.level == 0 and str(node.module).partition(".")[0] in allowed), path.name
