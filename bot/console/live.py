"""Server-sent events: a page is told that something changed and fetches it; no words travel here.

`change` names a conversation that its reader may see, `people` one at which somebody came, went or types, `look`
means look at everything again, `beat` says that the line is alive, `over` that the session is not. The line is also
the clerk's sign of life: while it is open, they are here.
"""

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import AsyncIterator
from datetime import timedelta

from aiohttp import web

from bot.console.accounts import ANSWERING
from bot.console.console import Console
from bot.console.identity import WHO, Who
from bot.console.pages import secure
from bot.console.roster import OPEN_PAGE, PLAIN, STREAM
from bot.handoff.desk import Clerk
from bot.route import Access, Route
from bot.store.protocol import Change, Store, StoreUnavailable

log = logging.getLogger(__name__)
BEAT = 15.0  # seconds
GATHER = 0.15  # seconds in which several changes become one look
PAUSE = 0.5  # before the store is listened to again after a failure
EVERYTHING = ""
OVER = timedelta(0)


class Hub:
    """One listener at the store for all pages of this process; it listens while somebody reads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._readers: set[Reader] = set()
        self._task: asyncio.Task[None] | None = None
        self.closing = False

    async def close(self, app: web.Application | None = None) -> None:
        """End all streams, so that the process can stop; fits app.on_shutdown. Pages connect again by themselves."""
        del app
        self.closing = True
        for reader in self._readers:
            reader.tell(EVERYTHING)

    @contextlib.asynccontextmanager
    async def reader(self) -> AsyncIterator["Reader"]:
        """Somebody who reads, until the end of the block."""
        reader = Reader()
        self._readers.add(reader)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen())
        try:
            yield reader
        finally:
            self._readers.discard(reader)
            if not self._readers and self._task is not None:
                task, self._task = self._task, None
                task.cancel()
                await asyncio.wait([task])

    async def _listen(self) -> None:
        while True:
            try:
                async with contextlib.aclosing(self._store.changes()) as changes:  # type: ignore[type-var]
                    async for change in changes:
                        if self._task is not asyncio.current_task():
                            return  # wait_for can swallow a cancellation that comes together with a change
                        self._tell(change)
            except Exception:
                # Pages would wait for ever, and take the beats for a sign that nothing happens.
                log.exception("the consoles' listener fell; it listens again")
            await asyncio.sleep(PAUSE)

    def _tell(self, change: Change | None) -> None:
        for reader in self._readers:
            if change and change.people:
                reader.tell_people(change.conversation)
            else:
                reader.tell(change.conversation if change else EVERYTHING)


class Reader:
    """Gathers which conversations changed since it was last asked."""

    def __init__(self) -> None:
        self._changed: set[str] = set()
        self._peopled: set[str] = set()
        self._news = asyncio.Event()

    def tell(self, conversation: str) -> None:
        """This one changed; EVERYTHING: nobody knows what."""
        self._changed.add(conversation)
        self._news.set()

    def tell_people(self, conversation: str) -> None:
        """Nothing of this one changed but who looks at it or types."""
        self._peopled.add(conversation)
        self._news.set()

    def peopled(self) -> set[str]:
        """Where somebody came, went or types, since it was last asked."""
        peopled, self._peopled = self._peopled, set()
        return peopled

    async def next(self, seconds: float) -> set[str]:
        """What changed, after waiting at most so long for it; empty when nothing did."""
        try:
            await asyncio.wait_for(self._news.wait(), seconds)
        except TimeoutError:
            return set()
        await asyncio.sleep(GATHER)
        changed, self._changed = self._changed, set()
        self._news.clear()
        return changed


class Events:
    """The stream."""

    def __init__(self, console: Console, hub: Hub) -> None:
        self._console, self._hub = console, hub

    def routes(self) -> list[Route]:
        """The route with its policy."""
        return [Route("GET", STREAM, self.stream, Access.CLERK)]

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Until the reader goes or may no longer read. With ?here it only says that they are here."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        secure(response.headers)
        await response.prepare(request)
        who, page, beaten = request[WHO], secrets.token_hex(8), -BEAT
        quiet, said = "here" in request.query, time.monotonic()
        try:
            async with self._hub.reader() as reader:
                known = set() if quiet else await self._listed(who.clerk)
                await _send(response, "look")
                while not self._hub.closing:
                    if time.monotonic() - beaten >= BEAT:
                        beaten = time.monotonic()
                        await self._beat(who, page, OPEN_PAGE)
                        await self._beat(who, PLAIN, OVER)  # with a stream they are gone when it is
                    changed, peopled = await reader.next(BEAT), reader.peopled()
                    if self._hub.closing or request.transport is None:
                        break  # the page is gone: it beats no more
                    still = await self._console.identity.of(request, used=False)
                    if still is None or still.account.role is not who.account.role:
                        await self._beat(who, page, OVER)
                        await _send(response, "over")
                        return response
                    if still.clerk.teams != who.clerk.teams:  # nothing of the old team is said from now on
                        changed = changed | {EVERYTHING}
                    who = still
                    told = [] if quiet else await self._told(who.clerk, changed, known)
                    told += [("people", c) for c in sorted(peopled & known - changed)]
                    for name, conversation in told:
                        await _send(response, name, conversation)
                    if told:
                        said = time.monotonic()
                    elif time.monotonic() - said >= BEAT:  # also while only others' conversations change
                        said = time.monotonic()
                        await _send(response, "beat")
        except ConnectionResetError:
            log.debug("a page went away")
        except StoreUnavailable:
            log.warning("the store is away; a page will connect again")
        return response

    async def _beat(self, who: Who, page: str, for_: timedelta) -> None:
        if who.account.role in ANSWERING:
            now = self._console.now()
            await self._console.core.store.beat(who.account.name, page, now + for_, now)

    async def _listed(self, clerk: Clerk) -> set[str]:
        desk = self._console.core.desk
        return {c.id for c in (*await desk.queue(clerk), *await desk.recent(clerk))}

    async def _told(self, clerk: Clerk, changed: set[str], known: set[str]) -> list[tuple[str, str]]:
        """What this clerk may learn of it. `known` are the conversations that their list may show."""
        if EVERYTHING in changed:
            known.clear()
            known |= await self._listed(clerk)
            return [("look", "")]
        told = []
        for conversation in sorted(changed):
            held = await self._console.core.store.load(conversation)
            if held.conversation is not None and clerk.sees(held.conversation):
                known.add(conversation)
                told.append(("change", conversation))
            elif conversation in known:
                # It went to another team, or is gone: the list must drop it, and no more is said.
                known.discard(conversation)
                told.append(("look", ""))
        return told


async def _send(response: web.StreamResponse, event: str, data: str = "") -> None:
    await response.write(f"event: {event}\ndata: {data}\n\n".encode())
