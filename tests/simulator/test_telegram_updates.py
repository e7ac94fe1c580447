"""How updates reach a bot: polled or posted, confirmed, repeated, in order."""

import asyncio
import json

import aiohttp
import pytest
from telegram import Bot
from telegram.error import BadRequest, Conflict, TelegramError

from bot.simulator import ManualClock, Simulator

from .conftest import Webhook


async def texts(bot: Bot, offset: int | None = None) -> list[tuple[int, str]]:
    """Ids and words that getUpdates hands out now."""
    found = await bot.get_updates(offset=offset, timeout=0)
    return [(u.update_id, u.message.text or "") for u in found if u.message]


async def test_updates_come_again_until_confirmed(sim: Simulator, bot: Bot) -> None:
    erika = sim.citizen("telegram", "Erika")
    for word in ("eins", "zwei", "drei"):
        await erika.say(word)
    first = await texts(bot)
    assert [word for _, word in first] == ["eins", "zwei", "drei"]
    assert await texts(bot) == first
    assert await texts(bot, first[1][0]) == first[1:]
    assert await texts(bot, first[2][0] + 1) == []
    await sim.telegram.taken()


async def test_a_negative_offset_forgets_all_but_the_last(sim: Simulator, bot: Bot) -> None:
    erika = sim.citizen("telegram")
    for number in range(4):
        await erika.say(str(number))
    assert [word for _, word in await texts(bot, -2)] == ["2", "3"]
    assert [word for _, word in await texts(bot)] == ["2", "3"]


async def test_at_most_limit_at_a_time(sim: Simulator, bot: Bot) -> None:
    erika = sim.citizen("telegram")
    for number in range(5):
        await erika.say(str(number))
    assert len(await bot.get_updates(limit=2, timeout=0)) == 2


async def test_a_long_poll_wakes_when_someone_writes(sim: Simulator, clock: ManualClock, bot: Bot) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=50))
    await clock.until_someone_sleeps()
    assert not poll.done()
    await sim.citizen("telegram").say("da bin ich")
    assert [u.message.text for u in await poll if u.message] == ["da bin ich"]


async def test_a_long_poll_ends_when_its_time_is_over(clock: ManualClock, bot: Bot) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=50))
    await clock.until_someone_sleeps()
    assert clock.due == [50]
    clock.advance(50)
    assert await poll == ()


async def test_the_second_poller_ends_the_first(
    sim: Simulator, clock: ManualClock, bot: Bot, http: aiohttp.ClientSession
) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=50))
    await clock.until_someone_sleeps()
    address = f"{sim.telegram.url}/bot{sim.telegram.token}/getUpdates"
    second = asyncio.create_task(http.post(address, data={"timeout": "40"}))
    with pytest.raises(Conflict, match="terminated by other getUpdates"):
        await first
    await sim.citizen("telegram").say("hallo")
    assert len((await (await second).json())["result"]) == 1


async def test_only_what_was_asked_for_comes(sim: Simulator, bot: Bot) -> None:
    erika = sim.citizen("telegram")
    await bot.get_updates(timeout=0, allowed_updates=["message", "message_reaction"])
    await erika.say("hallo")
    await bot.send_message(erika.key, "Guten Tag")
    await erika.edit("hallo!")
    await erika.react("👍")
    await erika.block()
    kinds = [sorted(u.to_dict())[0] for u in await bot.get_updates(timeout=0)]
    assert kinds == ["message", "message_reaction"]


async def test_by_default_edits_and_blocks_come_and_reactions_do_not(sim: Simulator, bot: Bot) -> None:
    erika = sim.citizen("telegram", "Erika")
    await erika.say("perso verloren")
    await bot.send_message(erika.key, "Guten Tag")
    await erika.edit("Perso verlegt")
    await erika.react("👍")
    await erika.block()
    said, edited, member = await bot.get_updates(timeout=0)
    assert said.message is not None
    assert said.message.text == "perso verloren"  # as it was when it was written
    assert edited.edited_message is not None
    assert (edited.edited_message.text, edited.edited_message.message_id) == ("Perso verlegt", said.message.message_id)
    assert member.my_chat_member is not None
    assert member.my_chat_member.new_chat_member.status == "kicked"


