"""One look at one address: HEAD, else GET of its first bytes; redirects are followed here, each judged anew."""

import asyncio
import re
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import aiohttp
from yarl import URL

from faq.links.guard import Judge, Judging, Lookup, Refused, lookup, public, socket_for

REDIRECTS = 5
BYTES = 1024  # of a page that are read
LONGEST = 2000
_LIMITS = aiohttp.ClientTimeout(total=10, connect=5, sock_connect=5, sock_read=5)
_PERMANENT, _OTHER = frozenset({301, 308}), frozenset({302, 303, 307})
_GONE = frozenset({404, 410})
_SHUT = frozenset({401, 403, 405, 406, 407, 429, 451, 501})
_SERVERS = re.compile(r"(?:^|\.)(?:example|invalid|test|localhost|local|internal|example\.(?:com|net|org))\.?$")


class State(StrEnum):
    """What came of a look. Its words are the console's (links.state.<name>)."""

    OK = "ok"
    MOVED = "moved"  # for good, to `target`
    GONE = "gone"  # the server says that there is no such page
    UNREACHABLE = "unreachable"  # no answer, or none that says anything
    SHUT = "shut"  # it is there, but not for a program
    REFUSED = "refused"  # it leads into a network of our own, or is no web address
    SAMPLE = "sample"  # of a name that stands for examples (RFC 2606, 6761, 6762): never asked


BROKEN = frozenset({State.GONE, State.UNREACHABLE, State.REFUSED})
"""What an editor has to do something about."""


@dataclass(frozen=True)
class Outcome:
    """`status` is HTTP's, 0 where none came; `target` is where a moved page is."""

    state: State
    status: int = 0
    target: str = ""


class Looker:
    """Looks at addresses. To be entered as an async context; `agent` is the User-Agent that servers read."""

    def __init__(self, agent: str, judge: Judge = public, lookup: Lookup = lookup) -> None:
        self._agent, self._judge, self._lookup = agent, judge, lookup
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            resolver=Judging(self._judge, self._lookup),
            socket_factory=socket_for(self._judge),
            use_dns_cache=False,  # judged at each connection
            force_close=True,
            limit=8,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=_LIMITS,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self._agent, "Accept": "text/html,*/*;q=0.5"},
            auto_decompress=False,  # a page of a few bytes may unfold to gigabytes
            trust_env=False,  # a proxy would connect for us, to what nobody judged
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._session is not None
        await self._session.close()

    async def look(self, url: str) -> Outcome:
        """What is there. Never raises for what a server or a name does."""
        at, permanent = url, True
        try:
            for _ in range(REDIRECTS + 1):
                if (state := wrong(at)) is not None:
                    return Outcome(state, 0, at if at != url else "")
                status, target = await self._ask(at)
                if not target:
                    return _outcome(status, at if at != url and permanent else "")
                permanent = permanent and status in _PERMANENT
                at = urljoin(at, target)
        except Refused:
            return Outcome(State.REFUSED, 0, at if at != url else "")
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError, asyncio.InvalidStateError):
            return Outcome(State.UNREACHABLE)
        return Outcome(State.UNREACHABLE)  # redirected for ever

    async def _ask(self, url: str) -> tuple[int, str]:
        """HTTP's status, and where it redirects to."""
        status, target = await self._request("HEAD", url)
        if status >= 400:  # many servers answer HEAD wrongly
            status, target = await self._request("GET", url)
        return status, target

    async def _request(self, method: str, url: str) -> tuple[int, str]:
        assert self._session is not None
        where = URL(url)
        self._literal(where)
        headers = {"Range": f"bytes=0-{BYTES - 1}"} if method == "GET" else {}
        async with self._session.request(method, where, allow_redirects=False, headers=headers) as answer:
            if method == "GET":
                await answer.content.read(BYTES)
            redirects = answer.status in _PERMANENT | _OTHER
            return answer.status, answer.headers.get("Location", "") if redirects else ""

    def _literal(self, where: URL) -> None:
        """A connector asks its resolver for names only; an address in digits is judged here."""
        host = where.host or ""
        numeric = re.fullmatch(r"[\d.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.%\w]*", host)
        if numeric and not self._judge(host, where.port or 0):
            raise Refused(host, host)


def wrong(url: str) -> State | None:
    """Why an address is not to be asked at all."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return State.REFUSED
    if parts.scheme not in ("http", "https") or not host or parts.username is not None or len(url) > LONGEST:
        return State.REFUSED
    if host in ("localhost", "localhost.") or host.endswith((".local", ".internal", ".localhost")):
        return State.REFUSED
    return State.SAMPLE if _SERVERS.search(host) else None


def _outcome(status: int, target: str) -> Outcome:
    if status < 300 or status == 416:  # an empty page has no first bytes
        return Outcome(State.MOVED if target else State.OK, status, target)
    if status in _GONE:
        return Outcome(State.GONE, status)
    return Outcome(State.SHUT if status in _SHUT else State.UNREACHABLE, status)
