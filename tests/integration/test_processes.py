"""Many processes: a rolling restart that nobody notices, the console apart, and an end in good time for each."""

import asyncio
import os
import signal
import time
from collections import Counter

import aiohttp
import pytest

from bot.composition import Core, redis_of
from bot.ports import free_port
from bot.simulator import UNLIMITED, Citizen, Simulator
from bot.simulator.defaults import TELEGRAM_SECRET
from bot.store.keys import key
from tests.integration.product import Product, product, stadtbote

pytestmark = pytest.mark.slow
PATIENT = 300.0
OURS = ("web", "worker", "clock")


class Outside:
    """Platforms and browsers that come all the time, and what went wrong for them."""

    def __init__(self, running: Product, sim: Simulator) -> None:
        self._running, self._sim = running, sim
        self.errors: Counter[str] = Counter()
        self.thanked: list[Citizen] = []
        self.pages = 0
        self.stop = asyncio.Event()

    async def post(self) -> None:
        """One message each of ever new citizens, posted as Telegram does, on connections that are kept."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET}
        async with aiohttp.ClientSession(headers=headers) as session:
            while not self.stop.is_set():
                number = len(self.thanked) + 1
                citizen = self._sim.citizen("telegram", f"Bürgerin {number} Mustermann")
                citizen.account.last_said = time.time()  # posted by us: the platform must know that they wrote first
                person = {"id": int(citizen.key), "first_name": "B", "is_bot": False, "type": "private"}
                message = {"message_id": 1, "date": int(time.time()), "text": "danke schön", "chat": person}
                update = {"update_id": 10_000_000 + number, "message": message | {"from": person}}
                self.thanked.append(citizen)
                await self._count(session.post(f"{self._running.url}/channels/telegram", json=update))
                await asyncio.sleep(0.2)

    async def look(self) -> None:
        """The chat's page, on a new connection each time."""
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
            while not self.stop.is_set():
                await self._count(session.get(f"{self._running.url}/"))
                self.pages += 1
                await asyncio.sleep(0.05)

    async def _count(self, call: "aiohttp.client._RequestContextManager") -> None:
        try:
            async with call as answer:
                await answer.read()
                if answer.status != 200:
                    self.errors[str(answer.status)] += 1
        except (aiohttp.ClientError, TimeoutError) as error:
            self.errors[type(error).__name__] += 1


async def test_a_rolling_restart_of_everything() -> None:
    webhook = {"telegram_mode": "webhook", "telegram_secret": TELEGRAM_SECRET}
    console = str(free_port())
    async with (
        Simulator(rates=UNLIMITED) as sim,
        product(sim, encoder="off", web_processes="2", console_port=console, **webhook) as running,
    ):
        await running.ready()
        before = {child: running.pids(child) for child in OURS}
        assert [len(before[child]) for child in OURS] == [2, 1, 1]
        outside = Outside(running, sim)
        tasks = [asyncio.create_task(work) for work in (outside.post(), outside.look())]
        status, said = await stadtbote("restart", environment=running.environment, folder=running.home)
        assert status == 0, said
        await running.until(lambda: "rolling restart: done" in running.log, PATIENT)
        # They came all the time, and come to the new processes, too.
        posts, pages = max(10, len(outside.thanked) + 3), max(20, outside.pages + 3)
        await running.until(lambda: len(outside.thanked) > posts and outside.pages > pages, PATIENT)
        outside.stop.set()
        await asyncio.gather(*tasks)
        assert not outside.errors
        for child in OURS:
            assert not before[child] & running.pids(child)  # all are others now
            assert len(running.pids(child)) == len(before[child])
        for citizen in outside.thanked:
            await citizen.reads("Gern geschehen", PATIENT)
            await citizen.say("auf wiedersehen")  # answered after whatever might come twice
        for citizen in outside.thanked:
            await citizen.reads("Auf Wiedersehen", PATIENT)
        said = [sum("Gern geschehen" in seen.text for seen in citizen.seen) for citizen in outside.thanked]
        assert set(said) == {1}

        assert f"Console       http://127.0.0.1:{console}/console" in running.log
        status = {}
        for place in (running.url, f"http://127.0.0.1:{console}"):
            async with running.session.get(f"{place}/console/login") as answer:
                status[place] = answer.status
        assert list(status.values()) == [404, 200]


async def test_each_process_ends_within_ten_seconds_and_comes_again() -> None:
    async with Simulator(rates=UNLIMITED) as sim, product(sim, encoder="off") as running:
        await running.ready()
        erika = sim.citizen("telegram", "Erika Mustermann")
        for child in OURS:
            (before,) = running.pids(child)
            await erika.say("danke schön")  # something is under way
            began = time.monotonic()
            os.kill(before, signal.SIGTERM)
            await running.until(lambda gone=before, child=child: gone not in running.pids(child), PATIENT)
            took = time.monotonic() - began
            await running.until(lambda child=child: running.pids(child), PATIENT)
            print(f"{child} drained in {took:.2f} s")
            # The kernel ends what takes longer than nine seconds (SIGALRM); that would be the status -14.
            fell = [line for line in running.log.splitlines() if f"child={child} " in line]
            assert "code=0" in fell[-1]
        await running.until(lambda: len([s for s in erika.seen if "Gern geschehen" in s.text]) == 3, PATIENT)
        assert len(erika.said) == 3


async def test_a_killed_worker_is_replaced_and_nobody_waits_for_its_lease() -> None:
    async with Simulator(rates=UNLIMITED) as sim, product(sim, encoder="off") as running, running.core() as core:
        await running.ready()
        kemal = sim.citizen("telegram", "Kemal Yildiz")
        await kemal.say("guten tag")
        await kemal.reads("Stadtbote", PATIENT)
        held = await holders(core)
        assert held
        os.kill(running.child("worker"), signal.SIGKILL)
        await kemal.say("danke schön")
        await kemal.reads("Gern geschehen", PATIENT)
        assert not held & await holders(core)
        # said by the supervisor within its first try; otherwise it would have logged that leases run out by themselves
        assert "was not given back" not in running.log


async def holders(core: Core) -> set[str]:
    """The names of the workers that hold lanes."""
    redis = redis_of(core.settings)
    try:
        return {name.decode() for n in range(core.settings.lanes) if (name := await redis.get(key(n, "owner")))}
    finally:
        await redis.aclose()
