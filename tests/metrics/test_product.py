"""The running product, seen from outside: every process has its page, and the numbers are what happened."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.ports import free_port
from bot.simulator import UNLIMITED, Simulator
from tests.integration.product import Product, product

pytestmark = pytest.mark.slow


class Pages:
    """The pages of web, worker and clock, in this order of ports."""

    def __init__(self, running: Product, port: int) -> None:
        self._running, self._port = running, port

    async def fetched(self, number: int, path: str) -> str:
        address = f"http://127.0.0.1:{self._port + number}{path}"
        async with self._running.session.get(address) as response:
            assert response.status == 200
            return await response.text()

    async def value(self, number: int, name: str, **labels: str) -> float:
        """One sample, 0 when it is not there."""
        for family in text_string_to_metric_families(await self.fetched(number, "/metrics")):
            for sample in family.samples:
                if sample.name == f"stadtbote_{name}" and labels.items() <= sample.labels.items():
                    return sample.value
        return 0.0


async def until(check: Callable[[], Awaitable[bool]]) -> None:
    """A page may come later than what its process does, and a number later than what it counts."""
    async with asyncio.timeout(180):
        while True:
            with suppress(aiohttp.ClientConnectionError):
                if await check():
                    return
            await asyncio.sleep(0.2)


async def test_every_process_has_its_page_and_the_numbers_are_what_happened() -> None:
    port = free_port(1, 2)
    async with (
        Simulator(rates=UNLIMITED) as sim,
        product(sim, log_format="json", metrics_port=str(port)) as running,
    ):
        await running.serves()
        await sim.whatsapp.subscribe(f"{running.url}/channels/whatsapp")
        pages = Pages(running, port)
        sim.whatsapp.hooks.repeats = (3, 3)
        anna, bert = sim.citizen("telegram", "Anna Geheimnis"), sim.citizen("whatsapp", "Bert Verborgen")
        for citizen in (anna, bert):
            await citizen.say("guten tag zusammen")
            await citizen.reads("Stadtbote", 180)
        await anna.say("/mensch")
        await anna.reads("Ihre Nummer ist", 180)

        async def tells(number: int, name: str, value: float, **labels: str) -> None:
            async def so() -> bool:
                return await pages.value(number, name, **labels) == value

            await until(so)

        await tells(2, "conversations", 1, status="waiting")
        assert await pages.value(2, "oldest_waiting_seconds") > 0
        await tells(2, "arrivals_total", 2, channel="telegram", outcome="accepted")

        async def all_repeats() -> bool:
            new = await pages.value(0, "arrivals_total", channel="whatsapp", outcome="accepted")
            known = await pages.value(0, "arrivals_total", channel="whatsapp", outcome="duplicate")
            return new >= 1 and known == 2 * new

        await until(all_repeats)
        await tells(1, "turn_seconds_count", 2, channel="telegram")
        await tells(1, "reply_seconds_count", 1, channel="whatsapp")
        for platform, citizen in (("telegram", anna), ("whatsapp", bert)):
            await tells(1, "deliveries_total", len(citizen.seen), channel=platform, state="sent")
        await tells(1, "lanes_owned", 16)

        async def all_acknowledged() -> bool:
            return await pages.value(0, "acknowledgement_seconds_count", channel="whatsapp") >= 3

        await until(all_acknowledged)
        for number, name in enumerate(("web", "worker", "clock")):

            async def well(number: int = number, name: str = name) -> bool:
                health = json.loads(await pages.fetched(number, "/health"))
                assert health["process"].startswith(name)
                return health["parts"]["store"] is True

            await until(well)
            page = await pages.fetched(number, "/metrics")
            assert not {w for w in ("Anna", "Bert", anna.key, bert.key, "zusammen") if w in page}
        async with running.session.get(f"{running.url}/metrics") as response:
            assert response.status == 404
        running.confidential |= {"Geheimnis", "Verborgen", "zusammen", bert.key, "wamid."}
        lines = running.lines
    told = [json.loads(line) for line in lines if line.startswith("{")]
    assert {"web", "worker", "clock"} <= {line["process"] for line in told}
    ways: dict[str, set[tuple[str, str]]] = {}
    for line in told:
        if "arrival" in line:
            ways.setdefault(line["arrival"], set()).add((line["process"], line["message"]))
    assert {("clock", "arrived"), ("worker", "handled"), ("worker", "sent")} in ways.values()
    assert {("web", "arrived"), ("worker", "handled"), ("worker", "sent")} in ways.values()
