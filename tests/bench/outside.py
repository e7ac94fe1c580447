"""The outside world in a process of its own, so that its work is mixed neither with the product's nor with the load's.

python -m tests.bench.outside PORT WHATSAPP_WEBHOOK

Beside the simulator's own routes: many citizens at once, and what they have seen, in short.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web

from bot.simulator import Simulator

SHOWN = 100  # characters of a text: enough to tell answers apart
STARTING = 120.0  # seconds


class Outside(Simulator):
    """The simulator with two more routes."""

    def app(self) -> web.Application:
        """All routes."""
        app = super().app()
        app.add_routes([web.post("/bench/citizens", self._citizens), web.get("/bench/seen", self._seen)])
        return app

    async def _citizens(self, request: web.Request) -> web.Response:
        """So many new citizens who have written before: the bot may write to them."""
        body = await request.json()
        keys = []
        for _ in range(int(body["count"])):
            citizen = self.citizen(body["platform"], "Erika")
            citizen.account.last_said = self.clock.now()
            keys.append(citizen.key)
        return web.json_response(keys)

    async def _seen(self, request: web.Request) -> web.Response:
        """[platform, citizen, time, text, data of the buttons] of all messages of the bot from a record on."""
        start = int(request.query["from"])
        records = self.ledger.records
        rows: list[list[Any]] = []
        for record in records[start:]:
            if record.what == "seen":
                platform = self.telegram if record.platform == "telegram" else self.whatsapp
                seen = platform.accounts[record.citizen].find(record.id)
                buttons = [button.data for button in seen.buttons] if seen else []
                text = str(record.detail["text"])[:SHOWN]
                rows.append([record.platform, record.citizen, record.at, text, buttons])
        refused = sum(call.status != 200 for call in self.ledger.calls)
        return web.json_response({"next": len(records), "rows": rows, "refused": refused})


@dataclass
class World:
    """The running process, as the bench sees it."""

    url: str
    pid: int
    session: aiohttp.ClientSession
    read: int = 0
    refused: int = 0

    async def citizens(self, platform: str, count: int) -> list[str]:
        """New citizens, as keys."""
        async with self.session.post(f"{self.url}/bench/citizens", json={"platform": platform, "count": count}) as got:
            keys: list[str] = await got.json()
        return keys

    async def news(self) -> list[list[Any]]:
        """What was seen since the last call."""
        async with self.session.get(f"{self.url}/bench/seen", params={"from": str(self.read)}) as got:
            body = await got.json()
        self.read, self.refused = body["next"], body["refused"]
        rows: list[list[Any]] = body["rows"]
        return rows


@asynccontextmanager
async def world(port: int, webhook: str) -> AsyncIterator[World]:
    """Start it, end it."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.bench.outside", str(port), webhook)
    timeout = aiohttp.ClientTimeout(total=30)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session:
            found = World(f"http://127.0.0.1:{port}", process.pid, session)
            async with asyncio.timeout(STARTING):
                while True:
                    try:
                        await found.news()
                        break
                    except aiohttp.ClientError:
                        await asyncio.sleep(0.1)
            yield found
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def serve(port: int, webhook: str) -> None:
    """Until it is ended."""
    async with Outside(port=port, whatsapp_webhook=webhook):
        await asyncio.Event().wait()


def environment(port: int) -> dict[str, str]:
    """Settings, by their names there, that connect the product to the simulator on that port in webhook mode."""
    sim = Simulator(port=port)
    sim.telegram.url, sim.whatsapp.url = (f"http://127.0.0.1:{port}/{name}" for name in ("telegram", "whatsapp"))
    found = sim.environment("webhook")
    return {name.removeprefix("STADTBOTE_").lower(): value for name, value in found.items()}


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2]))
