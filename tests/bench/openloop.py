"""Arrivals at planned times, whatever the answers: what takes long delays no later arrival and hides no waiting.

Latencies are counted from the planned time, so a pause of ours or of the product counts for everybody who would
have come meanwhile (no coordinated omission).
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence

from bot.simulator.clock import Clock

Fire = Callable[[int, float], Awaitable[None]]
"""(number of the arrival, planned time in seconds since 1970)"""


def even(rate: float, seconds: float) -> list[float]:
    """Offsets in seconds, one every 1/rate."""
    return [n / rate for n in range(round(rate * seconds))]


def poisson(rate: float, seconds: float, seed: int) -> list[float]:
    """As many offsets, spread as independent citizens come: exponential gaps, so some come close together."""
    chance = random.Random(seed)
    at = sorted(chance.uniform(0, seconds) for _ in range(round(rate * seconds)))
    return at  # given their number, the arrivals of a Poisson process are uniform


async def run(plan: Sequence[float], fire: Fire, clock: Clock) -> float:
    """Fire each arrival at its offset from now and return once all are done. Returns the time of offset 0."""
    start = clock.now()
    tasks: list[asyncio.Task[None]] = []
    for number, offset in enumerate(plan):
        due = start + offset
        if (pause := due - clock.now()) > 0:
            await clock.sleep(pause)
        tasks.append(asyncio.create_task(_fire(fire, number, due)))
    await asyncio.gather(*tasks)
    return start


async def _fire(fire: Fire, number: int, due: float) -> None:
    await fire(number, due)
