"""The supervisor over small processes: falls, names, priorities, and restarts that nobody notices."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import aiohttp
import pytest

from bot.processes.sockets import CHAT, bound, told
from bot.settings import Settings
from bot.store.redis import RedisStore
from bot.supervisor.child import FIRST_PAUSE, LONGEST_PAUSE, SOON, Child, Falls
from bot.supervisor.ears import Ears
from bot.supervisor.graves import Graves
from bot.supervisor.supervisor import Supervisor


@dataclass
class Greeters:
    """Web processes on one socket, under a supervisor."""

    supervisor: Supervisor
    url: str
    children: list[Child]
    buried: list[tuple[str, str]] = field(default_factory=list)

    async def bury(self, kind: str, name: str) -> None:
        self.buried.append((kind, name))


@asynccontextmanager
async def greeters(many: int = 2) -> AsyncIterator[Greeters]:
    with closing(bound("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        async with Ears() as ears:
            environment = {**ears.environment, **told({CHAT: listening})}
            command = [sys.executable, "-m", "tests.processes.greeter", str(port)]
            child = Child("web", command, environment, passed=(listening.fileno(),), ours=True)
            found = Greeters(None, f"http://127.0.0.1:{port}/", [])  # type: ignore[arg-type]
            found.supervisor = Supervisor(ears, found.bury)
            try:
                for number in range(1, many + 1):
                    await found.supervisor.start(replace(child, name=f"web{number}"))
                found.children = found.supervisor.children
                await found.supervisor.ready("web")
                yield found
            finally:
                await found.supervisor.stop()


async def ask(url: str, errors: Counter[str], stop: asyncio.Event, keep: bool) -> int:
    """Ask again and again, on a connection that is kept or on a new one each time; returns how often."""
    many = 0
    connector = aiohttp.TCPConnector(force_close=not keep)
    # POST: aiohttp itself repeats a GET whose kept connection was closed under it
    async with aiohttp.ClientSession(connector=connector) as session:
        while not stop.is_set():
            try:
                async with session.post(url) as answer:
                    if await answer.text() != "hello":
                        errors[str(answer.status)] += 1
            except (aiohttp.ClientError, OSError) as error:
                errors[type(error).__name__] += 1
            many += 1
            await asyncio.sleep(0.002)
    return many


@pytest.mark.slow
async def test_a_rolling_restart_is_noticed_by_nobody() -> None:
    async with greeters() as town:
        errors, stop = Counter[str](), asyncio.Event()
        asking = [asyncio.create_task(ask(town.url, errors, stop, keep)) for keep in 3 * [False] + 12 * [True]]
        names = {child.known for child in town.children}
        for _ in range(3):
            assert await town.supervisor.roll()
            now = {child.known for child in town.children}
            assert len(now) == 2
            assert not now & names
            names |= now
        stop.set()
        many = sum(await asyncio.gather(*asking))
        assert not errors
        assert many > 100
        assert len(town.buried) == 6


@pytest.mark.slow
async def test_a_request_under_way_is_answered_to_its_end() -> None:
    async with greeters(1) as town, aiohttp.ClientSession() as session:
        slow = asyncio.create_task(session.get(town.url + "slow"))
        while await (await session.get(town.url + "busy")).text() != "1":
            await asyncio.sleep(0.02)
        assert await town.supervisor.roll()
        async with await slow as answer:
            assert (answer.status, await answer.text()) == (200, "hello")
            assert answer.headers["Connection"] == "close"


@pytest.mark.slow
async def test_a_killed_process_is_buried_by_its_name_and_comes_again_under_another() -> None:
    async with greeters(1) as town, aiohttp.ClientSession() as session:
        (child,) = town.children
        assert child.process
        dead = child.known
        os.kill(child.process.pid, signal.SIGKILL)
        async with session.post(town.url) as answer:  # waits in the queue of the socket until somebody takes it
            assert await answer.text() == "hello"
        assert town.buried == [("web", dead)]
        assert child.known != dead


@pytest.mark.slow
async def test_a_new_process_that_falls_leaves_the_old_one_at_work() -> None:
    async with greeters(1) as town, aiohttp.ClientSession() as session:
        (child,) = town.children
        before, child.command = child.process, [sys.executable, "-c", "raise SystemExit(1)"]
        assert not await town.supervisor.roll()
        assert town.children == [child]
        assert child.process is before
        assert child.alive
        async with session.post(town.url) as answer:
            assert await answer.text() == "hello"


async def test_what_computes_has_a_lower_priority(tmp_path: Path) -> None:
    said = tmp_path / "nice"
    child = Child("worker", [sys.executable, "-c", "import os; print(os.nice(0))"], log=said, nice=5)
    await child.spawn()
    assert child.process
    await child.process.wait()
    assert int(said.read_text()) == min(19, os.nice(0) + 5)


@pytest.mark.parametrize("foreign", [True, False])
async def test_a_foreign_program_learns_nothing_of_our_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, foreign: bool
) -> None:
    monkeypatch.setenv("STADTBOTE_TELEGRAM_TOKEN", "geheim")
    said = tmp_path / "said"
    code = "import os; print(os.environ.get('STADTBOTE_TELEGRAM_TOKEN'), os.environ['TOLD'], os.environ['PATH'])"
    child = Child("rasa", [sys.executable, "-c", code], {"TOLD": "this"}, said, foreign=foreign).twin()
    await child.spawn()
    assert child.process
    await child.process.wait()
    assert said.read_text() == f"{None if foreign else 'geheim'} this {os.environ['PATH']}\n"


def pauses(*lives: float) -> Iterator[float]:
    """The pauses after lives of so many seconds."""
    falls = Falls()
    return (falls.pause(lived) for lived in lives)


def test_pauses_grow_only_when_it_falls_again_and_again_at_its_start() -> None:
    assert next(pauses(0.1)) == FIRST_PAUSE
    assert set(pauses(*[SOON + 1] * 60)) == {FIRST_PAUSE}  # a storm that kills what had come up well
    grown = list(pauses(*[0.1] * 30))
    assert grown == sorted(grown)
    assert grown[2] == FIRST_PAUSE
    assert grown[-1] == LONGEST_PAUSE
    assert list(pauses(*[0.1] * 30, SOON + 1, 0.1))[-2:] == [FIRST_PAUSE, FIRST_PAUSE]


async def test_the_lanes_of_a_dead_worker_are_free_at_once(redis_url: str, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, redis_url=redis_url)
    store, graves = RedisStore(redis_url, settings.lanes, 30), Graves(settings)
    try:
        assert len(await store.own_lanes("worker-dead", 3600)) == settings.lanes
        assert await store.own_lanes("worker-next", 3600) == []
        await graves.bury("worker", "worker-dead")
        assert len(await store.own_lanes("worker-next", 3600)) == settings.lanes
        await graves.bury("worker", "worker-somebody-else")
        assert len(await store.own_lanes("worker-next", 3600)) == settings.lanes
    finally:
        await store.close()
        await graves.close()
