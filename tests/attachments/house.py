"""The house with files: simulated messengers, a worker that brings files, a console with a clerk, one process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from aiohttp import FormData, web
from aiohttp.test_utils import TestClient, TestServer
from redis.asyncio import Redis

from bot.answers import Answers
from bot.attachments.attachment import Attachment
from bot.attachments.bringing import Bringing
from bot.channels.table import build
from bot.composition import Core, build_core
from bot.console import app as console
from bot.console.accounts import Accounts
from bot.conversation import Conversation, Line, conversation_id
from bot.edge import Edge
from bot.parts import Parts
from bot.rasa import names
from bot.reception import Reception
from bot.settings import Settings
from bot.simulator import Citizen, Simulator
from bot.store.memory import MemoryStore
from bot.webapp import mount
from bot.webchat.app import Chat
from bot.worker import Worker
from faq.retrieval.index import Index
from nlu.keywords import KeywordNlu
from tests.console.house import PASSWORD, QUICK, Oracle, Visitor

LARGEST = 1024 * 1024  # bytes: the smallest that can be set


@dataclass
class House:
    """What a test holds."""

    core: Core
    simulator: Simulator
    bringing: Bringing
    worker: Worker
    server: TestServer
    clients: list[TestClient[Any, Any]]
    tasks: list[asyncio.Task[None]]
    chat: Chat

    async def citizen(self, platform: str, name: str = "Erika") -> Citizen:
        """Somebody who waits for a person."""
        citizen = self.simulator.citizen(platform, name)
        await citizen.say("/mensch")
        await self.until(lambda: self.waits(platform, citizen.key))
        return citizen

    def id(self, platform: str, chat: str) -> str:
        return conversation_id(self.core.secret, platform, chat)

    async def waits(self, platform: str, chat: str) -> bool:
        """Does it wait for a person?"""
        held = await self.core.store.load(self.id(platform, chat))
        return held.conversation is not None and held.conversation.status == "waiting"

    async def until(self, check: Any, seconds: float = 60.0) -> Any:
        """Wait for what others do; the value of check()."""
        async with asyncio.timeout(seconds):
            while not (found := await check()):
                await asyncio.sleep(0.02)
            return found

    async def file(self, conversation: str, *fates: str) -> Attachment:
        """The conversation's one file, once it has come to one of these ends."""

        async def look() -> Attachment | None:
            found = await self.core.store.attachments(conversation)
            return found[0] if len(found) == 1 and found[0].fate in fates else None

        found = await self.until(look)
        assert isinstance(found, Attachment)
        return found

    async def files(self, conversation: str, count: int) -> list[Attachment]:
        """So many files, all at an end."""

        async def look() -> list[Attachment] | None:
            found = await self.core.store.attachments(conversation)
            return found if len(found) == count and all(f.fate != "queued" for f in found) else None

        return list(await self.until(look))

    async def lines(self, conversation: str) -> list[Line]:
        return await self.core.store.transcript(conversation)

    async def conversation(self, ident: str) -> Conversation:
        held = await self.core.store.load(ident)
        assert held.conversation is not None
        return held.conversation

    def simulator_content(self, platform: str, source: str) -> bytes:
        """What a citizen sent, as its platform has it."""
        files = self.simulator.telegram.files if platform == "telegram" else self.simulator.whatsapp.media
        return files[source].content

    def visitor(self) -> Visitor:
        """A browser."""
        client: TestClient[Any, Any] = TestClient(self.server)
        self.clients.append(client)
        return Visitor(client)

    async def clerk(self, name: str = "kim") -> Visitor:
        """A browser in which somebody signed in."""
        visitor = self.visitor()
        assert (await visitor.sign_in(name)).status == 303
        return visitor

    async def upload(
        self, clerk: Visitor, conversation: str, content: bytes, name: str, media_type: str, live: bool = False
    ) -> Any:
        """The console's form for a file."""
        form = FormData({"csrf": clerk.token, "epoch": str((await self.conversation(conversation)).epoch)})
        form.add_field("file", content, filename=name, content_type=media_type)
        headers = {"X-Stadtbote-Live": "act"} if live else {}
        url = f"/console/inbox/{conversation}/file"
        return await clerk.client.post(url, data=form, headers=headers, allow_redirects=False)


@asynccontextmanager
async def house(
    state: Settings, folder: Path, redis_url: str, index: Index | None = None, seconds: float = 5.0, **more: Any
) -> AsyncIterator[House]:
    """All of it; `seconds` is the time limit of one download."""
    async with Simulator() as simulator:
        hooks = simulator.whatsapp.hooks
        settings = replace(
            state,
            redis_url=redis_url,
            attachment_megabytes=1,
            attachment_folder=folder / "files",
            telegram_token=simulator.telegram.token,
            telegram_api_url=simulator.telegram.url,
            whatsapp_enabled=True,
            whatsapp_token=simulator.whatsapp.token,
            whatsapp_phone_number_id=hooks.number.phone_number_id,
            whatsapp_app_secret=hooks.app_secret,
            whatsapp_verify_token=hooks.verify_token,
            whatsapp_api_url=simulator.whatsapp.url,
            **more,
        )
        found: list[Answers] = []
        core = build_core(
            settings,
            find=lambda _: lambda entry, revision: found[0].revision(entry, revision),
            store=MemoryStore(),
            channels=build(settings),
        )
        found.append(Answers(core.catalogue, core.town, index))
        reception = Reception(core.turns, KeywordNlu(names(settings)), found[0], core.deliver, found[0].meaning)
        worker = Worker("test", core.store, reception, core.channels, wait=0.05)
        bringing = Bringing(
            core.store, core.channels, core.intake, core.metrics, fetch_seconds=seconds, pause=0.01, look_seconds=0.02
        )
        accounts = Accounts(settings.database, QUICK)
        for name in ("kim", "ada"):
            if accounts.get(name) is None:
                accounts.add(name, PASSWORD, "clerk", display_name=f"{name.title()} B.")
        redis, app, chat = Redis.from_url(redis_url), web.Application(), Chat(core)
        with patch("bot.console.accounts.PasswordHasher", lambda: QUICK):
            routes = [*Edge(core, Parts(redis, ())).routes(), *chat.routes()]
            routes += console.routes(core, redis, Oracle())  # type: ignore[arg-type]
        mount(app, routes)
        console.guard(app, core, redis, routes)
        server = TestServer(app)
        await server.start_server(shutdown_timeout=0.1)
        await simulator.whatsapp.subscribe(str(server.make_url("/channels/whatsapp")))

        async def deliver(arrival: Any) -> None:
            await core.deliver(arrival)

        tasks = [
            asyncio.create_task(task)
            for task in (worker.run(), bringing.run(), core.channels["telegram"].poll(deliver))  # type: ignore[arg-type]
        ]
        made = House(core, simulator, bringing, worker, server, [], tasks, chat)
        try:
            yield made
        finally:
            worker.stop()
            await tasks[0]
            for task in tasks[1:]:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for client in made.clients:
                await client.close()
            await chat.close()
            await server.close()
            await redis.aclose()
            found[0].close()
            await core.close()
