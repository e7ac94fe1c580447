"""A Rasa as the client sees it: answers, or misbehaves on demand. Beside it a clock that stands still."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from nlu.meaning import HEADER
from nlu.process import TAUGHT_HEADER

TOKEN = "a token of some length"


class FakeRasa:
    """`behaviour` is answer, error, garbage, wrong, huge or hang; `asked` are the texts that arrived, `meanings` the
    vectors that came with them, `looks` how often the watch (an empty text) asked. Deaf ones answer the watch alone.
    `taught` names the examples of its model, None for one that does not say."""

    def __init__(self) -> None:
        self.behaviour = "answer"
        self.intent, self.confidence, self.unsure = "thanks", 0.9, False
        self.entities: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.meanings: list[str | None] = []
        self.looks = 0
        self.deaf = False
        self.taught: str | None = None
        self.let_go = asyncio.Event()

    async def parse(self, request: web.Request) -> web.Response:
        if request.query.get("token") != TOKEN:
            return web.json_response({"status": "failure"}, status=401)
        text = (await request.json())["text"]
        if text:
            self.asked.append(text)
            self.meanings.append(request.headers.get(HEADER))
        else:
            self.looks += 1
        if self.behaviour == "hang" or (self.deaf and text):
            await self.let_go.wait()
        bodies = {"garbage": "<html>", "wrong": '{"intent": {"name": null}}', "huge": '"' + "x" * 300_000 + '"'}
        if self.behaviour in bodies:
            return web.Response(text=bodies[self.behaviour], content_type="application/json")
        if self.behaviour == "error":
            return web.Response(status=500)
        ranking = [
            {"name": self.intent, "confidence": self.confidence},
            {"name": "greet", "confidence": self.confidence / 2},
        ]
        if self.unsure:
            ranking.insert(0, {"name": "nlu_fallback", "confidence": 0.3})
        body = {"text": text, "intent": ranking[0], "intent_ranking": ranking, "entities": self.entities}
        headers = {} if self.taught is None else {TAUGHT_HEADER: self.taught}
        return web.Response(text=json.dumps(body), content_type="application/json", headers=headers)


@asynccontextmanager
async def serving(rasa: FakeRasa) -> AsyncIterator[str]:
    """The address at which it answers."""
    app = web.Application()
    app.router.add_post("/model/parse", rasa.parse)
    server = TestServer(app)
    await server.start_server()
    try:
        yield str(server.make_url(""))
    finally:
        rasa.let_go.set()
        await server.close()


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now
