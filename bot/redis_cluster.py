"""A client of a Redis or Valkey Cluster: redis-py's commands and connections, our own way to the right node.

Why not redis-py's RedisCluster (8.1): with retries switched off, as ours must be, its transactions and pipelines do
not learn that a node moved or died; a CLUSTERDOWN answer closes the connections under every other caller; callers
queue for one time limit each while nodes are unreachable; XREADGROUP asks one fixed node for its keys before every
read; ASKING may travel on another connection than the command it is for.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.commands import AsyncCoreCommands
from redis.crc import key_slot
from redis.event import EventDispatcher
from redis.exceptions import (
    AskError,
    ClusterDownError,
    ConnectionError,
    MovedError,
    RedisError,
    TimeoutError,
    TryAgainError,
)

SLOTS = 16384
REDIRECTS = 6  # times that one command follows a slot that moves
ASK_SECONDS = 0.5  # for one node to say how the slots lie
PAUSE = 0.2  # seconds between two looks at the map
KEYLESS = frozenset({"PING", "PUBLISH", "SCRIPT", "INFO", "CONFIG", "TIME", "CLUSTER", "COMMAND", "ECHO", "DBSIZE"})
THIRD = frozenset({"EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO"})  # KEY: text or hash, number of keys, first key
SECOND = frozenset({"XGROUP", "XINFO", "OBJECT", "MEMORY"})  # subcommand, key
Node = tuple[str, int]


class ClusterUnreachable(ConnectionError):
    """No node of the cluster says how its slots lie, or nobody serves this slot."""


class Cluster(AsyncCoreCommands):
    """`seeds`: some of its nodes; `options`: redis-py's connection options. Connects at the first call.

    Every command goes to the primary that holds its first key; keys of one command must share a hash tag.
    """

    def __init__(self, seeds: Sequence[Node], options: dict[str, Any]) -> None:
        self._seeds, self._options = tuple(seeds), options
        self._event_dispatcher = EventDispatcher()  # redis-py's commands ask for one
        self._clients: dict[Node, Any] = {}  # Any: redis-py leaves half of its methods without types
        self._slots: dict[int, Node] = {}
        self._primaries: tuple[Node, ...] = ()
        self._suspects: set[Node] = set()
        self._looking: asyncio.Task[None] | None = None
        self._looked = -PAUSE

    # --- commands ------------------------------------------------------------------------------------------

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Any command, once. Raises RedisError or OSError."""
        slot = slot_of(args)
        for _ in range(REDIRECTS):
            node = await self._node_of(slot)
            try:
                return await self._client(node).execute_command(*args, **options)
            except MovedError as moved:
                self._learn(moved, node)
            except AskError as asked:
                return await self._ask(named(asked, node), args)
            except TryAgainError:
                await asyncio.sleep(0.05)
            except (ConnectionError, TimeoutError, ClusterDownError, OSError):
                self._suspects.add(node)
                raise
        raise ClusterUnreachable("the slot moves on and on")

    async def many(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Independent commands, one message to each node; answers in order. Raises the first error."""
        places: dict[Node, list[int]] = {}
        for i, command in enumerate(commands):
            places.setdefault(await self._node_of(slot_of(command)), []).append(i)
        answers: list[Any] = [None] * len(commands)

        async def some(node: Node, indexes: list[int]) -> None:
            for i, answer in zip(indexes, await self.on(node, [commands[i] for i in indexes]), strict=True):
                moved = isinstance(answer, AskError | TryAgainError)  # MovedError is an AskError, too
                answers[i] = await self.execute_command(*commands[i]) if moved else answer

        results = await asyncio.gather(*(some(*place) for place in places.items()), return_exceptions=True)
        for found in (*results, *answers):
            if isinstance(found, BaseException):
                raise found
        return answers

    async def on(self, node: Node, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Commands on ONE connection to one node, in one message; errors of single commands among the answers."""
        pipe = self._client(node).pipeline(transaction=False)
        for command in commands:
            pipe.execute_command(*command)
        try:
            answers: list[Any] = await pipe.execute(raise_on_error=False)
        except (ConnectionError, TimeoutError, OSError):
            self._suspects.add(node)
            raise
        finally:
            await pipe.reset()
        for answer in answers:
            if isinstance(answer, MovedError):
                self._learn(answer, node)
        return answers

    async def node_of(self, key: str) -> Node:
        """The primary that holds a key."""
        return await self._node_of(key_slot(key.encode()))

    async def primaries(self) -> dict[Node, Any]:
        """Every primary's own client, which lives as long as this one."""
        await self._look()
        return {node: self._client(node) for node in self._primaries}

    async def any_node(self) -> Any:
        """Some primary's client: a subscription hears everything on any node."""
        if not self._primaries or self._suspects:
            await self._look()
        return self._client(self._some())

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        """Let go of every connection."""
        del close_connection_pool
        if self._looking:
            await asyncio.wait({self._looking})
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            await client.aclose()

    # --- the way -------------------------------------------------------------------------------------------

    async def _node_of(self, slot: int | None) -> Node:
        if not self._primaries or (slot is not None and self._slots.get(slot) in (None, *self._suspects)):
            await self._look()
        if slot is None:
            return self._some()
        if slot not in self._slots:
            raise ClusterUnreachable("nobody serves this slot")
        return self._slots[slot]

    def _some(self) -> Node:
        well = [node for node in self._primaries if node not in self._suspects]
        return random.choice(well or self._primaries)  # noqa: S311 - spreads work, guards nothing

    def _client(self, node: Node) -> Any:
        if node not in self._clients:
            self._clients[node] = Redis(host=node[0], port=node[1], **self._options)
        return self._clients[node]

    def _learn(self, moved: AskError, asked: Node) -> None:
        """A slot has a new node, and probably others have, too: the next command looks at the map."""
        self._slots[moved.slot_id] = named(moved, asked)
        self._suspects.add(asked)

    async def _ask(self, node: Node, args: tuple[Any, ...]) -> Any:
        """ASKING holds for the next command of the same connection."""
        answer = (await self.on(node, [("ASKING",), args]))[1]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def _look(self) -> None:
        """Look at the map again; whoever comes meanwhile waits for the same look."""
        if self._looking is None:
            self._looking = asyncio.create_task(self._read_map())
            self._looking.add_done_callback(self._seen)
        await asyncio.shield(self._looking)

    def _seen(self, task: asyncio.Task[None]) -> None:
        self._looking = None
        if not task.cancelled():
            task.exception()  # whoever waited has it

    async def _read_map(self) -> None:
        await asyncio.sleep(self._looked + PAUSE - time.monotonic())
        known = list(dict.fromkeys((*self._primaries, *self._clients, *self._seeds)))
        random.shuffle(known)
        known.sort(key=lambda node: node in self._suspects)  # those that failed are asked last
        self._looked = time.monotonic()
        for node in known:
            asker: Any = Redis(
                host=node[0],
                port=node[1],
                **self._options | {"socket_timeout": ASK_SECONDS, "socket_connect_timeout": ASK_SECONDS},
            )
            try:
                rows = await asker.execute_command("CLUSTER", "SLOTS")
            except (RedisError, OSError):
                continue
            finally:
                await asker.aclose()
            if rows:
                await self._take_map(node, rows)
                return
        raise ClusterUnreachable("no node of the cluster answers")

    async def _take_map(self, asked: Node, rows: list[Any]) -> None:
        slots: dict[int, Node] = {}
        for first, last, primary, *_ in rows:
            host = (primary[0] or b"").decode()
            node = (host if host not in ("", "?") else asked[0], int(primary[1]))
            slots.update(dict.fromkeys(range(first, last + 1), node))
        self._slots, self._primaries, self._suspects = slots, tuple(dict.fromkeys(slots.values())), set()
        for node in set(self._clients) - set(self._primaries):
            # Left without its idle connections; those in use end by themselves. Never closed under a caller.
            await self._clients[node].connection_pool.disconnect(inuse_connections=False)


def named(redirect: AskError, asked: Node) -> Node:
    """Where a MOVED or ASK points; no host means the one that was asked, at another port."""
    return (redirect.host or asked[0], redirect.port)


def slot_of(args: Sequence[Any]) -> int | None:
    """The slot of a command's first key; None: any node will do."""
    name = str(args[0]).upper()
    words = name.split()
    if words[0] in KEYLESS:
        return None
    if words[0] in THIRD:
        return key_slot(_bytes(args[3])) if int(args[2]) else None
    if words[0] in ("XREADGROUP", "XREAD"):
        upper = [word.upper() if isinstance(word, str) else word for word in args]
        return key_slot(_bytes(args[next(i for i, w in enumerate(upper) if w in ("STREAMS", b"STREAMS")) + 1]))
    # "XGROUP CREATE" comes as one word from redis-py's methods and as two from us
    place = 2 if words[0] in SECOND and len(words) == 1 else 1
    return key_slot(_bytes(args[place])) if len(args) > place else None


def _bytes(key: Any) -> bytes:
    return key if isinstance(key, bytes) else str(key).encode()
