"""A Valkey whose machine can lose its power: what was not synced to the disk is gone.

The server runs under strace, so that for each of its append-only files the length at the last completed fsync is
known. `lose_power()` kills the server and cuts every file back to that length. Not modelled: torn sectors below
that length, and directories that were not synced.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.valkey import embedded
from tests.faults.trace import CALLS, Files
from tests.integration.product import Pid, began, command_line, tree
from tests.valkey import wait_for

STRACE = shutil.which("strace") or ""
QUIET = ("-f", "-qq", "-y", "-s", "0", "--seccomp-bpf", "-e", f"trace={CALLS}", "-e", "signal=none")


@dataclass
class Machine:
    """A folder on a disk, and the server that writes there. `fsync`: always, everysec or no."""

    home: Path
    fsync: str = "always"
    arguments: tuple[str, ...] = ()
    losses: list[int] = field(default_factory=list)  # bytes that each loss of power took
    _tracer: subprocess.Popen[bytes] | None = None
    _before: dict[str, int] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where it answers while the power is on."""
        return embedded(self.home).url

    @property
    def folder(self) -> Path:
        """Its working directory; the append-only files are below."""
        return self.home / "valkey"

    @property
    def server(self) -> Pid:
        """The server itself, below its tracer."""
        assert self._tracer
        found = [one for one in tree(self._tracer.pid) if "valkey-server" in command_line(one[0]).split("\0")[0]]
        return found[0] if found else (0, "")

    def start(self) -> None:
        """Switch on; returns once it answers."""
        command = list(embedded(self.home).command)
        command[command.index("--appendfsync") + 1] = self.fsync
        self._before = {str(file): file.stat().st_size for file in self._files()}
        self._tracer = subprocess.Popen(
            [STRACE, *QUIET, "-o", str(self._log), *command, *self.arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_for(self.url)

    def lose_power(self) -> int:
        """Now. Returns how many bytes were written and are gone."""
        assert self._tracer
        self._end(signal.SIGKILL)
        files = Files.known(str(self.folder), self._before).read(self._log.read_text("utf-8", "replace").splitlines())
        lost = 0
        for file in self._files():
            size, kept = file.stat().st_size, files.synced.get(str(file), 0)
            lost += max(0, size - kept)
            os.truncate(file, min(size, kept))
        self.losses.append(lost)
        return lost

    def stop(self) -> None:
        """Switch off in good order."""
        if self._tracer and self._tracer.poll() is None:
            self._end(signal.SIGTERM)

    def _files(self) -> list[Path]:
        return [file for file in (self.folder / "appendonlydir").glob("*") if file.is_file()]

    @property
    def _log(self) -> Path:
        return self.home / "strace.log"

    def _end(self, number: signal.Signals) -> None:
        assert self._tracer
        pid, when = self.server
        if pid and began(pid) == when:
            os.kill(pid, number)
        self._tracer.wait(120)  # it ends with what it traces


@contextmanager
def machine(fsync: str = "always", *arguments: str) -> Iterator[Machine]:
    """A running one in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="sb-") as folder:
        made = Machine(Path(folder), fsync, arguments)
        try:
            made.start()
            yield made
        finally:
            made.stop()