@pytest.mark.parametrize("what", ["voice", "audio", "video", "photo", "document", "sticker", "location", "contact"])
async def test_whatever_a_citizen_sends_the_library_can_read(sim: Simulator, bot: Bot, what: str) -> None:
    await sim.citizen("telegram").send(what, "mit Beschriftung")
    message = (await bot.get_updates(timeout=0))[0].message
    assert message is not None
    assert getattr(message, what)


async def test_what_is_too_long_comes_in_pieces(sim: Simulator, bot: Bot) -> None:
    await sim.citizen("telegram").say("👍" * 2049)
    assert [len(word) for _, word in await texts(bot)] == [2048, 1]


async def test_a_webhook_gets_signed_updates_and_polling_is_closed(sim: Simulator, bot: Bot, hook: Webhook) -> None:
    await bot.set_webhook(hook.url, secret_token="a-secret-of-sixteen")
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates(timeout=0)
    await sim.citizen("telegram", "Erika").say("ä")
    (update,) = await hook.got(1)
    assert update["message"]["text"] == "ä"
    assert hook.headers[0]["X-Telegram-Bot-Api-Secret-Token"] == "a-secret-of-sixteen"
    assert b"\\u00e4" in hook.bodies[0]
    await sim.telegram.taken()
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count) == (hook.url, 0)


async def test_webhook_addresses_and_secrets_are_checked(bot: Bot) -> None:
    with pytest.raises(BadRequest, match=r"(?i)HTTPS URL must be provided"):
        await bot.set_webhook("http://stadt.example/hook")
    with pytest.raises(BadRequest, match="unallowed characters"):
        await bot.set_webhook("https://stadt.example/hook", secret_token="mit leerzeichen")


async def test_a_refused_update_is_repeated_with_growing_pauses(
    sim: Simulator, clock: ManualClock, bot: Bot, hook: Webhook
) -> None:
    hook.answers = [(503, {})] * 4
    await bot.set_webhook(hook.url)
    await sim.citizen("telegram").say("wichtig")
    for pause in (2, 4, 8):  # the first repeat comes at once
        await clock.until_someone_sleeps()
        assert clock.due == [pause]
        clock.advance(pause)
    await hook.got(5)
    await sim.telegram.taken()
    assert len(set(hook.bodies)) == 1
    assert "503" in ((await bot.get_webhook_info()).last_error_message or "")


async def test_pauses_never_exceed_two_minutes(sim: Simulator, clock: ManualClock, bot: Bot, hook: Webhook) -> None:
    hook.answers = [(500, {})] * 12
    await bot.set_webhook(hook.url)
    await sim.citizen("telegram").say("x")
    pauses = []
    for _ in range(11):
        await clock.until_someone_sleeps()
        pauses += clock.due
        clock.advance(clock.due[0])
    assert pauses[:5] == [2, 4, 8, 16, 32]
    assert all(60 <= pause <= 120 for pause in pauses[6:])


async def test_retry_after_is_honoured(sim: Simulator, clock: ManualClock, bot: Bot, hook: Webhook) -> None:
    hook.answers = [(503, {"Retry-After": "300"}), (503, {"Retry-After": "86400"})]
    await bot.set_webhook(hook.url)
    await sim.citizen("telegram").say("x")
    await clock.until_someone_sleeps()
    assert clock.due == [300]
    clock.advance(300)
    await clock.until_someone_sleeps()
    assert clock.due == [3600]


async def test_a_refused_update_holds_up_its_chat_and_no_other(
    sim: Simulator, clock: ManualClock, bot: Bot, hook: Webhook
) -> None:
    hook.answers = [(503, {}), (503, {})]
    await bot.set_webhook(hook.url)
    erika, kim = sim.citizen("telegram"), sim.citizen("telegram")
    await erika.say("erstens")
    await erika.say("zweitens")
    await clock.until_someone_sleeps()
    await kim.say("ich auch")
    bodies = await hook.got(3)
    assert [body["message"]["text"] for body in bodies] == ["erstens", "erstens", "ich auch"]
    clock.advance(2)
    bodies = await hook.got(5)
    assert [body["message"]["text"] for body in bodies[3:]] == ["erstens", "zweitens"]


