"""One town for the whole folder: the real processes, the simulated platforms, a clerk and an editor at the console."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from bot.composition import Core
from bot.conversation import Conversation, Line, conversation_id
from bot.people.staff import Staff
from bot.people.visitor import Visitor
from bot.render import plain
from bot.simulator import UNLIMITED, Citizen, Simulator
from tests.integration.clerk import signed_in
from tests.integration.product import Product, product


@dataclass
class Town:
    """What the tests hold in their hands."""

    sim: Simulator
    running: Product
    core: Core
    kim: Staff
    eda: Staff

    def answer(self, entry: str, language: str = "de") -> str:
        """How an entry's live answer begins, in words alone."""
        state = self.core.catalogue.get(entry)
        assert state is not None
        assert state.live is not None
        return tidy(plain(self.core.phrasebook.answer(state.live, language)))[:80]

    async def held(self, citizen: Citizen) -> Conversation:
        """The conversation's state."""
        found = (await self.core.store.load(self.conversation(citizen))).conversation
        assert found is not None
        return found

    async def transcript(self, citizen: Citizen) -> list[Line]:
        """What the store holds of a citizen's conversation."""
        return await self.core.store.transcript(self.conversation(citizen))

    def conversation(self, citizen: Citizen) -> str:
        """Its id."""
        return conversation_id(self.core.secret, citizen.account.platform, citizen.key)

    async def visitor(self, name: str) -> Visitor:
        """Somebody opens the web chat."""
        visitor = Visitor(self.running.url, name)
        await visitor.start()
        return visitor


def tidy(text: str) -> str:
    """One space between words, no bullets: channels set lines in their own ways."""
    return " ".join(word for word in text.split() if word not in "•-–")


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def town() -> AsyncIterator[Town]:
    async with (
        Simulator(rates=UNLIMITED) as sim,
        product(sim) as running,
        running.core() as core,
    ):
        await running.ready()
        await sim.whatsapp.subscribe(f"{running.url}/channels/whatsapp")
        async with (
            signed_in(running, "kim", "clerk", "Kim Berger") as kim,
            signed_in(running, "eda", "editor", "Eda Sommer") as eda,
        ):
            yield Town(sim, running, core, kim, eda)


@pytest.fixture(autouse=True)
def calm(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test leaves the town's platforms misbehaving."""
    yield
    if "town" in request.fixturenames:
        town: Town = request.getfixturevalue("town")
        town.sim.calm()
