"""One voice: no message of the bot arrives once a takeover was acknowledged, and there is exactly one owner."""

import asyncio
import time
from pathlib import Path

import pytest

import bot.handoff.desk
import bot.outbox
from bot.message import DeliveryState
from tests.faults.races import KIM, SEND, double_claims, ring, takeovers

pytestmark = pytest.mark.slow


async def test_the_bot_is_silent_once_a_takeover_is_acknowledged(redis_url: str, tmp_path: Path) -> None:
    async with ring(redis_url, tmp_path) as made:
        races = await takeovers(made, 200, print)
    assert races.holds, str(races)


async def test_of_clerks_who_claim_at_once_exactly_one_owns(redis_url: str, tmp_path: Path) -> None:
    async with ring(redis_url, tmp_path) as made:
        claims = await double_claims(made, 100)
    assert claims.holds, str(claims)


async def test_a_send_that_hangs_is_unknown_and_the_takeover_waits_no_longer(
    redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (bot.outbox, bot.handoff.desk):
        monkeypatch.setattr(module, "SEND_SECONDS", 0.5)
    async with ring(redis_url, tmp_path) as made:
        made.channel.longest = 1e6
        name = await made.begin("hang")
        await made.says("hang", 1, "hallo")
        async with asyncio.timeout(120):
            while "hang" not in made.channel.flying:
                await asyncio.sleep(0.01)
        began = time.monotonic()
        await made.cores[1].desk.claim(KIM, name)
        assert time.monotonic() - began < 60.0
        made.channel.longest = 0.0
        assert DeliveryState.UNKNOWN in (await made.store.deliveries(name)).values()
        await made.done()
    assert all(KIM.name in text for _, chat, text in made.channel.arrived if chat == "hang")


async def test_the_check_sees_a_takeover_that_does_not_wait(
    redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(self: object, conversation: str) -> None:
        del self, conversation

    monkeypatch.setattr(bot.handoff.desk.Desk, "_silence", at_once)
    async with ring(redis_url, tmp_path) as made:
        for longest in (SEND, 1.0, 10.0):  # seconds of a send: a claim on a busy machine takes its time, too
            made.channel.longest = longest
            if (races := await takeovers(made, 40, print)).late:
                break
    assert races.late > 0
