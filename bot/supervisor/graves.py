"""What a dead process held is given back at once: no citizen waits until its leases run out."""

import asyncio
import logging

from redis.exceptions import RedisError

from bot.composition import redis_of
from bot.parts import Parts
from bot.processes.clock import OWNER, lease_of
from bot.settings import Settings
from bot.store.keys import PREFIX, key
from bot.store.protocol import StoreUnavailable
from bot.store.redis import RedisStore

log = logging.getLogger(__name__)
TRIES, PAUSE = 15, 1.0  # the store may have died with it; after 15 s the leases have run out by themselves


class Graves:
    """Calls raise nothing: what cannot be given back runs out."""

    def __init__(self, settings: Settings) -> None:
        self._lanes = settings.lanes
        self._store = RedisStore(settings.redis_url, settings.lanes, settings.retention_days)
        self._redis = redis_of(settings)
        self._parts = Parts(self._redis, ())

    async def bury(self, kind: str, name: str) -> None:
        """This process has ended, however it ended."""
        for _ in range(TRIES):
            try:
                if kind == "worker":
                    await self._store.release_lanes(name)
                if kind == "clock":
                    await lease_of(self._redis, name).give_back()
                await self._parts.leave(name)
            except (StoreUnavailable, RedisError, OSError):
                await asyncio.sleep(PAUSE)
            else:
                return
        log.warning("what a dead process held was not given back; its leases run out", extra={"process": name})

    async def bury_all(self) -> None:
        """Nobody works with this store yet: nothing that is said or held in it is true."""
        lanes = [key(lane, "owner") for lane in range(self._lanes)]
        await self._parts.leave()
        for name in (f"{PREFIX}:{{workers}}:seen", OWNER, *lanes):
            await self._redis.delete(name)

    async def close(self) -> None:
        """Let go of the store."""
        await self._redis.aclose()
        await self._store.close()
