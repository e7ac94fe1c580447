"""What is Telegram's own: polling that loses nothing, HTML that is refused, commands for other bots."""

import asyncio
import json
from typing import Any

import pytest

from bot.channels.channel import Refused
from bot.channels.commands import load_words
from bot.channels.telegram import Telegram
from bot.channels.telegram_api import Poller, pause
from bot.document import from_markdown
from bot.message import Arrival, Button, File, Kind, Message, Spoken

from .fakes import serving
from .platforms import SECRET, SENT, bad, payloads

OK = (200, {"ok": True, "result": True})


class Done(Exception):
    """Ends a poller that would run for ever."""


def batch(*numbers: int) -> tuple[int, dict[str, Any]]:
    updates = [{**payloads("telegram")["text"], "update_id": number} for number in numbers]
    return 200, {"ok": True, "result": updates}


class Inbox:
    """Takes updates; fails as often as it is told to; says Done after the last one."""

    def __init__(self, last: int, failures: int = 0) -> None:
        self.taken: list[int] = []
        self.last, self.failures, self.slept, self.prepared = last, failures, 0, 0
        self.done = asyncio.Event()

    async def take(self, update: Any) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("the store is away")
        self.taken.append(update["update_id"])
        if update["update_id"] == self.last:
            self.done.set()

    async def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.slept += 1
        await asyncio.sleep(0)

    async def prepare(self) -> None:
        self.prepared += 1

    async def poll(self, root: str) -> None:
        task = asyncio.create_task(Poller(root + "/getUpdates", self.take, self.prepare, 1, self.sleep).run())
        await asyncio.wait_for(self.done.wait(), 90)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_the_offset_moves_only_past_what_was_taken() -> None:
    async with serving(batch(7, 8), batch(9), (200, {"ok": True, "result": []})) as server:
        inbox = Inbox(last=9, failures=3)
        await inbox.poll(server.root)
    assert inbox.taken == [7, 8, 9]
    assert inbox.slept >= 3
    offsets = [int(said["offset"]) for _, said in server.asked]
    assert offsets[:2] == [0, 9]
    assert "message" in json.loads(server.asked[0][1]["allowed_updates"])


async def test_polling_survives_whatever_is_answered() -> None:
    troubles = [
        (409, bad(409, "Conflict: terminated by other getUpdates request")),
        (409, bad(409, "Conflict: can't use getUpdates method while webhook is active")),
        (500, "oops"),
        (200, "garbage"),
        (200, {"ok": True, "result": 5}),
        (429, bad(429, "slow", retry_after=3)),
        (401, bad(401, "Unauthorized")),
        (200, {"ok": True, "result": ["x", {"no": "id"}]}),
    ]
    async with serving(*troubles, batch(1)) as server:
        inbox = Inbox(last=1)
        await inbox.poll(server.root)
    assert inbox.taken == [1]
    assert inbox.prepared >= 3  # at first, to remove the webhook, and when Telegram was back
    assert inbox.slept >= len(troubles)


async def test_another_program_with_this_token_is_named(caplog: pytest.LogCaptureFixture) -> None:
    async with serving((409, bad(409, "Conflict: terminated by other getUpdates request")), batch(1)) as server:
        await Inbox(last=1).poll(server.root)
    assert "another program polls with this token" in caplog.text


def test_pauses_grow_to_a_minute_and_differ() -> None:
    assert all(0.5 <= pause(0) <= 1 for _ in range(50))
    assert all(30 <= pause(n) <= 60 for n in range(6, 90))
    assert len({pause(3) for _ in range(20)}) > 1


