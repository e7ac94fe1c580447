"""One process to keep alive: how it is started, and how long to wait before it is started again."""

import asyncio
import contextlib
import ctypes
import os
import secrets
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bot.processes.life import NAME
from nlu.surroundings import usual

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0  # seconds
SOON = 10.0  # seconds: a life shorter than this is a fall at the start
FREE_FALLS = 3  # such falls in a row before pauses grow: kills from outside come by chance, a fault comes every time
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """`log` is a file for what it prints, when that is nothing for people.

    `nice` is added to our priority: what computes (5) must not hold up what acknowledges (0). `passed`: descriptors
    that it inherits. `ours`: a web, worker or clock, which gets a name and tells when it is ready. `foreign`: a program
    of others, which learns nothing of our settings.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    log: Path | None = None
    nice: int = 0
    passed: tuple[int, ...] = ()
    ours: bool = False
    foreign: bool = False
    process: asyncio.subprocess.Process | None = None
    known: str = ""  # the name of the process that runs now, new at every start
    retiring: bool = False  # another took its place

    @property
    def kind(self) -> str:
        """web, for web2."""
        return self.name.rstrip("0123456789")

    @property
    def alive(self) -> bool:
        """Does it run?"""
        return self.process is not None and self.process.returncode is None

    def twin(self) -> "Child":
        """The same, not started yet."""
        told = (self.name, self.command, self.environment, self.log, self.nice, self.passed, self.ours, self.foreign)
        return Child(*told)

    async def spawn(self) -> None:
        """Start it."""
        environment = {**(usual(os.environ) if self.foreign else os.environ), **self.environment}
        if self.ours:
            self.known = environment[NAME] = f"{self.name}-{secrets.token_hex(4)}"
        with contextlib.ExitStack() as stack:
            output = stack.enter_context(self.log.open("wb")) if self.log else None
            self.process = await asyncio.create_subprocess_exec(
                *self.command,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is ours to pass on, in order
                pass_fds=self.passed,
                preexec_fn=partial(_born, self.nice),
            )

    async def end(self, seconds: float) -> bool:
        """Ask it to end; after so many seconds kill it. False if it had to be killed."""
        if not self.alive:
            return True
        assert self.process
        self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), seconds)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
            return False
        return True


class Falls:
    """How often in a row a child fell soon after its start."""

    def __init__(self) -> None:
        self._many = 0

    def pause(self, lived: float) -> float:
        """Seconds to wait after a life of so many seconds."""
        self._many = self._many + 1 if lived < SOON else 1
        return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(16, max(0, self._many - FREE_FALLS)))


def die_with_parent() -> None:
    """Should the supervisor be killed, Linux ends its children: none is left behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _born(nice: int) -> None:
    """In the child, before its program begins."""
    die_with_parent()
    if nice:
        os.nice(nice)
