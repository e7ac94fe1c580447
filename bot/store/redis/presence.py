"""Who is here, in Redis: every sign of life is a member of a sorted set, and its score is when it ends."""

import json
from collections.abc import Mapping
from datetime import datetime

from bot.store.keys import CHANGES, PREFIX, key
from bot.store.presence import IDLE, Doing
from bot.store.redis.server import Room

PAGES, AWAY, ACTIVE = (f"{PREFIX}:{{people}}:{name}" for name in ("pages", "away", "active"))
TYPING = ":typing"  # no name of an account holds a colon


class PresenceRoom(Room):
    """See bot.store.presence.Presence."""

    async def beat(self, clerk: str, page: str, until: datetime, now: datetime) -> None:
        await self._server.run("beat", [PAGES, AWAY, ACTIVE], f"{clerk}:{page}", until.timestamp(), now.timestamp())

    async def be_away(self, clerk: str, reason: str, until: datetime) -> None:
        value = json.dumps([reason, until.timestamp()])
        command = ("HSET", AWAY, clerk, value) if reason else ("HDEL", AWAY, clerk)
        await self._server.many([command])

    async def touch(self, clerk: str, until: datetime) -> None:
        await self._server.many([("HSET", ACTIVE, clerk, until.timestamp())])

    async def people(self, now: datetime) -> Mapping[str, str]:
        async with self._server.translated():
            pages = await self._server.redis.zrangebyscore(PAGES, f"({now.timestamp()}", "+inf")
            away, active = await self._server.redis.hgetall(AWAY), await self._server.redis.hgetall(ACTIVE)
        here = {page.decode().partition(":")[0] for page in pages}
        idle = {clerk.decode(): IDLE for clerk, end in active.items() if float(end) <= now.timestamp()}
        return {clerk: _reason(away.get(clerk.encode()), now) or idle.get(clerk, "") for clerk in here}

    async def away(self, clerk: str, now: datetime) -> str:
        async with self._server.translated():
            return _reason(await self._server.redis.hget(AWAY, clerk), now)

    async def attend(self, conversation: str, clerk: str, doing: Doing | None, until: datetime, now: datetime) -> None:
        change = json.dumps({"c": conversation, "p": 1})
        args = (clerk, doing or "", until.timestamp(), now.timestamp(), CHANGES, change)
        await self._server.run("attend", [self._present(conversation)], *args)

    async def attending(self, conversation: str, now: datetime) -> Mapping[str, Doing]:
        async with self._server.translated():
            members = await self._server.redis.zrangebyscore(self._present(conversation), f"({now.timestamp()}", "+inf")
        names = {member.decode() for member in members}
        lookers = {name for name in names if not name.endswith(TYPING)}
        return {who: Doing.TYPING if who + TYPING in names else Doing.LOOKING for who in lookers}

    def _present(self, conversation: str) -> str:
        return key(self._server.lane(conversation), "present", conversation)


def _reason(value: bytes | None, now: datetime) -> str:
    reason, until = json.loads(value) if value else ("", 0.0)
    return str(reason) if until > now.timestamp() else ""
