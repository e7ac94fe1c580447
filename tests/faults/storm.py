"""The storm: the real product under random kills and stops, while a crowd writes. At the end, the verdict.

Chance is drawn from a seed: who writes what, and what befalls whom after how many messages. When exactly it strikes
is up to the machine, and so the verdict counts what happened and never how long it took.
"""

import asyncio
import random
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from bot.message import DeliveryState
from bot.store.protocol import StoreUnavailable
from tests.faults.crowd import Crowd
from tests.faults.ledger import Evidence, Replies, gather
from tests.faults.powerloss import Machine, machine
from tests.faults.processes import Family, frozen, send
from tests.faults.verdict import Verdict, judge
from tests.faults.world import World, world
from tests.integration.product import Pid

ROLES = {"web": 3, "worker": 4, "valkey": 3, "rasa": 2}
"""How often each is hit, one against the other; rasa only where it runs."""
STOPS = {"web": (0.5, 6.0), "worker": (0.5, 25.0), "valkey": (0.5, 5.0), "rasa": (0.5, 10.0)}
"""Seconds that a stopped process stands still, from and to; a worker's lanes are leased for 15 s."""
KILLS = 0.7  # of all misfortunes; the others are stops


@dataclass(frozen=True)
class Misfortune:
    """What befalls whom; `seconds` of standing still, 0: killed."""

    role: str
    seconds: float = 0.0

    def __str__(self) -> str:
        return f"{self.role} stopped for {self.seconds:.1f} s" if self.seconds else f"{self.role} killed"


@dataclass(frozen=True)
class Plan:
    """A storm. `faults` are drawn by the seed unless `given` names them, in order."""

    messages: int
    faults: int
    seed: int = 1
    rasa: bool = False
    power_loss: bool = False
    web: int = 2
    workers: int = 2
    encoder: str = ""  # as in Settings
    given: Sequence[Misfortune] = ()

    def misfortunes(self) -> list[Misfortune]:
        """All of them, in order."""
        rng = random.Random(f"{self.seed} misfortunes")
        roles = [role for role in ROLES if role != "rasa" or self.rasa]
        found: list[Misfortune] = []
        while len(found) < self.faults:
            role = rng.choices(roles, [ROLES[r] for r in roles])[0]
            killed = rng.random() < KILLS
            found.append(Misfortune(role, 0.0 if killed else rng.uniform(*STOPS[role])))
        return [*self.given, *found]


