"""The console on an application of its own: a core on the memory store, staff with passwords, citizens who write."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher
from redis.asyncio import Redis

from bot.ask import AskUnavailable
from bot.attachments.attachment import Attachment, attachment_id
from bot.composition import Core, build_core
from bot.console import app as console
from bot.console.accounts import Accounts
from bot.conversation import Conversation, Line, Reason, Status, conversation_id
from bot.deadlines import urgency
from bot.handoff.desk import Desk
from bot.message import DeliveryState, Limits, Message, Part, Spoken
from bot.render import plain
from bot.route import Route
from bot.settings import Settings
from bot.store.memory import MemoryStore
from bot.store.protocol import START, Sending, Write
from faq.entry import Content, Facts, Link, Text

PASSWORD = "eine-lange-losung"
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
STAFF = {"kim": "clerk", "lea": "lead", "eda": "editor", "ada": "admin", "ron": "auditor"}
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class Pigeon:
    """A channel that keeps what it is given. `window` seconds to reply in."""

    name = "telegram"

    def __init__(self, name: str = "telegram", window: float | None = None) -> None:
        self.name = name
        self.limits = Limits(4096, 8, 64, window=window)

    def accept(self, raw: bytes, headers: Mapping[str, str]) -> tuple[()]:
        return ()

    def report(self, arrival: object) -> None:
        """Nothing is delivered."""

    def parse(self, arrival: Any) -> Message | None:
        return None

    def render(self, spoken: Spoken) -> tuple[Part, ...]:
        return ({"text": plain(spoken.document)},)

    async def send(self, chat: str, part: Part) -> str:
        return "1"

    async def acknowledge(self, message: Message) -> None:
        """Nothing to do."""

    async def connect(self, webhook: str) -> None:
        """Nobody to tell."""

    async def poll(self, deliver: Any) -> None:
        """Nothing to fetch."""

    async def close(self) -> None:
        """Nothing to close."""


class Oracle:
    """Stands for the workers: gives the answer it was given, or none."""

    def __init__(self) -> None:
        self.answer: dict[str, Any] | None = None
        self.asked: list[str] = []
        self.with_drafts: list[bool] = []
        self.languages: list[str] = []

    async def ask(
        self, question: str, language: str = "", draft: bool = False, expected: str = "", release: int = 0
    ) -> dict[str, Any]:
        self.asked.append(question)
        self.with_drafts.append(draft)
        self.languages.append(language)
        if self.answer is None:
            raise AskUnavailable
        return self.answer


class Clock:
    """Aware UTC that moves when told to."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@dataclass
class House:
    """What a test holds."""

    core: Core
    app: web.Application
    routes: list[Route]
    redis: Any
    accounts: Accounts
    oracle: Oracle
    clock: Clock
    server: TestServer
    clients: list[TestClient[Any, Any]] = field(default_factory=list)

    def client(self) -> "Visitor":
        """A browser without cookies."""
        client: TestClient[Any, Any] = TestClient(self.server)
        self.clients.append(client)
        return Visitor(client)

    async def signed_in(self, name: str) -> "Visitor":
        """A browser in which that person signed in."""
        visitor = self.client()
        response = await visitor.sign_in(name)
        assert response.status == 303, await response.text()
        return visitor

    # --- citizens ------------------------------------------------------------------------------------------

    async def citizen(
        self,
        chat: str,
        text: str,
        masked: str | None = None,
        status: Status = Status.WAITING,
        channel: str = "telegram",
        matches: tuple[Mapping[str, Any], ...] = (),
        **more: Any,
    ) -> str:
        """Somebody wrote, and stands where `status` says; returns the conversation."""
        ident = conversation_id(self.core.secret, channel, chat)
        held = await self.core.store.load(ident)
        before = held.conversation
        c = before or Conversation(ident, channel, chat, started=self.clock())
        first: dict[str, Any] = {"status": status, "language": "de", "sender": "Alex"}
        if status is Status.WAITING:
            number = await self.core.store.next_number()
            first |= {"number": number, "reason": Reason.ASKED, "team": "buergeramt", "waiting_since": self.clock()}
        values = (first if before is None else {}) | more | {"last_citizen": self.clock()}
        number = len(await self.core.store.transcript(ident))
        line = Line(
            f"m{number}",
            "citizen",
            self.clock(),
            text,
            text if masked is None else masked,
            "Alex",
            understanding={"intent": "faq_question", "confidence": 0.62, "language": "de", "source": "keywords"},
            matches=matches,
        )
        c = replace(c, **values)
        channel_ = self.core.channels.get(channel)
        place = urgency(c, channel_.limits.window if channel_ else None)
        await self.core.store.keep(ident, held.version, Write(c, (line,), urgency=place))
        return ident

    async def line(self, ident: str, line: Line, parts: tuple[str, ...] = ()) -> None:
        """One more line of the transcript, with parts in the outbox."""
        held = await self.core.store.load(ident)
        assert held.conversation is not None
        c = held.conversation
        sendings = tuple(Sending(p, line.id, c.channel, c.chat, {"text": ""}, line.by) for p in parts)
        await self.core.store.keep(ident, held.version, Write(c, (replace(line, parts=parts),), sendings))

    async def file(self, ident: str, content: bytes, name: str) -> Attachment:
        """A citizen's file, as it came in."""

        async def chunks() -> AsyncIterator[bytes]:
            yield content

        number = len(await self.core.store.transcript(ident))
        named = Attachment(attachment_id(f"{ident}{number}"), name, source="there")
        taken = await self.core.intake.take(ident, named, chunks())
        held = await self.core.store.load(ident)
        assert held.conversation is not None
        line = Line(f"f{number}", "citizen", self.clock(), what="document", attachments=(taken.id,))
        await self.core.store.keep(ident, held.version, Write(held.conversation, (line,), attachments=(taken,)))
        return taken

    async def settle(self, state: DeliveryState) -> None:
        """The one part in the outbox comes to its end."""
        store = self.core.store
        await store.own_lanes("test", 60)
        (outgoing,) = (await store.read(0, "test", None, START, 9, 0.1)).outgoing
        if state is not DeliveryState.DROPPED:
            await store.take(outgoing, "test")
        await store.settle(outgoing, state)

    async def conversation(self, ident: str) -> Conversation:
        """As it is now."""
        held = await self.core.store.load(ident)
        assert held.conversation is not None
        return held.conversation

    # --- the corpus ----------------------------------------------------------------------------------------

    def publish(self, entry: str, question: str, answer: str = "Kommen Sie vorbei.", author: str = "eda") -> str:
        """An entry that answers; returns its revision."""
        saved = self.core.catalogue.save_draft(entry, content(question, answer), author)
        self.core.catalogue.publish(entry, saved.id, author)
        return saved.id


