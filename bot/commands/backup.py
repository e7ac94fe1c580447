"""`stadtbote backup` and `stadtbote restore`."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime

from bot.backup import make, restore
from bot.backup.archive import BackupError
from bot.backup.conversations import make_safe
from bot.composition import redis_of
from bot.parts import Parts
from bot.settings import PREFIX, Settings, SettingsError


def run(settings: Settings, args: argparse.Namespace) -> int:
    """Write the file, or put it back."""
    now = datetime.now(UTC)
    try:
        if args.command == "backup":
            told = make.described(asyncio.run(make.back_up(settings, args.file.absolute(), now, _progress)))
        elif args.queue:
            told = restore.made_safe(*asyncio.run(_queue(settings)))
        elif args.file is None:
            raise SettingsError("Name the backup's file, or use --queue alone.")
        else:
            told = restore.described(
                asyncio.run(restore.restore(settings, args.file.absolute(), args.replace, now, _progress))
            )
    except BackupError as error:
        raise SettingsError(str(error)) from None
    for line in told:
        print(line)
    return 0


async def _queue(settings: Settings) -> tuple[int, int]:
    """A server of your own that came back by its own means: make its queue safe before anything works on it."""
    if not settings.redis_url:
        raise SettingsError(f"--queue is for a server named by {PREFIX}REDIS_URL; `restore FILE` does it by itself.")
    redis = redis_of(settings)
    try:
        up = [name for name, well in (await Parts(redis, ("worker", "clock", "web")).state()).items() if well]
    finally:
        await redis.aclose()
    if up:
        raise SettingsError(f"Stadtbote works on that server ({', '.join(up)}). Stop all its processes first.")
    return await make_safe(settings.redis_url, settings)


def _progress(member: str, share: float) -> None:
    if sys.stderr.isatty():
        print(f"\r{member:<18} {share:4.0%}", end="\n" if share >= 1 else "", file=sys.stderr, flush=True)
