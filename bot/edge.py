"""Webhooks and health: the edge that platforms and monitors see.

2xx is said only for what is durable, or for what nobody can read and is kept as a dead letter.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Sequence
from dataclasses import asdict
from typing import Any

from aiohttp import web
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.channel import Channel, Unparseable, Unverified
from bot.channels.wire import unreadable
from bot.composition import Core
from bot.conversation import conversation_id
from bot.message import Arrival
from bot.parts import Parts
from bot.redis import within
from bot.route import Access, Route
from bot.store.protocol import StoreUnavailable

log = logging.getLogger(__name__)
LARGEST = 3 * 1024 * 1024  # WhatsApp's batches reach 3 MB (PLATFORMS)
RETRY = {"Retry-After": "5"}
KEEP_SECONDS = 1.8  # for a whole delivery: 503 is said within two seconds, wherever the store hangs
CHECK_SECONDS = 1.8  # a monitor is told as soon
SIDE_BY_SIDE = 32  # arrivals at once, each on a connection to the store: a crowd at the door must not open hundreds
AWAY = object()


class Edge:
    """Handlers over one Core."""

    def __init__(self, core: Core, parts: Parts) -> None:
        self._core, self._parts = core, parts
        self._room = asyncio.Semaphore(SIDE_BY_SIDE)

    def watched(self) -> list[Route]:
        """What every listener has: how we are."""
        return [
            Route("GET", "/health", self.health, Access.PUBLIC),
            Route("GET", "/ready", self.ready, Access.PUBLIC),
        ]

    def routes(self) -> list[Route]:
        """Health always; a channel's webhook only where the channel is on and not polled."""
        s, channels = self._core.settings, self._core.channels
        found = self.watched()
        if "telegram" in channels and s.telegram_mode == "webhook":
            found.append(Route("POST", "/channels/telegram", self.telegram, Access.PUBLIC))
        if "whatsapp" in channels:
            found.append(Route("POST", "/channels/whatsapp", self.whatsapp, Access.PUBLIC))
            found.append(Route("GET", "/channels/whatsapp", self.challenge, Access.PUBLIC))
        return found

    async def telegram(self, request: web.Request) -> web.Response:
        """Telegram's webhook."""
        return await self._webhook(self._core.channels["telegram"], request)

    async def whatsapp(self, request: web.Request) -> web.Response:
        """Meta's webhook for WhatsApp."""
        return await self._webhook(self._core.channels["whatsapp"], request)

    async def challenge(self, request: web.Request) -> web.Response:
        """Meta's question when the webhook is set up."""
        answer = self._core.channels["whatsapp"].challenge(dict(request.query))  # type: ignore[attr-defined]
        return web.Response(status=403) if answer is None else web.Response(text=answer)

    async def health(self, request: web.Request) -> web.Response:
        """This process lives."""
        del request
        return web.json_response({"status": "ok", "version": self._parts.version})

    async def ready(self, request: web.Request) -> web.Response:
        """Can citizens be served? 503 while a part never was up, or store or database cannot be used.

        The same from every web process: what is known is what all of them read in the store. `parts` tells each
        part's state, how many processes have it up, and the seconds since its last sign of life.
        """
        del request
        # A write: a store that is full or read-only takes no message, either.
        checks = (self._core.store.ping(), asyncio.to_thread(self._core.catalogue.serial), self._parts.look())
        store, database, parts = await asyncio.gather(*map(_result, checks))
        states = {"redis": store is not AWAY, "database": database is not AWAY}
        told: dict[str, Any] = {name: {"state": "up" if well else "missing"} for name, well in states.items()}
        if store is not AWAY and parts is not AWAY:
            told |= {name: asdict(part) for name, part in parts.items()}
        body: dict[str, Any] = {"ready": all(part["state"] != "missing" for part in told.values())}
        for state in ("missing", "degraded"):
            if those := [name for name, part in told.items() if part["state"] == state]:
                body[state] = those
        body["parts"] = told
        headers = {"Cache-Control": "no-store"}
        return web.json_response(body, status=200 if body["ready"] else 503, headers=headers)

    async def _webhook(self, channel: Channel, request: web.Request) -> web.Response:
        began = time.perf_counter()
        metrics = self._core.metrics
        if (request.content_length or 0) > LARGEST:
            metrics.arrivals.labels(channel.name, "refused").inc()
            return web.Response(status=413)
        raw = await request.content.read(LARGEST + 1)
        while len(raw) <= LARGEST and (more := await request.content.read(LARGEST + 1)):
            raw += more
        if len(raw) > LARGEST:
            metrics.arrivals.labels(channel.name, "refused").inc()
            return web.Response(status=413)
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            arrivals = list(channel.accept(raw, headers))
        except Unverified:
            metrics.arrivals.labels(channel.name, "refused").inc()
            log.warning("a webhook call without proof of origin", extra={"channel": channel.name})
            return web.Response(status=401)
        except Unparseable as error:
            return await self._unreadable(channel, raw, str(error))
        try:
            new = await within(KEEP_SECONDS, self._keep(arrivals))
        except (StoreUnavailable, TimeoutError):
            return web.Response(status=503, headers=RETRY)
        took = time.perf_counter() - began
        metrics.acknowledged.labels(channel.name).observe(took)
        # Not at info: each arrival has its own line there, and times are in the metrics.
        facts = {"channel": channel.name, "elements": len(arrivals), "new": new, "ms": round(took * 1000, 1)}
        log.debug("acknowledged", extra=facts)
        return web.Response(text="ok")

    async def _keep(self, arrivals: Sequence[Arrival]) -> int:
        """Keep them all and return how many were new: of one chat in order, chats side by side.

        One that cannot be kept refuses the whole delivery: the platform repeats it, and what was kept is known.
        """
        clock = asyncio.get_running_loop().time
        late = clock() + KEEP_SECONDS
        chats: defaultdict[str, list[Arrival]] = defaultdict(list)
        for arrival in arrivals:
            chats[arrival.chat].append(arrival)

        async def keep(those: list[Arrival]) -> int:
            new = 0
            for arrival in those:
                async with self._room:
                    if clock() > late:  # refused by now: begin nothing more
                        raise StoreUnavailable("too slow")
                    new += await self._core.deliver(arrival)
            return new

        if len(chats) == 1:
            return await keep(list(arrivals))
        found = await asyncio.gather(*map(keep, chats.values()), return_exceptions=True)
        for failed in found:
            if isinstance(failed, BaseException):
                raise failed
        return sum(n for n in found if isinstance(n, int))

    async def _unreadable(self, channel: Channel, raw: bytes, reason: str) -> web.Response:
        """Refusing it would stall its chat (PLATFORMS): keep it as a dead letter and say 200."""
        arrival = unreadable(channel.name, raw)
        conversation = conversation_id(self._core.secret, channel.name, arrival.chat)
        try:
            await within(KEEP_SECONDS, self._core.store.bury(conversation, arrival, reason))
        except (StoreUnavailable, TimeoutError):
            self._core.metrics.arrivals.labels(channel.name, "unavailable").inc()
            return web.Response(status=503, headers=RETRY)
        self._core.metrics.dead_letters.labels(channel.name, "unreadable").inc()
        log.warning("dead letter", extra={"channel": channel.name, "reason": reason})
        return web.Response(text="ok")


async def _result(check: Awaitable[Any]) -> Any:
    """What a check found, AWAY when it failed or took too long."""
    try:
        return await within(CHECK_SECONDS, check)
    except (StoreUnavailable, RedisError, SQLAlchemyError, OSError, TimeoutError) as error:
        log.warning("a part cannot be used", extra={"kind": type(error).__name__})
        return AWAY
