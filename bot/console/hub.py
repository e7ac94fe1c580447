"""What changed, told to all pages of this process at once: one listener at the store, one look at each conversation,
however many pages read."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from bot.conversation import Conversation
from bot.store.protocol import Change, Store, StoreUnavailable

log = logging.getLogger(__name__)
PAUSE = 0.5  # seconds before the store is listened to again after a failure
GATHER = 0.05  # seconds between two rounds of telling; the first change is told at once
MANY = 200  # conversations a slow reader may have missed before "look at everything" says it shorter
REMEMBERED = 5000  # conversations of which it is known where they stood


@dataclass(frozen=True, slots=True)
class Seen:
    """A conversation after a change, None when it is gone. `moved`: it stands elsewhere in the list now (another
    status, owner or team); else only its words changed."""

    conversation: Conversation | None
    moved: bool


@dataclass(slots=True)
class News:
    """What happened since somebody was last told. `peopled`: there somebody came, went or types, and nothing else.
    `everything`: nobody knows what."""

    changed: dict[str, Seen] = field(default_factory=dict)
    peopled: set[str] = field(default_factory=set)
    everything: bool = False

    def __bool__(self) -> bool:
        return bool(self.changed or self.peopled or self.everything)

    def add(self, other: "News") -> None:
        """And this on top of it."""
        for name, seen in other.changed.items():
            before = self.changed.get(name)
            self.changed[name] = Seen(seen.conversation, seen.moved or (before is not None and before.moved))
        self.peopled |= other.peopled
        self.everything |= other.everything
        if len(self.changed) > MANY:
            self.everything = True
        if self.everything:
            self.changed.clear()


class Reader:
    """Gathers what changed since it was last asked."""

    def __init__(self) -> None:
        self._news = News()
        self._woken = asyncio.Event()

    def tell(self, news: News) -> None:
        """This happened."""
        self._news.add(news)
        self._woken.set()

    async def next(self, seconds: float) -> News:
        """What happened, after waiting at most so long for it; nothing when nothing did."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), seconds)
        self._woken.clear()
        news, self._news = self._news, News()
        return news


class Hub:
    """It listens while somebody reads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._readers: set[Reader] = set()
        self._tasks: Sequence[asyncio.Task[None]] = ()
        self._stood: dict[str, tuple[str, str, str]] = {}
        self._heard = News()
        self._names: set[str] = set()  # of changed conversations that nobody has looked at yet
        self._woken = asyncio.Event()
        self.closing = False

    async def close(self, app: object = None) -> None:
        """End all streams, so that the process can stop; fits app.on_shutdown. Pages connect again by themselves."""
        del app
        self.closing = True
        self._tell(News(everything=True))

    @contextlib.asynccontextmanager
    async def reader(self) -> AsyncIterator[Reader]:
        """Somebody who reads, until the end of the block."""
        reader = Reader()
        self._readers.add(reader)
        if not self._tasks or any(task.done() for task in self._tasks):
            await self._stop()
            self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._rounds())]
        try:
            yield reader
        finally:
            self._readers.discard(reader)
            if not self._readers:
                await self._stop()

    async def _stop(self) -> None:
        tasks, self._tasks = self._tasks, ()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _listen(self) -> None:
        while True:
            try:
                async with contextlib.aclosing(self._store.changes()) as changes:  # type: ignore[type-var]
                    async for change in changes:
                        if asyncio.current_task() not in self._tasks:
                            return  # wait_for can swallow a cancellation that comes together with a change
                        self._note(change)
            except Exception:
                # Pages would wait for ever, and take the beats for a sign that nothing happens.
                log.exception("the consoles' listener fell; it listens again")
            await asyncio.sleep(PAUSE)

    def _note(self, change: Change | None) -> None:
        if change is None:
            self._heard.everything = True
        elif change.people:
            self._heard.peopled.add(change.conversation)
        else:
            self._names.add(change.conversation)
        self._woken.set()

    async def _rounds(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            names, self._names = self._names, set()
            news, self._heard = self._heard, News()
            try:
                seen = await asyncio.gather(*(self._look(name) for name in sorted(names)))
                news.add(News(dict(zip(sorted(names), seen, strict=True))))
            except StoreUnavailable:
                news.everything = True  # whoever looks is told that it is away
            except Exception:
                log.exception("what changed cannot be read; all pages look by themselves")
                news.everything = True
            self._tell(news)
            await asyncio.sleep(GATHER)

    def _tell(self, news: News) -> None:
        for reader in self._readers:
            reader.tell(news)

    async def _look(self, name: str) -> Seen:
        c = (await self._store.load(name)).conversation
        stood, stands = self._stood.pop(name, None), (c.status, c.owner, c.team) if c else None
        if stands:
            self._stood[name] = stands
            if len(self._stood) > REMEMBERED:
                del self._stood[next(iter(self._stood))]
        # Where nobody knows where it stood: what the bot has in hand is not worth a look at once.
        return Seen(c, stands != stood if stood else c is not None and c.is_open)
