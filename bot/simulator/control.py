"""The control API and the page: act as a citizen, watch live, plan misbehaviour, from any language or a browser.

Only JSON bodies are taken, so that no other page a browser has open can post here by a form.
"""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp import web

from .faults import KINDS, Fault
from .ledger import Account, File, Ledger, Record, Said, Seen
from .telegram import Telegram
from .whatsapp import WhatsApp
from .whatsapp_chats import Receipts

STATIC = Path(__file__).parent / "static"
SHOWN = 200
"""Messages of one citizen that the page loads."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
Json = dict[str, Any]


class Mistake(Exception):
    """The request asks for something that is not there; str() says what."""


class Control:
    """Routes below /control, and the page."""

    def __init__(self, ledger: Ledger, telegram: Telegram, whatsapp: WhatsApp) -> None:
        self._ledger = ledger
        self._telegram = telegram
        self._whatsapp = whatsapp
        self._streams: set[asyncio.Queue[Record | None]] = set()

    def routes(self) -> list[web.RouteDef]:
        """The page, its files, and one POST for each thing to do."""
        actions: dict[str, Callable[[Json], Any]] = {
            "citizens": self._new_citizen,
            "say": lambda b: {"id": self._platform(b).say(self._account(b), _text(b, "text"))},
            "send": self._send,
            "press": self._press,
            "edit": lambda b: {"id": self._platform(b).edit(self._account(b), _text(b, "text"), _text(b, "message"))},
            "block": lambda b: self._platform(b).block(self._account(b), bool(b.get("blocked", True))),
            "expire": lambda b: self._whatsapp.expire(self._account({**b, "platform": "whatsapp"})),
            "faults": self._plan,
            "misbehave": self._misbehave,
            "calm": lambda b: self.calm(),
            "webhook": lambda b: self._whatsapp.subscribe(_text(b, "url"), verify=bool(b.get("verify", True))),
            "templates": lambda b: self._whatsapp.approve(_text(b, "name"), _text(b, "language"), _text(b, "body")),
        }
        return [
            web.get("/", self._page),
            web.get("/static/{name}", self._static),
            web.get("/control/state", self._state),
            web.get("/control/events", self._events),
            web.get("/control/ledger", self._records),
            web.get("/control/files/{platform}/{citizen}/{message}", self._file),
            *(web.post(f"/control/{name}", self._guarded(action)) for name, action in actions.items()),
        ]

    def close(self) -> None:
        """End all live streams."""
        for queue in tuple(self._streams):
            self._ledger.unfollow(queue)
            if not queue.full():
                queue.put_nowait(None)

    def calm(self) -> None:
        """End all misbehaviour."""
        self._telegram.faults.calm()
        self._whatsapp.faults.calm()
        self._telegram.updates.repeats = self._whatsapp.hooks.repeats = (1, 1)
        self._telegram.updates.release()
        self._whatsapp.hooks.release()
        self._whatsapp.receipts = Receipts()
        self._whatsapp.refuse_late = False

    def _guarded(self, action: Callable[[Json], Any]) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            try:
                if request.content_type != "application/json":
                    raise Mistake("send JSON")
                body = await request.json()
                if not isinstance(body, dict):
                    raise Mistake("send a JSON object")
                result = action(body)
                if asyncio.iscoroutine(result):
                    result = await result
            except (Mistake, ValueError, TypeError, KeyError) as error:
                return web.json_response({"error": str(error)}, status=400)
            return web.json_response(result if isinstance(result, dict) else {})

        return handle

    def _platform(self, body: Json) -> Telegram | WhatsApp:
        match body.get("platform"):
            case "telegram":
                return self._telegram
            case "whatsapp":
                return self._whatsapp
        raise Mistake("platform is telegram or whatsapp")

    def _account(self, body: Json) -> Account:
        found = self._platform(body).accounts.get(str(body.get("citizen")))
        if found is None:
            raise Mistake(f"there is no citizen {body.get('citizen')!r}")
        return found

    def _new_citizen(self, body: Json) -> Json:
        platform = self._platform(body)
        name, language, key = (str(body.get(k, "")) for k in ("name", "language", "key"))
        if key and (key in platform.accounts or not key.isdigit()):
            raise Mistake("key is a number that is not taken")
        if isinstance(platform, WhatsApp):
            account = platform.new_account(name, language or "de", key, hidden=bool(body.get("hidden")))
        else:
            account = platform.new_account(name, language or "de", key)
        return {"citizen": account.key, "name": account.name}

    def _send(self, body: Json) -> Json:
        file = None
        if given := body.get("file"):
            content = base64.b64decode(_text(given, "content"), validate=True)
            file = File(_text(given, "name"), str(given.get("type") or "application/octet-stream"), content)
        what, text = _text(body, "what"), str(body.get("text", ""))
        return {"id": self._platform(body).send(self._account(body), what, text, file)}

    async def _file(self, request: web.Request) -> web.Response:
        """A file that the bot sent."""
        where = request.match_info
        try:
            seen = self._account({"platform": where["platform"], "citizen": where["citizen"]}).find(where["message"])
        except Mistake:
            seen = None
        if seen is None or seen.file is None:
            raise web.HTTPNotFound
        named = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(seen.file.name, safe='')}"}
        return web.Response(
            body=seen.file.content, content_type="application/octet-stream", headers={**HEADERS, **named}
        )

    def _press(self, body: Json) -> Json:
        account = self._account(body)
        seen = account.find(_text(body, "message"))
        button = next((b for b in (seen.buttons if seen else ()) if b.data == body.get("data")), None)
        if seen is None or button is None:
            raise Mistake("that message has no such button")
        return {"id": self._platform(body).press(account, seen, button)}

    def _plan(self, body: Json) -> None:
        if body.get("kind") not in KINDS:
            raise Mistake(f"kind is one of {', '.join(KINDS)}")
        fault = Fault(
            body["kind"],
            float(body.get("seconds", 0)),
            int(body.get("status", 502)),
            bool(body.get("after", False)),
        )
        times = body.get("times", 1)
        self._platform(body).faults.plan(
            fault,
            times=None if times is None else int(times),
            call=str(body.get("call", "")),
            citizen=str(body.get("citizen", "")),
            share=float(body.get("share", 1)),
        )

    def _misbehave(self, body: Json) -> None:
        platform = self._platform(body)
        queue = platform.updates if isinstance(platform, Telegram) else platform.hooks
        if "repeats" in body:
            low, high = (int(n) for n in body["repeats"])
            if not 1 <= low <= high:
                raise Mistake("repeats is [low, high] with 1 <= low <= high")
            queue.repeats = (low, high)
        if "receipts" in body and isinstance(platform, WhatsApp):
            platform.receipts = Receipts(**{**body["receipts"], "states": tuple(body["receipts"].get("states", ()))})
        if "refuse_late" in body and isinstance(platform, WhatsApp):
            platform.refuse_late = bool(body["refuse_late"])
        if "hold" in body:
            queue.hold()
        if "release" in body:
            if isinstance(platform, WhatsApp):
                platform.hooks.release(str(body["release"]), batch=bool(body.get("batch")))
            else:
                platform.updates.release(str(body["release"]))

    async def _page(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / "phones.html", headers=HEADERS)

    async def _static(self, request: web.Request) -> web.FileResponse:
        name = request.match_info["name"]
        if name not in ("phones.css", "phones.js"):
            raise web.HTTPNotFound
        return web.FileResponse(STATIC / name, headers=HEADERS)

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response(self._snapshot(), headers=HEADERS)

    async def _records(self, request: web.Request) -> web.Response:
        since = request.query.get("since", "0")
        if not since.isdigit():
            return web.json_response({"error": "since is a number"}, status=400)
        found = [_record(r) for r in self._ledger.records if r.seq > int(since)]
        return web.json_response({"records": found})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """A "state" event first, then one event for each record; a reader who is too slow starts again."""
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        queue = self._ledger.follow()
        self._streams.add(queue)
        try:
            await response.write(_event("state", self._snapshot()))
            while (record := await queue.get()) is not None:
                await response.write(_event("record", self._news(record)))
        except ConnectionResetError:
            return response  # the page was closed
        finally:
            self._streams.discard(queue)
            self._ledger.unfollow(queue)
        return response

    def _news(self, record: Record) -> Json:
        """A record with what the page must redraw: the citizen and the message it is about."""
        platform = self._telegram if record.platform == "telegram" else self._whatsapp
        account = platform.accounts[record.citizen]
        line = _find(account, record.id) if record.id else None
        return {**_record(record), "now": self._who(account), "line": _line(line) if line else None}

    def _snapshot(self) -> Json:
        return {
            "seq": self._ledger.records[-1].seq if self._ledger.records else 0,
            "commands": next(iter(self._telegram.api.commands.values()), []),
            "citizens": [
                {**self._who(account), "lines": _lines(account)}
                for platform in (self._telegram, self._whatsapp)
                for account in platform.accounts.values()
            ],
        }

    def _who(self, account: Account) -> Json:
        """A citizen for the page, without messages."""
        return {
            "platform": account.platform,
            "citizen": account.key,
            "name": account.name,
            "blocked": account.blocked,
            "typing": account.typing_until > self._telegram.clock.now(),
            "window": self._whatsapp.window(account) if account.platform == "whatsapp" else None,
        }


def _lines(account: Account) -> list[Json]:
    """The last messages of a citizen's screen, in order."""
    seen = [_line(line) for line in account.seen[-SHOWN:]]
    said = [_line(line) for line in account.said[-SHOWN:]]
    return sorted(seen + said, key=lambda line: int(line["seq"]))[-SHOWN:]


def _text(body: Json, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Mistake(f"{name} is missing")
    return value


def _line(line: Seen | Said) -> Json:
    """A message for the page."""
    body: Json = {"id": line.id, "at": line.at, "seq": line.seq, "edited": line.edited}
    if isinstance(line, Said):
        return {**body, "by": "citizen", "kind": line.kind, "text": line.text, "read": line.read}
    buttons = [{"label": b.label, "data": b.data, "about": b.description, "url": b.url} for b in line.buttons]
    file = line.file.name if line.file else ""
    return {
        **body,
        "by": "bot",
        "html": line.html,
        "footer": line.footer,
        "menu": line.menu,
        "file": file,
        "buttons": buttons,
    }


def _find(account: Account, message: str) -> Seen | Said | None:
    return account.find(message) or next((s for s in reversed(account.said) if s.id == message), None)


def _record(record: Record) -> Json:
    return {
        "seq": record.seq,
        "at": record.at,
        "platform": record.platform,
        "citizen": record.citizen,
        "what": record.what,
        "id": record.id,
        "detail": dict(record.detail),
    }


def _event(name: str, body: Json) -> bytes:
    return f"event: {name}\ndata: {json.dumps(body)}\n\n".encode()
