"""The routes of the web chat: page, sending, live updates, own data, widget."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.channels.webchat import WebChat, arrival
from bot.composition import Core
from bot.conversation import conversation_id
from bot.message import Arrival
from bot.route import Access, Route
from bot.store.protocol import StoreUnavailable
from bot.webchat.files import Files
from bot.webchat.form import Form, Throttle, Unacceptable, check_origin, embedded, read_form
from bot.webchat.headers import SAFE, page
from bot.webchat.live import Bell, Live, TooMany
from bot.webchat.pages import Frame, Notice, Pages, error, state_of
from bot.webchat.static_files import PREFIX, Assets
from bot.webchat.stream import Stream
from bot.webchat.transcript import View, look, since, up_to
from bot.webchat.visitor import Visitor, Visitors
from bot.webchat.words import Words, choose, load_words

PATIENCE = 3.0  # seconds that a form without script waits for its reply before the page says "in a moment"
LOOKS = 10  # so often such a page looks again by itself
EMPTY = View(None, 0, (), "", True)


class Chat:
    """The web chat of one process."""

    def __init__(self, core: Core, throttle: Throttle | None = None) -> None:
        self._core, self._store, self._root = core, core.store, core.settings.base_url
        self._https = self._root.startswith("https:")
        self._assets = Assets()
        self._visitors = Visitors(core.secret, self._https, core.settings.retention_days)
        self._throttle = throttle or Throttle()
        self._files = Files(core)
        self._words = load_words({"town": core.town.full_name, "phone": core.town.phone})
        self._pages = Pages(self._assets, core.calendar, core.intake.rules)
        self.live = Live(core.store)

    def routes(self) -> list[Route]:
        """Everything that citizens' browsers ask for."""
        found: tuple[tuple[str, str, Callable[[web.Request], Awaitable[web.StreamResponse]]], ...] = (
            ("GET", "/", self.chat),
            ("POST", "/chat/send", self.send),
            ("POST", "/chat/file", self.send_file),
            ("GET", "/chat/files/{file}", self.file),
            ("GET", "/chat/files/{file}/image", self.image),
            ("GET", "/chat/events", self.events),
            ("GET", "/chat/lines", self.lines),
            ("GET", "/chat/export", self.export),
            ("GET", PREFIX + "{name}", self._assets.serve),
            ("GET", "/widget.js", self.widget),
            ("GET", "/widget-demo", self.demo),
        )
        return [Route(method, path, handler, Access.PUBLIC) for method, path, handler in found]

    async def close(self, app: web.Application | None = None) -> None:
        """End the streams; fits app.on_shutdown."""
        del app
        await self.live.close()

    # --- pages ---------------------------------------------------------------------------------------------

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """The page with the conversation so far."""
        visitor = self._visitor(request)
        notice = None
        try:
            view = await self._look(visitor)
        except StoreUnavailable:
            view, notice = EMPTY, Notice("unread", 503)
        return self._page(request, visitor, view, notice, _again(request, view))

    async def demo(self, request: web.Request) -> web.Response:
        """How the widget is put on a site."""
        body = self._pages.demo(self._words_for(request), self._root)
        return web.Response(text=body, content_type="text/html", headers=page(False, self._https))

    async def widget(self, request: web.Request) -> web.Response:
        """The widget's script: one fixed address, asked for again after five minutes."""
        script, digest = self._pages.widget(self._words.values())
        headers = {
            "Cache-Control": "public, max-age=300",
            "ETag": f'"{digest}"',
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        if any(tag.value == digest for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        response = web.Response(text=script, content_type="text/javascript", headers=headers)
        response.enable_compression()
        return response

    async def export(self, request: web.Request) -> web.Response:
        """The visitor's own data as a text file."""
        visitor = self._visitor(request)
        words = self._words_for(request)
        try:
            held = await self._store.load(self._conversation(visitor))
            kept = held.conversation
            words = self._words_for(request, kept.language if kept else "")
            text = await self._core.turns.export(kept) if kept else words.say("export_none") + "\n"
        except StoreUnavailable:
            return web.Response(text=words.say("export_away"), status=503, headers=SAFE)
        named = {"Content-Disposition": f'attachment; filename="{words.say("export_file")}"'}
        return web.Response(text=text, content_type="text/plain", headers={**SAFE, **named})

    # --- sending -------------------------------------------------------------------------------------------

    async def send(self, request: web.Request) -> web.StreamResponse:
        """Take a message: 202 for the script, back to the page without one."""
        scripted = "application/json" in request.headers.get("Accept", "")
        visitor = self._visitor(request)
        try:
            check_origin(request, self._root)
            form = await read_form(request, scripted)
            if not visitor.known:
                raise Unacceptable(403, "cookie", form.text)
            if not self._throttle.allow(visitor.chat):
                raise Unacceptable(429, "often", form.text)
            try:
                if scripted:
                    return await self._accepted(visitor, self._arrival(request, visitor, form))
                return await self._taken_and_waited(visitor, self._arrival(request, visitor, form))
            except StoreUnavailable:
                raise Unacceptable(503, "away", form.text) from None
        except Unacceptable as refused:
            return await self._refused(request, visitor, refused, scripted)

    async def send_file(self, request: web.Request) -> web.StreamResponse:
        """Take a file while a person has the conversation or it waits for one; otherwise like send()."""
        scripted = "application/json" in request.headers.get("Accept", "")
        visitor = self._visitor(request)
        try:
            check_origin(request, self._root)
            if not visitor.known:
                raise Unacceptable(403, "cookie")
            try:
                taken = await self._files.take(request, visitor.chat, self._conversation(visitor))
                now, language = self._core.turns.now(), self._words_for(request).language
                sent = arrival(visitor.chat, taken.ident, now, language=language, file=taken.file)
                if scripted:
                    return await self._accepted(visitor, sent)
                return await self._taken_and_waited(visitor, sent)
            except StoreUnavailable:
                raise Unacceptable(503, "away") from None
        except Unacceptable as refused:
            return await self._refused(request, visitor, refused, scripted)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """A file of the visitor's own conversation, to be saved."""
        return await self._files.serve(request, self._conversation(self._visitor(request)), request.match_info["file"])

    async def image(self, request: web.Request) -> web.StreamResponse:
        """A picture of the visitor's own conversation."""
        conversation = self._conversation(self._visitor(request))
        return await self._files.serve(request, conversation, request.match_info["file"], inline=True)

    async def _accepted(self, visitor: Visitor, sent: Arrival) -> web.Response:
        new = await self._core.deliver(sent)
        ident = sent.payload["id"]
        response = web.json_response({"id": ident, "new": new}, status=202 if new else 200, headers=SAFE)
        self._visitors.remember(response, visitor)
        return response

    async def _taken_and_waited(self, visitor: Visitor, sent: Arrival) -> web.Response:
        conversation = self._conversation(visitor)
        with self.live.follow(conversation) as bell:
            version = (await self._store.load(conversation)).version
            new = await self._core.deliver(sent)
            done = not new or await self._answered(bell, conversation, version)
        marks = ["embed=1"] if visitor.embedded else []
        marks += [] if done else [f"since={version}", "wait=1"]
        query = "?" + "&".join(marks) if marks else ""
        response = web.Response(status=303, headers={**SAFE, "Location": f"/{query}#ende"})
        self._visitors.remember(response, visitor)
        return response

    def _arrival(self, request: web.Request, visitor: Visitor, form: Form) -> Arrival:
        now, language = self._core.turns.now(), self._words_for(request).language
        return arrival(visitor.chat, form.ident, now, form.text, form.choice, language)

    async def _answered(self, bell: Bell, conversation: str, version: int) -> bool:
        """Wait until the message was handled and its replies left the outbox; False if that takes too long."""
        clock = asyncio.get_running_loop().time
        until = clock() + PATIENCE
        while (left := until - clock()) > 0:
            view = await look(self._store, conversation)
            if view.version > version and view.settled:
                return True
            await bell.wait(left)
        return False

    async def _refused(
        self, request: web.Request, visitor: Visitor, refused: Unacceptable, scripted: bool
    ) -> web.StreamResponse:
        headers = {"Retry-After": "10"} if refused.status in (429, 503) else {}
        if scripted:
            said = error(self._words_for(request), refused.key, refused.values)
            body = {"error": said, "key": refused.key}
            response = web.json_response(body, status=refused.status, headers={**SAFE, **headers})
            if refused.key == "cookie":
                self._visitors.remember(response, visitor)
            return response
        try:
            view = await self._look(visitor)
        except StoreUnavailable:
            view = EMPTY
        notice = Notice(refused.key, refused.status, refused.text, tuple(refused.values.items()))
        answer = self._page(request, visitor, view, notice)
        answer.headers.update(headers)
        return answer

    # --- news ----------------------------------------------------------------------------------------------

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events; 204 tells the page to ask from time to time instead."""
        visitor = self._visitor(request)
        conversation = self._conversation(visitor)
        try:
            self.live.admit(conversation)
        except TooMany:
            return web.Response(status=204)
        if not visitor.known:
            return web.Response(status=204)
        cursor = request.headers.get("Last-Event-ID") or request.query.get("after", "")
        with self.live.follow(conversation) as bell:
            stream = Stream(self._store, conversation, lambda view: self._frame(request, visitor, view), self._pages)
            return await stream.run(request, bell, cursor, lambda: self.live.closing)

    async def lines(self, request: web.Request) -> web.Response:
        """The same as one answer, for pages without a stream."""
        visitor = self._visitor(request)
        try:
            view = await self._look(visitor)
        except StoreUnavailable:
            return web.json_response({"key": "away"}, status=503, headers={**SAFE, "Retry-After": "10"})
        frame = self._frame(request, visitor, view)
        news = since(view, up_to(view, request.query.get("after", "")))
        body = {
            "lines": [self._pages.line(frame, seen) for seen in news.lines],
            "reset": news.reset,
            "cursor": view.cursor,
            "state": state_of(view.conversation, frame.words),
            "notices": self._pages.notices(frame),
        }
        return web.json_response(body, headers=SAFE)

    # --- small things --------------------------------------------------------------------------------------

    def _visitor(self, request: web.Request) -> Visitor:
        return self._visitors.of(request, embedded(request))

    def _conversation(self, visitor: Visitor) -> str:
        return conversation_id(self._core.secret, WebChat.name, visitor.chat)

    async def _look(self, visitor: Visitor) -> View:
        return await look(self._store, self._conversation(visitor)) if visitor.known else EMPTY

    def _words_for(self, request: web.Request, conversation: str = "") -> Words:
        return self._words[choose(self._words, conversation, request.headers.get("Accept-Language", ""))]

    def _frame(self, request: web.Request, visitor: Visitor, view: View) -> Frame:
        language = view.conversation.language if view.conversation else ""
        return Frame(self._words_for(request, language), visitor.embedded, self._core.turns.now(), view.files)

    def _page(
        self, request: web.Request, visitor: Visitor, view: View, notice: Notice | None = None, again: str = ""
    ) -> web.Response:
        body = self._pages.chat(self._frame(request, visitor, view), view, notice, again)
        status = notice.status if notice else 200
        headers = page(visitor.embedded, self._https)
        response = web.Response(text=body, content_type="text/html", status=status, headers=headers)
        self._visitors.remember(response, visitor)
        return response


def _again(request: web.Request, view: View) -> str:
    """Where a page without script looks for its reply, while there is none."""
    asked, looks = request.query.get("since", ""), request.query.get("wait", "")
    if not (asked.isdecimal() and looks.isdecimal()) or len(asked + looks) > 20:
        return ""
    if (view.version > int(asked) and view.settled) or int(looks) >= LOOKS:
        return ""
    embed = "embed=1&" if embedded(request) else ""
    return f"/?{embed}since={int(asked)}&wait={int(looks) + 1}#ende"
