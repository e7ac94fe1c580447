"""What all rooms of the Redis store share: the connection, the scripts, the names of the keys."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError, ReadOnlyError, RedisError
from redis.exceptions import TimeoutError as RedisTimeout

from bot.durability import Durability, Fsync, durability, fsynced
from bot.message import Arrival
from bot.redis import Script, connect, many, within
from bot.store.keys import key, lane_of
from bot.store.protocol import AlreadyDone, Conflict, Fenced, StoreUnavailable

CALL_SECONDS = 1.5  # an edge that cannot write must say 503 within two seconds
FSYNC_MS = 1200  # under the limit of the call
LEARN_SECONDS = 600.0
# Seconds that a blocking read may take, its answer included: after a failover from a server that hangs, lanes are read
# anew so much later.
LONGEST_WAIT = 8.0


class Server:
    """One Redis, its scripts, and how a conversation's keys are called. `ttl`: seconds that conversations live.

    `failed` is told the kind of every call that failed: connection, timeout, full, read_only, disk or other.
    """

    def __init__(self, url: str, lanes: int, ttl: int, failed: Callable[[str], None]) -> None:
        self.lanes, self.ttl, self._failed = lanes, ttl, failed
        # Any: redis-py types every answer as "value or awaitable of many shapes", which says nothing here.
        self.redis: Any = connect(url, timeout=CALL_SECONDS)
        # Reads that wait have connections of their own: a slow reader must not time out a writer.
        self.waiting: Any = connect(url, timeout=LONGEST_WAIT)
        self._asking: asyncio.Task[Durability] | None = None
        self._known: Fsync | None = None
        self._learned = 0.0
        folder = Path(__file__).parent / "scripts"
        self._scripts = {f.stem: Script(self.redis, f.read_text("utf-8")) for f in folder.glob("*.lua")}

    def lane(self, conversation: str) -> int:
        """Where a conversation lives."""
        return lane_of(conversation, self.lanes)

    async def run(self, script: str, keys: Sequence[str], *args: Any) -> Any:
        """Run a script; raises StoreUnavailable, and what its refusal means: Fenced, AlreadyDone, Conflict."""
        async with self.translated():
            return _accepted(await self._scripts[script](keys=keys, args=args), script)

    async def run_durably(self, script: str, keys: Sequence[str], *args: Any) -> Any:
        """The same, and what it wrote is on disk, as far as this server lets anybody know (bot.durability)."""
        async with self.translated():
            if await self._asked() is Fsync.WAIT:
                answer = await fsynced(self._scripts[script], keys, args, milliseconds=FSYNC_MS)
            else:
                answer = await self._scripts[script](keys=keys, args=args)
            return _accepted(answer, script)

    async def _asked(self) -> Fsync:
        """How this server keeps what it acknowledges. Until it has told, nothing is acknowledged; after a failover
        another server may be set differently, so it is asked again now and then, and believed meanwhile."""
        asking = self._asking
        if asking is not None and asking.done():
            if not asking.exception():
                self._known = asking.result().fsync
            asking = self._asking = None
        if asking is None and (self._known is None or time.monotonic() - self._learned > LEARN_SECONDS):
            asking = self._asking = asyncio.create_task(durability(self.redis))
            self._learned = time.monotonic()
        if self._known is not None:
            return self._known
        assert asking is not None
        return (await within(CALL_SECONDS, asyncio.shield(asking))).fsync

    async def many(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Independent commands in one go; raises StoreUnavailable."""
        if not commands:
            return []
        async with self.translated():
            return await many(self.redis, commands)

    async def run_each(self, script: str, keys: Sequence[Sequence[str]]) -> list[Any]:
        """A script that only reads, for each of these lists of keys, in one go; raises StoreUnavailable."""
        if not keys:
            return []
        async with self.translated():
            return await self._scripts[script].each(keys)

    async def each_lane(self, command: str, name: str, *args: Any) -> list[Any]:
        """One command on the key of that name in every lane; the answers by lane."""
        return await self.many([(command, key(lane, name), *args) for lane in range(self.lanes)])

    @asynccontextmanager
    async def translated(self) -> AsyncIterator[None]:
        """Whatever is wrong with the server is one exception of ours."""
        try:
            yield
        except (RedisError, OSError, TimeoutError) as error:
            self._failed(_kind(error))
            raise StoreUnavailable(type(error).__name__) from error

    async def close(self) -> None:
        """Close the connections."""
        await self.redis.aclose()
        await self.waiting.aclose()


def _accepted(answer: Any, script: str) -> Any:
    refusal = REFUSALS.get(answer) if isinstance(answer, bytes) else None
    if refusal:
        raise refusal(script)
    return answer


REFUSALS: dict[bytes, type[Exception]] = {b"fenced": Fenced, b"done": AlreadyDone, b"conflict": Conflict}


class Room:
    """A part of the store over one Server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.lanes = server.lanes


def _kind(error: Exception) -> str:
    if isinstance(error, RedisTimeout | TimeoutError):
        return "timeout"
    if isinstance(error, RedisConnectionError | OSError):
        return "connection"
    if isinstance(error, OutOfMemoryError):
        return "full"
    if isinstance(error, ReadOnlyError):
        return "read_only"
    return "disk" if str(error).startswith("MISCONF") else "other"  # MISCONF: the append-only file cannot be written


def seen_key(lane: int, arrival: Arrival) -> str:
    """Names an arrival for the memory of repeats; hashed, since an id may hold a telephone number."""
    name = blake2b(f"{arrival.channel}\0{arrival.chat}\0{arrival.id}".encode(), digest_size=16)
    return key(lane, "seen", name.hexdigest())


def age(entry: bytes | str) -> float:
    """Seconds since a stream's entry was written, by its id."""
    text = entry.decode() if isinstance(entry, bytes) else entry
    return max(0.0, time.time() - int(text.partition("-")[0]) / 1000)
