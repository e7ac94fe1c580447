"""Looking through everything takes as long as it takes; nobody waits for it, and it is never done twice at once."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.attachments.vault import FolderVault
from bot.conversation import Conversation
from bot.processes.tidying import TIDY_SECONDS, Tidying
from bot.store.memory import MemoryStore
from bot.store.protocol import StoreUnavailable, Write

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
IDENT = "ab" * 10


class Slow(FolderVault):
    """Has so many files that listing them takes until the test says so."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.go, self.asked = asyncio.Event(), 0

    async def conversations(self) -> list[str]:
        self.asked += 1
        await self.go.wait()
        return await super().conversations()


class Away(MemoryStore):
    """A store that is away, once."""

    async def tidy(self, now: datetime) -> int:
        raise StoreUnavailable("away")


async def until(found: Callable[[], object]) -> None:
    while not found():
        await asyncio.sleep(0)


async def test_one_look_at_a_time_beside_everything_else(tmp_path: Path) -> None:
    store, vault, clock = MemoryStore(), Slow(tmp_path), [0.0]
    old = Conversation(IDENT, "web", "1", last_citizen=NOW - timedelta(days=31))
    await store.keep(IDENT, 0, Write(old))
    tidying = Tidying(store, vault, lambda: clock[0])
    assert tidying.begin(NOW)
    await until(lambda: vault.asked)
    assert (await store.load(IDENT)).conversation is None, "what is quickly done is not kept waiting"
    clock[0] = 2 * TIDY_SECONDS
    assert not tidying.begin(NOW), "the last look is still under way"
    vault.go.set()
    await until(lambda: tidying.begin(NOW))
    clock[0] += TIDY_SECONDS - 1
    await until(lambda: vault.asked == 2)
    assert not tidying.begin(NOW), "it is not time yet"
    await tidying.close()


async def test_after_trouble_it_begins_again_at_its_time(tmp_path: Path) -> None:
    clock = [0.0]
    tidying = Tidying(Away(), Slow(tmp_path), lambda: clock[0])
    assert tidying.begin(NOW)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    clock[0] = TIDY_SECONDS
    await until(lambda: tidying.begin(NOW))
    await tidying.close()