async def test_the_channel_polls_and_learns_its_name() -> None:
    me = (200, {"ok": True, "result": {"id": 1, "is_bot": True, "first_name": "S", "username": "lindenfurt_bot"}})
    menus = [OK] * (len(load_words()) + 1)  # one a language, and one for all others
    async with serving(OK, me, *menus, batch(5), batch()) as server:
        channel = Telegram("123456:TEST-token", server.root)
        taken: list[Arrival] = []
        done = asyncio.Event()

        async def deliver(arrival: Arrival) -> None:
            taken.append(arrival)
            done.set()

        task = asyncio.create_task(channel.poll(deliver))
        await asyncio.wait_for(done.wait(), 90)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await channel.close()
    assert [arrival.id for arrival in taken] == ["5"]
    called = [path.rsplit("/", 1)[1] for path, _ in server.asked][: len(menus) + 3]
    assert called == ["deleteWebhook", "getMe", *["setMyCommands"] * len(menus), "getUpdates"]
    assert channel.username == "lindenfurt_bot"
    ours = payloads("telegram")["group_command"]
    assert channel.parse(channel.arrival(ours)) is not None
    ours["message"]["text"] = "/hilfe@other_bot"
    assert channel.parse(channel.arrival(ours)) is None


async def test_a_webhook_is_set_with_the_secret_and_is_not_polled() -> None:
    async with serving(OK) as server:
        channel = Telegram("123456:TEST-token", server.root, SECRET, "webhook")
        await channel.connect("https://stadt.example/channels/telegram")

        async def deliver(arrival: Arrival) -> None:
            raise AssertionError(arrival)

        await channel.poll(deliver)  # returns at once
        await channel.close()
        polled = Telegram("123456:TEST-token", server.root)
        asked = len(server.asked)
        await polled.connect("https://stadt.example/channels/telegram")  # nothing to do while it is polled
        assert len(server.asked) == asked
        await polled.close()
    path, said = server.asked[0]
    assert path.endswith("/setWebhook")
    assert (said["url"], said["secret_token"]) == ("https://stadt.example/channels/telegram", SECRET)


async def test_html_that_is_refused_goes_again_as_words() -> None:
    refused = (400, bad(400, "Bad Request: can't parse entities: Unexpected end tag at byte offset 4"))
    async with serving(refused, (200, SENT)) as server:
        channel = Telegram("123456:TEST-token", server.root)
        spoken = Spoken(from_markdown("**37 €**, [Termin](https://stadt.example/t)"), (Button("a", "Ja"),))
        assert await channel.send("5550001", channel.render(spoken)[0]) == "77"
        await channel.close()
    first, second = (said for _, said in server.asked)
    assert first["parse_mode"] == "HTML"
    assert "parse_mode" not in second
    assert second["text"] == "37 €, Termin: https://stadt.example/t"
    assert json.loads(second["reply_markup"]) == json.loads(first["reply_markup"])
    assert json.loads(first["link_preview_options"]) == {"is_disabled": True}


async def test_a_file_is_a_document_after_the_words() -> None:
    async with serving((200, SENT)) as server:
        channel = Telegram("123456:TEST-token", server.root)
        spoken = Spoken(from_markdown("Ihre Daten"), file=File("daten.json", "application/json", '{"ä": 1}'))
        for part in channel.render(spoken):
            await channel.send("5550001", part)
        await channel.close()
    assert [path.rsplit("/", 1)[1] for path, _ in server.asked] == ["sendMessage", "sendDocument"]
    assert '{"ä": 1}' in server.asked[1][1].values()


async def test_a_press_is_acknowledged() -> None:
    async with serving(OK) as server:
        channel = Telegram("123456:TEST-token", server.root)
        message = channel.parse(channel.arrival(payloads("telegram")["callback"]))
        assert isinstance(message, Message)
        assert message.kind is Kind.CHOICE
        await channel.acknowledge(message)
        await channel.close()
    assert server.asked == [("/bot123456:TEST-token/answerCallbackQuery", {"callback_query_id": message.callback})]


async def test_a_chat_of_another_kind_is_refused() -> None:
    channel = Telegram("123456:TEST-token")
    with pytest.raises(Refused):
        await channel.send("DE.77001", channel.render(Spoken(from_markdown("x")))[0])
    await channel.close()
