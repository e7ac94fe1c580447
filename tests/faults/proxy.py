"""A proxy between any two parts, on TCP or a unix socket, that misbehaves on demand, each direction by itself.

    async with Proxy("127.0.0.1:6379") as proxy:
        proxy.back.delay = 0.2            # answers come late
        proxy.there.swallow = True        # half-open: accepted, and never heard of again
        proxy.cut()                       # every connection breaks now

What is set counts at once, for connections that are open and for new ones.
"""

import asyncio
import contextlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

CHUNK = 65536


@dataclass
class Way:
    """One direction. `after`: bytes of a connection that pass before all are cut; `left`: the same of all of them
    together. `rate`: bytes a second, 0: no limit."""

    delay: float = 0.0  # seconds
    rate: float = 0.0
    swallow: bool = False  # what comes is taken and goes nowhere
    after: int | None = None
    left: int | None = None
    double: bool = False  # every chunk arrives twice
    passed: int = 0  # bytes, of all connections

    def calm(self) -> None:
        """As if nothing were wrong."""
        self.delay, self.rate, self.swallow, self.double = 0.0, 0.0, False, False
        self.after = self.left = None

    def room(self, passed: int, size: int) -> int:
        """How much of so many bytes may pass on a connection on which so many have."""
        limits = [size] + ([self.after - passed] if self.after is not None else [])
        room = max(0, min(limits + ([self.left] if self.left is not None else [])))
        if self.left is not None:
            self.left -= room
        return room


class Proxy:
    """Listens on loopback, or on a unix socket where `unix`; `upstream` is host:port or the path of a socket.

    `there`: to the upstream; `back`: from it. `refuse`: new connections are cut at once. `repeats`: so many more
    connections bring the upstream the same bytes, and nobody hears its answers: for protocols like HTTP, where
    that repeats the requests.
    """

    def __init__(self, upstream: str, unix: bool = False) -> None:
        self.there, self.back = Way(), Way()
        self.refuse = False
        self.repeats = 0
        self.address = ""
        self._upstream = upstream
        self._unix = unix
        self._folder = tempfile.TemporaryDirectory(prefix="sb-") if unix else None
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        if self._folder:
            self.address = str(Path(self._folder.name) / "proxy.sock")
            self._server = await asyncio.start_unix_server(self._accept, self.address)
        else:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
            self.address = "{}:{}".format(*self._server.sockets[0].getsockname()[:2])
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._server
        self._server.close()
        self.cut()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._folder:
            self._folder.cleanup()

    @property
    def connections(self) -> int:
        """Sockets that are open on either side."""
        return len(self._open)

    def cut(self) -> None:
        """Break every connection, without a goodbye."""
        for writer in tuple(self._open):
            self._break(writer)

    def calm(self) -> None:
        """Pass everything on from now; what was swallowed stays so."""
        self.there.calm()
        self.back.calm()
        self.refuse, self.repeats = False, 0

    def _break(self, writer: asyncio.StreamWriter) -> None:
        self._open.discard(writer)
        writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        if self.refuse:
            self._break(writer)
            return
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        ends: list[asyncio.StreamWriter] = [writer]
        try:
            upstreams = [await self._connect() for _ in range(1 + self.repeats)]
            ends += [end for _, end in upstreams]
            forth = self._pump(reader, [end for _, end in upstreams], self.there)
            answers = [self._pump(one, [writer] if n == 0 else [], self.back) for n, (one, _) in enumerate(upstreams)]
            pumps = [asyncio.create_task(work) for work in (forth, *answers)]
            try:
                await asyncio.wait(pumps[:2])  # both directions of the real connection
            finally:
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
        except OSError:
            self._break(writer)  # the upstream is away: whoever called sees that
        finally:
            for end in ends:
                self._open.discard(end)
                end.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if "/" in self._upstream:
            reader, writer = await asyncio.open_unix_connection(self._upstream)
        else:
            host, _, port = self._upstream.rpartition(":")
            reader, writer = await asyncio.open_connection(host, int(port))
        self._open.add(writer)
        return reader, writer

    async def _pump(self, reader: asyncio.StreamReader, writers: list[asyncio.StreamWriter], way: Way) -> None:
        passed = 0
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(CHUNK):
                if way.delay:
                    await asyncio.sleep(way.delay)
                if way.rate:
                    await asyncio.sleep(len(data) / way.rate)
                if way.swallow:
                    continue
                size, room = len(data), way.room(passed, len(data))
                data = data[:room] * (2 if way.double else 1)
                passed += room
                way.passed += len(data)
                for writer in writers:
                    writer.write(data)
                    await writer.drain()
                if room < size or passed == way.after or way.left == 0:
                    self.cut()
                    return
            for writer in writers:
                if writer.can_write_eof():
                    writer.write_eof()
