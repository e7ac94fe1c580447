"""The running product, seen from outside: every process has its page, and the numbers are what happened."""

import asyncio
import json
from collections.abc import Awaitable, Callable

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
    async with asyncio.timeout(90):
        while not await check():
            await asyncio.sleep(0.2)


async def test_every_process_has_its_page_and_the_numbers_are_what_happened() -> None:
    port = free_port()
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
            await citizen.reads("Stadtbote", 90)
        await anna.say("/mensch")

        async def handed_off() -> bool:
            return await pages.value(2, "conversations", status="waiting") == 1

        await until(handed_off)
        assert await pages.value(2, "oldest_waiting_seconds") > 0
        assert await pages.value(2, "arrivals_total", channel="telegram", outcome="accepted") == 2

        async def all_repeats() -> bool:
            new = await pages.value(0, "arrivals_total", channel="whatsapp", outcome="accepted")
            known = await pages.value(0, "arrivals_total", channel="whatsapp", outcome="duplicate")
            return new >= 1 and known == 2 * new

        await until(all_repeats)
        assert await pages.value(1, "turn_seconds_count", channel="telegram") == 2
        assert await pages.value(1, "reply_seconds_count", channel="whatsapp") == 1
        sent = sum(
            [await pages.value(1, "deliveries_total", channel=p, state="sent") for p in ("telegram", "whatsapp")]
        )
        assert sent == len(anna.seen) + len(bert.seen)
        assert await pages.value(1, "lanes_owned") == 16
        assert await pages.value(0, "acknowledgement_seconds_count", channel="whatsapp") >= 3
        for number, name in enumerate(("web", "worker", "clock")):
            health = json.loads(await pages.fetched(number, "/health"))
            assert health["process"].startswith(name)
            assert health["parts"]["store"] is True
            page = await pages.fetched(number, "/metrics")
            assert not {w for w in ("Anna", "Bert", anna.key, bert.key, "zusammen") if w in page}
        async with running.session.get(f"{running.url}/metrics") as response:
            assert response.status == 404
        running.confidential |= {"Geheimnis", "Verborgen", "zusammen", bert.key, "wamid."}
        log = running.log
    lines = [line for line in log.splitlines() if line.startswith("{")]
    told = [json.loads(line) for line in lines]
    assert {"web", "worker", "clock"} <= {line["process"] for line in told}
    ways: dict[str, set[tuple[str, str]]] = {}
    for line in told:
        if "arrival" in line:
            ways.setdefault(line["arrival"], set()).add((line["process"], line["message"]))
    assert {("clock", "arrived"), ("worker", "handled"), ("worker", "sent")} in ways.values()
    assert {("web", "arrived"), ("worker", "handled"), ("worker", "sent")} in ways.values()
