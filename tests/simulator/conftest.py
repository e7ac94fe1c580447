"""A simulator on a clock turned by hand, a bot library on its one side, a recording webhook on the other."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.simulator import ManualClock, Simulator
from bot.simulator.clock import Signal


@dataclass
class Webhook:
    """Stands in for the product: writes down what is posted and answers as told, then with 200."""

    url: str = ""
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    refuse: set[str] = field(default_factory=set)  # bodies holding one of these get 503
    bodies: list[bytes] = field(default_factory=list)
    headers: list[Any] = field(default_factory=list)
    signal: Signal = field(default_factory=Signal)

    async def handle(self, request: web.Request) -> web.Response:
        if request.method == "GET":
            return web.Response(text=request.query["hub.challenge"])
        raw = await request.read()
        self.bodies.append(raw)
        self.headers.append(request.headers)
        status, headers = self.answers.pop(0) if self.answers else (200, {})
        if any(word.encode() in raw for word in self.refuse):
            status = 503
        self.signal.fire()
        return web.Response(status=status, headers=headers)

    async def got(self, count: int) -> list[Any]:
        """The first `count` bodies, once they are there."""
        async with asyncio.timeout(60):
            while len(self.bodies) < count:
                await self.signal.wait()
        return [json.loads(body) for body in self.bodies[:count]]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def sim(clock: ManualClock) -> AsyncIterator[Simulator]:
    async with Simulator(clock=clock) as simulator:
        yield simulator


@pytest.fixture
async def bot(sim: Simulator) -> AsyncIterator[Bot]:
    root = sim.telegram.url
    calls, polls = (HTTPXRequest(read_timeout=60.0, connect_timeout=60.0) for _ in range(2))  # a busy machine's answers
    async with Bot(
        sim.telegram.token,
        base_url=root + "/bot",
        base_file_url=root + "/file/bot",
        request=calls,
        get_updates_request=polls,
    ) as library:
        yield library


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def hook() -> AsyncIterator[Webhook]:
    webhook = Webhook()
    app = web.Application()
    app.router.add_route("*", "/hook", webhook.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    webhook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield webhook
    await runner.cleanup()
