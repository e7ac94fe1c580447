"""Arrivals come when they were planned, however slow the answers; who waits is measured from the plan."""

import asyncio
import itertools

from bot.simulator.clock import ManualClock
from tests.bench.openloop import even, poisson, run


async def settle() -> None:
    """Let everybody who can go on go on."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_slow_answers_delay_no_later_arrival() -> None:
    clock = ManualClock()
    began = clock.now()
    fired: list[tuple[int, float]] = []

    async def fire(number: int, due: float) -> None:
        fired.append((number, clock.now() - began))
        assert due == began + number
        await clock.sleep(100)  # the first answer comes long after the last arrival

    task = asyncio.create_task(run([0.0, 1.0, 2.0], fire, clock))
    for _ in range(3):
        await settle()
        clock.advance(1.0)
    await settle()
    assert fired == [(0, 0.0), (1, 1.0), (2, 2.0)]
    assert not task.done()
    clock.advance(100)
    assert await task == began


async def test_a_pause_of_ours_counts_for_everybody_who_came_meanwhile() -> None:
    clock = ManualClock()
    waited: list[float] = []

    async def fire(number: int, due: float) -> None:
        waited.append(clock.now() - due)

    task = asyncio.create_task(run(even(2.0, 2.0), fire, clock))
    await settle()
    clock.advance(10.0)  # nothing ran for ten seconds: no coordinated omission
    await task
    assert waited == [0.0, 9.5, 9.0, 8.5]


def test_plans() -> None:
    assert even(4.0, 1.0) == [0.0, 0.25, 0.5, 0.75]
    plan = poisson(10.0, 30.0, seed=3)
    assert len(plan) == 300
    assert plan == sorted(plan) == poisson(10.0, 30.0, seed=3)
    assert plan != poisson(10.0, 30.0, seed=4)
    assert plan[0] >= 0
    assert plan[-1] <= 30
    gaps = [b - a for a, b in itertools.pairwise(plan)]
    assert min(gaps) < 0.02 < 0.3 < max(gaps)  # independent citizens, no metronome
