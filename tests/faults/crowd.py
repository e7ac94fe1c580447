"""Citizens who write as fast as they are answered, on both platforms, each message after the last was acknowledged."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.simulator import Citizen, Simulator
from tests.faults.ledger import KINDS, Replies

EACH = 20
"""Messages of one citizen; the product takes more than 20 within ten seconds for a flood (bot.policy)."""
WHATSAPP_SHARE = 0.73
"""80 of the 110 messages a second that both platforms allow (PLATFORMS): so both are done at the same time."""
AHEAD = {"telegram": 120, "whatsapp": 240}
"""Messages that may wait for their replies: some seconds of what each platform lets a bot send."""
PATIENCE = 3.0  # seconds without any reply after which the missing ones no longer hold up the others


@dataclass
class Writer:
    """One citizen, and the kinds of their messages in order: no kind follows itself."""

    citizen: Citizen
    kinds: Sequence[str]
    next: int = 0

    async def write(self) -> None:
        """Say the next thing; return once the platform heard 2xx for it."""
        account = self.citizen.account
        await self.citizen.say(KINDS[self.kinds[self.next]])
        self.next += 1
        said = account.said[-1]
        while not said.taken:
            await account.signal.wait()


@dataclass
class Crowd:
    """All writers. `seen` and `acknowledged` count what has happened so far."""

    sim: Simulator
    random: random.Random
    writers: list[Writer] = field(default_factory=list)
    acknowledged: int = 0
    _read: int = 0
    _seen: dict[str, int] = field(default_factory=lambda: {"telegram": 0, "whatsapp": 0})

    def invite(self, messages: int, each: int = EACH) -> None:
        """Citizens enough for so many messages; the n-th is of a platform drawn by the seed."""
        while messages > 0:
            platform = "whatsapp" if self.random.random() < WHATSAPP_SHARE else "telegram"
            count = min(each, messages)
            writer = Writer(self.sim.citizen(platform), self._kinds(count))
            self.writers.append(writer)
            messages -= count

    def _kinds(self, count: int) -> list[str]:
        kinds = ["start"]
        while len(kinds) < count:
            kinds.append(self.random.choice([kind for kind in KINDS if kind != kinds[-1]]))
        return kinds

    async def learn(self, seconds: float = 120.0) -> Replies:
        """What each kind is answered with on each platform, asked while all is calm. Raises AssertionError."""
        found: dict[str, str] = {}
        for platform in ("telegram", "whatsapp"):
            citizen = self.sim.citizen(platform)
            for kind, words in KINDS.items():
                await citizen.say(words)
                text = (await citizen.reads(timeout=seconds)).text
                assert found.setdefault(text, kind) == kind, f"{kind} is answered like {found[text]}"
        return Replies(found)

    def seen(self, platform: str = "") -> int:
        """Replies on the screens so far."""
        records = self.sim.ledger.records
        for record in records[self._read :]:
            if record.what == "seen":
                self._seen[record.platform] += 1
        self._read = len(records)
        return self._seen[platform] if platform else sum(self._seen.values())

    async def write(self, may_go_on: Callable[[], bool] = lambda: True) -> None:
        """Everybody writes everything; `may_go_on` holds all up while it says no."""
        await asyncio.gather(*(self._feed(platform, may_go_on) for platform in AHEAD))

    async def _feed(self, platform: str, may_go_on: Callable[[], bool]) -> None:
        ready = [w for w in self.writers if w.citizen.account.platform == platform]
        busy: dict[asyncio.Task[None], Writer] = {}
        said, given_up, moved = 0, 0, asyncio.get_running_loop().time()
        before = start = self.seen(platform)
        while ready or busy:
            now, seen = asyncio.get_running_loop().time(), self.seen(platform)
            if seen != before:
                before, moved = seen, now
            elif now - moved > PATIENCE:
                given_up, moved = said - (seen - start), now  # unknown ones never come
            while ready and may_go_on() and said - (seen - start) - given_up < AHEAD[platform]:
                writer = ready.pop(self.random.randrange(len(ready)))
                busy[asyncio.create_task(writer.write())] = writer
                said += 1
            if not busy:
                await asyncio.sleep(0.02)
                continue
            done, _ = await asyncio.wait(busy, timeout=0.1, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
                writer = busy.pop(task)
                self.acknowledged += 1
                if writer.next < len(writer.kinds):
                    ready.append(writer)
