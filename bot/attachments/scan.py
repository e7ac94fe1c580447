"""The hook for a virus scanner: a command of the installation's own, told the file's path as its last argument.

It ends with 0 for a clean file and 1 for an infected one, as clamdscan and most others do; anything else, and no end
in time, means that nobody knows. None is bundled; without one every file of a kind that is taken is served.
"""

import asyncio
import contextlib
import logging
import os
import shlex
import shutil
import signal
from enum import StrEnum
from pathlib import Path

log = logging.getLogger(__name__)
KEPT_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
"""What the command learns of our environment: tokens and passwords stand there, too."""


class Verdict(StrEnum):
    """What a scanner says of a file."""

    CLEAN = "clean"
    INFECTED = "infected"
    UNKNOWN = "unknown"


def command(text: str) -> str:
    """A setting's command line; its program must be there. Raises ValueError."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ValueError(f"write a command line; quotes do not match ({error})") from None
    if not words or shutil.which(words[0]) is None:
        raise ValueError("there is no such program; write its full path, or leave it out for no scanner")
    return text.strip()


class Scanner:
    """Runs the command, "" for none; `seconds` is its time limit. At most `width` run at once."""

    def __init__(self, line: str = "", seconds: float = 60.0, width: int = 2) -> None:
        self._words, self._seconds = shlex.split(line), seconds
        self._room = asyncio.Semaphore(width)

    async def look(self, file: Path) -> Verdict:
        """What it says of a file; never raises."""
        if not self._words:
            return Verdict.CLEAN
        async with self._room:
            try:
                return await self._run(file)
            except OSError as error:
                log.error("the scanner cannot be run", extra={"reason": type(error).__name__})
                return Verdict.UNKNOWN

    async def _run(self, file: Path) -> Verdict:
        process = await asyncio.create_subprocess_exec(
            *self._words,
            str(file),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env={name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ},
            start_new_session=True,  # so that all that it started ends with it
        )
        try:
            code = await asyncio.wait_for(process.wait(), self._seconds)
        except TimeoutError:
            log.error("the scanner took too long", extra={"seconds": self._seconds})
            return Verdict.UNKNOWN
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        if code not in (0, 1):
            log.error("the scanner failed", extra={"code": code})
        return {0: Verdict.CLEAN, 1: Verdict.INFECTED}.get(code, Verdict.UNKNOWN)
