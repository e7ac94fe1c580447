"""Which parts are up. Every process says so in Redis, again and again; the edge reads it for /ready."""

import json
import logging
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from redis.exceptions import RedisError

from bot.redis import Script
from bot.store.keys import PREFIX

log = logging.getLogger(__name__)
SECONDS = 10  # a part that has not been heard of for so long is away
# Two hashes, not a key for each process: a cluster has no list of all keys to look through, and a list of names beside
# the names would be a second truth. One tag: one script reads both.
SAID = f"{PREFIX}:{{parts}}:said"  # process -> when (the server's clock, seconds) and what
ONCE = f"{PREFIX}:{{parts}}:once"  # part -> when somebody last had it up; every web process sees the same

# KEYS said once  ARGV process what seconds part…: those that are up
_SAY = """
local now = redis.call('TIME')
local at = now[1] .. '.' .. string.format('%06d', now[2])
redis.call('HSET', KEYS[1], ARGV[1], at .. ' ' .. ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
for i = 4, #ARGV do redis.call('HSET', KEYS[2], ARGV[i], at) end
return 1
"""
# KEYS said once  ARGV seconds -> now, what was said lately, all of once; what is older is forgotten
_HEARD = """
local time, heard = redis.call('TIME'), {}
local now = time[1] .. '.' .. string.format('%06d', time[2])
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local at, what = string.match(all[i + 1], '^([%d.]+) (.*)$')
  if at and tonumber(at) >= tonumber(now) - tonumber(ARGV[1]) then
    heard[#heard + 1] = what
  else
    redis.call('HDEL', KEYS[1], all[i])
  end
end
return {now, heard, redis.call('HGETALL', KEYS[2])}
"""


@dataclass(frozen=True, slots=True)
class Part:
    """How a part is: `state` up, degraded (it was up, in this store's life) or missing (it never was).

    `processes`: how many have it up now. `age`: seconds since one of them last said so, None before the first time.
    """

    state: str
    processes: int
    age: float | None


def product_version() -> str:
    """The installed version."""
    try:
        return version("stadtbote")
    except PackageNotFoundError:
        return "unknown"


class Parts:
    """`expected` are the parts this installation has: web, worker, clock, encoder, nlu."""

    def __init__(self, redis: Any, expected: tuple[str, ...]) -> None:
        self._redis, self._expected = redis, expected
        self._say, self._heard = Script(redis, _SAY), Script(redis, _HEARD)
        self.version = product_version()

    async def say(self, process: str, parts: dict[str, bool]) -> None:
        """A process tells which parts it has up; call it more often than SECONDS."""
        up = [name for name, well in parts.items() if well]
        try:
            await self._say(keys=[SAID, ONCE], args=[process, json.dumps(parts), SECONDS, *up])
        except (RedisError, OSError):
            log.warning("the store is away; parts unsaid")

    async def leave(self, process: str = "*") -> None:
        """A process ends, or ("*") none of them runs any more: what they said must not be believed for SECONDS."""
        try:
            if process == "*":
                await self._redis.delete(SAID, ONCE)
            else:
                await self._redis.hdel(SAID, process)
        except (RedisError, OSError):
            log.warning("the store is away; parts stay said until they are too old")

    async def look(self) -> dict[str, Part]:
        """Every expected part, the same for whoever asks. Raises RedisError, OSError."""
        now, heard, once = await self._heard(keys=[SAID, ONCE], args=[SECONDS])
        running = Counter(name for text in heard for name, well in json.loads(text).items() if well)
        last = {name.decode(): float(at) for name, at in zip(once[::2], once[1::2], strict=True)}
        found = {}
        for name in self._expected:
            age = round(max(0.0, float(now) - last[name]), 1) if name in last else None
            state = "up" if running[name] else "missing" if age is None else "degraded"
            found[name] = Part(state, running[name], age)
        return found

    async def state(self) -> dict[str, bool]:
        """Every expected part: is it up somewhere?"""
        try:
            return {name: part.state == "up" for name, part in (await self.look()).items()}
        except (RedisError, OSError):
            log.warning("the store is away; parts unknown")
            return dict.fromkeys(self._expected, False)
