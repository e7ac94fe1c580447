"""Listening sockets: handed down by `stadtbote up` or systemd, else opened here.

One socket for all web processes, held by whoever started them: while one of them ends and the next starts,
connections wait in the socket's queue. With a socket each (SO_REUSEPORT), those in the queue of one that closes are
reset by the kernel.
"""

import os
import socket
from collections.abc import Mapping

SOCKETS = "STADTBOTE_SOCKETS"
CHAT, CONSOLE = "chat", "console"
BACKLOG = 1024  # connections that may wait; the kernel's own limit (somaxconn) is 4,096 since Linux 5.4
SYSTEMD_FIRST = 3  # sd_listen_fds(3): the first descriptor


def bound(host: str, port: int, shared: bool = False) -> socket.socket:
    """A socket at that address, not yet listening. `shared`: others may have one there, too. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared and hasattr(socket, "SO_REUSEPORT"):
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # "::" and "0.0.0.0" are two addresses
        opened.bind((host, port))
    except OSError:
        opened.close()
        raise
    return opened


def told(sockets: Mapping[str, socket.socket]) -> dict[str, str]:
    """The environment that tells a child which descriptors it inherits (with pass_fds)."""
    return {SOCKETS: ",".join(f"{name}={one.fileno()}" for name, one in sockets.items())}


def inherited(environ: Mapping[str, str] = os.environ) -> dict[str, socket.socket]:
    """The sockets handed down, by name: "chat", "console".

    systemd names them by FileDescriptorName= of the socket unit; a single one without such a name is the chat's.
    """
    numbers = {n: int(fd) for n, _, fd in (one.partition("=") for one in environ.get(SOCKETS, "").split(",")) if fd}
    if not numbers and environ.get("LISTEN_PID") == str(os.getpid()):
        count = int(environ.get("LISTEN_FDS", "0"))
        names = environ.get("LISTEN_FDNAMES", "").split(":")
        numbers = {name: SYSTEMD_FIRST + n for n, name in enumerate(names[:count]) if name in (CHAT, CONSOLE)}
        if not numbers and count == 1:
            numbers = {CHAT: SYSTEMD_FIRST}
    return {name: socket.socket(fileno=number) for name, number in numbers.items()}
