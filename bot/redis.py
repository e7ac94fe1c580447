"""Connecting to Redis: the same client calls on one server, behind Sentinels and on a Cluster.

Nothing here repeats a command by itself: a connection that was lost after a command was written says nothing about
whether it ran, and only the caller knows whether running it twice does harm. (A MOVED or ASK answer of a cluster is
followed: such a command was not executed.) Do not cancel a call: redis-py then throws its connection away, and what
the command did stays unknown; bot.redis.within() lets it end in the background instead.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError
from redis.maint_notifications import MaintNotificationsConfig

from bot.redis_address import Address, Node, read_address
from bot.redis_cluster import Cluster

CONNECT_SECONDS = 1.5
SUBSCRIBE_SECONDS = 8.0  # a server that has not said by then that it heard is taken for hanging
SENTINEL_SECONDS = 0.5  # three Sentinels, two of them dead, are asked within the time of one call
CONNECTIONS = 512  # to one server; redis-py's own limit of 100 turns a burst into errors
Result = TypeVar("Result")


def connect(url: str, *, timeout: float, connect_timeout: float = CONNECT_SECONDS) -> Any:
    """A client for any address of bot.redis_address; connects at its first call. Close it with `await aclose()`.

    `timeout`: seconds that one answer may take; for blocking reads more than they block. The answer's type is Any
    because redis-py types every result as "value or awaitable of many shapes"; it is a redis.asyncio.Redis or a
    bot.redis_cluster.Cluster, which both have redis-py's command methods. Multi-key commands need one hash tag;
    several commands at once go through many(), atomic ones through Script.
    Raises ValueError for a wrong address, never with the password in it.
    """
    address = read_address(url)
    options: dict[str, Any] = {
        "socket_timeout": timeout,
        "socket_connect_timeout": connect_timeout,
        "health_check_interval": 0,
        **_never_again(),
    }
    login: dict[str, Any] = {"username": address.user or None, "password": address.password or None}
    secure: dict[str, Any] = {} if address.tls is None else {"ssl": True, **address.tls}
    match address.kind:
        case "socket":
            return Redis(unix_socket_path=address.path, db=address.db, **options, **login)
        case "server":
            host, port = address.nodes[0]
            return Redis(host=host, port=port, db=address.db, **options, **login, **secure)
        case "sentinel":
            return _behind_sentinels(address, {**options, **login}, secure)
        case _:
            return Cluster(address.nodes, {**options, **login, **secure})


class Script:
    """A Lua script: `await script(keys=[…], args=[…])`. Runs on the server that holds the keys, all of one hash tag.

    Unlike redis-py's own it needs no SCRIPT LOAD, which a cluster wants from every primary, the dead one included:
    a server that does not know the script says so without running anything, and gets the text.
    """

    def __init__(self, client: Any, text: str) -> None:
        self.client, self.text = client, text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    async def __call__(self, keys: Sequence[str] = (), args: Iterable[Any] = ()) -> Any:
        """What the script returns. Raises RedisError or OSError."""
        rest = (len(keys), *keys, *args)
        try:
            return await self.client.execute_command("EVALSHA", self.sha, *rest)
        except NoScriptError:
            return await self.client.execute_command("EVAL", self.text, *rest)

    async def each(self, keys: Sequence[Sequence[str]]) -> list[Any]:
        """What a script that only reads returns for each of these lists of keys, asked in one go."""
        try:
            return await many(self.client, [("EVALSHA", self.sha, len(some), *some) for some in keys])
        except NoScriptError:
            return await many(self.client, [("EVAL", self.text, len(some), *some) for some in keys])


async def many(client: Any, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Independent commands in one go, such as ("HMGET", key, "v"), in raw form; their keys may lie anywhere.

    Not atomic. Answers in the order asked; raises the first error.
    """
    if isinstance(client, Cluster):
        return await client.many(commands)
    async with client.pipeline(transaction=False) as pipe:
        for command in commands:
            pipe.execute_command(*command)
        answers: list[Any] = await pipe.execute()
    return answers


async def primaries(client: Any) -> list[Any]:
    """A client of each server that holds keys: for what is asked of every server, such as CONFIG or SCAN."""
    return list((await client.primaries()).values()) if isinstance(client, Cluster) else [client]


@asynccontextmanager
async def subscribed(client: Any, *channels: str) -> AsyncIterator[Any]:
    """A redis-py PubSub that hears these channels from now on; a cluster tells every node what was published on one.

    `message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=seconds)` waits for the next; None:
    nothing came. Raises RedisError or OSError when the connection is lost: subscribe anew, and look again at
    whatever was watched, for what was published in between is gone.
    """
    node = await client.any_node() if isinstance(client, Cluster) else client
    pubsub = node.pubsub()
    try:
        await pubsub.subscribe(*channels)  # which only writes it
        for _ in channels:
            # Until the server has said so, what is published by another connection, or on another node, may pass by.
            if await pubsub.get_message(timeout=SUBSCRIBE_SECONDS) is None:
                raise TimeoutError("the subscription was not confirmed")
        yield pubsub
    finally:
        await pubsub.aclose()


async def within(seconds: float, call: Awaitable[Result]) -> Result:
    """The call's result, or TimeoutError after `seconds`; the call itself goes on and is never cancelled."""
    task = asyncio.ensure_future(call)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if done:
        return task.result()
    task.add_done_callback(_ended)
    raise TimeoutError


def _ended(task: "asyncio.Future[Any]") -> None:
    """Nobody waits for it any more: look at its error, so that asyncio does not complain of one never retrieved."""
    if not task.cancelled():
        task.exception()


def _never_again() -> dict[str, Any]:
    return {
        "retry": Retry(NoBackoff(), 0),
        "max_connections": CONNECTIONS,
        # Off: it stretches time limits on a server's word, and skips the check for a reply that nobody fetched.
        "maint_notifications_config": MaintNotificationsConfig(enabled=False),
    }


class _Sentinels(Sentinel):
    """Asked once for all that wait for the answer: each new connection wants to know where the primary is."""

    _asking: "asyncio.Task[Node] | None" = None

    async def discover_master(self, service_name: str) -> Node:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(super().discover_master(service_name))
            self._asking.add_done_callback(_ended)
        return await asyncio.shield(self._asking)


class _BehindSentinels(Redis):
    """The primary's client; closing it closes the connections to the Sentinels, too."""

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        await super().aclose(close_connection_pool)
        await self.connection_pool.sentinel_manager.aclose()  # type: ignore[attr-defined]


def _behind_sentinels(address: Address, options: dict[str, Any], secure: dict[str, Any]) -> Redis:
    own: dict[str, Any] = {
        "socket_timeout": SENTINEL_SECONDS,
        "socket_connect_timeout": SENTINEL_SECONDS,
        "username": address.sentinel_user or None,
        "password": address.sentinel_password or None,
        **secure,
        **_never_again(),
    }
    sentinel = _Sentinels(address.nodes, sentinel_kwargs=own)  # type: ignore[no-untyped-call]
    client: Redis = sentinel.master_for(
        address.service, redis_class=_BehindSentinels, db=address.db, **options, **secure
    )
    return client
