"""How far the models are that a release waits for: the supervisor says so in Redis, the console reads it.

Neither address nor token stands there. Workers know both addresses from the start and ask who is behind them, so that
nobody who could write into the store could send citizens' words, or the token, elsewhere.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from redis.exceptions import RedisError

from bot.redis import Script
from bot.store.keys import PREFIX

log = logging.getLogger(__name__)
SECONDS = 15  # what has not been said again for so long is over
KEY = f"{PREFIX}:{{taught}}:models"
_SAY = """
redis.call('DEL', KEYS[1])
for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
return redis.call('EXPIRE', KEYS[1], ARGV[1])
"""


@dataclass(frozen=True)
class Stand:
    """`step` is training, starting, serving or failed; `since` ISO 8601 in UTC; `said` why it failed, for the log's
    readers."""

    step: str
    since: str
    said: str = ""

    @property
    def at(self) -> datetime:
        """Since when, aware UTC."""
        return datetime.fromisoformat(self.since).astimezone(UTC)


class Board:
    """What is wanted of the local models, by the name of their examples."""

    def __init__(self, redis: Any) -> None:
        self._redis, self._say = redis, Script(redis, _SAY)

    async def say(self, stands: Mapping[str, Stand]) -> None:
        """All there is; call it more often than SECONDS."""
        told = [text for name, stand in stands.items() for text in (name, json.dumps(asdict(stand)))]
        try:
            await self._say(keys=[KEY], args=[SECONDS, *told])
        except (RedisError, OSError):
            log.warning("the store is away; how far the models are stays unsaid")

    async def read(self) -> dict[str, Stand]:
        """What was said last; nothing where no supervisor of ours serves models, or the store is away."""
        try:
            found = await self._redis.hgetall(KEY)
        except (RedisError, OSError):
            log.warning("the store is away; how far the models are is unknown")
            return {}
        return {name.decode(): Stand(**json.loads(text)) for name, text in found.items()}
