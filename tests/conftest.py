"""Fixtures that many rooms share."""

from collections.abc import Iterator

import pytest
import redis

from tests.valkey import valkey


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """One real Valkey for the whole run."""
    with valkey() as url:
        yield url


@pytest.fixture
def redis_url(valkey_url: str) -> str:
    """The same, emptied."""
    with redis.Redis.from_url(valkey_url) as client:
        client.flushall()
    return valkey_url
