"""One contract for the facts of handoffs: in memory, on a real Valkey, on a real cluster of three."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.handoff.fact import Handoff
from bot.store.protocol import Conflict, Store, Write
from bot.store.redis import RedisStore
from tests.contracts.test_store import CID, OTHER, conversation, store  # noqa: F401 - the fixture

# A day of its own: on the server other tests keep handoffs, too.
DAY = datetime.fromisoformat("2031-03-04T00:00:00+00:00")
NEXT = DAY + timedelta(days=1)
FIRST = Handoff(4711, "buergeramt", "ausweise", "telegram", "asked", DAY + timedelta(hours=9))


async def kept(store: Store, cid: str, fact: Handoff | None, erase: bool = False) -> None:  # noqa: F811
    held = await store.load(cid)
    await store.keep(cid, held.version, Write(conversation(cid), handoff=fact, erase=erase))


async def test_a_fact_is_kept_with_the_turn_and_replaced_by_its_number(store: Store) -> None:  # noqa: F811
    later = replace(FIRST, claimed=DAY + timedelta(hours=10), outcome="answered", ended=DAY + timedelta(hours=11))
    other = replace(FIRST, number=4712, opened=DAY + timedelta(hours=8), due=DAY + timedelta(hours=12))
    await kept(store, CID, FIRST)
    await kept(store, OTHER, other)
    await kept(store, CID, later)
    await kept(store, CID, None)
    assert await store.handoffs(DAY, NEXT) == [other, later]
    assert await store.handoff(CID, 4711) == later
    assert await store.handoff(CID, 4712) is None  # another conversation's
    rated = replace(later, rating="good")
    await kept(store, CID, rated)
    assert await store.handoff(CID, 4711) == rated
    await kept(store, CID, later)
    assert await store.handoffs(DAY + timedelta(hours=9), NEXT) == [later]
    assert await store.handoffs(DAY, DAY + timedelta(hours=8)) == []
    await kept(store, CID, replace(FIRST, number=4713, opened=DAY + timedelta(hours=12)))
    assert [h.number for h in await store.handoffs(DAY, NEXT)] == [4712, 4711, 4713]
    # What is erased takes all its handoffs along.
    await kept(store, CID, None, erase=True)
    assert [h.number for h in await store.handoffs(DAY, NEXT)] == [4712]
    assert await store.handoff(CID, 4711) is None
    await kept(store, OTHER, None, erase=True)
    assert await store.handoffs(DAY, NEXT) == []
    if isinstance(store, RedisStore):  # nor does a list of them name it any more
        listed = await store._server.each_lane("ZRANGE", "opened", 0, -1)
        assert not [name for names in listed for name in names if name.decode().startswith((CID, OTHER))]


async def test_a_turn_that_conflicts_leaves_no_fact(store: Store) -> None:  # noqa: F811
    await kept(store, CID, None)
    with pytest.raises(Conflict):
        await store.keep(CID, 99, Write(conversation(), handoff=FIRST))
    assert await store.handoffs(DAY, NEXT) == []


async def test_a_number_leads_to_its_conversation_until_that_is_erased(store: Store) -> None:  # noqa: F811
    await kept(store, CID, replace(FIRST, number=94711))
    await kept(store, CID, replace(FIRST, number=94712, opened=DAY + timedelta(hours=12)))
    await kept(store, OTHER, replace(FIRST, number=947))
    assert [await store.numbered(n) for n in (94711, 94712, 947, 4712)] == [[CID], [CID], [OTHER], []]
    await kept(store, CID, None, erase=True)
    assert [await store.numbered(n) for n in (94711, 94712, 947)] == [[], [], [OTHER]]
    await kept(store, OTHER, None, erase=True)
