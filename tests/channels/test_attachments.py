"""Files on every channel that carries them: one contract, run on each; what a platform's file server can do wrong."""

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.attachments.attachment import Enclosed
from bot.attachments.carrier import Carrier, Gone, TooLarge
from bot.attachments.kinds import ENDINGS
from bot.attachments.vault import FolderVault
from bot.channels.channel import Channel, ChannelThrottled, NotConnected, Refused, SendFailed
from bot.channels.table import CHANNELS
from bot.document import EMPTY, from_text
from bot.message import Button, Spoken
from bot.simulator import File, ManualClock, Simulator
from bot.simulator.samples import sample

from .fakes import CUT, closed_root, serving
from .platforms import PLATFORMS

CARRIERS = [name for name in CHANNELS if isinstance(PLATFORMS[name].make("http://127.0.0.1:9"), Carrier)]
C = "00000001aaaaaaaaaaaa"
FILE = Enclosed(C, "d" * 64, "Antrag.pdf", "application/pdf", 12)


def made(name: str, root: str = "http://127.0.0.1:9") -> Any:
    return PLATFORMS[name].make(root)


@pytest.mark.parametrize("name", list(CHANNELS))
def test_who_says_that_it_carries_files_does(name: str) -> None:
    channel: Channel = made(name)
    assert channel.limits.attachments == isinstance(channel, Carrier)


@pytest.mark.parametrize("name", CARRIERS)
def test_a_file_is_a_part_of_its_own(name: str) -> None:
    channel = made(name)
    alone = channel.render(Spoken(EMPTY, enclosed=FILE))
    assert len(alone) == 1
    asked = channel.render(Spoken(from_text("Bitte ausfüllen."), (Button("h:yes", "Ja"),), enclosed=FILE))
    for parts in (alone, asked):
        assert json.loads(json.dumps(parts)) == [dict(part) for part in parts]
        assert not any(b"%PDF" in json.dumps(part).encode() for part in parts)
    if PLATFORMS[name].networked:
        (part,) = (part for part in asked if part["type"] == "enclosed")
        assert {key: part[key] for key in ("conversation", "digest", "name", "media_type", "size")} == {
            "conversation": C,
            "digest": FILE.digest,
            "name": FILE.name,
            "media_type": FILE.media_type,
            "size": 12,
        }


@pytest.mark.parametrize("name", [name for name in CARRIERS if PLATFORMS[name].networked])
async def test_what_is_not_in_the_vault_is_refused_before_anything_is_sent(name: str, tmp_path: Path) -> None:
    async with serving((200, {})) as fake:
        channel = made(name, fake.root)
        (part,) = channel.render(Spoken(EMPTY, enclosed=FILE))
        with pytest.raises(Refused):
            await channel.send(PLATFORMS[name].chat, part)
        channel.vault = FolderVault(tmp_path / "files")
        with pytest.raises(Refused):
            await channel.send(PLATFORMS[name].chat, part)
        assert fake.asked == []
        (tmp_path / "files").write_text("no folder")
        with pytest.raises(NotConnected):
            await channel.send(PLATFORMS[name].chat, part)
        await channel.close()


async def fetched(channel: Carrier, source: str, largest: int = 1000) -> bytes:
    async with aclosing(channel.download(source, largest)) as content:
        return b"".join([chunk async for chunk in content])


