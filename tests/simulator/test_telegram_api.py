"""The Bot API's calls: what it takes, what it refuses, and in which words."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter

from bot.simulator import LOST_RESPONSE, Citizen, Fault, ManualClock, Simulator


@pytest.fixture
async def erika(sim: Simulator) -> Citizen:
    citizen = sim.citizen("telegram", "Erika")
    await citizen.say("Guten Tag")
    return citizen


def keys(data: str, label: str = "Ja") -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=data)]])


async def test_the_bot_knows_itself(bot: Bot) -> None:
    assert (bot.first_name, bot.username) == ("Stadtbote", "stadtbote_lindenfurt_bot")


async def test_a_wrong_token_is_unauthorized(sim: Simulator) -> None:
    stranger = Bot("4711:wrong", base_url=sim.telegram.url + "/bot")
    with pytest.raises(InvalidToken):
        await stranger.initialize()
    await stranger.shutdown()
    assert [(c.method, c.status) for c in sim.ledger.calls] == [("getMe", 401)]


async def test_an_unknown_method_is_not_found(sim: Simulator, http: aiohttp.ClientSession) -> None:
    async with http.post(f"{sim.telegram.url}/bot{sim.telegram.token}/sendEverything") as answer:
        assert answer.status == 404
        assert (await answer.json())["ok"] is False


@pytest.mark.parametrize("encoding", ["query", "form", "multipart", "json"])
async def test_every_encoding_says_the_same(
    sim: Simulator, http: aiohttp.ClientSession, erika: Citizen, encoding: str
) -> None:
    nested: Any = {"inline_keyboard": [[{"text": "Ja", "callback_data": "j"}]]}
    flat = {"chat_id": erika.key, "text": "<b>ä</b> 👍", "parse_mode": "HTML"}
    written = '{"inline_keyboard":[[{"text":"Ja","callback_data":"j"}]]}'
    bodies: dict[str, dict[str, Any]] = {
        "query": {"params": {**flat, "reply_markup": written}},
        "form": {"data": {**flat, "reply_markup": written}},
        "multipart": {"data": aiohttp.FormData({**flat, "reply_markup": written}, default_to_multipart=True)},
        "json": {"json": {**flat, "chat_id": int(erika.key), "reply_markup": nested}},
    }
    async with http.post(f"{sim.telegram.url}/bot{sim.telegram.token}/sendMessage", **bodies[encoding]) as answer:
        result = (await answer.json())["result"]
    assert result["text"] == "ä 👍"
    assert result["entities"] == [{"type": "bold", "offset": 0, "length": 1}]
    seen = await erika.reads()
    assert (seen.text, seen.html, [b.data for b in seen.buttons]) == ("ä 👍", "<b>ä</b> 👍", ["j"])


async def test_a_stray_angle_bracket_is_refused(bot: Bot, erika: Citizen) -> None:
    with pytest.raises(BadRequest, match="Can't parse entities"):
        await bot.send_message(erika.key, "bis < 5 Tage", parse_mode="HTML")
    assert erika.seen == []


async def test_length_is_counted_in_utf16_after_entities(bot: Bot, erika: Citizen) -> None:
    await bot.send_message(erika.key, "<b>" + "👍" * 2048 + "</b>", parse_mode="HTML")
    with pytest.raises(BadRequest, match="Message is too long"):
        await bot.send_message(erika.key, "👍" * 2048 + "!")
    with pytest.raises(BadRequest, match="Message text is empty"):
        await bot.send_message(erika.key, " <b> </b> ", parse_mode="HTML")
    assert len(erika.seen) == 1


async def test_button_data_has_64_bytes_at_most(bot: Bot, erika: Citizen) -> None:
    await bot.send_message(erika.key, "?", reply_markup=keys("ä" * 32))
    with pytest.raises(BadRequest, match="Button_data_invalid"):
        await bot.send_message(erika.key, "?", reply_markup=keys("ä" * 32 + "x"))


async def test_only_who_has_written_and_not_blocked_can_be_written_to(sim: Simulator, bot: Bot, erika: Citizen) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(1, "?")
    silent = sim.citizen("telegram", "Silent")
    with pytest.raises(Forbidden, match="can't initiate"):
        await bot.send_message(silent.key, "?")
    await erika.block()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(erika.key, "?")
    await erika.say("doch")
    await bot.send_message(erika.key, "!")
    assert [s.text for s in erika.seen] == ["!"]


async def test_one_a_second_to_a_chat_after_a_small_burst(clock: ManualClock, bot: Bot, erika: Citizen) -> None:
    for number in range(5):
        await bot.send_message(erika.key, str(number))
    with pytest.raises(RetryAfter) as refused:
        await bot.send_message(erika.key, "zu viel")
    assert refused.value._retry_after.total_seconds() == 1
    clock.advance(1)
    await bot.send_message(erika.key, "wieder")
    assert [s.text for s in erika.seen] == ["0", "1", "2", "3", "4", "wieder"]


async def test_thirty_a_second_over_all(sim: Simulator, clock: ManualClock, bot: Bot) -> None:
    citizens = [sim.citizen("telegram") for _ in range(31)]
    for citizen in citizens:
        await citizen.say("hallo")
    for citizen in citizens[:30]:
        await bot.send_message(citizen.key, "hallo")
    with pytest.raises(RetryAfter):
        await bot.send_message(citizens[30].key, "hallo")
    clock.advance(1)
    await bot.send_message(citizens[30].key, "hallo")
    assert sim.ledger.calls[-2].status == 429


async def test_a_pressed_button_wants_an_answer_once_and_soon(clock: ManualClock, bot: Bot, erika: Citizen) -> None:
    await bot.send_message(erika.key, "?", reply_markup=keys("ja"))
    query = await erika.press("ja")  # the label is read without regard to case
    update = (await bot.get_updates())[-1]
    assert update.callback_query is not None
    assert (update.callback_query.data, update.callback_query.id) == ("ja", query)
    await bot.answer_callback_query(query, text="Danke")
    assert erika.notices == ["Danke"]
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query(query)
    late = await erika.press("Ja")
    clock.advance(61)
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query(late)


async def test_buttons_and_words_can_be_changed(bot: Bot, erika: Citizen) -> None:
    sent = await bot.send_message(erika.key, "?", reply_markup=keys("ja"))
    await bot.edit_message_reply_markup(erika.key, sent.message_id)
    assert erika.seen[0].buttons == ()
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_reply_markup(erika.key, sent.message_id)
    await bot.edit_message_text("<i>neu</i>", erika.key, sent.message_id, parse_mode="HTML", reply_markup=keys("n"))
    assert (erika.seen[0].html, erika.seen[0].edited, len(erika.seen)) == ("<i>neu</i>", True, 1)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("x", erika.key, 999)
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("x", erika.key, int(erika.said[0].id))


async def test_a_document_arrives_with_its_caption(bot: Bot, erika: Citizen, tmp_path: Path) -> None:
    file = tmp_path / "meine-daten.json"
    file.write_text('{"ä": 1}', "utf-8")
    await bot.send_document(erika.key, file.open("rb"), caption="<b>Ihre</b> Daten", parse_mode="HTML")
    seen = await erika.reads("Ihre Daten")
    assert seen.file is not None
    assert (seen.file.name, seen.file.text) == ("meine-daten.json", '{"ä": 1}')


async def test_a_sent_file_can_be_fetched(bot: Bot, erika: Citizen) -> None:
    await erika.send_voice()
    voice = (await bot.get_updates())[-1].message
    assert voice is not None
    assert voice.voice is not None
    fetched = await (await bot.get_file(voice.voice.file_id)).download_as_bytearray()
    assert fetched.startswith(b"OggS")


async def test_typing_ends_with_the_message(sim: Simulator, bot: Bot, erika: Citizen) -> None:
    await bot.send_chat_action(erika.key, "typing")
    assert erika.account.typing_until > sim.clock.now()
    await bot.send_message(erika.key, "da")
    assert erika.account.typing_until == 0


async def test_commands_are_kept_by_language(bot: Bot) -> None:
    await bot.set_my_commands([("mensch", "Einen Menschen sprechen")], language_code="de")
    assert [c.command for c in await bot.get_my_commands(language_code="de")] == ["mensch"]
    assert await bot.get_my_commands() == ()
    with pytest.raises(BadRequest, match="Bot_command_invalid"):
        await bot.set_my_commands([("Mensch", "x")])


async def test_a_lost_response_has_reached_the_citizen(sim: Simulator, bot: Bot, erika: Citizen) -> None:
    sim.telegram.faults.plan(LOST_RESPONSE, call="sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(erika.key, "angekommen")
    assert [s.text for s in erika.seen] == ["angekommen"]
    assert sim.ledger.calls[-1].status == 0


async def test_faults_strike_as_planned_and_then_no_more(sim: Simulator, bot: Bot, erika: Citizen) -> None:
    sim.telegram.faults.plan(Fault("throttle", seconds=7), citizen=erika.key)
    sim.telegram.faults.plan(Fault("error", status=502), times=2)
    sim.telegram.faults.plan(Fault("cut"))
    with pytest.raises(RetryAfter) as refused:
        await bot.send_message(erika.key, "1")
    assert refused.value._retry_after.total_seconds() == 7
    for _ in range(3):
        with pytest.raises(NetworkError):
            await bot.send_message(erika.key, "2")
    assert erika.seen == []
    await bot.send_message(erika.key, "3")
    assert sim.telegram.faults.planned == 0


async def test_a_slow_answer_waits_for_the_clock(
    sim: Simulator, clock: ManualClock, http: aiohttp.ClientSession
) -> None:
    sim.telegram.faults.plan(Fault("slow", seconds=30))
    asking = asyncio.create_task(http.get(f"{sim.telegram.url}/bot{sim.telegram.token}/getMe"))
    await clock.until_someone_sleeps()
    assert (clock.due, asking.done()) == ([30], False)
    clock.advance(30)
    assert (await asking).status == 200
