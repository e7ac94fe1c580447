"""Forced races: a bot's reply against a takeover, and clerks against each other, on real Worker, Desk and Store."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bot.composition import Core, build_core
from bot.conversation import Conversation, NotNow, Status, conversation_id
from bot.handoff.desk import Clerk
from bot.message import Arrival, Part
from bot.reception import Reception
from bot.settings import Settings
from bot.store.protocol import Store, Write
from bot.store.redis import RedisStore
from bot.worker import Worker
from nlu.keywords import KeywordNlu
from tests.house import Notebook
from tests.nothing import Nothing

LANES, WORKERS = 8, 2
AT_ONCE = 40  # races side by side
SEND = 0.08  # seconds that a send may take
HEAD_START = 0.12  # seconds that the citizen may have before a clerk claims who does not wait for a send
WAITING = 0.7  # of the clerks wait until a send is under way, and claim a drawn moment later
KIM = Clerk("kim", "Kim Berger")
Say = Callable[[str], None]


class Slow(Notebook):
    """A channel whose sends take a drawn time; `arrived` has (number, chat, text) in the order of arrival."""

    def __init__(self, rng: random.Random, numbers: "itertools.count[int]") -> None:
        super().__init__()
        self.longest = SEND
        self.arrived: list[tuple[int, str, str]] = []
        self.flying: set[str] = set()
        self.begun: dict[str, asyncio.Event] = {}
        self._random, self._numbers = rng, numbers

    async def send(self, chat: str, part: Part) -> str:
        self.flying.add(chat)
        self.begun.setdefault(chat, asyncio.Event()).set()
        try:
            await asyncio.sleep(self._random.uniform(0, self.longest))
            number = next(self._numbers)
            self.arrived.append((number, chat, part["text"]))
            return str(number)
        finally:
            self.flying.discard(chat)


@dataclass
class Ring:
    """Workers that run, and the desks of as many clerks as there are `cores`."""

    channel: Slow
    cores: list[Core]
    numbers: "itertools.count[int]"
    random: random.Random

    @property
    def store(self) -> Store:
        """To look into."""
        return self.cores[0].store

    def conversation(self, chat: str) -> str:
        """Its id."""
        return conversation_id(self.cores[0].secret, self.channel.name, chat)

    async def begin(self, chat: str, status: Status = Status.BOT) -> str:
        """A conversation that is under way; returns its id."""
        now, name = datetime.now(UTC), self.conversation(chat)
        fresh = Conversation(name, self.channel.name, chat, status, started=now, last_citizen=now, disclosed=now)
        if status is Status.WAITING:
            fresh = replace(fresh, waiting_since=now, team="buergerservice")
        await self.store.keep(name, 0, Write(replace(fresh, language="de")))
        return name

    async def says(self, chat: str, number: int, text: str) -> None:
        """A message arrives."""
        payload = {"text": text, "at": datetime.now(UTC).isoformat()}
        arrival = Arrival(self.channel.name, f"{chat}.{number}", chat, payload)
        await self.cores[0].deliver(arrival)

    async def done(self) -> None:
        """Nothing is in the inbox or the outbox any more."""
        async with asyncio.timeout(300):
            while (ages := await self.store.ages()).inbox or ages.outbox:
                await asyncio.sleep(0.05)


@asynccontextmanager
async def ring(redis_url: str, folder: Path, seed: int = 1) -> AsyncIterator[Ring]:
    """Two workers and two desks, each with connections of its own."""
    rng, numbers = random.Random(seed), itertools.count(1)
    channel = Slow(rng, numbers)
    settings = replace(Settings(), home=folder, cache=folder, secret="x" * 32, nlu_url="off")
    async with AsyncExitStack() as stack:
        cores = []
        for _ in range(WORKERS):
            store = RedisStore(redis_url, LANES, 30)
            cores.append(build_core(settings, store=store, channels={channel.name: channel}))
            stack.push_async_callback(cores[-1].close)
        workers = [
            Worker(
                f"w{seed}.{n}",
                core.store,
                Reception(core.turns, KeywordNlu(), Nothing(), core.deliver),
                core.channels,
                0.05,
            )
            for n, core in enumerate(cores)
        ]
        tasks = [asyncio.create_task(worker.run()) for worker in workers]
        try:
            yield Ring(channel, cores, numbers, rng)
        finally:
            for worker in workers:
                worker.stop()
            await asyncio.gather(*tasks)


@dataclass(frozen=True)
class Races:
    """What came of them. `tight`: a send was under way when the clerk claimed. `late`: bot messages that arrived
    after the claim was acknowledged."""

    count: int
    tight: int
    late: int
    owners: int  # conversations that the clerk owns at the end

    @property
    def holds(self) -> bool:
        """The bot fell silent every time; and there were races to win."""
        return not self.late and self.owners == self.count and self.tight > 0

    def __str__(self) -> str:
        sends = f"{self.tight} during a send: {self.late} bot messages after it"
        return f"{self.count} takeovers, {sends}, {self.owners} owned"


async def takeovers(ring: Ring, count: int, say: Say) -> Races:
    """So many conversations in which the citizen writes and a clerk takes over while the bot replies."""
    acknowledged: dict[str, int] = {}
    tight = 0

    async def race(n: int) -> None:
        nonlocal tight
        chat = f"race{next(ring.numbers)}"
        name = await ring.begin(chat)
        for number, text in enumerate(("hallo", "danke")):
            await ring.says(chat, number, text)
        if ring.random.random() < WAITING:
            await ring.channel.begun.setdefault(chat, asyncio.Event()).wait()
            await asyncio.sleep(ring.random.uniform(0, SEND))
        else:
            await asyncio.sleep(ring.random.uniform(0, HEAD_START))
        tight += chat in ring.channel.flying
        await ring.cores[n % WORKERS].desk.claim(KIM, name)
        acknowledged[chat] = next(ring.numbers)

    for start in range(0, count, AT_ONCE):
        await asyncio.gather(*(race(n) for n in range(start, min(count, start + AT_ONCE))))
        if start and not start % 1000:
            say(f"{start} takeovers")
    await ring.done()
    said = [
        (number, chat) for number, chat, text in ring.channel.arrived if chat in acknowledged and KIM.name not in text
    ]
    late = sum(number > acknowledged[chat] for number, chat in said)
    held = [(await ring.store.load(ring.conversation(chat))).conversation for chat in acknowledged]
    return Races(count, tight, late, sum(c is not None and c.owner == KIM.user for c in held))


@dataclass(frozen=True)
class Claims:
    """What came of clerks who claimed the same conversation at once."""

    count: int
    wrong: int  # conversations with no winner, several, or another owner than the winner

    @property
    def holds(self) -> bool:
        """Exactly one owner each."""
        return not self.wrong

    def __str__(self) -> str:
        return f"{self.count} double claims: {self.wrong} without exactly one owner"


async def double_claims(ring: Ring, count: int, clerks: int = 3) -> Claims:
    """So many conversations, each claimed by several clerks at the same time, over connections of their own."""
    people = [Clerk(f"clerk{n}", f"Clerk {n}") for n in range(clerks)]

    async def claim(n: int) -> bool:
        name = await ring.begin(f"claim{n}", Status.WAITING if n % 2 else Status.BOT)
        tries = (ring.cores[k % WORKERS].desk.claim(clerk, name) for k, clerk in enumerate(people))
        found = await asyncio.gather(*tries, return_exceptions=True)
        assert all(isinstance(one, Conversation | NotNow) for one in found), found
        winners = [one.owner for one in found if isinstance(one, Conversation)]
        held = (await ring.store.load(name)).conversation
        return held is not None and held.epoch == 1 and winners == [held.owner]

    right = 0
    for start in range(0, count, AT_ONCE):
        right += sum(await asyncio.gather(*(claim(n) for n in range(start, min(count, start + AT_ONCE)))))
    await ring.done()
    return Claims(count, count - right)
