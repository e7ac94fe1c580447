"""Here databases are really empty at first: what lays their tables out is what is tested."""

from pathlib import Path

import pytest

from faq import schema
from faq.database import open_engine
from tests.postgres import Postgres


@pytest.fixture(autouse=True)
def by_the_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "open_engine", open_engine)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/town.sqlite"
    server: Postgres = request.getfixturevalue("postgres_server")
    return server.make_empty()