@dataclass
class Storm:
    """One storm while it lasts."""

    plan: Plan
    say: Callable[[str], None]
    crowd: Crowd
    world: World
    power: Machine | None = None
    in_flight: set[str] = field(default_factory=set)  # ids of parts that were under way at a misfortune
    struck: int = 0
    _began: float = field(default_factory=time.monotonic)
    _later: list[asyncio.Task[None]] = field(default_factory=list)
    _standing: set[Pid] = field(default_factory=set)  # stopped, for now

    def tell(self, text: str) -> None:
        """A line of progress."""
        seen, acknowledged = self.crowd.seen(), self.crowd.acknowledged
        self.say(f"{time.monotonic() - self._began:6.1f} s  {acknowledged:6d} acknowledged  {seen:6d} answered  {text}")

    async def rage(self) -> None:
        """Write everything and let everything happen; return once nothing moves any more."""
        misfortunes = self.plan.misfortunes()
        step = self.plan.messages / (len(misfortunes) + 1)
        # The crowd waits for misfortunes that are late: each must strike while people write.
        writing = asyncio.create_task(self.crowd.write(lambda: self.crowd.acknowledged < (self.struck + 2.5) * step))
        try:
            for misfortune in misfortunes:
                due = (self.struck + 1) * step * 0.98
                while self.crowd.acknowledged < due and not writing.done():
                    await asyncio.sleep(0.02)
                await self._strike(misfortune)
                self.struck += 1
            await asyncio.gather(*self._later)
            self.tell("no more misfortunes")
            await writing
        finally:
            writing.cancel()
            await asyncio.gather(writing, *self._later, return_exceptions=True)
        await self.world.drained()
        await self.world.sim.taken(60.0)  # reports on what was sent last
        await self.world.drained()

    # --- misfortunes ---------------------------------------------------------------------------------------

    async def _strike(self, what: Misfortune) -> None:
        family = Family(self.world.running.process.pid)
        victim = await self._victim(what.role, family)
        await self._store_answers()
        before = len(self.in_flight)
        power = self.power if what.role == "valkey" and not what.seconds else None
        # With the workers standing still, what is under way can be counted: so many may end as unknown.
        with frozen([one for one in family.of("worker") if one not in self._standing]) as stopped:
            self.in_flight |= await self._sending()
            note = str(what)
            if power:
                note = f"power lost, {await asyncio.to_thread(power.lose_power)} bytes with it"
            elif what.seconds:
                send(victim, signal.SIGSTOP)
                self._standing.add(victim)
                stopped.discard(victim)
            else:
                await family.killed(victim)
        self.tell(f"{self.struck + 1}: {note} ({len(self.in_flight) - before} in flight)")
        if power:
            await asyncio.to_thread(power.start)
        elif what.seconds:
            going_on = asyncio.create_task(self._continued(victim, what.seconds))
            self._later.append(going_on)
            if what.role == "valkey":
                await going_on  # the next misfortune counts what is under way, and asks the store

    async def _continued(self, victim: Pid, seconds: float) -> None:
        await asyncio.sleep(seconds)
        send(victim, signal.SIGCONT)
        self._standing.discard(victim)

    async def _victim(self, role: str, family: Family) -> Pid:
        if role == "valkey" and self.power:
            return self.power.server
        return random.Random(f"{self.plan.seed} {self.struck}").choice(await family.until(role, seconds=180.0))

    async def _store_answers(self) -> None:
        async with asyncio.timeout(180.0):
            while True:
                try:
                    await self.world.core.store.ping()
                    return
                except StoreUnavailable:
                    await asyncio.sleep(0.05)

    async def _sending(self) -> set[str]:
        """Parts that a worker has taken and not settled: what came of them may be on the screen already."""
        asked = [self.world.conversation(w.citizen.account) for w in self.crowd.writers if w.next]
        found: set[str] = set()
        for start in range(0, len(asked), 50):
            looks = (self.world.core.store.deliveries(cid) for cid in asked[start : start + 50])
            for states in await asyncio.gather(*looks):
                found |= {part for part, state in states.items() if state is DeliveryState.SENDING}
        return found

    # --- the end -------------------------------------------------------------------------------------------

    async def verdict(self, replies: Replies) -> Verdict:
        """Gather all evidence and judge it; a clerk looks at what is unknown."""
        found: list[Evidence] = []
        for writer in self.crowd.writers:
            account = writer.citizen.account
            found.append(await gather(account, writer.kinds, replies, self.world.core.store, self.world.core.secret))
        verdict = judge(found, len(self.in_flight))
        unknown = {chat.conversation: n for chat in found if (n := chat.count(DeliveryState.UNKNOWN))}
        for conversation in await self.world.hidden(unknown):
            verdict.hidden.append(f"{conversation}: the console does not show every unknown reply")
        return verdict


async def storm(plan: Plan, say: Callable[[str], None]) -> Verdict:
    """Start everything, let it rage, judge."""
    async with AsyncExitStack() as stack:
        power = stack.enter_context(machine()) if plan.power_loss else None
        say("starting the product …")
        settings = {"nlu_url": "" if plan.rasa else "off", "encoder": plan.encoder}
        settings |= {"redis_url": power.url if power else ""}
        town = await stack.enter_async_context(world(plan.seed, plan.web, plan.workers, **settings))
        family = Family(town.running.process.pid)
        roles = {role: len(family.of(role)) for role in ROLES}
        say("processes: " + ", ".join(f"{count} {role}" for role, count in roles.items() if count))
        crowd = Crowd(town.sim, random.Random(f"{plan.seed} crowd"))
        replies = await crowd.learn()
        crowd.invite(plan.messages)
        raging = Storm(plan, say, crowd, town, power)
        await raging.rage()
        return await raging.verdict(replies)
