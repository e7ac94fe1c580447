"""Which parts are up. Workers say so in Redis under a short lifetime; the edge reads it for /ready."""

import json
import logging
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from redis.exceptions import RedisError

from bot.store.keys import PREFIX

log = logging.getLogger(__name__)
SECONDS = 10  # a part that has not been heard of for so long is away
ALIVE = f"{PREFIX}:{{parts}}:"


def product_version() -> str:
    """The installed version."""
    try:
        return version("stadtbote")
    except PackageNotFoundError:
        return "unknown"


class Parts:
    """`expected` are the parts this installation has: worker, clock, encoder, nlu."""

    def __init__(self, redis: Any, expected: tuple[str, ...]) -> None:
        self._redis, self._expected = redis, expected
        self._up_once: set[str] = set()
        self.version = product_version()

    async def say(self, process: str, parts: dict[str, bool]) -> None:
        """A process tells which parts it has up; call it more often than SECONDS."""
        try:
            await self._redis.set(ALIVE + process, json.dumps(parts), ex=SECONDS)
        except (RedisError, OSError):
            log.warning("the store is away; parts unsaid")

    async def leave(self, process: str = "*") -> None:
        """A process ends, or ("*") none of them runs any more: what they said must not be believed for SECONDS."""
        try:
            names = [name async for name in self._redis.scan_iter(match=ALIVE + process, count=500)]
            if names:
                await self._redis.delete(*names)
        except (RedisError, OSError):
            log.warning("the store is away; parts stay said until they expire")

    async def state(self) -> dict[str, bool]:
        """Every expected part: is it up somewhere?"""
        up: set[str] = set()
        try:
            names = [name async for name in self._redis.scan_iter(match=ALIVE + "*", count=500)]
            for text in await self._redis.mget(names) if names else []:
                up |= {name for name, well in json.loads(text or "{}").items() if well}
        except (RedisError, OSError):
            log.warning("the store is away; parts unknown")
        self._up_once |= up
        return {name: name in up for name in self._expected}

    def has_been_up(self, name: str) -> bool:
        """Since this process started, as far as anybody asked."""
        return name in self._up_once
