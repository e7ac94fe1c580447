"""One contract for facts on their way: in memory, on a real Valkey, on a real cluster of three."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.facts.fact import Fact, FactKind
from bot.store.protocol import Conflict, Store, Write
from tests.contracts.test_store import CID, NOW, OTHER, conversation, line, sending, store  # noqa: F401 - the fixture

ASKED = Fact("f1", NOW, FactKind.WITHHELD, CID, "telegram", "de", by="miss", value=412, text="was kostet ein 🐕")
BEGUN = Fact("f0", NOW, FactKind.BEGUN, CID, "telegram")
THEIRS = Fact("f2", NOW, FactKind.RATED, OTHER, "telegram", team="t", value=0, count=-1)


async def kept(store: Store, cid: str, *facts: Fact, erase: bool = False) -> None:  # noqa: F811
    held = await store.load(cid)
    await store.keep(cid, held.version, Write(conversation(cid), facts=facts, erase=erase))


async def waiting(store: Store, limit: int = 100) -> list[Fact | None]:  # noqa: F811
    return [left.fact for left in await store.facts(limit)]


async def test_facts_travel_with_the_turn_in_order_until_they_are_dropped(store: Store) -> None:  # noqa: F811
    write = Write(conversation(), (line("m1"),), (sending("r1.0"), sending("r1.1")), facts=(BEGUN, ASKED))
    await store.keep(CID, 0, write)
    await kept(store, OTHER, THEIRS)
    assert await waiting(store) == [BEGUN, ASKED, THEIRS]  # both lie in one lane
    assert await waiting(store, 1) == [BEGUN]
    assert (await store.ages()).facts == 3
    assert len(await store.transcript(CID)) == 1
    assert len(await store.deliveries(CID)) == 2  # what else was written is where it belongs
    first, *others = await store.facts(10)
    await store.drop_facts([first.place])
    await store.drop_facts([first.place])  # it has gone already
    assert await waiting(store) == [ASKED, THEIRS]
    await store.drop_facts([left.place for left in others])
    await store.drop_facts([])
    assert (await waiting(store), (await store.ages()).facts) == ([], 0)


async def test_a_turn_that_conflicts_leaves_no_fact(store: Store) -> None:  # noqa: F811
    await kept(store, CID)
    with pytest.raises(Conflict):
        await store.keep(CID, 99, Write(conversation(), facts=(ASKED,)))
    assert await waiting(store) == []


async def test_erasing_takes_the_words_and_leaves_the_counts(store: Store) -> None:  # noqa: F811
    theirs = replace(ASKED, id="f9", conversation=OTHER)
    await kept(store, CID, BEGUN, ASKED)
    await kept(store, OTHER, theirs)
    erased = Fact("f3", NOW + timedelta(minutes=1), FactKind.ERASED, CID, "telegram")
    await kept(store, CID, erased, erase=True)
    left = await waiting(store)
    assert {f.id: f.text for f in left if f} == {"f0": "", "f1": "", "f9": ASKED.text, "f3": ""}
    assert left[-1] == erased  # after what it is about
    assert replace(ASKED, text="") in left
