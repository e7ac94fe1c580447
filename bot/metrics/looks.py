"""What a process measures only when somebody asks for its page: parts, lanes, ages."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from bot.answers import Answers
from bot.composition import Core
from bot.metrics.listener import Look
from bot.policy import townhall_at
from bot.store.protocol import Store, StoreUnavailable
from nlu.client import RasaNlu
from nlu.understand import Nlu


def web_look(core: Core) -> Look:
    """The store alone: web answers no question."""

    async def look() -> Mapping[str, bool]:
        core.metrics.lanes_total.set(core.store.lanes)
        return {"store": await _up(core.store)}

    return look


def worker_look(core: Core, answers: Answers, nlu: Nlu) -> Look:
    """Store, encoder, and Rasa where there is one; how Rasa's breakers stand, how many entries answer."""
    metrics = core.metrics

    async def look() -> Mapping[str, bool]:
        metrics.lanes_total.set(core.store.lanes)
        metrics.entries.set(answers.entries)
        parts = {"store": await _up(core.store), "encoder": bool(answers.encoder)}
        if isinstance(nlu, RasaNlu):
            parts["nlu"] = nlu.healthy
            for state, count in nlu.breakers.items():
                metrics.rasa_servers.set(count, state)
        return parts

    return look


def clock_look(
    core: Core, ticking: Callable[[], bool], now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Look:
    """The store; and, while this is the clock that ticks, whether the town hall is open."""
    metrics = core.metrics

    async def look() -> Mapping[str, bool]:
        metrics.lanes_total.set(core.store.lanes)
        metrics.town_hall_open.forget()
        if ticking():
            desks = townhall_at(core.calendar, now()).desks.values()
            metrics.town_hall_open.set(any(desk.open for desk in desks))
        return {"store": await _up(core.store)}

    return look


async def _up(store: Store) -> bool:
    try:
        await store.ping()
    except StoreUnavailable:
        return False
    return True
