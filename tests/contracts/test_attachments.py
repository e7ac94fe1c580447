"""Files of conversations in every store: in memory, on a real Valkey, on a real cluster of three."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.attachments.attachment import Attachment, Fate
from bot.conversation import Conversation
from bot.store.memory import MemoryStore
from bot.store.protocol import Store, Write
from bot.store.redis import RedisStore

CID, OTHER = "00000001aaaaaaaaaaaa", "00000002bbbbbbbbbbbb"
PHOTO = Attachment("aa00", "bild.jpg", "image/jpeg", 3, Fate.QUEUED, source="ref")
HOUR = timedelta(hours=1)


@pytest.fixture(params=["memory", "redis", "cluster"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    made: Store
    if request.param == "memory":
        made = MemoryStore(lanes=4)
    else:
        made = RedisStore(request.getfixturevalue(f"{request.param}_url"), lanes=4, retention_days=30)
    yield made
    await made.close()


async def kept(store: Store, *files: Attachment, cid: str = CID, erase: bool = False) -> None:
    held = await store.load(cid)
    c = held.conversation or Conversation(cid, "telegram", "c", last_citizen=datetime.now(UTC))
    await store.keep(cid, held.version, Write(c, attachments=files, erase=erase))


def soon(seconds: float = 1.0) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


async def test_what_is_wanted_is_given_to_one_at_a_time(store: Store) -> None:
    ready = replace(PHOTO, id="bb11", fate=Fate.READY, digest="d" * 64)
    await kept(store, PHOTO, ready, replace(PHOTO, id="cc22", fate=Fate.HELD))
    await kept(store, replace(PHOTO, name="ä 🏛.jpg"), cid=OTHER)
    assert {a.id: a.fate for a in await store.attachments(CID)} == {"aa00": "queued", "bb11": "ready", "cc22": "held"}
    found = await store.wanted(soon(), HOUR, 10)
    assert sorted((c, a.id, a.name) for c, a in found) == [(CID, "aa00", "bild.jpg"), (OTHER, "aa00", "ä 🏛.jpg")]
    assert await store.wanted(soon(), HOUR, 10) == []
    assert len(await store.wanted(soon(3700), HOUR, 10)) == 2  # whoever had them died


async def test_no_more_are_given_than_asked_for(store: Store) -> None:
    await kept(store, *(replace(PHOTO, id=f"{n:04x}") for n in range(5)))
    await kept(store, PHOTO, cid=OTHER)
    first = await store.wanted(soon(), HOUR, 4)
    second = await store.wanted(soon(), HOUR, 4)
    assert (len(first), len(second)) == (4, 2)
    assert not {(c, a.id) for c, a in first} & {(c, a.id) for c, a in second}


async def test_what_became_of_it_is_kept_and_another_try_comes_in_its_time(store: Store) -> None:
    await kept(store, PHOTO)
    await store.wanted(soon(), HOUR, 1)
    assert await store.settle_attachment(CID, replace(PHOTO, tries=1, reason="network"), soon(60))
    assert await store.wanted(soon(), HOUR, 1) == []
    ((_, again),) = await store.wanted(soon(61), HOUR, 1)
    assert (again.tries, again.reason) == (1, "network")
    done = replace(again, fate=Fate.READY, digest="e" * 64)
    assert await store.settle_attachment(CID, done, None)
    assert await store.attachments(CID) == [done]
    assert await store.wanted(soon(7200), HOUR, 1) == []


async def test_nothing_of_an_erased_conversation_comes_back(store: Store) -> None:
    await kept(store, PHOTO)
    await kept(store, PHOTO, cid=OTHER)
    await kept(store, erase=True)
    assert await store.attachments(CID) == []
    assert [c for c, _ in await store.wanted(soon(), HOUR, 10)] == [OTHER]
    assert not await store.settle_attachment(CID, replace(PHOTO, fate=Fate.READY, digest="f" * 64), soon(-5))
    assert await store.attachments(CID) == []
    assert await store.wanted(soon(), HOUR, 10) == []


async def test_watchers_are_told(store: Store) -> None:
    await kept(store, PHOTO)
    changes = store.changes()
    assert await anext(changes) is None
    await store.settle_attachment(CID, replace(PHOTO, fate=Fate.READY), None)
    change = None
    while change is None:  # None says "look again"; it may come at any time
        change = await anext(changes)
    assert change.conversation == CID
    await changes.aclose()  # type: ignore[attr-defined]
