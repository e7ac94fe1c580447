"""Facts on their way to the database: a stream in each lane, written by keep.lua, emptied by the clock."""

import logging
from collections.abc import Sequence
from typing import Any

from bot.facts.fact import Fact
from bot.store.facts import Left
from bot.store.keys import key
from bot.store.redis.inbox import pairs
from bot.store.redis.server import Room

log = logging.getLogger(__name__)


class FactsRoom(Room):
    """See bot.store.facts.Facts."""

    async def facts(self, limit: int) -> Sequence[Left]:
        answers = await self._server.each_lane("XRANGE", "facts", "-", "+", "COUNT", limit)
        return [
            Left(f"{lane}.{entry}", _fact(data)) for lane, answer in enumerate(answers) for entry, data in pairs(answer)
        ]

    async def drop_facts(self, places: Sequence[str]) -> None:
        lanes: dict[int, list[str]] = {}
        for place in places:
            lane, _, entry = place.partition(".")
            lanes.setdefault(int(lane), []).append(entry)
        commands: list[tuple[Any, ...]] = [("XDEL", key(lane, "facts"), *some) for lane, some in lanes.items()]
        await self._server.many(commands)


def _fact(data: dict[bytes, bytes]) -> Fact | None:
    try:
        return Fact.from_json(data[b"fact"], data[b"text"].decode())
    except (ValueError, KeyError, TypeError):
        log.error("a fact cannot be read", extra={"conversation": data.get(b"cid", b"").decode()})
        return None
