"""The stores on which workers are tried."""

from collections.abc import AsyncIterator

import pytest

from bot.store.memory import MemoryStore
from bot.store.protocol import Store
from bot.store.redis import RedisStore


@pytest.fixture(params=["memory", "redis"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    made: Store
    if request.param == "redis":
        made = RedisStore(request.getfixturevalue("redis_url"), lanes=2, retention_days=30)
    else:
        made = MemoryStore(lanes=2)
    yield made
    await made.close()
