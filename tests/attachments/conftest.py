"""One state directory with the sample town for all tests of files, and a house of its own for each."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.settings import Settings
from faq.retrieval.index import Index
from tests.attachments.house import House, house
from tests.house import corpus_state, words_index


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return corpus_state(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="session")
def index(state: Settings) -> Index:
    return words_index(state)


@pytest.fixture
async def at_home(state: Settings, index: Index, tmp_path: Path, redis_url: str) -> AsyncIterator[House]:
    async with house(state, tmp_path, redis_url, index) as found:
        yield found
