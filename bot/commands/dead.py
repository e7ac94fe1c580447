"""`stadtbote dead`: the dead letters."""

import argparse
import asyncio

from bot.settings import Settings
from bot.store.protocol import StoreUnavailable
from bot.store.redis import RedisStore
from bot.valkey import embedded


def run(settings: Settings, args: argparse.Namespace) -> int:
    """List them: when, which channel, why. What citizens wrote is not shown."""
    del args
    return asyncio.run(_list(settings))


async def _list(settings: Settings) -> int:
    url = settings.redis_url or embedded(settings.home).url
    store = RedisStore(url, settings.lanes, settings.retention_days)
    try:
        letters = await store.dead()
    except StoreUnavailable:
        print("The store does not answer. Is Stadtbote running?")
        return 1
    finally:
        await store.close()
    for letter in letters:
        print(f"{letter.at:%Y-%m-%d %H:%M:%S}  {letter.arrival.channel:<10} {letter.id}  {letter.reason}")
    print(f"{len(letters)} dead letters.")
    return 0
