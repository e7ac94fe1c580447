"""The one contract suite: every channel of the table must pass it."""

import copy
import json
import logging
from collections.abc import AsyncIterator, Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.channel import (
    Ambiguous,
    Channel,
    ChannelThrottled,
    NotConnected,
    SendFailed,
    Unparseable,
    Unverified,
)
from bot.channels.table import CHANNELS, build
from bot.document import clean, from_markdown, from_text
from bot.message import Arrival, Button, DeliveryReport, File, Kind, Message, Part, Spoken
from bot.render import utf16
from bot.settings import read

from .documents import quick, spoken
from .fakes import CUT, HANG, closed_root, serving
from .platforms import PLATFORMS, Platform, expected, payloads, told

CASES = [(name, case) for name in CHANNELS for case in payloads(name)]
NETWORKED = [name for name in CHANNELS if PLATFORMS[name].networked]
JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just([]), st.just({}), st.just([{}])
)
ANSWER = Spoken(
    from_markdown("Kostet **37 €**. [Termin](https://stadt.example/t)"),
    (Button("yes", "Ja"), Button("no", "Nein")),
    "Automatische Antwort",
)
DOUBTS = [HANG, CUT, (500, "oops"), (502, "<html>"), (200, "garbage"), (200, {}), (200, [1]), (200, {"messages": []})]


