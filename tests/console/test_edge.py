"""The console mounted by the product's own web edge, on the real store."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from bot.composition import build_core
from bot.console.accounts import Accounts
from bot.conversation import Conversation, Line, Reason, Status, conversation_id
from bot.processes.sockets import CHAT, CONSOLE
from bot.settings import Settings
from bot.store.protocol import Write
from bot.webapp import build_apps
from tests.console.house import PASSWORD, QUICK, Visitor, later
from tests.console.test_live import stream


async def test_mounted(tmp_path: Path, redis_url: str) -> None:
    settings = Settings(home=tmp_path, redis_url=redis_url, lanes=2)
    core = build_core(settings)
    Accounts(settings.database, QUICK).add("kim", PASSWORD, "clerk")
    server = TestServer(build_apps(core, ())[CHAT])
    await server.start_server(shutdown_timeout=0.1)
    client: TestClient = TestClient(server)  # type: ignore[type-arg]
    kim = Visitor(client)
    try:
        assert (await kim.get("/health")).status == 200
        assert (await kim.get("/")).status == 200  # citizens need no account
        assert (await kim.get("/console/inbox")).status == 303
        assert (await kim.sign_in("kim")).status == 303
        ident = conversation_id(core.secret, "telegram", "7")
        waiting = Conversation(ident, "web", "7", Status.WAITING, number=1, reason=Reason.ASKED, team="buergeramt")
        async with stream(kim) as events:
            while True:
                held = await core.store.load(ident)
                line = Line(f"m{held.version}", "citizen", later(0), "hallo?", "hallo?")
                await core.store.keep(ident, held.version, Write(held.conversation or waiting, (line,)))
                if (await events.until(("change", ident), ("look", "")))[-1][0] == "change":
                    break
            assert "hallo?" in await kim.text("/console/inbox")
            assert (await kim.post(f"/console/inbox/{ident}/claim")).status == 303
            assert "neu" in await kim.text(f"/console/inbox/{ident}")
            assert ("change", ident) in await events.until(("change", ident))
    finally:
        await client.close()
        await server.close()
        await core.close()


@asynccontextmanager
async def edge(folder: Path, redis_url: str, **settings: Any) -> AsyncIterator[dict[str, Visitor]]:
    """A browser for each listener of a web process, and an account for kim."""
    chosen = Settings(home=folder, redis_url=redis_url, lanes=2, **settings)
    core = build_core(chosen)
    Accounts(core.catalogue.engine, QUICK).add("kim", PASSWORD, "clerk")
    clients: dict[str, TestClient] = {}  # type: ignore[type-arg]
    try:
        for name, app in build_apps(core, ()).items():
            server = TestServer(app)
            await server.start_server(shutdown_timeout=0.1)
            clients[name] = TestClient(server)
        yield {name: Visitor(client) for name, client in clients.items()}
    finally:
        for client in clients.values():
            await client.close()
        await core.close()


async def test_a_listener_of_its_own(tmp_path: Path, redis_url: str) -> None:
    async with edge(tmp_path, redis_url, console_port=9999) as listeners:
        chat, console = listeners[CHAT], listeners[CONSOLE]
        for path in ("/console", "/console/login", "/console/inbox", "/console/events", "/console/nowhere"):
            answer = await chat.get(path)
            assert answer.status == 404, path
            assert "console" not in await answer.text()
        assert (await chat.post("/console/login", {"name": "kim", "password": PASSWORD})).status == 404
        for path in ("/", "/widget.js", "/chat/lines", "/chat/events", "/channels/whatsapp"):
            assert (await console.get(path)).status == 404, path
        for visitor in (chat, console):
            assert (await visitor.get("/health")).status == 200
            assert (await visitor.get("/ready")).status == 200
        assert (await chat.get("/")).status == 200
        assert (await console.get("/console/inbox")).headers["Location"].startswith("/console/login")
        assert (await console.sign_in("kim")).status == 303
        assert "kim" in await console.text("/console/inbox")
        right = {"Origin": "http://127.0.0.1:9999"}
        wrong = {"Origin": "http://127.0.0.1:8080"}  # the citizens' pages are another origin now
        language = {"language": "en"}
        assert (await console.post("/console/account/language", language, headers=wrong)).status == 403
        assert (await console.post("/console/account/language", language, headers=right)).status == 303
        assert (await console.post("/console/logout")).status == 303


async def test_its_own_address_behind_tls(tmp_path: Path, redis_url: str) -> None:
    addresses = {"public_url": "http://stadt.example", "console_url": "https://amt.stadt.example"}
    async with edge(tmp_path, redis_url, console_port=9999, **addresses) as listeners:
        answer = await listeners[CONSOLE].get("/console/login")
        cookie = answer.cookies["__Host-stadtbote-form"]
        assert cookie["secure"]
        assert cookie["httponly"]


async def wait_after_failures(listeners: dict[str, Visitor], *forwarded: str) -> int:
    """Wrong passwords, one for each of these X-Forwarded-For; returns the last status."""
    status = 0
    for value in forwarded:
        await listeners[CHAT].get("/console/login")
        headers, form = {"X-Forwarded-For": value}, {"name": "kim", "password": "falsch"}
        status = (await listeners[CHAT].post("/console/login", form, headers=headers)).status
    return status


async def test_a_made_up_address_gives_no_further_attempts(tmp_path: Path, redis_url: str) -> None:
    async with edge(tmp_path, redis_url) as listeners:
        assert await wait_after_failures(listeners, *(f"203.0.113.{n}" for n in range(7))) == 429


async def test_behind_our_proxy_the_client_it_names_counts(tmp_path: Path, redis_url: str) -> None:
    async with edge(tmp_path, redis_url, trusted_proxies="127.0.0.0/8") as listeners:
        assert await wait_after_failures(listeners, *(f"203.0.113.{n}" for n in range(7))) == 401  # seven people
        spoofed = (f"198.51.100.{n}, 203.0.113.9" for n in range(7))  # one who makes others up
        assert await wait_after_failures(listeners, *spoofed) == 429
