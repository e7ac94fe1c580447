"""One contract for every store: in memory and on a real Valkey."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.conversation import Conversation, Line, Reason, Status
from bot.message import Arrival, DeliveryState
from bot.store.memory import MemoryStore
from bot.store.protocol import AlreadyDone, Conflict, Outgoing, Sending, Store, Ticket, Write
from bot.store.redis import RedisStore

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CID = "00000001aaaaaaaaaaaa"
OTHER = "00000001bbbbbbbbbbbb"


@pytest.fixture(params=["memory", "redis"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    made: Store
    if request.param == "redis":
        made = RedisStore(request.getfixturevalue("redis_url"), lanes=4, retention_days=30)
    else:
        made = MemoryStore(lanes=4)
    yield made
    await made.close()


def arrival(id: str = "1", chat: str = "c") -> Arrival:
    return Arrival("telegram", id, chat, {"text": "grüß gott 🏛"})


def conversation(cid: str = CID, **values: object) -> Conversation:
    return Conversation(cid, "telegram", "c", last_citizen=NOW, **values)  # type: ignore[arg-type]


def sending(id: str, by: str = "bot", urgent: bool = False) -> Sending:
    return Sending(id, id.split(".")[0], "telegram", "c", {"text": "hallo"}, by, urgent)


def line(id: str, text: str = "hallo") -> Line:
    return Line(id, "citizen", NOW, text, text, understanding={"intent": "greet"}, parts=())


async def test_a_repeat_is_named_and_not_kept_twice(store: Store) -> None:
    assert await store.append(CID, arrival())
    assert not await store.append(CID, arrival())
    assert await store.append(CID, arrival("2"))
    tickets = await taken(store)
    assert [t.arrival.id for t in tickets] == ["1", "2"]
    assert tickets[0].arrival == arrival()


async def taken(store: Store, lane: int = 1) -> list[Ticket]:
    found = await store.receive(lane, 10, 0.05)
    return found or await store.receive(lane, 10, 0.05)


async def test_state_transcript_outbox_and_done_are_one_write(store: Store) -> None:
    await store.append(CID, arrival())
    (ticket,) = await taken(store)
    held = await store.load(CID)
    assert held.conversation is None
    write = Write(conversation(misses=1), (line("m1"),), (sending("r1.0"), sending("r1.1")))
    assert await store.keep(CID, held.version, write, ticket) == 1
    again = await store.load(CID)
    assert again.conversation == write.conversation
    assert await store.transcript(CID) == [line("m1")]
    assert dict(await store.deliveries(CID)) == {"r1.0": DeliveryState.QUEUED, "r1.1": DeliveryState.QUEUED}
    assert await store.reclaim(1) == []
    with pytest.raises(AlreadyDone):
        await store.keep(CID, 1, write, ticket)


async def test_a_second_writer_gets_a_conflict_and_changes_nothing(store: Store) -> None:
    await store.keep(CID, 0, Write(conversation(misses=1)))
    with pytest.raises(Conflict):
        await store.keep(CID, 0, Write(conversation(misses=7), (line("x"),), (sending("x.0"),)))
    held = await store.load(CID)
    assert held.conversation is not None
    assert held.conversation.misses == 1
    assert await store.transcript(CID) == []
    assert await store.outgoing(1, 10, 0.05) == []


async def test_what_a_dead_worker_took_is_handed_out_again_in_order(store: Store) -> None:
    for n in "123":
        await store.append(CID, arrival(n))
    first = await taken(store)
    again = await store.reclaim(1)
    assert [t.arrival.id for t in again] == ["1", "2", "3"]
    assert all(t.tries > 1 for t in again)
    await store.finish(first[0])
    assert [t.arrival.id for t in await store.reclaim(1)] == ["2", "3"]


async def out(store: Store) -> list[Outgoing]:
    found = await store.outgoing(1, 10, 0.05)
    return found or await store.outgoing(1, 10, 0.05)


async def test_a_part_is_sent_once_and_its_state_never_goes_back(store: Store) -> None:
    await store.keep(CID, 0, Write(conversation(), (), (sending("r1.0"),)))
    (o,) = await out(store)
    assert (await store.take(o))[0] == "send"
    await store.report(CID, "ext-1", DeliveryState.DELIVERED)  # the report overtakes our own answer
    await store.settle(o, DeliveryState.SENT, "ext-1")
    assert (await store.deliveries(CID))["r1.0"] is DeliveryState.DELIVERED
    await store.report(CID, "ext-1", DeliveryState.SENT)
    assert (await store.deliveries(CID))["r1.0"] is DeliveryState.DELIVERED
    await store.report(CID, "ext-1", DeliveryState.READ)
    assert (await store.deliveries(CID))["r1.0"] is DeliveryState.READ
    assert (await store.take(o))[0] == "gone"
    assert await store.unsent(1) == []


async def test_a_send_that_nobody_finished_is_unknown_and_never_repeated(store: Store) -> None:
    await store.keep(CID, 0, Write(conversation(), (), (sending("r1.0"),)))
    (o,) = await out(store)
    await store.take(o)  # … and the worker dies here
    (again,) = await store.unsent(1)
    assert (await store.take(again))[0] == "unknown"
    assert (await store.deliveries(CID))["r1.0"] is DeliveryState.UNKNOWN
    assert await store.unsent(1) == []


async def test_a_throttled_part_goes_back_and_is_taken_again(store: Store) -> None:
    await store.keep(CID, 0, Write(conversation(), (), (sending("r1.0"),)))
    (o,) = await out(store)
    await store.take(o)
    await store.settle(o, DeliveryState.QUEUED)
    verdict, last = await store.take(o)
    assert verdict == "send"
    assert last == NOW.timestamp()


@pytest.mark.parametrize(
    ("by", "urgent", "expected"), [("bot", False, "stale"), ("bot", True, "send"), ("clerk", False, "send")]
)
async def test_the_bots_sends_are_dropped_once_the_owner_changed(
    store: Store, by: str, urgent: bool, expected: str
) -> None:
    await store.keep(CID, 0, Write(conversation(), (), (sending("r1.0", by, urgent),)))
    await store.keep(CID, 1, Write(conversation(epoch=1, status=Status.ASSIGNED, owner="kim")))
    (o,) = await out(store)
    assert (await store.take(o))[0] == expected


async def test_queue_membership_follows_the_status(store: Store) -> None:
    waiting = conversation(status=Status.WAITING, reason=Reason.ASKED, waiting_since=NOW, team="t")
    await store.keep(CID, 0, Write(waiting))
    await store.keep(OTHER, 0, Write(conversation(OTHER)))
    assert [(c.id, v) for c, v in await store.open()] == [(CID, 1)]
    lease = NOW + timedelta(seconds=60)
    await store.keep(CID, 1, Write(conversation(status=Status.ASSIGNED, owner="k", lease_until=lease)))
    assert await store.leases(NOW) == []
    assert await store.leases(lease + timedelta(seconds=1)) == [CID]
    await store.keep(CID, 2, Write(conversation(status=Status.RESOLVED)))
    assert await store.open() == []
    assert await store.leases(lease + timedelta(days=1)) == []
    assert {c.id for c in await store.recent(10)} == {CID, OTHER}


async def test_erasing_leaves_the_new_state_and_its_receipt_alone(store: Store) -> None:
    await store.bury(CID, arrival("9"), "unreadable")
    await store.bury(OTHER, arrival("10", "other"), "unreadable")
    await store.keep(CID, 0, Write(conversation(), (line("m1", "mein geheimnis"),), (sending("r1.0"),)))
    await store.keep(OTHER, 0, Write(conversation(OTHER), (line("m2"),), (sending("r2.0"),)))
    await store.keep(CID, 1, Write(conversation(), (line("receipt"),), (sending("r3.0", urgent=True),), erase=True))
    assert [x.id for x in await store.transcript(CID)] == ["receipt"]
    assert sorted(o.sending.id for o in await out(store)) == ["r2.0", "r3.0"]
    assert list(await store.deliveries(CID)) == ["r3.0"]
    assert [d.arrival.chat for d in await store.dead()] == ["other"]
    assert len(await store.transcript(OTHER)) == 1


async def test_dead_letters_leave_the_inbox_and_repeats_of_them_are_repeats(store: Store) -> None:
    await store.append(CID, arrival())
    (ticket,) = await taken(store)
    await store.bury(CID, ticket.arrival, "poison", ticket)
    await store.bury(CID, arrival("raw"), "not json")
    await store.bury(CID, arrival("raw"), "not json")
    assert [(d.arrival.id, d.reason) for d in await store.dead()] == [("1", "poison"), ("raw", "not json")]
    assert await store.reclaim(1) == []
    assert not await store.append(CID, arrival())


async def test_numbers_grow(store: Store) -> None:
    first, second = await store.next_number(), await store.next_number()
    assert second == first + 1 > 1000


async def test_lanes_are_owned_and_given_back(store: Store) -> None:
    assert sorted(await store.own_lanes("a", 60)) == [0, 1, 2, 3]
    await store.release_lanes("a")
    assert sorted(await store.own_lanes("b", 60)) == [0, 1, 2, 3]


async def test_two_workers_share_the_lanes_and_never_one_lane(redis_url: str) -> None:
    store = RedisStore(redis_url, lanes=5, retention_days=1)
    await store.own_lanes("a", 60)
    await store.own_lanes("b", 60)
    a, b = set(await store.own_lanes("a", 60)), set(await store.own_lanes("b", 60))
    assert not a & b
    assert a | b == set(range(5))
    assert len(a) in (2, 3)
    await store.close()


async def test_watchers_hear_of_changes_but_no_words(store: Store) -> None:
    changes = store.changes()
    assert await anext(changes) is None
    await store.keep(CID, 0, Write(conversation(status=Status.WAITING, team="t"), (line("m", "geheim"),)))
    change = None
    while change is None:  # None says "look again"; it may come at any time
        change = await anext(changes)
    assert (change.conversation, change.status, change.team) == (CID, "waiting", "t")
    assert "geheim" not in repr(change)
    await changes.aclose()  # type: ignore[attr-defined]
