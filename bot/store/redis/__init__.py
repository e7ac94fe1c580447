"""The store on a Redis-protocol server: each atomic move is one of the scripts beside this package's modules."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

from redis.exceptions import RedisError

from bot.conversation import Status
from bot.redis import subscribed
from bot.store.keys import CHANGES, key
from bot.store.protocol import Ages, Change
from bot.store.redis.attachments import AttachmentsRoom
from bot.store.redis.conversations import ConversationsRoom, scored
from bot.store.redis.facts import FactsRoom
from bot.store.redis.inbox import InboxRoom, pairs
from bot.store.redis.lanes import LanesRoom
from bot.store.redis.outbox import OutboxRoom
from bot.store.redis.presence import PresenceRoom
from bot.store.redis.server import Server, age
from bot.store.redis.upgrade import upgrade

HEARTBEAT = 15.0
RESTORED = "restored from a backup"


class RedisStore(InboxRoom, ConversationsRoom, OutboxRoom, AttachmentsRoom, FactsRoom, LanesRoom, PresenceRoom):
    """See bot.store.protocol.Store."""

    def __init__(
        self, url: str, lanes: int, retention_days: int, failed: Callable[[str], None] = lambda kind: None
    ) -> None:
        """`failed`: see Server."""
        super().__init__(Server(url, lanes, retention_days * 86400, failed))

    async def ages(self) -> Ages:
        heads = {
            name: [age(entry) for answer in answers for entry, _ in pairs(answer)]
            for name in ("inbox", "outbox")
            for answers in [await self._server.each_lane("XRANGE", name, "-", "+", "COUNT", 1)]
        }
        since = await self._server.each_lane("ZRANGE", "since", 0, 0, "WITHSCORES")
        oldest = [score for answer in since for score, _ in scored(answer)]
        counts = {
            name: sum(await self._server.each_lane(command, name))
            for command, name in (
                ("XLEN", "inbox"),
                ("XLEN", "outbox"),
                ("XLEN", "dead"),
                ("XLEN", "facts"),
                ("ZCARD", f"queue:{Status.WAITING}"),
                ("ZCARD", f"queue:{Status.ASSIGNED}"),
            )
        }
        return Ages(
            max(heads["inbox"], default=0.0),
            max(heads["outbox"], default=0.0),
            max(0.0, time.time() - min(oldest)) if oldest else 0.0,
            counts["inbox"],
            counts["outbox"],
            counts[f"queue:{Status.WAITING}"],
            counts[f"queue:{Status.ASSIGNED}"],
            counts["dead"],
            counts["facts"],
        )

    async def tidy(self, now: datetime) -> int:
        border = now.timestamp() - self._server.ttl
        gone = await self._server.each_lane("ZREMRANGEBYSCORE", "known", 0, border)
        await self._server.each_lane("ZREMRANGEBYSCORE", "opened", 0, border)
        await self._server.each_lane("XTRIM", "dead", "MINID", f"{max(0, int(border * 1000))}-0")
        return sum(gone)

    async def upgrade(self) -> int:
        return await upgrade(self._server, self)

    async def quiesce(self) -> tuple[int, int]:
        arrivals = parts = 0
        for lane in range(self.lanes):
            keys = [key(lane, name) for name in ("inbox", "outbox", "dead", "tries")]
            moved = await self._server.run("quiesce", keys, RESTORED, time.time(), key(lane, "deliver"))
            arrivals, parts = arrivals + int(moved[0]), parts + int(moved[1])
        return arrivals, parts

    async def changes(self) -> AsyncIterator[Change | None]:
        while True:
            try:
                async with subscribed(self._server.waiting, CHANGES) as pubsub:
                    yield None  # whatever happened before we listened: look again
                    while True:
                        message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=HEARTBEAT)
                        yield _change(message["data"]) if message else None
            except (RedisError, OSError):
                await asyncio.sleep(0.5)

    async def ping(self) -> None:
        await self._server.each_lane("SET", "ping", 1, "EX", 60)  # on a cluster lanes lie on different servers

    async def close(self) -> None:
        await self._server.close()


def _change(data: bytes) -> Change:
    raw: dict[str, Any] = json.loads(data)
    names = ("c", "ch", "chat", "s", "t")
    c, channel, chat, status, team = (str(raw.get(name, "")) for name in names)
    return Change(c, channel, chat, status, team, int(raw.get("v") or 0), bool(raw.get("p")))
