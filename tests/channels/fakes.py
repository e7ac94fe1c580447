"""A platform's server that answers as it is told."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.ports import free_port

HANG = object()
CUT = object()


@dataclass
class FakeServer:
    """Answers each request with the next of `answers`, the last one for ever; keeps what was asked.

    An answer is (status, JSON or text), HANG (reads the request, never answers), or CUT (reads it and hangs up).
    """

    answers: list[Any]
    root: str = ""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.content_type == "application/json":
            said = await request.json()
        else:
            said = {k: v if isinstance(v, str) else v.file.read().decode() for k, v in (await request.post()).items()}  # type: ignore[union-attr]
        self.asked.append((request.path, said))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is HANG:
            await self.released.wait()
        if answer in (HANG, CUT):
            if request.transport:
                request.transport.close()
            return web.Response()
        status, body = answer
        text = body if isinstance(body, str) else json.dumps(body)
        return web.Response(status=status, text=text, content_type="application/json")


@asynccontextmanager
async def serving(*answers: Any) -> AsyncIterator[FakeServer]:
    """A fake server on a free port of the loopback."""
    fake = FakeServer(list(answers))
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    fake.root = f"http://{host}:{port}"
    try:
        yield fake
    finally:
        fake.released.set()
        await runner.cleanup()


def closed_root() -> str:
    """An address where nobody listens."""
    return f"http://127.0.0.1:{free_port()}"
