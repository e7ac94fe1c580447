"""The console mounted by the product's own web edge, on the real store."""

from pathlib import Path

from aiohttp.test_utils import TestClient, TestServer

from bot.composition import build_core
from bot.console.accounts import Accounts
from bot.conversation import Conversation, Line, Reason, Status, conversation_id
from bot.processes.sockets import CHAT
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
