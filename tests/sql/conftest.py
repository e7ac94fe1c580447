"""Here databases are really empty at first: what lays their tables out is what is tested."""

import pytest

from faq import schema
from faq.database import open_engine


@pytest.fixture(autouse=True)
def by_the_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "open_engine", open_engine)


@pytest.fixture
def database_url(empty_database_url: str) -> str:
    return empty_database_url
