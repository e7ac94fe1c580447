"""The product's processes by their role, and what may befall them. Always by pid, never by name alone."""

import asyncio
import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from tests.integration.product import Pid, began, command_line, tree

MARKS = {"valkey": "valkey-server", "rasa": "serve.py"}
"""What a role's command line holds; the product's own roles are `python -m bot ROLE`."""


def found(root: int, role: str) -> list[Pid]:
    """The living processes of that role below `root`, the oldest first."""
    mark = MARKS.get(role, f"bot\0{role}\0")
    family = [one for one in tree(root) if mark in command_line(one[0]) and began(one[0]) == one[1]]
    # A tracer bears its child's command line: the process itself is the one whose own name it is.
    return sorted((one for one in family if "strace" not in command_line(one[0]).split("\0")[0]), key=_age)


def _age(one: Pid) -> tuple[int, int]:
    return int(one[1] or 0), one[0]


def send(one: Pid, number: signal.Signals) -> bool:
    """Signal exactly this process; False when it is gone (its number may be somebody else's by now)."""
    if began(one[0]) != one[1]:
        return False
    with suppress(ProcessLookupError):
        os.kill(one[0], number)
        return True
    return False


async def ended(one: Pid, seconds: float = 120.0) -> None:
    """Until the process is gone."""
    async with asyncio.timeout(seconds):
        while began(one[0]) == one[1]:
            await asyncio.sleep(0.01)


@contextmanager
def frozen(processes: Iterable[Pid]) -> Iterator[set[Pid]]:
    """They stand still for the block; whoever is taken out of the given set stays so."""
    stopped = {one for one in processes if send(one, signal.SIGSTOP)}
    try:
        yield stopped
    finally:
        for one in stopped:
            send(one, signal.SIGCONT)


@dataclass(frozen=True)
class Family:
    """All processes below one: those of the product, found anew at every look."""

    root: int

    def of(self, role: str) -> list[Pid]:
        """The living ones of that role."""
        return found(self.root, role)

    async def until(
        self, role: str, count: int = 1, *, without: Pid | None = None, seconds: float = 180.0
    ) -> list[Pid]:
        """Wait until there are so many of that role, this one not counted; raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while len(left := [one for one in self.of(role) if one != without]) < count:
                await asyncio.sleep(0.05)
            return left

    async def killed(self, one: Pid) -> None:
        """End it as a crash would."""
        send(one, signal.SIGKILL)
        await ended(one)
