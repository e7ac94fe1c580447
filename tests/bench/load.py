"""Open-loop load on a running product, and the eye on the ledger that tells when each reply was seen."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from bot.simulator.clock import SystemClock
from tests.bench import openloop
from tests.bench.book import Asked, Book, Chat
from tests.bench.outside import World
from tests.bench.questions import Questions
from tests.bench.stats import latencies
from tests.bench.tell import tell
from tests.bench.webhooks import Post

LOOK = 0.1  # seconds between two looks at the ledger; its own times count, not ours
CALM = 240.0  # seconds that a scenario waits for its last replies
GREETED_A_SECOND = 40.0  # half of it on Telegram, which lets a bot send 30/s


class Load:
    """One generator. Chats alternate between the platforms, questions are distinct."""

    def __init__(self, world: World, post: Post, questions: Questions) -> None:
        self.world, self.post, self.questions = world, post, questions
        self.book = Book()
        self.clock = SystemClock()
        self._eye: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        """Follow the ledger while the block lasts."""
        self._eye = asyncio.create_task(self._look())
        try:
            yield
        finally:
            self._eye.cancel()
            await asyncio.gather(self._eye, return_exceptions=True)

    async def greet(self, chats: int) -> None:
        """New citizens, half on each platform, who have been greeted: only a first contact says two messages."""
        some = [Chat(platform, key) for platform in PLATFORMS for key in await self._citizens(platform, chats // 2)]
        mixed = [chat for pair in zip(some[: chats // 2], some[chats // 2 :], strict=True) for chat in pair]
        self.book.fresh()
        plan = openloop.even(GREETED_A_SECOND, len(mixed) / GREETED_A_SECOND)

        async def start(number: int, due: float) -> None:
            chat = mixed[number]
            await self.post.send(self.book.ask(self.book.chats[chat.platform, chat.key], "/start", due))

        await openloop.run(plan, start, self.clock)
        left = await self.calm()
        if left:
            tell(f"  {left} of {len(mixed)} citizens were not greeted")

    async def drive(
        self,
        plan: Sequence[float],
        name: str,
        *,
        wait: float = CALM,
        ask: Callable[[int], tuple[Chat, str]] | None = None,
    ) -> dict[str, Any]:
        """Ask a question at each offset, wait for the last reply (so many seconds at most), sum up."""
        self.book.fresh()
        refused, last = self.world.refused, plan[-1] if plan else 0.0

        async def fire(number: int, due: float) -> None:
            if ask:
                chat, text = ask(number)
            else:
                chat = self.book.next_chat(PLATFORMS[number % 2])
                text = self.questions.answered() if chat.missed else self.questions.any()
            await self.post.send(self.book.ask(chat, text, due))

        progress = asyncio.create_task(self._progress(name, len(plan), last))
        try:
            start = await openloop.run(plan, fire, self.clock)
            left = await self.calm(wait)
        finally:
            progress.cancel()
            await asyncio.gather(progress, return_exceptions=True)
        found = summary(self.book.messages, start)
        found |= {"offered_per_s": round(len(plan) / last, 1) if last else None, "unanswered": left}
        found["refused_sends"] = self.world.refused - refused
        tell(f"  {name}: {line(found)}")
        return found

    async def calm(self, seconds: float = CALM) -> int:
        """Wait until every message has its reply, at most so long; returns how many have none."""
        late = time.monotonic() + seconds
        while self.book.open and time.monotonic() < late:
            await asyncio.sleep(LOOK / 2)
        await asyncio.sleep(4 * LOOK)  # second parts of the last answers
        left = self.book.open
        self.book.give_up()
        return left

    async def _citizens(self, platform: str, count: int) -> list[str]:
        keys = await self.world.citizens(platform, count)
        self.book.add(platform, keys)
        return keys

    async def _look(self) -> None:
        while True:
            self.book.saw(await self.world.news())
            await asyncio.sleep(LOOK)

    async def _progress(self, name: str, count: int, seconds: float) -> None:
        began = time.monotonic()
        while True:
            await asyncio.sleep(10)
            asked, left = len(self.book.messages), self.book.open
            tell(f"  {name}: {time.monotonic() - began:.0f} of {seconds:.0f} s, {asked}/{count} asked, {left} open")


PLATFORMS = ("telegram", "whatsapp")


def summary(messages: Sequence[Asked], start: float) -> dict[str, Any]:
    """Acknowledgements, replies and errors of a scenario; `start` is the time of its first planned arrival."""
    replied = [a for a in messages if a.replied]
    end = max((a.replied for a in replied), default=start)
    statuses = sorted({a.status for a in messages} - {200})
    return {
        "asked": len(messages),
        "ack_ms": latencies([a.acknowledged - a.planned for a in messages if a.status == 200]),
        "reply_ms": latencies([a.replied - a.planned for a in replied]),
        "errors": sum(a.status != 200 or a.refused > 0 for a in messages),
        "never_taken": sum(a.status != 200 for a in messages),
        "error_statuses": statuses,
        "to_people": sum(a.to_people for a in messages),
        "overlapped": sum(a.overlapped for a in messages),
        "replies_per_s": round(len(replied) / (end - start), 1) if end > start else None,
        "seconds": round(end - start, 1),
    }


def timeline(messages: Sequence[Asked], start: float) -> list[tuple[float, float]]:
    """(seconds since the start, milliseconds until the reply) of each answered message."""
    return [(round(a.planned - start, 2), round((a.replied - a.planned) * 1000, 1)) for a in messages if a.replied]


def line(found: dict[str, Any]) -> str:
    """A summary in one line."""
    ack, reply = found["ack_ms"], found["reply_ms"]
    return (
        f"{found['asked']} asked, ack p50 {ack['p50']} p99 {ack['p99']} ms, "
        f"reply p50 {reply['p50']} p95 {reply['p95']} ms, {found['replies_per_s']} replies/s, "
        f"{found['errors']} errors, {found['unanswered']} unanswered"
    )
