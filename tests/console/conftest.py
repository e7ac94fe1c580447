"""A console of its own for each test; sessions lie in the run's real Valkey."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.console.house import House, house


@pytest.fixture
async def at_work(tmp_path: Path, redis_url: str) -> AsyncIterator[House]:
    async with house(tmp_path, redis_url) as found:
        yield found
