"""What there may be only one of: the state directory and the addresses that people reach."""

import fcntl
import socket
from pathlib import Path
from typing import TextIO

from bot.processes.sockets import CHAT, CONSOLE, bound
from bot.settings import PREFIX, Settings, SettingsError


def claim_home(home: Path) -> TextIO:
    """One Stadtbote per state directory. The returned file holds the lock until it is closed."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (home / "stadtbote.lock").open("w")
    except OSError as error:
        raise SettingsError(
            f"The state directory {home} cannot be written ({error.strerror}). Correct its rights, or set {PREFIX}HOME."
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise SettingsError(
            f"Another Stadtbote runs with the state directory {home.name}/. Stop it first, or set {PREFIX}HOME."
        ) from None
    return lock


def claim(host: str, port: int, instead: str) -> socket.socket:
    """A socket at that address, which nobody else can have; raises SettingsError when somebody has."""
    try:
        return bound(host, port)
    except OSError as error:
        raise SettingsError(
            f"{host}:{port} cannot be used ({error.strerror}). Stop the other program, or {instead}."
        ) from None


def claim_sockets(settings: Settings) -> dict[str, socket.socket]:
    """The sockets that web processes listen on, by name."""
    sockets = {CHAT: claim(settings.host, settings.port, f"set {PREFIX}PORT or {PREFIX}HOST")}
    if settings.console_port:
        instead = f"set {PREFIX}CONSOLE_PORT or {PREFIX}CONSOLE_HOST"
        sockets[CONSOLE] = claim(settings.console_host, settings.console_port, instead)
    return sockets
