"""One application on one listening socket, and how it stops without an error for anybody."""

import asyncio
import socket

from aiohttp import web

from bot.processes.sockets import BACKLOG

IDLE_SECONDS = 1.0  # in which an open connection may still ask; each answer then says that it was the last
BUSY_SECONDS = 2.5  # for a request under way; twice, as aiohttp waits again after it cancelled one


class Listener:
    """`inherited`: whoever started us holds the socket, too, so what waits in its queue is not lost with us."""

    def __init__(self, app: web.Application, listening: socket.socket, inherited: bool) -> None:
        self._socket, self._inherited = listening, inherited
        self._draining = False
        app.on_response_prepare.append(self._say_last)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=BUSY_SECONDS)
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Serve from now on."""
        await self._runner.setup()
        assert self._runner.server
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._runner.server, sock=self._socket, backlog=BACKLOG)

    async def stop(self) -> None:
        """Accept nothing more, answer what was asked, end streams, close. At most 6.5 s."""
        assert self._server
        loop = asyncio.get_running_loop()
        late = loop.time() + IDLE_SECONDS
        # Not close(): a connection that was accepted in this very turn of the loop would be dropped with it.
        loop.remove_reader(self._socket.fileno())
        self._draining = True
        await asyncio.sleep(0.01)
        if not self._inherited:
            await self._take_the_rest()
        await self._runner.shutdown()  # ends the streams
        while self._runner.server and self._runner.server.connections and loop.time() < late:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)
        self._server.close()
        await self._runner.cleanup()

    async def _take_the_rest(self) -> None:
        """Connections in the queue of a socket of our own would be reset: take them, then close it at once."""
        loop, rest = asyncio.get_running_loop(), []
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                break
            connection.setblocking(False)
            rest.append(connection)
        assert self._server
        assert self._runner.server
        self._server.close()
        for connection in rest:
            await loop.connect_accepted_socket(self._runner.server, connection)

    async def _say_last(self, request: web.Request, response: web.StreamResponse) -> None:
        del request
        if self._draining:
            response.force_close()
            response.headers["Connection"] = "close"
