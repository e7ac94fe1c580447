"""One open page's stream of server-sent events: what it lacks at first, then what comes."""

import json
from collections.abc import Callable

from aiohttp import web

from bot.store.protocol import Store, StoreUnavailable
from bot.webchat.headers import SAFE
from bot.webchat.live import Bell
from bot.webchat.pages import Frame, Pages, state_of
from bot.webchat.transcript import News, View, look, since, up_to

HEARTBEAT = 15.0  # seconds; proxies close what is silent for 30 or 60
RETRY_MS = 2000
HEADERS = {**SAFE, "Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}


class Stream:
    """Tells one page. Ids of events are cursors, from which a page that slept goes on (Last-Event-ID)."""

    def __init__(self, store: Store, conversation: str, frame: Callable[[View], Frame], pages: Pages) -> None:
        self._store, self._conversation, self._frame, self._pages = store, conversation, frame, pages
        self._has: frozenset[str] | None = None
        self._state: dict[str, str] = {}
        self._notices: str | None = None
        self._version, self._settled = -1, False
        self._view: View | None = None

    async def run(
        self, request: web.Request, bell: Bell, cursor: str, closing: Callable[[], bool]
    ) -> web.StreamResponse:
        """Stream until the page goes away or the process stops."""
        response = web.StreamResponse(headers=HEADERS)
        await response.prepare(request)
        try:
            await response.write(f"retry: {RETRY_MS}\n\n".encode())
            while not closing():
                for event in await self._next(bell, cursor):
                    await response.write(event)
                if not await bell.wait(HEARTBEAT):
                    await response.write(_event("beat", "1"))
                    for event in self._announced(self._frame(self._view)) if self._view else ():
                        await response.write(event)
            await response.write_eof()
        except ConnectionError:
            return response  # the page is gone
        return response

    async def _next(self, bell: Bell, cursor: str) -> list[bytes]:
        try:
            # At a mere heartbeat of the store, the version says cheaply whether something was missed.
            if not bell.must_look and self._settled and await self._unchanged():
                return []
            bell.must_look = False
            view = await look(self._store, self._conversation)
        except StoreUnavailable:
            bell.must_look = True
            return []
        self._version, self._settled, self._view = view.version, view.settled, view
        news = since(view, up_to(view, cursor) if self._has is None else self._has)
        self._has = frozenset(seen.line.id for seen in view.lines)
        return self._events(view, news)

    async def _unchanged(self) -> bool:
        return (await self._store.load(self._conversation)).version == self._version

    def _events(self, view: View, news: News) -> list[bytes]:
        frame = self._frame(view)
        rendered = [self._pages.line(frame, seen) for seen in news.lines]
        events = []
        if news.reset:
            events.append(_event("reset", json.dumps(rendered), view.cursor))
        else:
            # Only the last one moves the cursor: a stream that breaks before it sends them all again.
            events += [_event("line", html) for html in rendered[:-1]]
            events += [_event("line", html, view.cursor) for html in rendered[-1:]]
        state = state_of(view.conversation, frame.words)
        if state != self._state:
            self._state = state
            events.append(_event("state", json.dumps(state)))
        return [*events, *self._announced(frame)]

    def _announced(self, frame: Frame) -> list[bytes]:
        """What the town tells everybody, where it is not what the page shows."""
        notices = self._pages.notices(frame)
        if notices == self._notices:
            return []
        self._notices = notices
        return [_event("notices", json.dumps(notices))]


def _event(name: str, data: str, cursor: str | None = None) -> bytes:
    lines = [f"event: {name}", *([f"id: {cursor}"] if cursor is not None else [])]
    lines += [f"data: {part}" for part in data.replace("\r", "").split("\n")]
    return ("\n".join(lines) + "\n\n").encode()
