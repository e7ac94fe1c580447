"""A chat for each test, on a corpus that is made once."""

from collections.abc import AsyncIterator

import pytest

from bot.settings import Settings
from faq.retrieval.index import Index
from tests.house import corpus_state, words_index
from tests.webchat.chat_house import Browser, ChatHouse, chat_house, client


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A state directory with the sample town."""
    return corpus_state(tmp_path_factory.mktemp("chat"))


@pytest.fixture(scope="session")
def index(state: Settings) -> Index:
    """An index by words alone."""
    return words_index(state)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that stops at once, and a page that waits for it also on a busy machine."""
    monkeypatch.setattr("bot.worker.WAIT_SECONDS", 0.05)
    monkeypatch.setattr("bot.webchat.app.PATIENCE", 30.0)


@pytest.fixture
async def house(state: Settings, index: Index) -> AsyncIterator[ChatHouse]:
    """A running chat."""
    async with chat_house(state, index) as running:
        yield running


@pytest.fixture
async def browser(house: ChatHouse) -> AsyncIterator[Browser]:
    """A visitor of it."""
    async with client() as session:
        yield Browser(session, house.url)
