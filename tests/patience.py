"""A client of the store that waits for it however busy this machine and its disk are."""

from typing import Any

import bot.backup.conversations
import bot.composition
import bot.redis
import bot.redis_cluster
import bot.store.redis.server
from bot.redis import connect

PATIENCE = 120.0  # seconds; a limit, never a verdict


def patient(url: str, *, timeout: float = 0.0, connect_timeout: float = 0.0) -> Any:
    """As bot.redis.connect(), with more time for everything."""
    return connect(url, timeout=PATIENCE, connect_timeout=PATIENCE)


def everywhere() -> None:
    """From now on nothing in this process gives up a call to the store: that limit is one of the running product."""
    for module in (bot.backup.conversations, bot.composition, bot.store.redis.server):
        module.connect = patient  # type: ignore[attr-defined]
    bot.store.redis.server.CALL_SECONDS = PATIENCE
    bot.redis.SENTINEL_SECONDS = bot.redis_cluster.ASK_SECONDS = PATIENCE
