"""`stadtbote dead`: messages that could not be handled."""

import argparse
import asyncio

from bot.settings import Settings
from bot.store.protocol import StoreUnavailable
from bot.store.redis import RedisStore
from bot.valkey import embedded


def run(settings: Settings, args: argparse.Namespace) -> int:
    """List them, or put some back into the inbox, each once. What citizens wrote is not shown."""
    return asyncio.run(_run(settings, args))


async def _run(settings: Settings, args: argparse.Namespace) -> int:
    url = settings.redis_url or embedded(settings.home).url
    store = RedisStore(url, settings.lanes, settings.retention_days)
    try:
        return await (_replay(store, args) if args.dead == "replay" else _list(store))
    except StoreUnavailable:
        print("The store does not answer. Is Stadtbote running?")
        return 1
    finally:
        await store.close()


async def _list(store: RedisStore) -> int:
    letters = await store.dead()
    for letter in letters:
        print(f"{letter.at:%Y-%m-%d %H:%M:%S}  {letter.arrival.channel:<10} {letter.id:<22} {letter.reason}")
    print(f"{len(letters)} dead letters.")
    return 0


async def _replay(store: RedisStore, args: argparse.Namespace) -> int:
    """What fails again is a dead letter again, under a new id."""
    wanted = [letter.id for letter in await store.dead()] if args.all else args.ids
    if not wanted and not args.all:
        print("Name the ids that `stadtbote dead list` shows, or --all.")
        return 1
    missing = [ident for ident in wanted if not await store.replay(ident)]
    for ident in missing:
        print(f"{ident}: there is no such dead letter (any more).")
    print(f"{len(wanted) - len(missing)} put back into the inbox.")
    return 1 if missing else 0
