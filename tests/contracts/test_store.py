"""One contract for every store: in memory, on a real Valkey, on a real cluster of three."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis import Redis

from bot.conversation import Conversation, Line, Reason, Status
from bot.deadlines import place
from bot.handoff.callback import Callback
from bot.message import Arrival, DeliveryState, Rate
from bot.store.memory import MemoryStore
from bot.store.protocol import START, Ages, AlreadyDone, Conflict, Fenced, Outgoing, Sending, Store, Ticket, Write
from bot.store.redis import RedisStore
from bot.store.redis.server import Server

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CID = "00000001aaaaaaaaaaaa"
OTHER = "00000001bbbbbbbbbbbb"


@pytest.fixture(params=["memory", "redis", "cluster"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    made: Store
    if request.param == "memory":
        made = MemoryStore(lanes=4)
    else:
        made = RedisStore(request.getfixturevalue(f"{request.param}_url"), lanes=4, retention_days=30)
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


ME, LANE = "worker-1", 1


async def taken(store: Store, holder: str = ME) -> list[Ticket]:
    """Everything in the inbox, as a holder of the lane reads it."""
    await store.own_lanes(holder, 60)
    return list((await store.read(LANE, holder, START, None, 10, 0.05)).tickets)


async def out(store: Store, holder: str = ME) -> list[Outgoing]:
    """Everything in the outbox, as a holder of the lane reads it."""
    await store.own_lanes(holder, 60)
    return list((await store.read(LANE, holder, None, START, 10, 0.05)).outgoing)


async def handover(store: Store, new: str = "worker-2") -> None:
    """The lanes go to somebody else."""
    await store.release_lanes(ME)
    await store.own_lanes(new, 60)


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
    assert await taken(store) == []
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
    assert await out(store) == []


async def test_what_a_dead_worker_read_is_read_by_the_next_in_order(store: Store) -> None:
    for n in "123":
        await store.append(CID, arrival(n))
    first = await taken(store)
    assert [await store.begin(first[0]) for _ in range(2)] == [1, 2]
    await handover(store)
    again = await taken(store, "worker-2")
    assert [t.arrival.id for t in again] == ["1", "2", "3"]
    assert await store.begin(again[0]) == 3
    await store.finish(again[0])
    assert [t.arrival.id for t in await taken(store, "worker-2")] == ["2", "3"]
    with pytest.raises(AlreadyDone):
        await store.begin(again[0])


async def test_who_lost_the_lane_can_change_nothing_any_more(store: Store) -> None:
    await store.append(CID, arrival("1"))
    await store.keep(CID, 0, Write(conversation(), (), (sending("r0.0"),)))
    (ticket,), (o,) = await taken(store), await out(store)
    await handover(store)
    for late in (
        lambda: store.begin(ticket),
        lambda: store.finish(ticket),
        lambda: store.bury(CID, ticket.arrival, "late", ticket),
        lambda: store.keep(CID, 1, Write(conversation(misses=9), (line("x"),), (sending("x.0"),)), ticket),
        lambda: store.take(o, "late"),
    ):
        with pytest.raises(Fenced):
            await late()
    assert [t.arrival.id for t in await taken(store, "worker-2")] == ["1"]
    assert [x.sending.id for x in await out(store, "worker-2")] == ["r0.0"]
    assert (await store.load(CID)).version == 1
    assert await store.dead() == []


async def test_a_look_goes_on_where_the_last_one_ended(store: Store) -> None:
    await store.own_lanes(ME, 60)
    for n in "123":
        await store.append(CID, arrival(n))
    await store.keep(CID, 0, Write(conversation(), (), (sending("r1.0"),)))
    one = await store.read(LANE, ME, START, START, 2, 0.05)
    assert ([t.arrival.id for t in one.tickets], len(one.outgoing)) == (["1", "2"], 1)
    two = await store.read(LANE, ME, one.inbox, one.outbox, 2, 0.05)
    assert ([t.arrival.id for t in two.tickets], len(two.outgoing)) == (["3"], 0)
    three = await store.read(LANE, ME, two.inbox, two.outbox, 2, 0.05)
    assert (three.tickets, three.outgoing, three.inbox) == ((), (), two.inbox)


async def test_a_part_is_sent_once_and_its_state_never_goes_back(store: Store) -> None:
    await store.keep(CID, 0, Write(conversation(), (), (sending("r1.0"),)))
    (o,) = await out(store)
    assert (await store.take(o, "a"))[0] == "send"
    await store.report(CID, "ext-1", DeliveryState.DELIVERED)  # the report overtakes our own answer
    await store.settle(o, DeliveryState.SENT, "ext-1")
    assert (await store.deliveries(CID))["r1.0"] is DeliveryState.DELIVERED
    await store.report(CID, "ext-1", DeliveryState.SENT)
    assert (await store.deliveries(CID))["r1.0"] is DeliveryState.DELIVERED
    await store.report(CID, "ext-1", DeliveryState.READ)
    assert (await store.deliveries(CID))["r1.0"] is DeliveryState.READ
    assert (await store.take(o, "a"))[0] == "gone"
    assert await out(store) == []


async def test_a_send_that_nobody_finished_is_unknown_and_never_repeated(store: Store) -> None:
    await store.keep(CID, 0, Write(conversation(), (), (sending("r1.0"),)))
    (o,) = await out(store)
    await store.take(o, "a")  # … and the worker dies here
    await handover(store)
    (again,) = await out(store, "worker-2")
    assert (await store.take(again, "b"))[0] == "unknown"
    assert (await store.deliveries(CID))["r1.0"] is DeliveryState.UNKNOWN
    assert await out(store, "worker-2") == []
    await store.settle(o, DeliveryState.QUEUED)  # the dead one wakes up: it sent nothing, but who knows that now
    assert (await store.deliveries(CID))["r1.0"] is DeliveryState.UNKNOWN
    await store.settle(o, DeliveryState.SENT, "x")  # … or it did send it: that is the truth
    assert (await store.deliveries(CID))["r1.0"] is DeliveryState.SENT


async def test_who_asks_again_because_the_answer_was_lost_is_told_the_same(store: Store) -> None:
    await store.keep(CID, 0, Write(conversation(), (), (sending("r1.0"),)))
    (o,) = await out(store)
    assert (await store.take(o, "a"))[0] == "send"
    assert (await store.take(o, "a"))[0] == "send"
    assert (await store.take(o, "b"))[0] == "unknown"


async def test_a_part_in_flight_is_seen_and_can_be_given_up(store: Store) -> None:
    await store.keep(CID, 0, Write(conversation(), (), (sending("r1.0"), sending("r2.0", by="clerk"))))
    assert {(u.part, u.state, u.by) for u in await store.unsettled(CID)} == {
        ("r1.0", DeliveryState.QUEUED, "bot"),
        ("r2.0", DeliveryState.QUEUED, "clerk"),
    }
    assert not await store.doubt(CID, "r1.0")  # nobody sends it yet
    first, second = await out(store)
    await store.take(first, "a")
    assert await store.doubt(CID, "r1.0")
    assert [u.part for u in await store.unsettled(CID)] == ["r2.0"]
    assert (await store.deliveries(CID))["r1.0"] is DeliveryState.UNKNOWN
    assert (await store.take(first, "a"))[0] == "gone"
    await store.take(second, "c")
    await store.settle(second, DeliveryState.SENT, "x")
    assert await store.unsettled(CID) == []


async def test_a_bucket_is_shared_and_lets_a_burst_pass(store: Store) -> None:
    rate = Rate(0.001, 3)  # so few that a busy machine cannot let one come back meanwhile
    waits = [await store.reserve("telegram", rate) for _ in range(6)]
    assert waits[:3] == [0, 0, 0]
    assert all(later > earlier for earlier, later in itertools.pairwise(waits[2:]))
    assert 2900 < waits[5] <= 3001
    assert await store.reserve("whatsapp", rate) == 0


async def test_a_chat_that_is_held_back_delays_no_other(store: Store) -> None:
    await store.keep(CID, 0, Write(conversation(), (), (sending("r1.0"),)))
    await store.keep(OTHER, 0, Write(conversation(OTHER), (), (sending("r2.0"),)))
    one, two = await out(store)
    assert await store.reserve_chat(one, Rate(1, 2)) == 0
    await store.hold_back(one, Rate(1, 2), 300)
    assert 200 < await store.reserve_chat(one, Rate(1, 2)) <= 300
    assert await store.reserve_chat(two, Rate(1, 2)) == 0


async def test_a_throttled_part_goes_back_and_is_taken_again(store: Store) -> None:
    await store.keep(CID, 0, Write(conversation(), (), (sending("r1.0"),)))
    (o,) = await out(store)
    await store.take(o, "a")
    await store.settle(o, DeliveryState.QUEUED)
    verdict, last = await store.take(o, "a")
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
    assert (await store.take(o, "a"))[0] == expected


def waiting(cid: str, team: str = "t", **values: object) -> Conversation:
    return conversation(cid, status=Status.WAITING, reason=Reason.ASKED, waiting_since=NOW, team=team, **values)


async def test_queue_membership_follows_the_status(store: Store) -> None:
    await store.keep(CID, 0, Write(waiting(CID)))
    await store.keep(OTHER, 0, Write(conversation(OTHER)))
    assert [(c.id, v) for c, v in await store.queue(None, 10)] == [(CID, 1)]
    assert [c.id for c, _ in await store.queue({"t"}, 10)] == [CID]
    assert await store.queue({"other"}, 10) == []
    assert (await store.waiting({"t"}), await store.waiting({"other"}), await store.waiting(None)) == (1, 0, 1)
    await store.keep(CID, 1, Write(conversation(status=Status.ASSIGNED, owner="k", team="other")))
    assert [c.status for c, _ in await store.queue({"other"}, 10)] == [Status.ASSIGNED]
    assert (await store.queue({"t"}, 10), await store.waiting({"t"})) == ([], 0)
    await store.keep(CID, 2, Write(conversation(status=Status.RESOLVED)))
    assert await store.queue(None, 10) == []
    assert {c.id for c in await store.recent(10)} == {CID, OTHER}


MINE = conversation(status=Status.ASSIGNED, owner="k", team="t")
MOVES = {
    "claimed": (waiting(CID), MINE),
    "given back": (MINE, waiting(CID)),
    "passed on": (waiting(CID), waiting(CID, "u")),
    "passed to a team that may not see it": (waiting(CID), waiting(CID, "away")),
    "resolved": (waiting(CID), conversation(status=Status.RESOLVED, team="t")),
}


@pytest.mark.parametrize("looks", range(5))
@pytest.mark.parametrize("moved", MOVES)
async def test_what_moves_while_the_queue_is_read_is_listed_once(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, moved: str, looks: int
) -> None:
    """Somebody else moves it once so many of the server's answers are in."""
    store, other = (RedisStore(redis_url, lanes=4, retention_days=30) for _ in range(2))
    before, after = MOVES[moved]
    await store.keep(CID, 0, Write(before))
    await store.keep(OTHER, 0, Write(waiting(OTHER)))
    answers = itertools.count(1)

    def moving(ask: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def asked(*args: Any) -> Any:
            answer = await ask(*args)
            if next(answers) == looks:
                await other.keep(CID, 1, Write(after))
            return answer

        return asked

    for look in ("many", "run_each"):
        monkeypatch.setattr(Server, look, moving(getattr(Server, look)))
    listed = [c for c, _ in await store.queue({"t", "u"}, 10)]
    assert {c.id for c in listed} >= {OTHER}
    assert len({c.id for c in listed}) == len(listed)
    assert {c.team for c in listed} <= {"t", "u"}
    for one in (store, other):
        await one.close()


async def test_the_most_urgent_of_many_come_first(store: Store) -> None:
    for n in range(30):
        cid = f"{n:08x}cccccccccccc"
        await store.keep(cid, 0, Write(waiting(cid), urgency=1000.0 - n))
    first = [c.id for c, _ in await store.queue(None, 5)]
    assert first == [f"{n:08x}cccccccccccc" for n in (29, 28, 27, 26, 25)]
    assert await store.waiting({"t", "u"}) == 30


async def test_a_wanted_call_is_kept_and_goes_with_the_conversation(store: Store) -> None:
    call = Callback("0171 2345678", NOW, "ab 14 Uhr", 2, NOW + timedelta(minutes=5))
    await store.keep(CID, 0, Write(waiting(CID, callback=call)))
    assert [c.callback for c, _ in await store.queue({"t"}, 10)] == [call]
    await store.keep(CID, 1, Write(conversation(), erase=True))
    held = await store.load(CID)
    assert held.conversation is not None
    assert held.conversation.callback is None
    assert await store.queue(None, 10) == []


async def test_of_those_promised_for_the_same_time_who_waits_longest_comes_first(store: Store) -> None:
    """Out of hours all are promised for the same moment; the ids say the opposite of the waiting times."""
    for n in range(12):
        cid = f"{n:08x}dddddddddddd"
        since = NOW - timedelta(minutes=10 * n)
        c = conversation(cid, status=Status.WAITING, team="t", due=NOW + timedelta(days=3), waiting_since=since)
        await store.keep(cid, 0, Write(c, urgency=place(c, None)))
    early = waiting(CID, due=NOW + timedelta(days=2))
    await store.keep(CID, 0, Write(early, urgency=place(early, None)))
    queue = await store.queue(None, 20)
    assert [c.id for c, _ in queue] == [CID, *(f"{n:08x}dddddddddddd" for n in reversed(range(12)))]


async def test_the_clock_is_told_what_is_due(store: Store) -> None:
    look = NOW + timedelta(seconds=60)
    await store.keep(CID, 0, Write(conversation(), look=look))
    assert await store.due(NOW) == []
    assert await store.due(look) == [CID]
    await store.keep(CID, 1, Write(conversation(), look=None))
    assert await store.due(look + timedelta(days=1)) == []


async def test_ages_tell_how_long_the_oldest_has_been_there(store: Store) -> None:
    assert await store.ages() == Ages()
    await store.append(CID, arrival("1"))
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    await store.keep(CID, 0, Write(replace(waiting(CID), waiting_since=long_ago), (), (sending("r1.0"),)))
    await store.bury(OTHER, arrival("2"), "unreadable")
    ages = await store.ages()
    assert 3599 < ages.waiting < 7200
    assert 0 <= ages.unhandled < 3600
    assert 0 <= ages.unsent < 3600
    assert (ages.inbox, ages.outbox, ages.waiting_count, ages.assigned, ages.dead) == (1, 1, 1, 0, 1)


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
    assert await taken(store) == []
    assert not await store.append(CID, arrival())


async def test_a_dead_letter_is_replayed_once(store: Store) -> None:
    await store.append(CID, arrival())
    (ticket,) = await taken(store)
    await store.bury(CID, ticket.arrival, "poison", ticket)
    (letter,) = await store.dead()
    assert await store.replay(letter.id)
    assert not await store.replay(letter.id)
    assert not await store.replay("nonsense")
    assert await store.dead() == []
    (again,) = await taken(store)
    assert (again.arrival, again.conversation) == (arrival(), CID)


async def test_after_a_restore_nothing_happens_by_itself(store: Store) -> None:
    await store.append(CID, arrival())
    await store.keep(CID, 0, Write(conversation(), (), (sending("r1.0"), sending("r2.0"))))
    first, _ = await out(store)
    await store.take(first, "a")
    assert await store.quiesce() == (1, 2)
    assert (await taken(store), await out(store)) == ([], [])
    assert set((await store.deliveries(CID)).values()) == {DeliveryState.UNKNOWN}
    assert [(d.arrival, d.reason) for d in await store.dead()] == [(arrival(), "restored from a backup")]
    assert await store.quiesce() == (0, 0)


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


async def test_the_queue_of_an_older_version_is_taken_over(redis_url: str) -> None:
    """Version 0.1 kept one sorted set of open conversations and one of leases, and read by consumer groups."""
    store = RedisStore(redis_url, lanes=4, retention_days=30)
    lease = NOW + timedelta(seconds=60)
    assigned = conversation(OTHER, status=Status.ASSIGNED, owner="kim", lease_until=lease, team="t")
    with Redis.from_url(redis_url) as old:
        for c in (waiting(CID), assigned):
            old.hset(f"stadtbote:{{1}}:conv:{c.id}", mapping={"v": 3, "state": c.to_json(), "epoch": c.epoch})
            old.zadd("stadtbote:{1}:open", {c.id: NOW.timestamp()})
        old.zadd("stadtbote:{1}:leases", {OTHER: lease.timestamp()})
        old.xgroup_create("stadtbote:{1}:inbox", "reception", "0", mkstream=True)
        await store.append(CID, arrival())
        old.xreadgroup("reception", "lane", {"stadtbote:{1}:inbox": ">"})
        assert await store.queue(None, 10) == []
        assert await store.upgrade() == 2
        assert not old.exists("stadtbote:{1}:open", "stadtbote:{1}:leases")
    assert [(c.id, v) for c, v in await store.queue(None, 10)] == [(CID, 4), (OTHER, 4)]
    assert await store.due(lease) == [OTHER]
    assert [t.arrival for t in await taken(store)] == [arrival()]
    assert await store.upgrade() == 0
    await store.close()


async def test_watchers_hear_of_changes_but_no_words(store: Store) -> None:
    changes = store.changes()
    assert await anext(changes) is None
    watched = f"{CID[:8]}f0f0f0f0f0f0"  # no other test's: from another node of a cluster theirs may still be on the way
    await store.keep(watched, 0, Write(conversation(watched, status=Status.WAITING, team="t"), (line("m", "geheim"),)))
    change = None
    while change is None or change.conversation != watched:  # None says "look again"; it may come at any time
        change = await anext(changes)
    assert (change.status, change.team) == ("waiting", "t")
    assert "geheim" not in repr(change)
    await changes.aclose()  # type: ignore[attr-defined]


async def test_conversations_are_gone_through_from_the_latest_back(store: Store) -> None:
    names = [f"{n:08x}{'d' * 12}" for n in range(7)]  # of several lanes
    for n, name in enumerate(names):
        await store.keep(name, 0, Write(conversation(name, started=NOW + timedelta(minutes=n))))
        await store.keep(name, 1, Write(replace(conversation(name), last_citizen=NOW + timedelta(minutes=n))))
    seen: list[str] = []
    before = None
    while some := await store.earlier(before, 3):
        times = [at for at, _ in some]
        assert len(some) <= 3
        assert times == sorted(times, reverse=True)
        assert before is None or times[0] < before
        seen += [c.id for _, c in some]
        before = times[-1]
    assert [name for name in seen if name in names] == names[::-1]
    assert len(seen) == len(set(seen))
