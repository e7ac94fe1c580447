"""What a citizen has on the screen, on whichever channel, and how they wait for it."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from time import monotonic
from typing import Any, Self

PATIENCE = 60.0
"""Seconds after which a message that does not come is taken to be missing."""


class NotRead(AssertionError):
    """The awaited message did not come in time; the text shows what did."""


class NoSuchButton(LookupError):
    """No message on the screen has that button; the text shows which there are."""


@dataclass(frozen=True)
class Shown:
    """A message to the citizen. `buttons` are (label, data); `place` is what the channel knows it by."""

    place: str
    words: str
    buttons: tuple[tuple[str, str], ...] = ()
    by: str = "bot"


class Screen:
    """A citizen on one channel. Reading moves on: each message is read once, in order.

    `waits` are the seconds from each message to the first thing shown after it. `seen_by` is told of each message.
    """

    channel = ""

    def __init__(self, name: str) -> None:
        self.name = name
        self.shown: list[Shown] = []
        self.waits: list[float] = []
        self.seen_by: Callable[[Screen, Shown], None] = lambda screen, shown: None
        self._read = 0
        self._asked = 0.0
        self._news = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Look at the screen from now on."""
        raise NotImplementedError

    async def close(self) -> None:
        """Put it away."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def say(self, words: str, alone: bool = False) -> None:
        """Write; `alone` if nobody is to answer at once."""
        self._asked = 0.0 if alone else monotonic()
        await self._say(words)

    async def press(self, label: str) -> None:
        """Press a button by the beginning of its label, on the newest message that has it. Raises NoSuchButton."""
        for shown in reversed(self.shown):
            for words, data in shown.buttons:
                if words.casefold().startswith(label.casefold()):
                    self._asked = monotonic()
                    await self._press(shown, data)
                    return
        there = ", ".join(repr(words) for shown in self.shown for words, _ in shown.buttons) or "none"
        raise NoSuchButton(f"{self.name} has no button {label!r}; there are: {there}")

    async def reads(self, words: str = "", seconds: float = PATIENCE) -> Shown:
        """The next message that holds the words, waiting for it if need be; those before count as read."""

        def found() -> int:
            return next((i + 1 for i in range(self._read, len(self.shown)) if words in self.shown[i].words), 0)

        try:
            async with asyncio.timeout(seconds), self._news:
                await self._news.wait_for(found)
        except TimeoutError:
            unread = "".join(f"\n  {s.words[:200]!r}" for s in self.shown[self._read :]) or " nothing"
            raise NotRead(f"{self.name} waited {seconds:g} s for {words!r}; unread:{unread}") from None
        self._read = found()
        return self.shown[self._read - 1]

    async def show(self, shown: Shown) -> None:
        """Something came."""
        async with self._news:
            if self._asked:
                self.waits.append(monotonic() - self._asked)
                self._asked = 0.0
            self.shown.append(shown)
            self._news.notify_all()
        self.seen_by(self, shown)

    def follow(self, work: Coroutine[Any, Any, None]) -> None:
        """Let that feed the screen until close()."""
        self._task = asyncio.create_task(work)

    async def _say(self, words: str) -> None:
        raise NotImplementedError

    async def _press(self, shown: Shown, data: str) -> None:
        raise NotImplementedError
