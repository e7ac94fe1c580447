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

from bot.composition import Core
from bot.conversation import conversation_id
from bot.message import DeliveryState
from bot.simulator import UNLIMITED, Account, Receipts, Simulator
from bot.simulator.defaults import TELEGRAM_SECRET
from bot.store.protocol import StoreUnavailable
from tests.faults.crowd import Crowd
from tests.faults.ledger import Evidence, Replies, gather
from tests.faults.powerloss import Machine, machine
from tests.faults.processes import Family, frozen, send
from tests.faults.verdict import Verdict, judge
from tests.integration.clerk import signed_in
from tests.integration.product import Pid, Product, product

ROLES = {"web": 3, "worker": 4, "valkey": 3, "rasa": 2}
"""How often each is hit, one against the other; rasa only where it runs."""
STOPS = {"web": (0.5, 6.0), "worker": (0.5, 25.0), "valkey": (0.5, 5.0), "rasa": (0.5, 10.0)}
"""Seconds that a stopped process stands still, from and to; a worker's lanes are leased for 15 s."""
KILLS = 0.7  # of all misfortunes; the others are stops
QUIET = 90.0  # seconds without any change after which nothing more is expected
LOOKED_AT = 25  # conversations with an unknown reply that a clerk opens
SHOWN = "Ob das ankam, ist unklar"  # what the console says of one


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
    running: Product
    core: Core
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
        await self._quiet()

    # --- misfortunes ---------------------------------------------------------------------------------------

    async def _strike(self, what: Misfortune) -> None:
        family = Family(self.running.process.pid)
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
                    await self.core.store.ping()
                    return
                except StoreUnavailable:
                    await asyncio.sleep(0.05)

    async def _sending(self) -> set[str]:
        """Parts that a worker has taken and not settled, in chats that wait for something."""
        waiting = [self._conversation(w.citizen.account) for w in self.crowd.unanswered()]
        found: set[str] = set()
        for start in range(0, len(waiting), 50):
            looks = (self.core.store.deliveries(cid) for cid in waiting[start : start + 50])
            for states in await asyncio.gather(*looks):
                found |= {part for part, state in states.items() if state is DeliveryState.SENDING}
        return found

    def _conversation(self, account: Account) -> str:
        return conversation_id(self.core.secret, account.platform, account.key)

    # --- the end -------------------------------------------------------------------------------------------

    async def _quiet(self) -> None:
        """Until every part has its end, or nothing has moved for QUIET seconds."""
        last, moved = -1, time.monotonic()
        while time.monotonic() - moved < QUIET:
            seen, open_ = self.crowd.seen(), 0
            if len(self.crowd.unanswered()) < 200:
                open_ = sum([await self._unsettled(w.citizen.account) for w in self.crowd.unanswered()])
                if not open_:
                    return
            if seen + open_ != last:
                last, moved = seen + open_, time.monotonic()
            await asyncio.sleep(0.5)

    async def _unsettled(self, account: Account) -> int:
        """Messages without a reply whose end is known."""
        try:
            states = await self.core.store.deliveries(self._conversation(account))
        except StoreUnavailable:
            return 1
        known = sum(state not in (DeliveryState.QUEUED, DeliveryState.SENDING) for state in states.values())
        return len(account.said) - known

    async def verdict(self, replies: Replies) -> Verdict:
        """Gather all evidence and judge it; a clerk looks at what is unknown."""
        found: list[Evidence] = []
        for writer in self.crowd.writers:
            account = writer.citizen.account
            found.append(await gather(account, writer.kinds, replies, self.core.store, self.core.secret))
        verdict = judge(found, len(self.in_flight))
        unknown = [chat for chat in found if chat.count(DeliveryState.UNKNOWN)]
        async with signed_in(self.running, "kim", "clerk", "Kim Berger") as kim:
            for chat in unknown[:LOOKED_AT]:
                page = await kim.look(chat.conversation)
                if page.words.count(SHOWN) < chat.count(DeliveryState.UNKNOWN):
                    verdict.hidden.append(f"{chat.conversation}: the console does not show every unknown reply")
        return verdict


async def storm(plan: Plan, say: Callable[[str], None]) -> Verdict:
    """Start everything, let it rage, judge."""
    async with AsyncExitStack() as stack:
        power = stack.enter_context(machine()) if plan.power_loss else None
        sim = await stack.enter_async_context(Simulator(rates=UNLIMITED, seed=plan.seed))
        sim.whatsapp.receipts = Receipts(("delivered",))
        running = await stack.enter_async_context(
            product(
                sim,
                telegram_mode="webhook",
                telegram_secret=TELEGRAM_SECRET,
                log_format="json",
                nlu_url="" if plan.rasa else "off",
                redis_url=power.url if power else "",
                web_processes=str(plan.web),
                worker_processes=str(plan.workers),
                metrics_port="0",
            )
        )
        core = await stack.enter_async_context(running.core())
        say("starting the product …")
        await running.ready()
        await sim.whatsapp.subscribe(f"{running.url}/channels/whatsapp")
        await sim.until(lambda: sim.telegram.updates.webhook.url, 60.0)
        family = Family(running.process.pid)
        roles = {role: len(family.of(role)) for role in ROLES}
        say("processes: " + ", ".join(f"{count} {role}" for role, count in roles.items() if count))
        crowd = Crowd(sim, random.Random(f"{plan.seed} crowd"))
        replies = await crowd.learn()
        crowd.invite(plan.messages)
        raging = Storm(plan, say, crowd, running, core, power)
        await raging.rage()
        return await raging.verdict(replies)
