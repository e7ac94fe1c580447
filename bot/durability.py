"""Is what the server acknowledged on disk? Asked of every primary at the start, with a way to wait for it.

Killing a server loses nothing acknowledged under any policy; a loss of power does (PLATFORMS: with `everysec` 5,555 of
21,996 acknowledged writes, with `always` none of 15,636).
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from redis.exceptions import AskError, MovedError, NoScriptError, RedisError, ResponseError

from bot.redis import Script
from bot.redis_cluster import Cluster, ClusterUnreachable, named
from bot.store.keys import PREFIX

REDIRECTS = 6  # times that a write follows its slot
AGAIN = 5.0  # seconds
KEYS = 2000  # tried to find one on each primary
ROUNDS, HONEST_WAIT, HASTY = 3, 1200, 0.4  # waits; milliseconds of each; seconds that an honest one cannot fall below
GOOD, NEVER_EVICT = "appendonly yes and appendfsync always", "maxmemory-policy noeviction"
LOST = "acknowledged messages can be lost with the power"


log = logging.getLogger(__name__)


class Fsync(StrEnum):
    """When a write reaches the disk."""

    ALWAYS = "always"  # before its answer: nothing more to do
    WAIT = "wait"  # within a second, and the server truly says when: use fsynced()
    NEVER_SURE = "never sure"  # nobody truly says: acknowledged messages may be lost with the power


class NotOnDisk(RedisError):
    """The write ran, but the server did not say in time that it is on disk: acknowledge nothing."""


@dataclass(frozen=True, slots=True)
class Durability:
    """What holds for the weakest primary. `complaints`: English sentences for the log and for `stadtbote doctor`."""

    fsync: Fsync
    complaints: tuple[str, ...] = ()


async def durability(client: Any) -> Durability:
    """Ask every primary of a client from bot.redis.connect(). Raises RedisError or OSError when one is away.

    Takes milliseconds where every write is fsynced, up to four seconds where it is not (see _honest). Managed servers
    may forbid CONFIG: then nobody can say. Ask again after a failover: the new primary may be set differently.
    """
    primaries = await _primaries(client)
    found = await asyncio.gather(*(_of(server, key) for server, key in primaries.values()))
    weakest = max((fsync for fsync, _ in found), key=list(Fsync).index)
    named = zip(primaries, found, strict=True)
    return Durability(weakest, tuple(f"{name}: {text}" if name else text for name, (_, all_) in named for text in all_))


async def warned(client: Any) -> None:
    """durability(), once the server answers; what it complains of goes into the log, loudly. Meant as a task."""
    while True:
        try:
            found = await durability(client)
        except (RedisError, OSError):
            await asyncio.sleep(AGAIN)
            continue
        for text in found.complaints:
            log.warning("the store is not safe: %s", text)
        return


async def fsynced(
    script: Script, keys: Sequence[str], args: Iterable[Any], *, milliseconds: int, replicas: int = 0
) -> Any:
    """Run a script and wait until all that its server wrote up to then is on disk there; what the script returns.

    For Fsync.WAIT. Both go over one connection, as WAITAOF knows only the writes of its own; a script that found
    nothing to do but relies on an earlier write must write, too (an EXPIRE will do). `milliseconds` must be less than
    the client's time limit; `everysec` needs a good second. `replicas`: so many have it on disk as well.
    Raises NotOnDisk when that took too long; RedisError and OSError as the script does.
    """
    rest = (len(keys), *keys, *args)
    wait = ("WAITAOF", 1, replicas, milliseconds)
    answer, waited = await _together(script.client, keys, ("EVALSHA", script.sha, *rest), wait)
    if isinstance(answer, NoScriptError):
        answer, waited = await _together(script.client, keys, ("EVAL", script.text, *rest), wait)
    for one in (answer, waited):
        if isinstance(one, BaseException):
            raise one
    if waited[0] < 1 or waited[1] < replicas:
        raise NotOnDisk(f"on disk: {waited[0]} primary, {waited[1]} replicas")
    return answer


async def _together(client: Any, keys: Sequence[str], write: tuple[Any, ...], wait: tuple[Any, ...]) -> list[Any]:
    """Both on one connection to the server that holds the keys; errors are among the answers."""
    if not isinstance(client, Cluster):
        async with client.pipeline(transaction=False) as pipe:
            pipe.execute_command(*write).execute_command(*wait)
            answers: list[Any] = await pipe.execute(raise_on_error=False)
        return answers
    for _ in range(REDIRECTS):
        node = await client.node_of(keys[0])
        answers = await client.on(node, [write, wait])
        if isinstance(answers[0], MovedError):
            continue  # not executed; the client has learned the way
        if isinstance(answers[0], AskError):
            return (await client.on(named(answers[0], node), [("ASKING",), write, wait]))[1:]
        return answers
    raise ClusterUnreachable("the slot moves on and on")


async def _primaries(client: Any) -> dict[str, tuple[Any, str]]:
    """By name, each with a key that it holds."""
    if not isinstance(client, Cluster):
        return {"": (client, _key(0))}
    found = {}
    for node, server in (await client.primaries()).items():
        mine = [key for key in map(_key, range(KEYS)) if await client.node_of(key) == node]
        if mine:
            found[f"{node[0]}:{node[1]}"] = (server, mine[0])
    return found


def _key(n: int) -> str:
    return f"{PREFIX}:{{fsync-{n}}}:probe"


async def _of(server: Any, key: str) -> tuple[Fsync, list[str]]:
    complaints = []
    try:
        told = {**await _config(server, "append*"), **await _config(server, "no-appendfsync-on-rewrite")}
        told |= await _config(server, "maxmemory-policy")
    except ResponseError:  # forbidden, or renamed away
        return Fsync.NEVER_SURE, [f"it does not tell its settings; see to it that {GOOD} and {NEVER_EVICT}"]
    if told.get("maxmemory-policy", "noeviction") != "noeviction":
        complaints.append(f"it may throw messages away when its memory is full; set {NEVER_EVICT}")
    if told.get("appendonly") != "yes":
        return Fsync.NEVER_SURE, [*complaints, f"it keeps no append-only file: {LOST}; set {GOOD}"]
    policy = told.get("appendfsync")
    if policy == "always":
        if told.get("no-appendfsync-on-rewrite", "no") == "no":
            return Fsync.ALWAYS, complaints
        why = "it stops to fsync while it rewrites its file"
        return Fsync.NEVER_SURE, [*complaints, f"{why}: {LOST}; set no-appendfsync-on-rewrite no"]
    if policy == "everysec" and await _honest(server, key):
        return Fsync.WAIT, complaints
    why = "it fsyncs later and does not truly say when" if policy == "everysec" else "it never fsyncs by itself"
    return Fsync.NEVER_SURE, [*complaints, f"{why}: {LOST}; set {GOOD}"]


async def _honest(server: Any, key: str) -> bool:
    """Does WAITAOF under `everysec` wait for the disk? Such a server fsyncs once a second: two waits, each after a
    write, cannot both end within less.

    Redis from 7.4 until their change 13793 and Valkey 9.1.2 (seen with strace: 36 waits, three fsyncs) answer at once.
    Servers before Redis 7.2 do not know the command.
    """
    for i in range(ROUNDS):
        began = time.monotonic()
        pipe = server.pipeline(transaction=False)
        pipe.set(key, i, ex=60).execute_command("WAITAOF", 1, 0, HONEST_WAIT)
        if isinstance((await pipe.execute(raise_on_error=False))[1], ResponseError):
            return False
        if i and time.monotonic() - began < HASTY:
            return False
    return True


async def _config(server: Any, pattern: str) -> dict[str, str]:
    raw = await server.execute_command("CONFIG GET", pattern)
    return {_text(name): _text(value) for name, value in raw.items()}


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
