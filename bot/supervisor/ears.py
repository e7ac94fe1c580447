"""Hears which processes are ready: a socket on which they say so (bot.processes.notify)."""

import asyncio
import socket
import tempfile
from collections import defaultdict
from pathlib import Path
from types import TracebackType

from bot.processes.notify import heard


class Ears:
    """An asynchronous context manager; `environment` tells children where to speak."""

    def __init__(self) -> None:
        self._ready: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._folder = tempfile.TemporaryDirectory(prefix="stadtbote-")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    @property
    def environment(self) -> dict[str, str]:
        """For every child."""
        return {"NOTIFY_SOCKET": str(Path(self._folder.name) / "notify")}

    async def __aenter__(self) -> "Ears":
        self._socket.setblocking(False)
        self._socket.bind(self.environment["NOTIFY_SOCKET"])
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._hear)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._socket.close()
        self._folder.cleanup()

    def is_ready(self, process: str) -> bool:
        """Has it said so?"""
        return process in self._ready and self._ready[process].is_set()

    async def ready(self, process: str) -> None:
        """Return once it has said so."""
        await self._ready[process].wait()

    def forget(self, process: str) -> None:
        """It is dead."""
        self._ready.pop(process, None)

    def _hear(self) -> None:
        name = heard(self._socket.recv(4096))
        if name:
            self._ready[name].set()
