"""Workers that hang, die and come back; chats that are throttled; claims that race with the bot. On both stores."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.channels.channel import ChannelThrottled, Unparseable
from bot.channels.wire import body_of, unreadable
from bot.composition import Core
from bot.conversation import Status
from bot.handoff import desk as desks
from bot.handoff.desk import Clerk
from bot.message import Arrival, DeliveryState, Part, Rate
from bot.reception import Reception
from bot.store.protocol import START, Store
from bot.worker import Worker
from nlu.keywords import KeywordNlu
from nlu.understand import Understanding
from tests.dialogue.test_worker import Rough, arrival, cid, running, until
from tests.nothing import Nothing

KIM = Clerk("kim", "Kim B.")


class Gate:
    """Lets a send begin and holds it until opened."""

    def __init__(self) -> None:
        self.begun, self.open = asyncio.Event(), asyncio.Event()


class Gated(Rough):
    """A channel whose sends to one chat wait at a gate."""

    def __init__(self) -> None:
        super().__init__()
        self.gates: dict[str, Gate] = {}

    async def send(self, chat: str, part: Part) -> str:
        if gate := self.gates.get(chat):
            gate.begun.set()
            await gate.open.wait()
        return await super().send(chat, part)


def second(core: Core, name: str = "second") -> Worker:
    reception = Reception(core.turns, KeywordNlu(), Nothing(), core.deliver)
    return Worker(name, core.store, reception, core.channels, 0.05)


async def test_a_worker_that_loses_its_lanes_puts_down_what_it_has_not_begun(store: Store, tmp_path: Path) -> None:
    """The first sends and hangs; its lanes go over; the second answers the rest, in order, and nothing twice."""
    async with running(store, tmp_path, channel=(channel := Gated())) as (core, _):
        channel.gates["maria"] = Gate()
        await core.deliver(arrival("1", "hallo"))
        await asyncio.wait_for(channel.gates["maria"].begun.wait(), 120)
        for n, text in enumerate(("/hilfe", "danke", "/datenschutz"), 2):
            await core.deliver(arrival(str(n), text))
        await store.release_lanes("w0")  # as if its lease had run out
        other = second(core)
        working = asyncio.create_task(other.run())
        try:
            gate = channel.gates.pop("maria")
            await until(lambda: _kept(store, core, 4))
            gate.open.set()  # it wakes up, and what it was sending does arrive
            await until(lambda: _settled(store, core))
        finally:
            other.stop()
            await working
        lines = [x.what for x in await store.transcript(cid(core)) if x.by == "bot"]
        assert lines == ["greeting", "help", "thanks", "privacy"]
        assert len(channel.sent) == 4
        assert set((await store.deliveries(cid(core))).values()) <= {DeliveryState.SENT}


async def _kept(store: Store, core: Core, count: int) -> bool:
    return len([x for x in await store.transcript(cid(core)) if x.by == "bot"]) >= count


async def _settled(store: Store, core: Core) -> bool:
    return not await store.unsettled(cid(core))


async def test_what_was_put_down_is_read_again(store: Store, tmp_path: Path) -> None:
    async with running(store, tmp_path) as (core, channel):
        await until(lambda: _owned(store))
        await store.own_lanes("thief", 0.5)  # gets nothing: they are held
        await store.release_lanes("w0")
        await store.own_lanes("thief", 0.5)  # now it has all of them, does nothing, and is gone
        for n in range(3):
            await core.deliver(arrival(str(n), "/hilfe"))
        await until(lambda: _sent(channel, 4))
        assert [x.what for x in await store.transcript(cid(core)) if x.by == "bot"] == ["disclosure", *["help"] * 3]


async def _owned(store: Store) -> bool:
    return bool(await store.own_lanes("w0", 60))


async def _sent(channel: Rough, count: int) -> bool:
    return len(channel.sent) >= count


async def test_a_chat_beyond_its_rate_waits_and_others_do_not(store: Store, tmp_path: Path) -> None:
    channel = Rough()
    channel.limits = replace(channel.limits, each=Rate(0.05, 2), overall=Rate(1000, 1000))
    async with running(store, tmp_path, channel=channel) as (core, _):
        for n in range(4):
            await core.deliver(arrival(f"e{n}", "/hilfe", "eve"))
        await core.deliver(arrival("1", "/hilfe", "maria"))
        await until(lambda: _to(channel, "maria", 2))
        await until(lambda: _to(channel, "eve", 2))  # her third part comes 20 s later
        assert [chat for chat, _ in channel.sent].count("eve") == 2
        states = list((await store.deliveries(cid(core, "eve"))).values())
        assert states.count(DeliveryState.QUEUED) == 3


async def _to(channel: Rough, chat: str, count: int) -> bool:
    return [c for c, _ in channel.sent].count(chat) >= count


async def test_a_claim_returns_when_the_bot_has_fallen_silent(store: Store, tmp_path: Path) -> None:
    async with running(store, tmp_path, channel=(channel := Gated())) as (core, _):
        gate = channel.gates["maria"] = Gate()
        await core.deliver(arrival("1", "hallo"))
        await core.deliver(arrival("2", "/hilfe"))
        await asyncio.wait_for(gate.begun.wait(), 120)
        await until(lambda: _kept(store, core, 2))
        claim = asyncio.create_task(core.desk.claim(KIM, cid(core)))
        await until(lambda: _status(store, core, Status.ASSIGNED))
        await asyncio.sleep(0.1)
        assert not claim.done()  # one is in flight
        gate.open.set()
        await asyncio.wait_for(claim, 120)
        heard = len(channel.sent)
        assert heard == 2  # what was in flight, and that a person is here now
        await core.desk.write(KIM, cid(core), "Guten Tag, Frau M.")
        await until(lambda: _sent(channel, heard + 1))
        states = sorted((await store.deliveries(cid(core))).values())
        assert states == sorted([DeliveryState.SENT] * 3 + [DeliveryState.DROPPED])


async def _status(store: Store, core: Core, status: Status) -> bool:
    held = await store.load(cid(core))
    return held.conversation is not None and held.conversation.status is status


async def test_a_claim_does_not_wait_for_ever(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "SEND_SECONDS", -1.0)  # of a worker that hangs there is no sign of life
    async with running(store, tmp_path, channel=(channel := Gated())) as (core, _):
        gate = channel.gates["maria"] = Gate()
        await core.deliver(arrival("1", "hallo"))
        await asyncio.wait_for(gate.begun.wait(), 120)
        await asyncio.wait_for(core.desk.claim(KIM, cid(core)), 120)
        states = list((await store.deliveries(cid(core))).values())
        assert DeliveryState.UNKNOWN in states
        gate.open.set()


async def test_a_body_that_could_not_be_read_is_replayed_when_it_can_be(store: Store, tmp_path: Path) -> None:
    class Learned(Rough):
        """Knows the form of these bodies by now."""

        def unpack(self, raw: bytes) -> tuple[Arrival, ...]:
            if raw == b"still not":
                raise Unparseable("no words in it")
            return (arrival("77", raw.decode()),)

    bodies = (b"/hilfe", b"still not")
    letters = [unreadable("notebook", raw) for raw in bodies]
    assert [body_of(letter) for letter in letters] == list(bodies)
    async with running(store, tmp_path, channel=Learned()) as (core, channel):
        for letter in letters:
            await store.bury("00000000aaaaaaaaaaaa", letter, "no JSON")
        for dead in await store.dead():
            assert await store.replay(dead.id)
        await until(lambda: _sent(channel, 2))

        async def buried() -> bool:
            return [d.reason for d in await store.dead()] == ["no words in it"]

        await until(buried)
    assert [x.what for x in await store.transcript(cid(core)) if x.by == "bot"] == ["disclosure", "help"]


async def test_tries_are_counted_over_workers(store: Store, tmp_path: Path) -> None:
    """A message that takes its worker with it is a dead letter after five workers."""
    ident = "00000000aaaaaaaaaaaa"
    await store.append(ident, arrival("1", "hallo"))
    for n in range(6):
        await store.own_lanes(f"dying{n}", 60)
        (ticket,) = (await store.read(0, f"dying{n}", START, None, 9, 0.1)).tickets
        await store.begin(ticket)
        await store.release_lanes(f"dying{n}")
    async with running(store, tmp_path):

        async def buried() -> bool:
            return [d.reason for d in await store.dead()] == ["failed 5 times"]

        await until(buried)


async def test_a_hundred_throttled_chats_delay_no_other(store: Store, tmp_path: Path) -> None:
    async with running(store, tmp_path) as (core, channel):
        for n in range(100):
            channel.faults[f"chat{n}"] = [ChannelThrottled(60.0)]
            await core.deliver(arrival(f"{n}", "hallo", f"chat{n}"))

        async def throttled() -> bool:
            return len(channel.calls) == 100

        await until(throttled)
        await core.deliver(arrival("1", "hallo"))
        await until(lambda: _sent(channel, 1))
        assert [chat for chat, _ in channel.sent] == ["maria"]


async def test_many_poisonous_messages_delay_no_other(store: Store, tmp_path: Path) -> None:
    async with running(store, tmp_path) as (core, channel):
        for n in range(40):
            await core.deliver(arrival(f"{n}", "poison", f"chat{n}"))
        await core.deliver(arrival("1", "hallo"))
        await until(lambda: _sent(channel, 1))

        async def buried() -> bool:
            return len(await store.dead()) == 40

        await until(buried)


class Counting(KeywordNlu):
    """Counts what it is asked."""

    asked = 0

    async def understand(self, text: str, language: str | None = None) -> Understanding:
        Counting.asked += 1
        return await super().understand(text, language)


async def test_who_floods_gets_one_notice_and_no_models_time(store: Store, tmp_path: Path) -> None:
    Counting.asked = 0
    async with running(store, tmp_path, nlu=Counting()) as (core, channel):
        core.turns.policy = replace(core.policy, flood_seconds=3600)  # however slow this machine is today
        for n in range(80):
            await core.deliver(arrival(f"e{n}", "wo ist das bürgeramt", "eve"))
        await core.deliver(arrival("1", "/hilfe"))
        await until(lambda: _to(channel, "maria", 2))

        async def handled() -> bool:
            return (await store.ages()).inbox == 0

        await until(handled)
        lines = await store.transcript(cid(core, "eve"))
        assert [x.what for x in lines if x.by == "bot"].count("flood") == 1
        assert len([x for x in lines if x.by == "citizen"]) == 80  # nothing is lost, a clerk may read it
        assert Counting.asked <= core.policy.flood_count + 1