async def test_eighty_stalled_chats_stall_the_bot(sim: Simulator, clock: ManualClock, bot: Bot, hook: Webhook) -> None:
    hook.refuse = {"unverdaulich"}
    await bot.set_webhook(hook.url)
    for _ in range(80):
        await sim.citizen("telegram").say("unverdaulich")
    await clock.until_someone_sleeps(80)
    posted = len(hook.bodies)
    await sim.citizen("telegram").say("gut")
    assert sim.telegram.updates.open == 81
    hook.refuse = set()
    clock.advance(2)
    await sim.telegram.taken()
    assert len(hook.bodies) == posted + 81
    assert sim.telegram.updates.postman.stalled == set()


async def test_without_webhook_what_was_not_taken_is_polled(
    sim: Simulator, clock: ManualClock, bot: Bot, hook: Webhook
) -> None:
    hook.refuse = {"message"}
    await bot.set_webhook(hook.url)
    await sim.citizen("telegram").say("bleibt")
    await clock.until_someone_sleeps()
    await bot.delete_webhook()
    assert [word for _, word in await texts(bot)] == ["bleibt"]
    await bot.set_webhook(hook.url, drop_pending_updates=True)
    assert (await bot.get_webhook_info()).pending_update_count == 0


async def test_updates_waiting_when_the_webhook_is_set_are_posted(sim: Simulator, bot: Bot, hook: Webhook) -> None:
    await sim.citizen("telegram").say("vorher")
    await bot.set_webhook(hook.url)
    assert (await hook.got(1))[0]["message"]["text"] == "vorher"


async def test_after_a_day_an_update_is_forgotten(sim: Simulator, clock: ManualClock, bot: Bot) -> None:
    await sim.citizen("telegram").say("gestern")
    clock.advance(24 * 3600 + 1)
    await sim.citizen("telegram").say("heute")
    assert [word for _, word in await texts(bot)] == ["heute"]


async def test_repeats_reach_webhook_and_poller(sim: Simulator, bot: Bot, hook: Webhook) -> None:
    sim.telegram.updates.repeats = (2, 2)
    erika = sim.citizen("telegram")
    await erika.say("doppelt")
    first = await texts(bot)
    assert await texts(bot, first[0][0] + 1) == first
    assert await texts(bot, first[0][0] + 1) == []
    await bot.set_webhook(hook.url)
    await erika.say("nochmal doppelt")
    await hook.got(2)
    await sim.telegram.taken()
    assert len(hook.bodies) == 2
    assert len(set(hook.bodies)) == 1


async def test_held_updates_come_in_another_order(sim: Simulator, bot: Bot) -> None:
    sim.telegram.updates.hold()
    erika = sim.citizen("telegram")
    for word in ("a", "b", "c"):
        await erika.say(word)
    assert await texts(bot) == []
    sim.telegram.updates.release("reversed")
    found = await texts(bot)
    assert [word for _, word in found] == ["c", "b", "a"]
    assert [number for number, _ in found] == sorted(number for number, _ in found)


async def test_ids_may_start_anew(sim: Simulator, bot: Bot) -> None:
    erika = sim.citizen("telegram")
    await erika.say("alt")
    ((old, _),) = await texts(bot)
    await texts(bot, old + 1)
    sim.telegram.updates.renumber(5)
    await erika.say("neu")
    assert await texts(bot) == [(5, "neu")]


async def test_an_outage_loses_nothing(sim: Simulator, bot: Bot, http: aiohttp.ClientSession) -> None:
    await sim.citizen("telegram").say("vor dem Ausfall")
    await sim.stop()
    with pytest.raises((TelegramError, aiohttp.ClientError)):
        await bot.get_me()
    await sim.start()
    async with http.get(f"{sim.telegram.url}/bot{sim.telegram.token}/getUpdates") as answer:
        assert json.loads(await answer.text())["result"][0]["message"]["text"] == "vor dem Ausfall"
