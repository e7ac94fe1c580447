"""Who writes: a long random cookie. The chat's id is made from it, so that no list, log or backup holds the cookie."""

import hashlib
import re
import secrets
from dataclasses import dataclass

from aiohttp import web

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class Visitor:
    """One browser (embedded: one browser on one other site). `known`: its cookie came with the request."""

    token: str
    chat: str
    known: bool
    embedded: bool


class Visitors:
    """Reads and sets the cookie. `https`: citizens reach us by https; `days`: how long a conversation is kept."""

    def __init__(self, secret: bytes, https: bool, days: int) -> None:
        self._secret, self._https, self._days = secret, https, days

    def of(self, request: web.Request, embedded: bool) -> Visitor:
        """The visitor of this request; a new one without a good cookie."""
        token = request.cookies.get(self._name(embedded), "")
        known = bool(_TOKEN.fullmatch(token))
        token = token if known else secrets.token_urlsafe(32)
        chat = hashlib.blake2b(token.encode(), key=self._secret[:64], digest_size=16, person=b"webchat").hexdigest()
        return Visitor(token, chat, known, embedded)

    def remember(self, response: web.StreamResponse, visitor: Visitor) -> None:
        """Set or renew the cookie. It lives as long as the conversation it finds again."""
        apart = visitor.embedded and self._https  # a frame on another site gets a jar of its own, per site
        parts = [
            f"{self._name(visitor.embedded)}={visitor.token}",
            f"Max-Age={self._days * DAY}",
            "Path=/",
            "HttpOnly",
            *(["Secure"] if self._https else []),
            *(["SameSite=None", "Partitioned"] if apart else ["SameSite=Lax"]),
        ]
        # By hand: Python 3.11's cookies do not know Partitioned.
        response.headers.add("Set-Cookie", "; ".join(parts))

    def _name(self, embedded: bool) -> str:
        # Two names: both cookies reach a frame of our own site, and must not be mistaken for each other.
        # __Host- keeps other hosts of the domain from setting it.
        return ("__Host-" if self._https else "") + ("stadtbote_embedded" if embedded else "stadtbote")
