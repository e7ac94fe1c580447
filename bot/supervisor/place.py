"""A port on loopback for one Rasa after another."""

import socket

from bot.rasa import URL


class Place:
    """While no Rasa serves there, the port is held by a socket that nobody can connect to: workers look again and
    again whether somebody is there, and show the token with it."""

    def __init__(self) -> None:
        self._held: socket.socket | None = _bound(0)
        self.port: int = self._held.getsockname()[1]

    @property
    def url(self) -> str:
        """Where what serves there answers."""
        return URL.format(port=self.port)

    def give(self) -> None:
        """Let go of it, for who is about to listen."""
        if self._held is not None:
            self._held.close()
            self._held = None

    def take(self) -> None:
        """Hold it again. Connections that were cut may keep it for a minute: then call it again later."""
        if self._held is None:
            try:
                self._held = _bound(self.port)
            except OSError:
                self._held = None


def _bound(port: int) -> socket.socket:
    held = socket.socket()
    try:
        # Connections that are only remembered must not be in the way. What keeps the flag, though, shares the port with
        # whoever sets it, too, and the first to listen wins.
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", port))
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    except OSError:
        held.close()
        raise
    return held
