"""Reception, worker and outbox together on a real Valkey: order, poison, retries, repeats, one voice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.channels.channel import Ambiguous, ChannelThrottled, Refused, Unparseable
from bot.composition import Core, build_core
from bot.conversation import conversation_id
from bot.handoff.desk import Clerk
from bot.message import Arrival, DeliveryReport, DeliveryState, Message, Part
from bot.reception import Reception
from bot.settings import Settings
from bot.store.protocol import Store
from bot.store.redis import RedisStore
from bot.worker import Worker
from nlu.keywords import KeywordNlu
from tests.house import Notebook
from tests.nothing import Nothing


class Rough(Notebook):
    """A channel with the accidents of real ones: by chat name and count."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.faults: dict[str, list[Exception]] = {}

    def parse(self, arrival: Arrival) -> Message | DeliveryReport | None:
        if arrival.payload.get("text") == "unreadable":
            raise Unparseable("no words in it")
        if arrival.payload.get("text") == "poison":
            raise RuntimeError("a fault of ours")
        return super().parse(arrival)

    async def send(self, chat: str, part: Part) -> str:
        self.calls.append(chat)
        if self.faults.get(chat):
            raise self.faults[chat].pop(0)
        return await super().send(chat, part)


@asynccontextmanager
async def running(
    store: Store, folder: Path, workers: int = 1, channel: Rough | None = None, nlu: KeywordNlu | None = None
) -> AsyncIterator[tuple[Core, Rough]]:
    channel = channel or Rough()
    settings = replace(Settings(), home=folder, cache=folder, secret="x" * 32, nlu_url="off")
    core = build_core(settings, store=store, channels={channel.name: channel})
    made = [
        Worker(
            f"w{n}",
            store,
            Reception(core.turns, nlu or KeywordNlu(), Nothing(), core.deliver),
            core.channels,
            0.05,
        )
        for n in range(workers)
    ]
    tasks = [asyncio.create_task(worker.run()) for worker in made]
    try:
        yield core, channel
    finally:
        for worker in made:
            worker.stop()
        await asyncio.gather(*tasks)


def arrival(id: str, text: str, chat: str = "maria") -> Arrival:
    return Arrival("notebook", id, chat, {"text": text, "at": datetime.now(UTC).isoformat()})


async def until(check: object) -> None:
    async with asyncio.timeout(120):
        while not await check():  # type: ignore[operator]
            await asyncio.sleep(0.02)


def cid(core: Core, chat: str = "maria") -> str:
    return conversation_id(core.secret, "notebook", chat)


async def test_messages_of_one_conversation_are_answered_in_their_order(store: Store, tmp_path: Path) -> None:
    async with running(store, tmp_path) as (core, channel):
        for n, text in enumerate(("hallo", "/hilfe", "/datenschutz", "danke", "/sprache")):
            await core.deliver(arrival(str(n), text))
            await core.deliver(arrival(str(n), text))  # the platform repeats itself
        await until(lambda: _sent(channel, 5))
    lines = await store.transcript(cid(core))
    assert [x.what for x in lines if x.by == "bot"] == ["greeting", "help", "privacy", "thanks", "language.ask"]
    assert len([x for x in lines if x.by == "citizen"]) == 5


async def _sent(channel: Rough, count: int) -> bool:
    return len(channel.sent) >= count


async def test_poison_and_the_unreadable_become_dead_letters_and_delay_nobody(store: Store, tmp_path: Path) -> None:
    async with running(store, tmp_path) as (core, channel):
        await core.deliver(arrival("1", "poison", "eve"))
        await core.deliver(arrival("2", "unreadable", "eve"))
        await core.deliver(arrival("3", "hallo"))
        await until(lambda: _sent(channel, 1))

        async def buried() -> bool:
            return len(await store.dead()) == 2

        await until(buried)
        assert {d.arrival.id: d.reason for d in await store.dead()} == {"1": "failed 5 times", "2": "no words in it"}
    assert channel.sent[0][0] == "maria"


