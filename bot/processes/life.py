"""What web, worker and clock have in common: a name, a sign that they are ready, and an end in good time."""

import asyncio
import os
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from bot.processes import notify

NAME = "STADTBOTE_PROCESS"
SIGNALS = (signal.SIGTERM, signal.SIGINT)
DRAIN_SECONDS = 9  # from SIGTERM to the end, whatever hangs: who stops us may kill after ten


@dataclass
class Life:
    """`name` is new at every start: what a dead process held is never taken for the next one's. `stop`: end now."""

    name: str
    stop: asyncio.Event
    _told: bool = False

    def ready(self) -> None:
        """Tell that this process does its work: a rolling restart may end the one that it replaces."""
        if not self._told:
            notify.tell(notify.READY, self.name)
        self._told = True


@contextmanager
def stopping() -> Iterator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set. From the end of the frame to the end of the loop both are ignored.

    asyncio closes the pipe to which signals are written before it takes its handlers away: a second SIGTERM between
    the two is an error on a closed pipe, and we are ending already.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in SIGNALS:
        loop.add_signal_handler(name, stop.set)
    try:
        yield stop
    finally:
        for name in SIGNALS:
            signal.signal(name, signal.SIG_IGN)


def own_name(kind: str) -> str:
    """As the supervisor calls us; a process that runs apart finds a name of its own."""
    return os.environ.get(NAME) or f"{kind}-{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"


def short_name(kind: str) -> str:
    """web2: as people call it."""
    return os.environ.get(NAME, kind).partition("-")[0]


@asynccontextmanager
async def life(kind: str) -> AsyncIterator[Life]:
    """The frame of a process: its name, and an end that is never late."""
    with stopping() as stop:

        async def deadline() -> None:
            await stop.wait()
            # The kernel keeps this time, also when a library blocks the loop: the end is never later.
            signal.alarm(DRAIN_SECONDS)

        watch = asyncio.create_task(deadline())
        try:
            yield Life(own_name(kind), stop)
        finally:
            watch.cancel()
            signal.alarm(0)


async def end(tasks: "list[asyncio.Task[None]]") -> None:
    """Cancel and wait until they are gone."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
