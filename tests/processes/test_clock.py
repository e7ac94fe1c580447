"""What is overdue happens to each conversation, whatever is the matter with another one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.composition import Core, build_core
from bot.conversation import Conversation, NotNow, Status
from bot.handoff.desk import Clerk
from bot.processes.clock import tick
from bot.settings import Settings
from bot.store.memory import MemoryStore
from bot.store.protocol import Held, StoreUnavailable, Write
from tests.house import Notebook

NOW = datetime.now(UTC)
MARIA = Clerk("maria", "Maria Sommer")
BROKEN, LATER = f"{1:08x}{'b' * 12}", f"{2:08x}{'c' * 12}"


class Troubled(MemoryStore):
    """Cannot give one of its conversations."""

    error: Exception = ValueError("no JSON")

    async def load(self, conversation: str) -> Held:
        if conversation == BROKEN:
            raise self.error
        return await super().load(conversation)


async def overdue(folder: Path, store: MemoryStore) -> Core:
    """Two claims that nobody renewed; the broken one's ended first."""
    channel = Notebook()
    for n, ident in enumerate((BROKEN, LATER)):
        ended = NOW - timedelta(minutes=10 - n)
        c = Conversation(ident, channel.name, str(n), Status.ASSIGNED, owner="maria", number=n + 1, waiting_since=ended)
        await store.keep(ident, 0, Write(replace(c, lease_until=ended), look=ended))
    return build_core(Settings(home=folder), store=store, channels={channel.name: channel}, process="clock")


async def test_a_messenger_that_was_switched_off_keeps_nobody_in_hand(tmp_path: Path) -> None:
    store = MemoryStore()
    core = await overdue(tmp_path, store)
    core.channels.clear()
    await tick(core, NOW)
    held = await store.load(LATER)
    assert held.conversation is not None
    assert held.conversation.status is Status.WAITING
    assert [line.by for line in await store.transcript(LATER)] == ["event"], "nothing is shown as said that was not"
    await core.desk.claim(MARIA, LATER)
    with pytest.raises(NotNow, match=r"channel\.off"):
        await core.desk.write(MARIA, LATER, "Guten Tag")
    assert (await core.desk.resolve(MARIA, LATER)).status is Status.RESOLVED
    await core.close()


async def test_one_that_cannot_be_judged_keeps_no_other_waiting(tmp_path: Path) -> None:
    store = Troubled()
    core = await overdue(tmp_path, store)
    await tick(core, NOW)
    held = await store.load(LATER)
    assert held.conversation is not None
    assert held.conversation.status is Status.WAITING
    await core.close()


async def test_while_the_store_is_away_nothing_is_tried(tmp_path: Path) -> None:
    store = Troubled()
    store.error = StoreUnavailable("away")
    core = await overdue(tmp_path, store)
    with pytest.raises(StoreUnavailable):
        await tick(core, NOW)
    assert (await store.load(LATER)).version == 1
    await core.close()