async def test_a_throttled_chat_waits_alone_and_keeps_its_order(store: Store, tmp_path: Path) -> None:
    async with running(store, tmp_path) as (core, channel):
        channel.faults["eve"] = [ChannelThrottled(0.05) for _ in range(1000)]
        await core.deliver(arrival("1", "hallo", "eve"))
        await core.deliver(arrival("2", "/hilfe", "eve"))
        await core.deliver(arrival("3", "hallo"))
        await until(lambda: _sent(channel, 1))
        channel.faults["eve"].clear()
        await until(lambda: _sent(channel, 3))
    assert [chat for chat, _ in channel.sent] == ["maria", "eve", "eve"]
    assert set((await store.deliveries(cid(core, "eve"))).values()) == {DeliveryState.SENT}


@pytest.mark.parametrize(
    ("fault", "state"),
    [(Ambiguous("time-out"), DeliveryState.UNKNOWN), (Refused("blocked"), DeliveryState.FAILED),
     (RuntimeError("ours"), DeliveryState.UNKNOWN)],
)  # fmt: skip
async def test_what_may_have_been_delivered_is_never_sent_again(
    store: Store, tmp_path: Path, fault: Exception, state: DeliveryState
) -> None:
    async with running(store, tmp_path) as (core, channel):
        channel.faults["maria"] = [fault]
        await core.deliver(arrival("1", "hallo"))
        await core.deliver(arrival("2", "/hilfe"))
        await until(lambda: _sent(channel, 1))
    assert channel.calls == ["maria", "maria"]
    assert sorted((await store.deliveries(cid(core))).values()) == sorted([state, DeliveryState.SENT])


async def test_two_workers_answer_each_message_once(redis_url: str, tmp_path: Path) -> None:
    store = RedisStore(redis_url, lanes=4, retention_days=1)
    async with running(store, tmp_path, workers=2) as (core, channel):
        for n in range(60):
            await core.deliver(arrival(f"m{n}", "/hilfe", f"chat{n % 20}"))
        await until(lambda: _sent(channel, 80))  # 20 disclosures beside 60 answers
        await asyncio.sleep(0.2)
        assert len(channel.sent) == 80
        for n in range(20):
            assert [x.what for x in await store.transcript(cid(core, f"chat{n}")) if x.by == "bot"] == [
                "disclosure", "help", "help", "help",
            ]  # fmt: skip
    await store.close()


async def test_claims_race_and_exactly_one_clerk_wins(store: Store, tmp_path: Path) -> None:
    async with running(store, tmp_path) as (core, channel):
        await core.deliver(arrival("1", "/mensch"))
        await until(lambda: _sent(channel, 2))
        clerks = [Clerk(f"clerk{n}", f"Clerk {n}") for n in range(8)]
        results = await asyncio.gather(*(core.desk.claim(c, cid(core)) for c in clerks), return_exceptions=True)
        winners = [r for r in results if not isinstance(r, BaseException)]
        assert len(winners) == 1
        held = await store.load(cid(core))
        assert held.conversation is not None
        assert held.conversation.owner == winners[0].owner


async def test_erasing_leaves_no_word_anywhere_in_redis(redis_url: str, tmp_path: Path) -> None:
    store = RedisStore(redis_url, lanes=2, retention_days=30)
    async with running(store, tmp_path) as (core, channel):
        await core.deliver(arrival("1", "mein geheimes anliegen"))
        await core.deliver(arrival("2", "/mensch geheimes"))
        await core.deliver(arrival("3", "unreadable"))
        await until(lambda: _sent(channel, 3))
        await core.deliver(arrival("4", "/loeschen geheimes"))
        await until(lambda: _sent(channel, 4))

        async def settled() -> bool:
            return set((await store.deliveries(cid(core))).values()) == {DeliveryState.SENT}

        await until(settled)
        left = await _everything(store)
    assert b"geheimes" not in left
    assert b"Maria M." not in left
    await store.close()


async def _everything(store: RedisStore) -> bytes:
    redis, found = store._server.redis, []
    async for name in redis.scan_iter(count=1000):
        kind = await redis.type(name)
        found.append(name)
        if kind == b"hash":
            found += [x for pair in (await redis.hgetall(name)).items() for x in pair]
        elif kind == b"list":
            found += await redis.lrange(name, 0, -1)
        elif kind == b"stream":
            found += [x for _, data in await redis.xrange(name) for pair in data.items() for x in pair]
        elif kind == b"zset":
            found += await redis.zrange(name, 0, -1)
        elif kind == b"string":
            found.append(await redis.get(name))
    return b"\n".join(found)
