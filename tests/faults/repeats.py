"""What platforms do to webhooks: every body 1 to 20 times in any order, again days later; and answers that get lost."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from bot.simulator import LOST_RESPONSE, Citizen
from bot.store.keys import MEMORY_OF_UPDATES
from tests.faults.later import DAY, days_later
from tests.faults.ledger import KINDS, Replies
from tests.faults.world import World

TIMES = (1, 20)
SENDS = {"telegram": ("sendMessage",), "whatsapp": ("text", "interactive")}
"""The calls that bring a message to a citizen."""
FEW = tuple(kind for kind in KINDS if kind != "start")[:3]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Repeated:
    """What came of it. `again`: replies beyond one to each message: right away; then seven, then nine days later."""

    messages: int
    posts: int
    missing: int
    again: int
    after_seven: int
    after_nine: int
    memory: float  # seconds that the shortest memory of a duplicate had left

    @property
    def holds(self) -> bool:
        """One reply each, within the eight days; and the check sees what comes after them."""
        known = self.memory > MEMORY_OF_UPDATES - DAY
        return not (self.missing or self.again or self.after_seven) and known and self.after_nine > 0

    def __str__(self) -> str:
        return (
            f"{self.messages} messages in {self.posts} posts: {self.missing} without a reply, {self.again} replied to "
            f"more than once; seven days later {self.after_seven}; after nine more {self.after_nine} (news by then); "
            f"shortest memory {self.memory / DAY:.2f} days"
        )


async def repeated(world: World, replies: Replies, citizens: int, say: Say) -> Repeated:
    """So many citizens write one message of each kind in FEW; every body is posted 1 to 20 times, shuffled."""
    sim, updates, hooks = world.sim, world.sim.telegram.updates, world.sim.whatsapp.hooks
    people = [sim.citizen(("telegram", "whatsapp")[n % 2]) for n in range(citizens)]
    for citizen in people:
        await citizen.say(KINDS["start"])
    for citizen in people:
        await citizen.reads(timeout=120.0)
    updates.hold()
    hooks.hold("messages")
    sim.record()
    for citizen in people:
        for kind in FEW:
            await citizen.say(KINDS[kind])
    updates.repeats = hooks.repeats = TIMES
    calls = len(sim.ledger.calls)
    updates.release("shuffled", scatter=True)
    hooks.release("shuffled", scatter=True)
    posts = updates.postman.waiting + hooks.postman.waiting
    updates.repeats = hooks.repeats = (1, 1)
    updates.postman.archive, hooks.postman.archive = (
        _messages(updates.postman.archive),
        _messages(hooks.postman.archive),
    )
    await _settled(world)
    missing, again = _compared(people, replies)
    say(f"{posts} posts, {len(sim.ledger.calls) - calls} calls of the product")
    found = []
    memory = 0.0
    for days in (7, 9):  # each repeat renews the memory: the second leap outlasts it
        before = sum(len(citizen.seen) for citizen in people)
        moved = await asyncio.to_thread(days_later, world.core.settings.redis_url, days)
        memory = memory or moved.shortest_seen
        say(f"{days} days later: {moved.keys} keys with a lifetime, {moved.expired} of them ended")
        sim.replay((1, 3))
        await _settled(world)
        found.append(sum(len(citizen.seen) for citizen in people) - before)
    return Repeated(citizens * len(FEW), posts, missing, again, found[0], found[1], memory)


def _messages(archive: list | None) -> list:  # type: ignore[type-arg]
    """Only what citizens said: reports on what we sent are another matter."""
    return [parcel for parcel in archive or () if b'"statuses"' not in parcel.body]


async def _settled(world: World) -> None:
    await world.sim.posted(300.0)
    assert await world.drained(), "something stays in the inbox or the outbox"
    await world.sim.posted(60.0)  # reports on what was sent last


def _compared(people: list[Citizen], replies: Replies) -> tuple[int, int]:
    """(replies that are missing, replies too many)."""
    wanted, missing, again = Counter(("start", *FEW)), 0, 0
    for citizen in people:
        shown = Counter(replies.read([seen.text for seen in citizen.seen]))
        missing += (wanted - shown).total()
        again += (shown - wanted).total()
    return missing, again


@dataclass(frozen=True)
class Ambiguous:
    """What came of lost responses."""

    messages: int
    dropped: int
    unknown: int
    missing: int
    again: int
    hidden: int

    @property
    def holds(self) -> bool:
        """Nothing twice, and every dropped response is an unknown reply that the console shows."""
        return not (self.missing or self.again or self.hidden) and self.dropped == self.unknown > 0

    def __str__(self) -> str:
        return (
            f"{self.messages} messages, {self.dropped} responses dropped: {self.unknown} replies unknown "
            f"({self.hidden} conversations do not show it), {self.missing} missing, {self.again} twice"
        )


async def ambiguous(world: World, replies: Replies, citizens: int, share: float = 0.2) -> Ambiguous:
    """Citizens write one message of each kind in FEW while the platforms drop responses after delivery."""
    sim = world.sim
    people = [sim.citizen(("telegram", "whatsapp")[n % 2]) for n in range(citizens)]
    before = sum((await world.unknown()).values())
    for platform, calls in SENDS.items():
        for call in calls:
            faults = sim.telegram.faults if platform == "telegram" else sim.whatsapp.faults
            faults.plan(LOST_RESPONSE, times=None, call=call, share=share)
    start = len(sim.ledger.calls)
    for kind in ("start", *FEW):
        for citizen in people:
            await citizen.say(KINDS[kind])
    await _settled(world)
    sim.telegram.faults.calm()
    sim.whatsapp.faults.calm()
    dropped = sum(not call.status for call in sim.ledger.calls[start:])
    unknown = await world.unknown()
    missing, again = _compared(people, replies)
    hidden = len(await world.hidden(unknown))
    return Ambiguous(citizens * (1 + len(FEW)), dropped, sum(unknown.values()) - before, missing, again, hidden)
