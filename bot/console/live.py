"""Server-sent events: a page is told that something changed and fetches it; no words travel here.

`change` names a conversation that its reader may see and that stands elsewhere now (it waits, somebody has it), `words`
one in which only something was said, `people` one at which somebody came, went or types, `look` means look at
everything again, `beat` says that the line is alive, `over` that the session is not. The line is also the clerk's sign
of life: while it is open, they are here. A line begins with `look`: whatever was missed before is one look, not each
of its events.
"""

import logging
import secrets
import time
from datetime import timedelta

from aiohttp import web

from bot.console.accounts import ANSWERING
from bot.console.console import Console
from bot.console.hub import Hub, News
from bot.console.identity import WHO, Who
from bot.console.lists import Lists
from bot.console.pages import secure
from bot.console.roster import OPEN_PAGE, PLAIN, STREAM
from bot.handoff.desk import Clerk
from bot.route import Access, Route
from bot.store.protocol import StoreUnavailable

log = logging.getLogger(__name__)
BEAT = 15.0  # seconds
OVER = timedelta(0)


class Events:
    """The stream."""

    def __init__(self, console: Console, hub: Hub, lists: Lists) -> None:
        self._console, self._hub, self._lists = console, hub, lists

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
                await _send(response, ("look", ""))
                while not self._hub.closing:
                    if time.monotonic() - beaten >= BEAT:
                        beaten = time.monotonic()
                        await self._beat(who, page, OPEN_PAGE)
                        await self._beat(who, PLAIN, OVER)  # with a stream they are gone when it is
                    news = await reader.next(BEAT)
                    if self._hub.closing or request.transport is None:
                        break  # the page is gone: it beats no more
                    still = await self._console.identity.still(request)
                    if still is None or still.account.role is not who.account.role:
                        await self._beat(who, page, OVER)
                        await _send(response, ("over", ""))
                        return response
                    if still.clerk.teams != who.clerk.teams:  # nothing of the old team is said from now on
                        news.everything = True
                    who = still
                    told = [] if quiet else await self._told(who.clerk, news, known)
                    if not told and time.monotonic() - said >= BEAT:  # also while only others' conversations change
                        told = [("beat", "")]
                    if told:
                        said = time.monotonic()
                        await _send(response, *told)
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
        return {c.id for c in (await self._lists.of(clerk)).every}

    async def _told(self, clerk: Clerk, news: News, known: set[str]) -> list[tuple[str, str]]:
        """What this clerk may learn of it. `known` are the conversations that their list may show."""
        if news.everything:
            known.clear()
            known |= await self._listed(clerk)
            return [("look", "")]
        told = []
        for name, seen in news.changed.items():
            if seen.conversation is not None and clerk.sees(seen.conversation):
                known.add(name)
                told.append(("change" if seen.moved else "words", name))
            elif name in known:
                # It went to another team, or is gone: the list must drop it, and no more is said.
                known.discard(name)
                told.append(("look", ""))
        return told + [("people", name) for name in sorted(news.peopled & known - set(news.changed))]


async def _send(response: web.StreamResponse, *events: tuple[str, str]) -> None:
    await response.write("".join(f"event: {name}\ndata: {data}\n\n" for name, data in events).encode())
