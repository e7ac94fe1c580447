"""The webhook edge over a store that hangs: 503 in time, and the order of each chat kept."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.composition import build_core
from bot.edge import SIDE_BY_SIDE
from bot.message import Arrival
from bot.processes.sockets import CHAT
from bot.settings import Settings
from bot.simulator.whatsapp_hooks import sign
from bot.store.memory import MemoryStore
from bot.webapp import build_apps

SECRET = "app-secret-of-the-town"


class Slow(MemoryStore):
    """Keeps what it is given, and hangs from its n-th arrival on for so many seconds."""

    def __init__(self, hangs_at: int, seconds: float) -> None:
        super().__init__()
        self.kept: list[Arrival] = []
        self._hangs_at, self._seconds = hangs_at, seconds

    async def append(self, conversation: str, arrival: Arrival) -> bool:
        if len(self.kept) >= self._hangs_at:
            await asyncio.sleep(self._seconds)
        new = await super().append(conversation, arrival)
        if new:
            self.kept.append(arrival)
        return new


@asynccontextmanager
async def edge(folder: Path, redis_url: str, store: MemoryStore) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    names = {"token": "x", "phone_number_id": "1", "app_secret": SECRET, "verify_token": "word"}
    settings = Settings(
        home=folder, redis_url=redis_url, whatsapp_enabled=True, **{f"whatsapp_{k}": v for k, v in names.items()}
    )
    core = build_core(settings, store=store)
    client = TestClient(TestServer(build_apps(core, ())[CHAT]))
    try:
        await client.start_server()
        yield client
    finally:
        await client.close()
        await core.close()


def batch(chats: int, each: int) -> bytes:
    """One delivery: `each` messages of every chat, dealt in turn."""
    text = {"timestamp": "1795500000", "type": "text", "text": {"body": "x"}}
    messages = [{"from": f"4912{c}", "id": f"wamid.{c}.{n}", **text} for n in range(each) for c in range(chats)]
    return json.dumps({"entry": [{"changes": [{"field": "messages", "value": {"messages": messages}}]}]}).encode()


async def post(client: TestClient, raw: bytes) -> tuple[int, float]:  # type: ignore[type-arg]
    """(status, seconds)."""
    began = time.monotonic()
    async with client.post("/channels/whatsapp", data=raw, headers={"X-Hub-Signature-256": sign(SECRET, raw)}) as told:
        return told.status, time.monotonic() - began


async def test_a_store_that_hangs_in_the_middle_of_fifty(tmp_path: Path, redis_url: str) -> None:
    store = Slow(hangs_at=7, seconds=60)
    async with edge(tmp_path, redis_url, store) as client:
        status, seconds = await post(client, batch(10, 5))
        assert status == 503
        assert seconds < 10  # said at 1.8 s; the store hangs for 60
        store._hangs_at = 1000  # it works again: the platform delivers anew
        assert (await post(client, batch(10, 5)))[0] == 200
        assert len(store.kept) == 50
        for chat in range(10):
            ids = [arrival.id for arrival in store.kept if arrival.chat == f"4912{chat}"]
            assert ids == [f"wamid.{chat}.{n}" for n in range(5)]


async def test_many_slow_elements_have_one_deadline_together(tmp_path: Path, redis_url: str) -> None:
    store = Slow(hangs_at=0, seconds=0.2)  # each is quick enough by itself; fifty of one chat are not
    async with edge(tmp_path, redis_url, store) as client:
        assert (await post(client, batch(1, 50)))[0] == 503
        await asyncio.sleep(0.5)
        many = len(store.kept)
        assert 0 < many < 50
        await asyncio.sleep(0.5)
        assert len(store.kept) == many  # what was refused is not gone on with
        assert [arrival.id for arrival in store.kept] == [f"wamid.0.{n}" for n in range(many)]


class Together(MemoryStore):
    """Keeps nothing until so many are at its door."""

    def __init__(self, many: int) -> None:
        super().__init__()
        self._all_here = asyncio.Barrier(many)

    async def append(self, conversation: str, arrival: Arrival) -> bool:
        await self._all_here.wait()
        return await super().append(conversation, arrival)


async def test_chats_go_side_by_side(tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.edge.KEEP_SECONDS", 60.0)  # who waited for the one before would wait for ever
    async with edge(tmp_path, redis_url, Together(SIDE_BY_SIDE)) as client:
        assert (await post(client, batch(SIDE_BY_SIDE, 1)))[0] == 200
