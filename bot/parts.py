"""Which parts are up. Every process says so in Redis, again and again; the edge reads it for /ready."""

import json
import logging
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from redis.exceptions import RedisError

from bot.redis import Script
from bot.store.keys import PREFIX

log = logging.getLogger(__name__)
SECONDS = 10  # a part that has not been heard of for so long is away
SAID = f"{PREFIX}:{{parts}}:said"  # a hash: process -> when (the server's clock, seconds) and what. One key: a cluster
# has no list of all keys to look through, and a list of names beside the names would be a second truth.

# KEYS said  ARGV process what seconds
_SAY = """
redis.call('HSET', KEYS[1], ARGV[1], redis.call('TIME')[1] .. ' ' .. ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""
# KEYS said  ARGV seconds -> what was said lately; the rest is forgotten
_HEARD = """
local border, heard = tonumber(redis.call('TIME')[1]) - tonumber(ARGV[1]), {}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local at, what = string.match(all[i + 1], '^(%d+) (.*)$')
  if at and tonumber(at) >= border then
    heard[#heard + 1] = what
  else
    redis.call('HDEL', KEYS[1], all[i])
  end
end
return heard
"""


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
        self._say, self._heard = Script(redis, _SAY), Script(redis, _HEARD)
        self._up_once: set[str] = set()
        self.version = product_version()

    async def say(self, process: str, parts: dict[str, bool]) -> None:
        """A process tells which parts it has up; call it more often than SECONDS."""
        try:
            await self._say(keys=[SAID], args=[process, json.dumps(parts), SECONDS])
        except (RedisError, OSError):
            log.warning("the store is away; parts unsaid")

    async def leave(self, process: str = "*") -> None:
        """A process ends, or ("*") none of them runs any more: what they said must not be believed for SECONDS."""
        try:
            if process == "*":
                await self._redis.delete(SAID)
            else:
                await self._redis.hdel(SAID, process)
        except (RedisError, OSError):
            log.warning("the store is away; parts stay said until they are too old")

    async def state(self) -> dict[str, bool]:
        """Every expected part: is it up somewhere?"""
        up: set[str] = set()
        try:
            for text in await self._heard(keys=[SAID], args=[SECONDS]):
                up |= {name for name, well in json.loads(text).items() if well}
        except (RedisError, OSError):
            log.warning("the store is away; parts unknown")
        self._up_once |= up
        return {name: name in up for name in self._expected}

    def has_been_up(self, name: str) -> bool:
        """Since this process started, as far as anybody asked."""
        return name in self._up_once
