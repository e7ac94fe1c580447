"""/metrics and /health: on a listener of their own, whatever hangs, and never where citizens are."""

import asyncio
import logging
import socket
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.composition import build_core
from bot.metrics import listener as module
from bot.metrics.listener import Listener, Page
from bot.metrics.metrics import Metrics
from bot.ports import free_port
from bot.settings import Settings
from bot.webapp import build_apps
from tests.house import corpus_state


class Parts:
    """A look whose result is set by the test; `gate` makes it wait."""

    def __init__(self, **parts: bool) -> None:
        self.parts: Mapping[str, bool] = parts
        self.gate: asyncio.Event | None = None
        self.looks = 0

    async def __call__(self) -> Mapping[str, bool]:
        self.looks += 1
        if self.gate:
            await self.gate.wait()
        return self.parts


async def fetched(port: int, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as response:
        return response.status, await response.text()


async def test_both_pages_are_served_and_tell_of_the_parts() -> None:
    port, metrics, parts = free_port(), Metrics("worker", ("telegram",), "1.2"), Parts(store=True, encoder=False)
    listener = Listener(metrics, parts, "worker2", "1.2")
    await listener.start("127.0.0.1", port)
    try:
        metrics.conflicts.inc()
        status, page = await fetched(port, "/metrics")
        assert status == 200
        assert "\nstadtbote_conflicts_total 1.0\n" in page
        assert '\nstadtbote_part_up{part="store"} 1.0\n' in page
        assert '\nstadtbote_part_up{part="encoder"} 0.0\n' in page
        assert '\nstadtbote_info{process="worker",version="1.2"} 1.0\n' in page
        status, health = await fetched(port, "/health")
        assert status == 200
        assert '"process": "worker2"' in health
        assert '"encoder": false' in health
        parts.parts = {"store": False}
        _, page = await fetched(port, "/metrics")
        assert '{part="store"} 0.0' in page
        assert '{part="encoder"}' not in page
    finally:
        await listener.close()


async def test_the_page_comes_while_the_store_hangs_and_the_look_is_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.05)
    metrics, parts = Metrics("web"), Parts(store=True)
    parts.gate = asyncio.Event()
    async with TestClient(TestServer(Page(metrics, parts, "web", "1").app())) as client:
        for _ in range(2):
            page = await (await client.get("/metrics")).text()
            assert '{part="store"} 0.0' in page
        assert parts.looks == 1  # who asks next waits for the same look
        parts.gate.set()
        assert '{part="store"} 1.0' in await (await client.get("/metrics")).text()


async def test_port_0_is_off() -> None:
    listener = Listener(Metrics("web"), Parts(), "web", "1")
    await listener.start("127.0.0.1", 0)
    await listener.close()


async def test_a_taken_port_is_said_once_and_used_when_it_is_free(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "bot")
    metrics = Metrics("web")
    listener = Listener(metrics, Parts(store=True), "web", "1", patience=0.01)
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port()))
        other.listen()
        port = other.getsockname()[1]
        await listener.start("127.0.0.1", port)  # returns: the process goes on
        while not caplog.records:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)  # several tries
    (error,) = caplog.records
    assert error.levelno == logging.ERROR
    assert "STADTBOTE_METRICS_PORT" in error.getMessage()
    while caplog.records[-1].getMessage() != "metrics":
        await asyncio.sleep(0.01)
    assert (await fetched(port, "/health"))[0] == 200
    await listener.close()
    assert metrics.registry.get_sample_value("stadtbote_log_lines_total", {"level": "error"}) == 1


@pytest.mark.parametrize("console_port", [0, 8081])
async def test_neither_citizens_nor_clerks_reach_them(tmp_path: Path, redis_url: str, console_port: int) -> None:
    corpus_state(tmp_path)
    settings = Settings(home=tmp_path, redis_url=redis_url, lanes=2, console_port=console_port)
    core = build_core(settings, process="web")
    for app in build_apps(core, ()).values():
        async with TestClient(TestServer(app)) as client:
            assert (await client.get("/metrics", allow_redirects=False)).status == 404
            for path in ("/metrics/", "/console/metrics", "/health"):
                response = await client.get(path, allow_redirects=False)
                assert "stadtbote_" not in await response.text(), path
    await core.close()
