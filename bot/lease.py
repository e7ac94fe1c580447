"""A lease in Redis: of many processes one holds it, renews it, and another takes it when the holder falls silent."""

from typing import Any

from bot.redis import Script

# Look and act are one step: between them the lease could run out and pass to somebody else.
# KEYS lease  ARGV holder milliseconds
_HOLD = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
# KEYS lease  ARGV holder
_GIVE_BACK = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class Lease:
    """`holder` names this process; every call may raise RedisError or OSError."""

    def __init__(self, redis: Any, key: str, holder: str, seconds: float) -> None:
        self._key, self._holder, self._milliseconds = key, holder, int(seconds * 1000)
        self._hold, self._give_back = Script(redis, _HOLD), Script(redis, _GIVE_BACK)

    async def hold(self) -> bool:
        """Take it if nobody has it, renew it if we have; is it ours for `seconds` from now?"""
        return bool(await self._hold(keys=[self._key], args=[self._holder, self._milliseconds]))

    async def give_back(self) -> None:
        """Let it go at once, if it is ours."""
        await self._give_back(keys=[self._key], args=[self._holder])