class Visitor:
    """A browser that follows no redirects and reads the token out of its pages."""

    def __init__(self, client: TestClient[Any, Any]) -> None:
        self.client = client
        self.token = ""

    async def get(self, path: str, **kwargs: Any) -> ClientResponse:
        response = await self.client.get(path, allow_redirects=False, **kwargs)
        if response.content_type == "text/html":
            found = re.search(r'name="csrf" value="([^"]+)"', await response.text())
            self.token = found[1] if found else self.token
        return response

    async def post(self, path: str, data: Mapping[str, str] | None = None, **kwargs: Any) -> ClientResponse:
        fields = {"csrf": self.token, **(data or {})}
        return await self.client.post(path, data=fields, allow_redirects=False, **kwargs)

    async def sign_in(self, name: str, password: str = PASSWORD, **fields: str) -> ClientResponse:
        await self.get("/console/login")
        response = await self.post("/console/login", {"name": name, "password": password, **fields})
        if response.status == 303:
            await self.get("/console/account")
        return response

    async def text(self, path: str) -> str:
        response = await self.get(path)
        assert response.status == 200, (path, response.status)
        return await response.text()

    def cookie(self, name: str = "stadtbote") -> str:
        found = self.client.session.cookie_jar.filter_cookies(self.client.make_url("/console")).get(name)
        return found.value if found else ""


def content(question: str, answer: str, **more: Any) -> Content:
    """A content with nothing against its release."""
    facts = Facts(fee="29,00 €", documents=("Ausweis",), link=Link("Termin buchen", "https://stadt.example/termin"))
    text = Text("de", question, ("kurz gefragt",), answer, facts)
    source = Link("Stadt", "https://stadt.example/quelle")
    return Content({"de": text}, "ausweise", "buergeramt", source, date(2026, 11, 1), **more)


@asynccontextmanager
async def house(folder: Path, redis_url: str, window: float | None = None, **settings: Any) -> AsyncIterator[House]:
    """The console, serving on a port of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    clock = Clock()
    chosen = Settings(home=folder, redis_url=redis_url, **({"four_eyes": False} | settings))
    core = build_core(chosen, store=MemoryStore(), channels={"telegram": Pigeon(window=window)}, now=clock)
    core = replace(core, desk=Desk(core.turns, patience=0))  # nobody delivers here: nothing to wait for
    accounts = Accounts(chosen.database, QUICK)
    for name, role in STAFF.items():
        accounts.add(name, PASSWORD, role, display_name=f"{name.title()} B.")
    redis = Redis.from_url(redis_url)
    app, oracle = web.Application(), Oracle()
    with patch("bot.console.accounts.PasswordHasher", lambda: QUICK):  # the real one takes 100 ms a sign-in
        routes = console.routes(core, redis, oracle)  # type: ignore[arg-type]
    for route in routes:
        app.router.add_route(route.method, route.path, route.handler)
    console.guard(app, core, redis, routes)
    server = TestServer(app)
    await server.start_server(shutdown_timeout=0.1)
    found = House(core, app, routes, redis, accounts, oracle, clock, server)
    try:
        yield found
    finally:
        for client in found.clients:
            await client.close()
        await server.close()
        await redis.aclose()
        await core.close()


def later(seconds: float) -> datetime:
    """After NOW."""
    return NOW + timedelta(seconds=seconds)
