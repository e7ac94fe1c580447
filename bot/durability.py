"""Is what the server acknowledged on disk? Asked of every primary at the start, and how to make sure where it is not.

Killing a server loses nothing acknowledged under any policy; a loss of power does (PLATFORMS: with `everysec` 5,555 of
21,996 acknowledged writes, with `always` none of 15,636).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from redis.exceptions import AskError, MovedError, NoScriptError, RedisError, ResponseError

from bot.redis import Script
from bot.redis_cluster import Cluster, ClusterUnreachable

REDIRECTS = 6  # times that a write follows its slot


class Fsync(StrEnum):
    """When a write reaches the disk."""

    ALWAYS = "always"  # before its answer: nothing more to do
    WAIT = "wait"  # later, but the server says when: use fsynced()
    NEVER_SURE = "never sure"  # nobody says: acknowledged messages may be lost with the power


class NotOnDisk(RedisError):
    """The write ran, but the server did not say in time that it is on disk: acknowledge nothing."""


@dataclass(frozen=True, slots=True)
class Durability:
    """What holds for the weakest primary. `complaints`: English sentences for the log and for `stadtbote doctor`."""

    fsync: Fsync
    complaints: tuple[str, ...] = ()


async def durability(client: Any) -> Durability:
    """Ask every primary of a client from bot.redis.connect(). Raises RedisError or OSError when one is away.

    Managed servers may forbid CONFIG. Then WAITAOF is tried, which refuses where there is no append-only file; it
    came with Redis 7.2 and Valkey. Ask again after a failover: the new primary may be set differently.
    """
    weakest, complaints = Fsync.ALWAYS, []
    order = list(Fsync)
    for name, server in (await _primaries(client)).items():
        fsync, found = await _of(server)
        weakest = max(weakest, fsync, key=order.index)
        complaints += [f"{name}: {text}" if name else text for text in found]
    return Durability(weakest, tuple(complaints))


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
        answers = await client.on(await client.node_of(keys[0]), [write, wait])
        if isinstance(answers[0], MovedError):
            continue  # not executed; the client has learned the way
        if isinstance(answers[0], AskError):
            return (await client.on((answers[0].host, answers[0].port), [("ASKING",), write, wait]))[1:]
        return answers
    raise ClusterUnreachable("the slot moves on and on")


async def _primaries(client: Any) -> dict[str, Any]:
    if isinstance(client, Cluster):
        return {f"{host}:{port}": server for (host, port), server in (await client.primaries()).items()}
    return {"": client}


async def _of(server: Any) -> tuple[Fsync, list[str]]:
    complaints = []
    try:
        told = {**await _config(server, "append*"), **await _config(server, "no-appendfsync-on-rewrite")}
        memory = await _config(server, "maxmemory-policy")
    except ResponseError:  # forbidden, or renamed away
        told, memory = {}, {}
        complaints.append("it does not tell its settings; check that it keeps an append-only file and never evicts")
    if memory.get("maxmemory-policy", "noeviction") != "noeviction":
        complaints.append("it may throw messages away when its memory is full; set maxmemory-policy noeviction")
    if told.get("appendonly") == "yes" and told.get("appendfsync") == "always":
        if told.get("no-appendfsync-on-rewrite", "no") == "no":
            return Fsync.ALWAYS, complaints
        complaints.append("it stops to fsync while it rewrites its file; set no-appendfsync-on-rewrite no")
    return await _by_asking(server, told, complaints)


async def _by_asking(server: Any, told: dict[str, str], complaints: list[str]) -> tuple[Fsync, list[str]]:
    lost = "acknowledged messages can be lost with the power; set appendonly yes and appendfsync always"
    if told.get("appendfsync") == "no":
        return Fsync.NEVER_SURE, [*complaints, f"it never fsyncs: {lost}"]
    try:
        await server.execute_command("WAITAOF", 1, 0, 1)
    except ResponseError as error:
        why = "it keeps no append-only file" if "appendonly" in str(error) else "it cannot say what is on disk"
        return Fsync.NEVER_SURE, [*complaints, f"{why}: {lost}"]
    return Fsync.WAIT, complaints


async def _config(server: Any, pattern: str) -> dict[str, str]:
    raw = await server.execute_command("CONFIG GET", pattern)
    return {_text(name): _text(value) for name, value in raw.items()}


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
