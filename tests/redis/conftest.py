"""A client of each kind of installation that a test can share."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.patience import patient


@pytest.fixture(params=["single", "cluster"])
def any_url(request: pytest.FixtureRequest) -> str:
    """An empty Redis, of each kind in turn."""
    url: str = request.getfixturevalue("redis_url" if request.param == "single" else "cluster_url")
    return url


@pytest.fixture
async def client(any_url: str) -> AsyncIterator[Any]:
    """Connected to it."""
    made = patient(any_url)
    yield made
    await made.aclose()
