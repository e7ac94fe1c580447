"""The web chat in a running house: real routes on a real port, reception, worker and corpus, a store in memory."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from html import unescape

from aiohttp import ClientSession, CookieJar, web

from bot.answers import Answers
from bot.channels.webchat import WebChat
from bot.composition import Core, build_core
from bot.conversation import Candidate
from bot.events import Findings
from bot.handoff.desk import Clerk
from bot.inforce import InForce
from bot.rasa import names
from bot.reception import Reception
from bot.settings import Settings
from bot.store.memory import MemoryStore
from bot.store.protocol import Store
from bot.webchat.app import Chat
from bot.webchat.form import Throttle
from bot.worker import Worker
from faq.retrieval.index import Index
from nlu.keywords import KeywordNlu
from tests.house import Clock

KIM = Clerk("kim", "Kim B.")
SCRIPTED = {"Accept": "application/json"}


@dataclass
class ChatHouse:
    """A town's chat at `url`."""

    url: str
    core: Core
    worker: Worker
    chat: Chat
    clock: Clock

    async def only_conversation(self) -> str:
        """The id of the one conversation there is."""
        [conversation] = await self.core.store.recent(2)
        return conversation.id


class Certain:
    """Retrieval that is sure where somebody asks an entry's own question: thresholds are tested elsewhere."""

    def __init__(self, core: Core, answers: Answers) -> None:
        self._answers = answers
        self._own = {r.text("de").question: r for r in core.catalogue.live()}

    def holding(self) -> AbstractContextManager[InForce]:
        return self._answers.holding()

    async def find(self, text: str, language: str) -> Findings:
        own = self._own.get(text)
        if own is None:
            return await self._answers.find(text, language)
        return Findings("answer", (Candidate(own.entry, own.id, text, 1.0, own.topic),))


class Browser:
    """A visitor without script: keeps cookies, follows redirects, remembers the page."""

    def __init__(self, session: ClientSession, url: str, headers: dict[str, str] | None = None) -> None:
        self.session, self.url, self.headers = session, url, headers or {}
        self.status, self.html = 0, ""

    async def open(self, path: str = "/") -> "Browser":
        async with self.session.get(self.url + path, headers=self.headers) as response:
            self.status, self.html = response.status, await response.text()
        return self

    async def submit(self, path: str = "/chat/send", **fields: str) -> "Browser":
        """Post a form as the page holds it, with its id."""
        fields = {"id": self.ident, **fields}
        async with self.session.post(self.url + path, data=fields, headers=self.headers) as response:
            self.status, self.html = response.status, await response.text()
        return self

    async def post(self, **fields: str) -> tuple[int, dict[str, object]]:
        """Post as the page's script does."""
        async with self.session.post(self.url + "/chat/send", data=fields, headers=SCRIPTED) as response:
            return response.status, await response.json()

    @property
    def ident(self) -> str:
        found = re.search(r'name="id" value="([^"]+)"', self.html)
        assert found
        return found[1]

    @property
    def lines(self) -> list[str]:
        """The words of every line, tags taken out."""
        items = re.findall(r'<li id="l-.*?</li>\n', self.html, re.DOTALL)
        return [" ".join(unescape(re.sub(r"<[^>]+>", " ", item)).split()) for item in items]


@asynccontextmanager
async def chat_house(
    settings: Settings,
    index: Index,
    store: Store | None = None,
    throttle: Throttle | None = None,
    awake: bool = True,
) -> AsyncIterator[ChatHouse]:
    """A running house; not `awake`, nobody handles what arrives."""
    bound = socket.create_server(("127.0.0.1", 0))
    port = bound.getsockname()[1]
    settings = replace(settings, port=port)
    clock, found = Clock(), []  # type: ignore[var-annotated]
    core = build_core(
        settings,
        find=lambda _: lambda entry, revision: found[0].revision(entry, revision),
        store=store or MemoryStore(),
        channels={"web": WebChat()},
        now=clock,
    )
    answers = Answers(core.catalogue, core.town, index)
    found.append(answers)
    reception = Reception(core.turns, KeywordNlu(names(settings)), Certain(core, answers), core.deliver)
    worker = Worker("test", core.store, reception, core.channels, wait=0.05)
    running = asyncio.create_task(worker.run()) if awake else None
    chat = Chat(core, throttle)
    app = web.Application()
    for route in chat.routes():
        app.router.add_route(route.method, route.path, route.handler)
    app.on_shutdown.append(chat.close)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    await web.SockSite(runner, bound).start()
    try:
        yield ChatHouse(f"http://127.0.0.1:{port}", core, worker, chat, clock)
    finally:
        await runner.cleanup()
        worker.stop()
        if running:
            await running
        answers.close()
        await core.close()


def client() -> ClientSession:
    """An HTTP client with a cookie jar that takes cookies from an address without a name."""
    return ClientSession(cookie_jar=CookieJar(unsafe=True))