@pytest.fixture(params=list(CHANNELS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@cache
def made(name: str) -> tuple[Platform, Channel]:
    platform = PLATFORMS[name]
    return platform, platform.make("http://127.0.0.1:9")


def parsed(channel: Channel, arrival: Arrival) -> dict[str, Any] | None:
    try:
        return told(channel.parse(arrival))
    except Unparseable as error:
        return {"type": "Unparseable", "reason": str(error)}


def test_every_channel_of_the_table_has_its_case() -> None:
    assert set(PLATFORMS) == set(CHANNELS)
    assert all(set(payloads(name)) == set(expected(name)) for name in CHANNELS)


def test_the_table_builds_what_the_settings_switch_on(tmp_path: Any) -> None:
    assert set(build(read({}, tmp_path))) == {"web", "terminal"}
    env = {
        "STADTBOTE_TELEGRAM_TOKEN": "123:abc",
        "STADTBOTE_WHATSAPP_ENABLED": "on",
        **{f"STADTBOTE_WHATSAPP_{key}": "x" for key in ("TOKEN", "PHONE_NUMBER_ID", "APP_SECRET", "VERIFY_TOKEN")},
    }
    built = build(read(env, tmp_path))
    assert set(built) == set(CHANNELS)
    assert all(channel.name == key for key, channel in built.items())


@pytest.mark.parametrize(("name", "case"), CASES)
def test_a_payload_means_what_is_written_beside_it(name: str, case: str) -> None:
    platform, channel = made(name)
    payload = payloads(name)[case]
    before = copy.deepcopy(payload)
    arrivals = platform.arrivals(channel, payload)
    rows = [{"id": one.id, "chat": one.chat, "parsed": parsed(channel, one)} for one in arrivals]
    assert rows == expected(name)[case]
    again = platform.arrivals(channel, payload)
    assert [one.id for one in again] == [one.id for one in arrivals]  # a repeat names the same
    assert [parsed(channel, one) for one in again] == [row["parsed"] for row in rows]  # pure
    assert payload == before
    kept = [Arrival(a.channel, a.id, a.chat, json.loads(json.dumps(a.payload))) for a in arrivals]
    assert [parsed(channel, one) for one in kept] == [row["parsed"] for row in rows]  # the inbox holds JSON


@pytest.mark.parametrize(("name", "case"), CASES)
def test_unknown_fields_change_nothing(name: str, case: str) -> None:
    platform, channel = made(name)

    def grown(node: Any) -> Any:
        if isinstance(node, dict):
            return {**{key: grown(value) for key, value in node.items()}, "field_of_2031": {"x": [1]}}
        return [grown(value) for value in node] if isinstance(node, list) else node

    rows = platform.arrivals(channel, grown(payloads(name)[case]))
    if name == "telegram" and rows[0].chat == "0":
        return  # an update whose only content is unknown
    assert [parsed(channel, one) for one in rows] == [row["parsed"] for row in expected(name)[case]]


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in steps:
        yield from places(value, (*path, key))


def replaced(node: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copied = copy.copy(node)
    copied[path[0]] = replaced(node[path[0]], path[1:], value)
    return copied


@quick
@given(st.data())
def test_broken_payloads_raise_nothing_else(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(list(CHANNELS)))
    platform, channel = made(name)
    payload = payloads(name)[data.draw(st.sampled_from(sorted(payloads(name))))]
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(list(places(payload))[1:] or [()]))
        payload = replaced(payload, path, data.draw(JUNK))
        if not isinstance(payload, dict | list) or (name in {"web", "terminal"} and "id" not in payload):
            return
    try:
        arrivals = platform.arrivals(channel, payload)
    except (Unparseable, Unverified):
        return
    for arrival in arrivals:
        assert isinstance(arrival.id, str)
        assert isinstance(arrival.chat, str)
        try:
            result = channel.parse(arrival)
        except Unparseable:
            continue
        assert result is None or isinstance(result, Message | DeliveryReport)
        if isinstance(result, Message):
            for words in (result.text, result.argument, result.choice, result.sender, result.language, result.id):
                words.encode("utf-8")  # a str, and one that every store takes
            assert result.at.utcoffset() is not None


@quick
@given(
    st.one_of(st.binary(max_size=60), st.sampled_from([b"[" * 5000, b'{"a":' * 900, b"NaN", b'{"update_id": 1e999}']))
)
def test_garbage_bytes_are_refused(raw: bytes) -> None:
    for name in CHANNELS:
        platform, channel = made(name)
        with pytest.raises((Unparseable, Unverified)):
            list(channel.accept(raw, platform.headers(raw)))


@pytest.mark.parametrize("name", NETWORKED)
def test_only_the_platform_is_believed(name: str) -> None:
    platform, channel = made(name)
    raw = json.dumps(payloads(name)["text"]).encode()
    right = platform.headers(raw)
    assert len(list(channel.accept(raw, right))) == 1
    key, value = next(iter(right.items()))
    for headers in ({}, {key: ""}, {key: value[:-1]}, {key: value + "0"}, {key: "ä"}, {key.upper(): value}):
        with pytest.raises(Unverified):
            list(channel.accept(raw, headers))


def texts_of(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [text for value in node.values() for text in texts_of(value)]
    return [text for value in node for text in texts_of(value)] if isinstance(node, list) else [str(node)]


@settings(quick, max_examples=25)
@given(spoken)
def test_every_reply_fits(reply: Spoken) -> None:
    for name in CHANNELS:
        channel = made(name)[1]
        parts = channel.render(reply)
        assert channel.render(reply) == parts
        for part in parts:
            json.dumps(part).encode()
            check_part(name, channel, part)
        offered = [count_buttons(part) for part in parts]
        assert not any(offered[:-1])
        assert sum(offered) == min(len(reply.buttons), channel.limits.buttons)
        if len(reply.buttons) > channel.limits.buttons and name != "whatsapp":  # there look-alikes may stand in them
            said = "".join(" ".join(texts_of(list(parts))).split())
            assert all(
                "".join(clean(button.label).split()) in said for button in reply.buttons[channel.limits.buttons :]
            )


def count_buttons(part: Part) -> int:
    action = part["interactive"]["action"] if part.get("type") == "interactive" else {}
    rows = [row for section in action.get("sections", ()) for row in section["rows"]]
    return len(part.get("buttons", action.get("buttons", rows)))


def check_part(name: str, channel: Channel, part: Part) -> None:
    """The platform's own limits, written down once more."""
    if name == "whatsapp" and part["type"] == "interactive":
        asked = part["interactive"]
        assert 1 <= utf16(asked["body"]["text"]) <= 1024
        if asked["type"] == "button":
            replies = [button["reply"] for button in asked["action"]["buttons"]]
            assert 1 <= len(replies) <= 3
            assert len({reply["title"] for reply in replies}) == len(replies)
            assert all(1 <= utf16(reply["title"]) <= 20 for reply in replies)
        else:
            rows = [row for section in asked["action"]["sections"] for row in section["rows"]]
            assert 1 <= len(rows) <= 10
            assert 1 <= utf16(asked["action"]["button"]) <= 20
            assert all(1 <= utf16(row["title"]) <= 24 for row in rows)
            assert all(1 <= utf16(row.get("description", "x")) <= 72 for row in rows)
        return
    if name == "whatsapp" and part["type"] == "text":
        assert 1 <= utf16(part["text"]["body"]) <= 4096
        return
    if name == "telegram" and part["type"] == "text":
        assert 1 <= utf16(part["plain"]) <= 4096
    for data, label in part.get("buttons", ()):
        assert 1 <= len(data.encode()) <= 64
        assert 1 <= utf16(label) <= channel.limits.label
    assert len(part.get("buttons", ())) <= channel.limits.buttons


@pytest.fixture
async def channels() -> AsyncIterator[list[Channel]]:
    """Channels to be closed after the test."""
    opened: list[Channel] = []
    yield opened
    for channel in opened:
        await channel.close()


async def send_all(channel: Channel, chat: str, reply: Spoken) -> list[str]:
    return [await channel.send(chat, part) for part in channel.render(reply)]


async def test_what_is_sent_gets_an_id(name: str, channels: list[Channel]) -> None:
    platform = PLATFORMS[name]
    async with serving((200, platform.answer)) as server:
        channel = platform.make(server.root)
        channels.append(channel)
        sent = await send_all(channel, platform.chat, ANSWER)
        assert len(sent) == 1
        assert sent[0]
        if platform.networked:
            assert sent == [platform.external]
            assert "37 €" in json.dumps(server.asked[0][1], ensure_ascii=False)
        else:
            assert server.asked == []


@pytest.mark.parametrize(("name", "number"), [(n, i) for n in NETWORKED for i in range(len(PLATFORMS[n].refusals))])
async def test_a_refusal_is_of_its_kind(name: str, number: int, channels: list[Channel]) -> None:
    platform = PLATFORMS[name]
    status, body, kind = platform.refusals[number]
    async with serving((status, body)) as server:
        channel = platform.make(server.root)
        channels.append(channel)
        with pytest.raises(SendFailed) as caught:
            await send_all(channel, platform.chat, ANSWER)
        assert type(caught.value) is kind
        assert "TEST-token" not in str(caught.value)
        if isinstance(caught.value, ChannelThrottled):
            assert caught.value.retry_after > 0
        assert len(server.asked) == 1


@pytest.mark.parametrize("name", NETWORKED)
@pytest.mark.parametrize("answer", DOUBTS)
async def test_doubt_is_called_doubt(name: str, answer: Any, channels: list[Channel]) -> None:
    platform = PLATFORMS[name]
    async with serving(answer) as server:
        channel = platform.make(server.root)
        channels.append(channel)
        with pytest.raises(Ambiguous) as caught:
            await send_all(channel, platform.chat, ANSWER)
        assert not caught.value.may_retry
        assert len(server.asked) == 1  # never sent twice


@pytest.mark.parametrize("name", NETWORKED)
async def test_no_connection_may_be_tried_again(name: str, channels: list[Channel]) -> None:
    channel = PLATFORMS[name].make(closed_root())
    channels.append(channel)
    with pytest.raises(NotConnected) as caught:
        await send_all(channel, PLATFORMS[name].chat, ANSWER)
    assert caught.value.may_retry


async def test_acknowledging_never_fails(name: str, channels: list[Channel]) -> None:
    channel = PLATFORMS[name].make(closed_root())
    channels.append(channel)
    for payload in payloads(name).values():
        for arrival in PLATFORMS[name].arrivals(channel, payload):
            try:
                message = channel.parse(arrival)
            except Unparseable:
                continue
            if isinstance(message, Message) and message.kind is Kind.CHOICE:
                await channel.acknowledge(message)


async def test_nothing_private_is_logged(name: str, channels: list[Channel], caplog: pytest.LogCaptureFixture) -> None:
    platform = PLATFORMS[name]
    caplog.set_level(logging.DEBUG)
    reply = Spoken(from_text("Geheimes Wort"), file=File("a.txt", "text/plain", "Geheimes Wort"))
    told_to_clerks = []
    for answer in ((200, platform.answer), (400, {"error": {"code": 1, "message": "x"}}), (200, "Geheimes Wort"), HANG):
        async with serving(answer) as server:
            channel = platform.make(server.root)
            channels.append(channel)
            for part in channel.render(reply):
                try:
                    await channel.send(platform.chat, part)
                except SendFailed as error:
                    told_to_clerks.append(str(error))
    logged = caplog.text + " ".join(told_to_clerks)
    assert "Geheimes" not in logged
    assert "TEST-token" not in logged
    assert not platform.networked or platform.chat not in logged
