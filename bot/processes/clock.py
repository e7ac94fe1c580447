"""The clock process: what time alone brings about, and what only one may do. A lease in Redis decides which."""

import asyncio
import contextlib
import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.exceptions import RedisError

from bot.channels.channel import Channel
from bot.composition import Core, build_core, redis_of
from bot.conversation import NotNow
from bot.facts.draining import Draining
from bot.facts.kept import Facts
from bot.gaps.ordering import keep_ordering
from bot.lease import Lease
from bot.message import Arrival
from bot.metrics.looks import clock_look, listen
from bot.metrics.metrics import SPOKEN
from bot.numbers.read import Numbers
from bot.numbers.watch import Watch
from bot.parts import Parts
from bot.processes.life import Life, end, life
from bot.processes.linking import Linking, agent_of
from bot.processes.tidying import Tidying
from bot.settings import Settings
from bot.store.keys import PREFIX
from bot.store.protocol import StoreUnavailable
from bot.taught.arriving import Arrivals
from faq.links.kept import Links
from faq.links.look import Looker

log = logging.getLogger(__name__)
BEAT = 3.0
STANDBY = 0.5  # seconds between two looks of a clock that waits for the lease
LEASE_SECONDS = 10.0  # three beats and a little
FINISH_SECONDS = 5.0
OWNER = f"{PREFIX}:{{clock}}:owner"


async def clock_process(settings: Settings) -> None:
    """Tick, poll and tidy while the lease is ours, until told to stop."""
    async with life("clock") as me:
        core, redis = build_core(settings, process="clock"), redis_of(settings)
        clock = Clock(core, redis, me)
        told = await listen(core, me.name, clock_look(core, lambda: clock.ticks))
        draining = Draining(
            core.store,
            lambda: Facts(core.catalogue.engine, core.zone),
            lambda: clock.ticks,
            (timedelta(days=settings.questions_days), timedelta(days=settings.facts_days)),
        )
        running = asyncio.create_task(clock.run())
        arrivals = Arrivals(core.catalogue.engine, redis, lambda: clock.ticks)
        watch = Watch(
            Numbers(core.catalogue.engine),
            core.metrics.answers_worse,
            SPOKEN,
            lambda: clock.ticks,
            lambda: datetime.now(core.zone).date(),
        )
        ordering = keep_ordering(core.catalogue.engine, lambda: clock.ticks)
        for_ever = (core.live_town.follow(), draining.run(), watch.run(), arrivals.follow(), ordering)
        beside = [asyncio.create_task(one) for one in for_ever]
        await me.stop.wait()
        await asyncio.wait({running}, timeout=FINISH_SECONDS)
        await end([running, *beside])
        await asyncio.wait({asyncio.create_task(clock.leave())}, timeout=2.0)
        await told.close()
        await redis.aclose()
        await core.close()


class Clock:
    """One clock of perhaps several. `redis` is for lease and signs of life."""

    def __init__(self, core: Core, redis: Any, me: Life) -> None:
        self._core, self._me = core, me
        self._lease, self._parts = lease_of(redis, me.name), Parts(redis, ())
        self._pollers: list[asyncio.Task[None]] = []
        self._deliveries: set[asyncio.Task[bool]] = set()
        self._tidying = Tidying(core.store, core.intake.vault, time.monotonic)
        self._linking = _linking(core) if core.settings.links else None
        self._upgraded = False
        self.ticks = False  # this is the one of all clocks that does the work

    async def run(self) -> None:
        """Until the life ends."""
        while not self._me.stop.is_set():
            mine = False
            try:
                self.ticks = mine = await self._lease.hold()
                if mine:
                    await self._work()
                else:
                    await self._stop_polling()
                await self._parts.say(self._me.name, {"clock": True})
                self._me.ready()
            except Exception:
                log.exception("the clock missed a beat")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._me.stop.wait(), BEAT if mine else STANDBY)
        await self._stop_polling()
        await self._tidying.close()
        if self._linking:
            await self._linking.close()

    async def leave(self) -> None:
        """Give the lease back: the next clock ticks at once."""
        await self._parts.leave(self._me.name)
        with contextlib.suppress(RedisError, OSError):  # the store went first: the lease runs out by itself
            await self._lease.give_back()

    async def _work(self) -> None:
        if not self._pollers:
            channels = self._core.channels.values()
            self._pollers = [asyncio.create_task(self._connected(channel)) for channel in channels]
        now = datetime.now(UTC)
        await tick(self._core, now)
        if not self._upgraded:
            if moved := await self._core.store.upgrade():
                log.info("conversations of an older version were taken over", extra={"count": moved})
            self._upgraded = True
        self._tidying.begin(now)
        if self._linking:
            self._linking.begin()

    async def _connected(self, channel: Channel) -> None:
        """Fetch a channel's updates, or ask its platform to post them to us, until it works and then for ever."""
        while True:
            try:
                await channel.connect(f"{self._core.settings.base_url}/channels/{channel.name}")
                await channel.poll(self._deliver)
                return  # nothing to fetch: its platform posts
            except Exception:
                log.exception("a channel could not be connected; trying again", extra={"channel": channel.name})
                await asyncio.sleep(10)

    async def _deliver(self, arrival: Arrival) -> None:
        # Shielded: polling may be cancelled at any time, a write on a shared connection may not.
        delivery = asyncio.create_task(self._core.deliver(arrival))
        self._deliveries.add(delivery)
        delivery.add_done_callback(self._deliveries.discard)
        await asyncio.shield(delivery)

    async def _stop_polling(self) -> None:
        """No update is lost: the platform keeps what was not passed, and a repeat is known by its id."""
        pollers, self._pollers = self._pollers, []
        await end(pollers)
        if self._deliveries:
            await asyncio.wait(set(self._deliveries), timeout=2.0)


def _linking(core: Core) -> Linking:
    links, agent = Links(core.catalogue.engine, core.turns.now), agent_of(core.settings.public_url)
    return Linking(core.catalogue, links, lambda: Looker(agent), time.monotonic)


async def tick(core: Core, now: datetime) -> None:
    """Everything that time alone brings about."""
    for conversation in await core.store.due(now):
        try:
            after = await core.desk.time_passed(conversation)
            log.info("time passed", extra={"conversation": conversation, "status": str(after.status)})
        except (NotNow, KeyError):
            log.info("somebody was quicker than the clock", extra={"conversation": conversation})
        except StoreUnavailable:
            raise
        except Exception:
            # The others are due as well: one that cannot be judged must not keep them waiting.
            log.exception("the clock could not judge a conversation", extra={"conversation": conversation})


def lease_of(redis: Any, name: str) -> Lease:
    """The lease of the clock that ticks."""
    return Lease(redis, OWNER, name, LEASE_SECONDS)
