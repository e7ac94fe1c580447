"""Fixtures that many rooms share."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from hypothesis import HealthCheck, settings

from tests import laid_out, patience
from tests.postgres import Postgres, postgres
from tests.valkey import Topology, cluster, valkey

# What an example takes is the machine's matter; no verdict depends on it.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
# Nor is what a store takes whose disk is busy.
patience.everywhere()
laid_out.everywhere()

LONG = {"slow", "encoder", "rasa", "browser"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long go first, for at the end the other processes would wait for them."""
    weights: dict[Path, int] = defaultdict(int)
    for item in items:
        own = sum(mark.name in LONG for mark in item.iter_markers())
        weights[item.path] = max(weights[item.path], own)
    items.sort(key=lambda item: -weights[item.path])  # stable: a file's tests stay together, in their order


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


@pytest.fixture(scope="session")
def cluster_servers() -> Iterator[Topology]:
    """One real cluster of three nodes for the whole run; tests that kill nodes make their own."""
    with cluster(patience=60_000) as servers:
        yield servers


@pytest.fixture
def cluster_url(cluster_servers: Topology) -> str:
    """The same, emptied."""
    for server in cluster_servers.servers:
        server.ask("FLUSHALL")
    return cluster_servers.url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """One real PostgreSQL for the whole run; skips where none is installed (see tests.postgres)."""
    with postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with the tables and nothing in them, of each kind in turn."""
    return _database(request, tmp_path, Postgres.make)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """One without tables, of each kind in turn."""
    return _database(request, tmp_path, Postgres.make_empty)


def _database(request: pytest.FixtureRequest, folder: Path, make: Callable[[Postgres], str]) -> str:
    if request.param == "sqlite":  # a file that is not there yet: see tests.laid_out
        return f"sqlite:///{folder}/town.sqlite"
    return make(request.getfixturevalue("postgres_server"))
