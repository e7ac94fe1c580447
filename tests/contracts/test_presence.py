"""One contract for who is here: in memory, on a real Valkey, on a real cluster of three."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from bot.store.presence import IDLE, Doing
from bot.store.protocol import Change, Store, Write
from tests.contracts.test_store import CID, NOW, OTHER, conversation, store  # noqa: F401 - the fixture

MINUTE = timedelta(minutes=1)
# For those who listen, a conversation that no other test has: what was published on another node of a cluster before
# somebody listened may still be on its way. All of one lane, so that one node tells of them in order.
FIRST, LAST, QUIET, AFTER, AGAIN = (f"{CID[:8]}{name * 3}" for name in ("f1f1", "f2f2", "f3f3", "f4f4", "f5f5"))


async def until(changes: AsyncIterator[Change | None], conversation: str) -> list[Change]:
    """What is heard up to the first change of that conversation."""
    heard: list[Change] = []
    while not heard or heard[-1].conversation != conversation:
        change = await asyncio.wait_for(anext(changes), 60)
        heard += [change] if change else []
    return heard


def at(minutes: float) -> datetime:
    return NOW + minutes * MINUTE


@pytest.fixture
async def shared(store: Store) -> Store:  # noqa: F811
    """Those who are here are not of one conversation: the run's other tests may have left somebody."""
    for clerk in ("kim", "eve"):
        await store.be_away(clerk, "", NOW)
    return store


async def test_a_page_is_open_until_its_time_has_come(shared: Store) -> None:
    await shared.beat("kim", "p1", at(1), NOW)
    assert await shared.people(NOW) == {"kim": ""}
    assert await shared.people(at(0.99)) == {"kim": ""}
    assert await shared.people(at(1)) == {}
    await shared.beat("kim", "p1", at(2), at(1))
    assert await shared.people(at(1.5)) == {"kim": ""}
    await shared.beat("kim", "p1", at(1.5), at(1.5))


async def test_who_closes_one_of_two_pages_is_still_here(shared: Store) -> None:
    await shared.beat("kim", "p1", at(1), NOW)
    await shared.beat("kim", "p2", at(1), NOW)
    await shared.beat("eve", "p3", at(1), NOW)
    await shared.beat("kim", "p1", NOW, NOW)
    assert await shared.people(NOW) == {"kim": "", "eve": ""}
    await shared.beat("kim", "p2", NOW, NOW)
    assert await shared.people(NOW) == {"eve": ""}
    await shared.beat("eve", "p3", NOW, NOW)


async def test_away_has_a_reason_and_an_end(shared: Store) -> None:
    await shared.beat("kim", "p1", at(9), NOW)
    await shared.be_away("kim", "pause", at(5))
    assert await shared.people(at(4)) == {"kim": "pause"}
    assert (await shared.away("kim", at(4)), await shared.away("kim", at(5))) == ("pause", "")
    assert await shared.people(at(5)) == {"kim": ""}
    await shared.be_away("kim", "meeting", at(8))
    assert await shared.people(at(6)) == {"kim": "meeting"}
    await shared.be_away("kim", "", at(8))
    assert await shared.people(at(6)) == {"kim": ""}
    await shared.be_away("eve", "pause", at(8))
    assert await shared.people(at(6)) == {"kim": ""}  # who is gone is not away
    await shared.beat("kim", "p1", NOW, NOW)


async def test_who_touches_nothing_is_idle_until_they_do(shared: Store) -> None:
    await shared.beat("kim", "p1", at(9), NOW)
    assert await shared.people(at(4)) == {"kim": ""}  # nobody knows yet when she did something
    await shared.touch("kim", at(3))
    await shared.touch("eve", at(3))  # without a page she is not here
    assert await shared.people(at(2.99)) == {"kim": ""}
    assert await shared.people(at(3)) == {"kim": IDLE}
    assert await shared.away("kim", at(3)) == ""  # she did not say so
    await shared.be_away("kim", "pause", at(5))
    assert await shared.people(at(4)) == {"kim": "pause"}
    assert await shared.people(at(5)) == {"kim": IDLE}
    await shared.touch("kim", at(8))
    assert await shared.people(at(6)) == {"kim": ""}
    for clerk in ("kim", "eve"):
        await shared.touch(clerk, at(9999))
    await shared.beat("kim", "p1", NOW, NOW)


async def test_two_at_one_conversation(shared: Store) -> None:
    await shared.attend(CID, "kim", Doing.LOOKING, at(1), NOW)
    await shared.attend(CID, "eve", Doing.TYPING, at(1), NOW)
    assert await shared.attending(CID, NOW) == {"kim": Doing.LOOKING, "eve": Doing.TYPING}
    assert await shared.attending(OTHER, NOW) == {}
    await shared.attend(CID, "eve", Doing.LOOKING, at(2), NOW)
    assert await shared.attending(CID, at(1)) == {"eve": Doing.LOOKING}
    await shared.attend(CID, "eve", None, at(2), at(1))
    assert await shared.attending(CID, at(1)) == {}


async def test_watchers_hear_who_comes_begins_to_type_and_goes_and_no_more(shared: Store) -> None:
    changes = shared.changes()
    assert await anext(changes) is None
    doings = (Doing.LOOKING, Doing.LOOKING, Doing.TYPING, Doing.TYPING, Doing.LOOKING, None, None)
    for n, doing in enumerate(doings):
        await shared.attend(FIRST, "kim", doing, at(n + 2), at(n))
    await shared.attend(LAST, "kim", Doing.LOOKING, at(1), NOW)
    heard = [c for c in await until(changes, LAST) if c.conversation in (FIRST, LAST)]
    assert [c.conversation for c in heard] == [FIRST] * 4 + [LAST]
    assert all(c.people for c in heard)
    await changes.aclose()  # type: ignore[attr-defined]


async def test_a_quiet_turn_is_told_to_nobody(shared: Store) -> None:
    await shared.keep(QUIET, 0, Write(conversation(QUIET)))
    changes = shared.changes()
    assert await anext(changes) is None
    assert await shared.keep(QUIET, 1, Write(conversation(QUIET, misses=1), quiet=True)) == 2
    await shared.keep(QUIET, 2, Write(conversation(QUIET)))
    await shared.attend(AFTER, "eve", Doing.LOOKING, at(1), NOW)
    heard = {c.version for c in await until(changes, AFTER) if c.conversation == QUIET}
    assert heard - {1} == {3}
    await changes.aclose()  # type: ignore[attr-defined]


async def test_nobody_is_looking_any_more_says_the_time_alone(shared: Store) -> None:
    await shared.attend(AGAIN, "kim", Doing.TYPING, at(1), NOW)
    assert await shared.attending(AGAIN, at(1)) == {}
    changes = shared.changes()
    assert await anext(changes) is None
    await shared.attend(AGAIN, "kim", Doing.LOOKING, at(3), at(2))  # she comes anew: that is news
    assert [c.people for c in await until(changes, AGAIN) if c.conversation == AGAIN] == [True]
    await changes.aclose()  # type: ignore[attr-defined]