@pytest.mark.parametrize("name", [name for name in CARRIERS if PLATFORMS[name].networked])
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((404, {}), Gone),
        ((400, {"ok": False, "error_code": 400, "description": "Bad Request: invalid file_id"}), Gone),
        (
            (429, {"ok": False, "error_code": 429, "description": "x", "parameters": {"retry_after": 3}}),
            ChannelThrottled,
        ),
        ((502, "<html>"), SendFailed),
        (CUT, SendFailed),
        ((200, {"ok": True, "result": {"file_id": "a", "file_unique_id": "b"}}), Gone),
        ((200, {"url": "http://evil.example/steal"}), SendFailed),
        ((200, {"url": "file:///etc/passwd", "ok": True, "result": {}}), SendFailed),
        ((200, {"file_size": 5000, "url": "https://x", "ok": False, "description": "no"}), SendFailed),
    ],
)
async def test_what_can_go_wrong_with_the_address(name: str, answer: Any, expected: type[SendFailed]) -> None:
    async with serving(answer) as fake:
        channel = made(name, fake.root)
        with pytest.raises(expected) as failed:
            await fetched(channel, "ref")
        assert not isinstance(failed.value, TooLarge) or name == "whatsapp"  # which told the size
        assert len({path for path, _ in fake.asked}) == 1  # nothing was fetched from anywhere
        await channel.close()


@pytest.mark.parametrize(
    "address",
    [
        *("https://evil.example/x", "https://127.0.0.1/x", "https://[::1]/x", "https://169.254.169.254/x", "https://["),
        *("https://lookaside.fbsbx.com.evil.example/x", "https://evilfbsbx.com/x", "https://fbsbx.com@evil.example"),
        *("https://x@lookaside.fbsbx.com/", "https://lookaside.fbsbx.com:6379/", "https://lookaside.fbsbx.com:x/"),
        *("http://lookaside.fbsbx.com/x", "//lookaside.fbsbx.com/x", "redis://localhost", ""),
    ],
)
async def test_the_token_goes_to_meta_alone(address: str) -> None:
    """Whatever address the answer names: neither a stranger's nor one of our own network is asked."""
    async with serving((200, {"url": address})) as fake:
        channel = made("whatsapp", fake.root)
        with pytest.raises(Gone):
            await fetched(channel, "ref")
        assert len(fake.asked) == 1
        await channel.close()


@pytest.mark.parametrize("name", [name for name in CARRIERS if PLATFORMS[name].networked])
async def test_a_platform_that_is_away_may_be_asked_again(name: str) -> None:
    channel = made(name, closed_root())
    with pytest.raises(SendFailed) as failed:
        await fetched(channel, "ref")
    assert not isinstance(failed.value, Gone)
    await channel.close()


async def test_what_telegram_finds_too_large_is_too_large() -> None:
    async with serving((400, {"ok": False, "error_code": 400, "description": "Bad Request: file is too big"})) as fake:
        channel = made("telegram", fake.root)
        with pytest.raises(TooLarge):
            await fetched(channel, "ref")
        await channel.close()


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    async with Simulator(clock=ManualClock()) as running:
        yield running


@pytest.mark.parametrize("media_type", sorted(ENDINGS))
def test_what_whatsapp_takes_it_can_name(media_type: str) -> None:
    channel = made("whatsapp")
    assert channel.takes(media_type, 1000) in (True, False)
    assert not channel.takes(media_type, 101 * 1024 * 1024)
    assert made("telegram").takes(media_type, 20 * 1024 * 1024)


async def test_a_picture_that_telegram_refuses_goes_as_a_document(sim: Simulator, tmp_path: Path) -> None:
    from bot.channels.telegram import Telegram

    channel = Telegram(sim.telegram.token, sim.telegram.url)
    vault = channel.vault = FolderVault(tmp_path)
    erika = sim.citizen("telegram", "Erika")
    await erika.say("hallo")
    for content, method in ((sample("photo", 1), "sendPhoto"), (b"no picture after all", "sendDocument")):
        async with vault.receiving(C) as incoming:
            await incoming.write(content)
            digest = await incoming.keep()
        enclosed = replace(FILE, digest=digest, name="bild.jpg", media_type="image/jpeg", size=len(content))
        (part,) = channel.render(Spoken(EMPTY, enclosed=enclosed))
        assert await channel.send(erika.key, part)
        assert sim.ledger.calls[-1].method == method
        assert isinstance(erika.seen[-1].file, File)
        assert erika.seen[-1].file.content == content
    await channel.close()
