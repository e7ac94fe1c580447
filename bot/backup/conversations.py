"""The embedded Valkey's part of a backup: a snapshot while it works, and a snapshot made into a state to start from."""

import asyncio
import os
import shutil
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from redis.exceptions import BusyLoadingError, RedisError

from bot.backup.archive import VALKEY, BackupError, Progress
from bot.redis import connect
from bot.settings import Settings
from bot.store.keys import PREFIX
from bot.store.redis import RedisStore
from bot.supervisor.child import die_with_parent
from bot.valkey import embedded

SNAPSHOT = "dump.rdb"  # the server's own name for it, which it lets nobody change while it runs
PATIENCE = 600.0  # seconds without a step forward
POLL = 0.05


async def running(home: Path) -> bool:
    """Does the state directory's server answer?"""
    client = connect(embedded(home).url, timeout=5.0)
    try:
        await client.ping()
    except BusyLoadingError:
        return True
    except (RedisError, OSError):
        return False
    finally:
        await client.aclose()
    return True


@asynccontextmanager
async def started(home: Path, *more: str) -> AsyncIterator[None]:
    """The server of a state directory in which nothing runs, for as long as the block lasts."""
    server = embedded(home)
    process = await asyncio.create_subprocess_exec(
        *(*server.command, *more), stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, preexec_fn=die_with_parent
    )
    client = connect(server.url, timeout=5.0)
    try:
        await _until_loaded(client, process)
        yield
    finally:
        await client.aclose()
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def snapshot(home: Path, folder: Path, progress: Progress) -> str:
    """One consistent view of all keys, taken by the server while it works, as folder/valkey.rdb. Returns its version.

    The server forks; what is written meanwhile is not in it.
    """
    taken = home / "valkey" / SNAPSHOT
    taken.unlink(missing_ok=True)  # it keeps an append-only file; a snapshot is nobody's but ours
    client = connect(embedded(home).url, timeout=30.0)
    try:
        await client.execute_command("BGSAVE", "SCHEDULE")
        waited, last = 0.0, -1
        while not taken.exists():
            told = await client.info("persistence")
            busy = told["rdb_bgsave_in_progress"] or told["aof_rewrite_in_progress"]
            if not busy and told["rdb_last_bgsave_status"] != "ok":
                raise BackupError("Valkey could not write its snapshot. Is the disk full? See valkey/valkey.log.")
            done, total = told.get("current_save_keys_processed", 0), told.get("current_save_keys_total", 0)
            progress(VALKEY, done / total if total else 0.0)
            waited = waited + POLL if done == last else 0.0
            if waited > PATIENCE:
                raise BackupError("Valkey does not get on with its snapshot. See valkey/valkey.log.")
            last = done
            await asyncio.sleep(POLL)
        version = (await client.info("server")).get("valkey_version", "")
    except (RedisError, OSError) as error:
        raise BackupError(f"The store went away during the backup ({type(error).__name__}). Try again.") from None
    finally:
        await client.aclose()
    taken.chmod(0o600)
    os.replace(taken, folder / VALKEY)
    progress(VALKEY, 1.0)
    return str(version)


async def revive(home: Path, snapshot_file: Path, settings: Settings) -> tuple[int, int]:
    """Make home/valkey of a snapshot, with nothing in it that would happen by itself.

    Returns how many arrivals went to the dead letters and how many parts became unknown. Until the state is safe it
    exists in memory only: no append-only file that a server could start from is written before.
    """
    folder = home / "valkey"
    folder.mkdir(mode=0o700)
    os.replace(snapshot_file, folder / SNAPSHOT)
    # Without an append-only file the server loads the snapshot; with one it would ignore it.
    async with started(home, "--appendonly", "no"):
        url = embedded(home).url
        moved = await make_safe(url, settings)
        client = connect(url, timeout=30.0)
        try:
            await client.config_set("appendonly", "yes")
            await _until_rewritten(client)
        finally:
            await client.aclose()
    if not (folder / "appendonlydir").is_dir():
        raise BackupError("Valkey wrote no append-only file.")
    note = folder / "socket-path"
    if note.is_file():  # a folder of its own for the socket: see bot.valkey
        shutil.rmtree(Path(note.read_text("utf-8")).parent, ignore_errors=True)
    for name in (SNAPSHOT, "valkey.sock", "valkey.log", note.name):
        (folder / name).unlink(missing_ok=True)
    return moved


async def make_safe(url: str, settings: Settings) -> tuple[int, int]:
    """What a restored store must not do by itself: answer, send, or let in whoever was signed in at that time."""
    store = RedisStore(url, settings.lanes, settings.retention_days)
    client = connect(url, timeout=30.0)
    try:
        moved = await store.quiesce()
        # A session that was ended since, or whose account lost its password, would be open again.
        sessions = [name async for name in client.scan_iter(match=f"{PREFIX}:{{console}}:session:*", count=1000)]
        for at in range(0, len(sessions), 1000):
            await client.delete(*sessions[at : at + 1000])
    except (RedisError, OSError) as error:
        raise BackupError(f"The store does not answer ({type(error).__name__}).") from None
    finally:
        await client.aclose()
        await store.close()
    return moved


async def _until_rewritten(client: Any) -> None:
    while True:
        told = await client.info("persistence")
        if not (told["aof_rewrite_in_progress"] or told["aof_rewrite_scheduled"]):
            break
        await asyncio.sleep(POLL)
    if told["aof_last_bgrewrite_status"] != "ok":
        raise BackupError("Valkey could not write its append-only file. Is the disk full?")


async def _until_loaded(client: Any, process: asyncio.subprocess.Process) -> None:
    while True:
        try:
            await client.ping()
            return
        except (RedisError, OSError):
            if process.returncode is not None:
                raise BackupError(
                    f"Valkey ends with status {process.returncode}: its data is damaged or of a newer version."
                ) from None
        await asyncio.sleep(POLL)
