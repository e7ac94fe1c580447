"""Where the states of tests/browser/states are at home: a console in three situations, web chat, simulator."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup

from bot.answers import Answers
from bot.ask import Examiner
from bot.attachments.attachment import Attachment
from bot.conversation import Outcome
from bot.drafts import Drafts
from bot.settings import OFF
from bot.simulator import ManualClock, Simulator
from nlu.keywords import KeywordNlu
from tests.browser import log
from tests.browser.import_stage import set_imports
from tests.browser.release_stage import set_releases
from tests.browser.stage import KIM, NOTICES, Stage, picture, set_crowd, set_day
from tests.console.house import PASSWORD, STAFF, House, house
from tests.house import corpus_state, words_index
from tests.webchat.chat_house import ChatHouse, chat_house

STAFFED = ("buergeramt", "bauen-umwelt", "ordnung-verkehr")


async def nobody(_: str) -> str:
    """Of a scene without accounts."""
    return ""


@dataclass
class Scene:
    """A running server. `ids` fill in the states' addresses; `session` is the cookie of somebody who signed in; `does`:
    what happens behind the page, by name."""

    base: str
    ids: Mapping[str, str] = field(default_factory=dict)
    session: Callable[[str], Awaitable[str]] = nobody
    does: Mapping[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)


@asynccontextmanager
async def console(
    folder: Path, redis_url: str, set_up: Callable[[Stage], Awaitable[None]], **settings: Any
) -> AsyncIterator[Scene]:
    """The console, after `set_up`."""
    async with house(folder, redis_url, attachment_megabytes=1, **settings) as work, AsyncExitStack() as stack:
        work.accounts.add("eve", PASSWORD, "lead", display_name="Eve B.", language="en", teams=STAFFED)
        for name in ("kim", "lea", "ada"):  # so that there is a team of which nobody is here
            work.accounts.set_teams(name, STAFFED)
        stage = Stage(work)
        await set_up(stage)
        if work.core.catalogue.serial():
            stack.enter_context(examined(work))
        base = str(work.server.make_url("/")).rstrip("/")

        async def session(user: str) -> str:
            return (await work.signed_in(user)).cookie()

        yield Scene(base, stage.ids, session)


@contextmanager
def examined(work: House) -> Iterator[None]:
    """The ask box is answered, by words alone."""
    core = work.core
    with (
        closing(Answers(core.catalogue, core.town)) as answers,
        closing(Drafts(core.catalogue, answers, patience=None)) as drafts,
    ):
        work.oracle.ask = Examiner(core.turns, KeywordNlu(), answers, drafts).describe  # type: ignore[method-assign]
        yield


async def set_nothing(stage: Stage) -> None:
    """The first morning."""
    assert set(STAFF) <= {account.name for account in stage.work.accounts.all()}


@asynccontextmanager
async def chat(folder: Path, redis_url: str) -> AsyncIterator[Scene]:
    """The web chat with the sample town, answering by words alone."""
    settings = corpus_state(folder)
    async with chat_house(settings, words_index(settings)) as home:
        clerk = Colleague(home)
        does = {"claim": clerk.claim, "write": clerk.write, "send": clerk.send, "resolve": clerk.resolve}
        does["notice"] = clerk.tell_everybody
        yield Scene(home.url, {}, nobody, does)


class Colleague:
    """Kim at the other end of the chat that last asked for a person."""

    def __init__(self, home: ChatHouse) -> None:
        self._core = home.core

    async def _newest(self) -> str:
        found = await self._core.store.recent(50)
        return max(found, key=lambda c: c.number).id  # the clock stands: times say nothing

    async def claim(self) -> None:
        """Take it."""
        await self._core.desk.claim(KIM, await self._newest())

    async def write(self) -> None:
        """Say something."""
        await self._core.desk.write(KIM, await self._newest(), "Guten Tag!\n\nWas kann ich für Sie tun?")

    async def send(self) -> None:
        """Send a picture."""

        async def chunks() -> AsyncIterator[bytes]:
            yield picture()

        newest = await self._newest()
        taken = await self._core.intake.take(newest, Attachment("0a", "Lageplan.png"), chunks())
        await self._core.desk.send_file(KIM, newest, taken, None)

    async def tell_everybody(self) -> None:
        """A storm is coming."""
        self._core.live_town.save({"notices": list(NOTICES)}, "ada", "Sturm")
        await self._core.live_town.refresh()

    async def resolve(self) -> None:
        """Be done: the citizen is asked how it was."""
        await self._core.desk.resolve(KIM, await self._newest(), Outcome.ANSWERED)


@asynccontextmanager
async def telephones(folder: Path, redis_url: str) -> AsyncIterator[Scene]:
    """The simulator's page; the bot behind it is a library."""
    del folder, redis_url
    async with Simulator(clock=ManualClock()) as sim:
        url = sim.telegram.url

        async def speak() -> None:
            erika = sim.citizen("telegram", "Erika Beispiel")
            await erika.say("wann hat das bürgeramt auf?")
            button = InlineKeyboardMarkup([[InlineKeyboardButton("👍", callback_data="+")]])
            words = "<b>Bürgeramt im Rathaus</b>\nMo.–Fr. 8–12 Uhr"
            async with Bot(sim.telegram.token, base_url=url + "/bot", base_file_url=url + "/file/bot") as bot:
                await bot.send_message(int(erika.key), words, parse_mode="HTML", reply_markup=button)
            await sim.citizen("whatsapp", "ياسمين الحداد").say("السلام عليكم")

        yield Scene(sim.url, does={"speak": speak})


SCENES: Mapping[str, Any] = {
    "empty": lambda folder, url: console(folder, url, set_nothing),
    "day": lambda folder, url: console(folder, url, set_day),
    "figures-first-day": lambda folder, url: console(folder, url, log.first_day),
    "figures": lambda folder, url: console(folder, url, log.year),
    "crowd": lambda folder, url: console(folder, url, set_crowd),
    "imports": lambda folder, url: console(folder, url, set_imports, four_eyes=True, encoder=OFF),
    "releases": lambda folder, url: console(folder, url, set_releases, four_eyes=True, encoder=OFF),
    "chat": chat,
    "simulator": telephones,
}
