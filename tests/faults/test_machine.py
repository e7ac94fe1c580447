"""The machine's random lives, in memory and on a real Valkey."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import redis
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

import bot.handoff.desk
from bot.composition import Core, build_core
from bot.settings import Settings
from bot.store.memory import MemoryStore
from bot.store.protocol import Store
from bot.store.redis import RedisStore
from tests.faults.machine import Life

LANES = 2


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Runs so many lives on the stores that a function makes."""
    # A claim finds only sends whose worker is dead: the machine lets the others arrive first.
    monkeypatch.setattr(bot.handoff.desk, "SEND_SECONDS", -10.0)
    loop = asyncio.new_event_loop()
    chosen = replace(Settings(), home=tmp_path, cache=tmp_path, secret="x" * 32, nlu_url="off")
    core: Core = build_core(chosen, store=MemoryStore(), channels={})

    def run(store: Callable[[], Store], examples: int, steps: int) -> None:
        chances = settings(
            max_examples=examples,
            stateful_step_count=steps,
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(lambda: Life(store(), core, loop), settings=chances)

    yield run
    loop.run_until_complete(core.close())
    loop.close()


def test_in_memory(live: Callable[..., None]) -> None:
    live(lambda: MemoryStore(lanes=LANES), 30, 50)


@pytest.mark.slow
def test_in_memory_for_long(live: Callable[..., None]) -> None:
    live(lambda: MemoryStore(lanes=LANES), 60, 100)


@pytest.mark.slow
def test_on_valkey(live: Callable[..., None], redis_url: str) -> None:
    def store() -> Store:
        with redis.Redis.from_url(redis_url) as client:
            client.flushall()
        return RedisStore(redis_url, LANES, 30)

    live(store, 12, 40)
