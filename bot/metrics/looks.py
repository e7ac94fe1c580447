"""What web and clock measure only when somebody asks for their page: parts, ages."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from bot.composition import Core
from bot.metrics.listener import Listener, Look
from bot.metrics.metrics import Metrics
from bot.parts import product_version
from bot.policy import townhall_at
from bot.store.protocol import Ages, Store, StoreUnavailable


async def listen(core: Core, name: str, look: Look) -> Listener:
    """Serve the metrics and health of this process where the settings say, until close()."""
    listener = Listener(core.metrics, look, name, product_version())
    await listener.start(core.settings.metrics_host, core.settings.metrics_port)
    return listener


def web_look(core: Core) -> Look:
    """The store alone: web answers no question."""

    async def look() -> Mapping[str, bool]:
        core.metrics.lanes_total.set(core.store.lanes)
        return {"store": await is_up(core.store)}

    return look


def clock_look(
    core: Core, ticking: Callable[[], bool], now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Look:
    """The store; and, while this is the clock that ticks, how long somebody has waited, and whether people are there.

    One clock tells the ages: they are the store's, and several witnesses would only differ.
    """
    metrics = core.metrics

    async def look() -> Mapping[str, bool]:
        metrics.lanes_total.set(core.store.lanes)
        metrics.town_hall_open.forget()
        ages = await _ages(core.store) if ticking() else None
        _tell(metrics, ages)
        if ticking():
            desks = townhall_at(core.calendar, now()).desks.values()
            metrics.town_hall_open.set(any(desk.open for desk in desks))
        return {"store": ages is not None or await is_up(core.store)}

    return look


async def _ages(store: Store) -> Ages | None:
    try:
        return await store.ages()
    except StoreUnavailable:
        return None


def _tell(metrics: Metrics, ages: Ages | None) -> None:
    """None: nobody knows, and nothing must be told; an old age would look like a quiet day."""
    gauges = (metrics.oldest_unhandled, metrics.oldest_unsent, metrics.oldest_waiting)
    for gauge in (*gauges, metrics.backlog, metrics.conversations):
        gauge.forget()
    if ages is None:
        return
    for gauge, age in zip(gauges, (ages.unhandled, ages.unsent, ages.waiting), strict=True):
        gauge.set(age)
    for queue in ("inbox", "outbox", "dead", "facts"):
        metrics.backlog.set(getattr(ages, queue), queue)
    metrics.conversations.set(ages.waiting_count, "waiting")
    metrics.conversations.set(ages.assigned, "assigned")


async def is_up(store: Store) -> bool:
    """Can it be read and written?"""
    try:
        await store.ping()
    except StoreUnavailable:
        return False
    return True
