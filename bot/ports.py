"""Ports for servers that are started on this machine for a while: demo, tests, benches, pictures."""

import secrets
import socket
from collections.abc import Iterable

LOWEST, END = 11_000, 32_768
"""Below the ports that Linux gives to outgoing connections (net.ipv4.ip_local_port_range), so that none of these takes
one between our look and the server's start; above the last that browsers refuse (10080)."""
TRIES = 1_000


def free_port(*beside: int) -> int:
    """A port that nobody has on loopback, nor those that are `beside` more than it. Raises OSError when none is found.

    `free_port(1, 2)`: the first of three in a row.
    """
    offsets = (0, *beside)
    for _ in range(TRIES):
        # Not `random`: two test processes with the same seed would meet.
        port = LOWEST + secrets.randbelow(END - max(offsets) - LOWEST)
        if _are_free(port + offset for offset in offsets):
            return port
    raise OSError(f"no free port between {LOWEST} and {END}")


def free_ports(count: int, *beside: int) -> list[int]:
    """As many different ones, as free_port()."""
    found: dict[int, None] = {}
    while len(found) < count:
        found[free_port(*beside)] = None
    return list(found)


def _are_free(ports: Iterable[int]) -> bool:
    try:
        for port in ports:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True
