"""One clerk's page without a browser: reads the stream, and fetches what static/inbox.js would fetch, at its pace.

The pauses are read out of that file, so that a page that asks more often is measured as one.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

import aiohttp

from bot.people.events import events
from bot.people.staff import CONSOLE, Staff
from bot.settings import project_root

SCRIPT = project_root() / "bot" / "console" / "static" / "inbox.js"
_CONSTANT = re.compile(r"^const ([A-Z]+) = ([\d_]+);", re.MULTILINE)
PAUSES = {name: float(ms) / 1000 for name, ms in _CONSTANT.findall(SCRIPT.read_text("utf-8"))}
"""Seconds, by their names there."""
LOOKING = 10.0  # seconds between two signs that somebody looks (static/people.js)
SIGN = re.compile(r"zeichen(\d{6})")
"""What the bench's messages hold, so that they are known on arrival."""
_HAVE = re.compile(r'data-have="(\w+)"')
_MINE = re.compile(r'data-mine="([^"]*)"')
_ROW = re.compile(r'<li id="row-(\w+)"')


@dataclass
class Shown:
    """When what was first on the screen, in unix time: signs in the open conversation and in the list, conversations
    among those that wait. `told`: when the stream named the open conversation. `bytes` and `fetched` count what the
    page had to fetch."""

    talk: dict[str, float] = field(default_factory=dict)
    listed: dict[str, float] = field(default_factory=dict)
    waiting: dict[str, float] = field(default_factory=dict)
    told: list[float] = field(default_factory=list)
    bytes: int = 0
    fetched: int = 0
    failed: int = 0


class Paced:
    """static/pace.js: at once when it was long ago, never twice at the same time."""

    def __init__(self, gap: float, work: Callable[[], Awaitable[None]]) -> None:
        self._gap, self._work = gap, work
        self._timer: asyncio.TimerHandle | None = None
        self._at = self._free = 0.0
        self._again = False
        self.task: asyncio.Task[None] | None = None

    def soon(self, within: float = 0.0) -> None:
        """Within so many seconds."""
        loop = asyncio.get_running_loop()
        when = max(loop.time() + within, self._free)
        if self._timer and self._at <= when:
            return
        self.stop()
        self._at = when
        self._timer = loop.call_at(when, self._begin)

    def stop(self) -> None:
        """Not after all."""
        if self._timer:
            self._timer.cancel()
        self._timer = None

    def _begin(self) -> None:
        self._timer = None
        self._again = self.task is not None and not self.task.done()
        if not self._again:
            self._free = asyncio.get_running_loop().time() + self._gap
            self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        await self._work()
        if self._again:
            self._again = False
            asyncio.get_running_loop().call_soon(self.soon)


class ConsolePage:
    """At the product as `staff`, with a conversation open."""

    def __init__(self, staff: Staff, conversation: str, seed: int) -> None:
        self.staff, self.conversation, self.shown = staff, conversation, Shown()
        self._chance = Random(seed)
        self._have, self._mine, self._csrf = "", frozenset[str](), ""
        self._list = Paced(PAUSES["LIST"], lambda: self._fetch("list"))
        self._talk = Paced(PAUSES["TALK"], lambda: self._fetch("talk"))
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """As a browser opens it; then live until close()."""
        page = await self.staff.look(self.conversation)
        self._csrf = page.root.one("main").attributes["data-csrf"]  # type: ignore[union-attr]
        self._tasks = [asyncio.create_task(work()) for work in (self._live, self._look, self._hold)]

    async def close(self) -> None:
        """Shut the page and its browser."""
        for paced in (self._list, self._talk):
            paced.stop()
        tasks = [*self._tasks, *(paced.task for paced in (self._list, self._talk) if paced.task)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.staff.close()

    # --- what inbox.js does --------------------------------------------------------------------------------

    async def _live(self) -> None:
        timeout = aiohttp.ClientTimeout(total=None)
        async with self.staff.browser.session.get(self._url("/events"), timeout=timeout) as answer:
            async for name, data in events(answer):
                if name == "look":
                    self._list.soon(self._some(PAUSES["LIST"]))
                    self._talk.soon(self._some(PAUSES["LIST"]))
                elif name in ("change", "words"):
                    if data == self.conversation:
                        self.shown.told.append(time.time())
                        self._talk.soon()
                    later = PAUSES["LIST"] / 2 if name == "change" else PAUSES["LATER"]
                    self._list.soon(0.0 if name == "words" and data in self._mine else self._some(later))

    async def _look(self) -> None:
        while True:
            await self._post(f"/inbox/{self.conversation}/here", doing="looking")
            await asyncio.sleep(LOOKING)

    async def _hold(self) -> None:
        while True:
            await asyncio.sleep(40.0)  # a third of the lease
            for conversation in self._mine:
                await self._post(f"/inbox/{conversation}/seen")

    async def _fetch(self, part: str) -> None:
        headers = {"X-Stadtbote-Live": "look", "X-Stadtbote-Part": part}
        if part == "list" and self._have:
            headers["X-Stadtbote-Have"] = self._have
        try:
            async with self.staff.browser.session.get(self._url(f"/inbox/{self.conversation}"), headers=headers) as got:
                text, at = await got.text(), time.time()
                got.raise_for_status()
        except (aiohttp.ClientError, TimeoutError):
            self.shown.failed += 1
            return
        self.shown.bytes += len(text)
        self.shown.fetched += 1
        seen = self.shown.talk if part == "talk" else self.shown.listed
        for sign in SIGN.findall(text):
            seen.setdefault(sign, at)
        if part == "list":
            self._have = _first(_HAVE, text)
            self._mine = frozenset(_first(_MINE, text).split())
            for conversation in _ROW.findall(text.partition('id="group-waiting"')[2].partition("</section>")[0]):
                self.shown.waiting.setdefault(conversation, at)

    async def _post(self, path: str, **fields: str) -> None:
        headers = {"X-Stadtbote-Live": "look", **self.staff.browser.own}
        data = {"csrf": self._csrf, **fields}
        try:
            async with self.staff.browser.session.post(self._url(path), data=data, headers=headers) as answer:
                await answer.read()
        except (aiohttp.ClientError, TimeoutError):
            self.shown.failed += 1

    def _url(self, path: str) -> str:
        return f"{self.staff.browser.url}{CONSOLE}{path}"

    def _some(self, seconds: float) -> float:
        return seconds * (0.5 + self._chance.random())


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1] if found else ""
