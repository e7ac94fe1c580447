"""Who is behind a request: the session of its cookie, and the account as it is now."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from aiohttp import web

from bot.console.accounts import ANSWERING, Account, Accounts
from bot.console.pages import is_live
from bot.console.roster import PLAIN, PLAIN_PAGE, STREAM, clerk_of
from bot.console.sessions import Session, Sessions
from bot.console.together import Together
from bot.handoff.desk import Clerk
from bot.store.presence import Presence


@dataclass(frozen=True, slots=True)
class Who:
    """The person behind a request."""

    account: Account
    session: Session
    away: str = ""  # why they are away, "" while they are here

    @property
    def clerk(self) -> Clerk:
        """As the desk knows them."""
        return clerk_of(self.account)


WHO = web.RequestKey("who", Who)
"""Where a request that passed the gate holds its person."""


class Identity:
    """`base_url` is where people reach us, `now` gives aware UTC."""

    def __init__(
        self,
        accounts: Accounts,
        sessions: Sessions,
        base_url: str,
        presence: Presence,
        now: Callable[[], datetime],
        idle: timedelta,
    ) -> None:
        """`idle`: who touches nothing for so long is taken for away."""
        self._accounts, self._sessions, self._presence, self._now = accounts, sessions, presence, now
        self._idle = idle
        self._known = Together(self._look)
        self.origin = origin_of(base_url)
        # With https, a prefix that browsers accept from this very host alone.
        self.is_https = self.origin.startswith("https://")
        self.cookie = "__Host-stadtbote" if self.is_https else "stadtbote"

    def ident(self, request: web.Request) -> str:
        """The session's id that the browser shows, "" without one."""
        return request.cookies.get(self.cookie, "")

    async def of(self, request: web.Request, used: bool) -> Who | None:
        """Who signed in, if session and account are still good.

        `used` keeps the session from running idle: what scripts fetch by themselves does not.
        """
        found = await self._known.of(self.ident(request))
        if found is None:
            return None
        session, account = found
        away = await self._present(account, request, used) if account.role in ANSWERING else ""
        return Who(account, await self._sessions.touch(session) if used else session, away)

    async def still(self, request: web.Request) -> Who | None:
        """The same for a line that is open: it is no use of the session, and whether they are away does not matter."""
        found = await self._known.of(self.ident(request))
        return Who(found[1], found[0]) if found else None

    async def _look(self, idents: Sequence[str]) -> dict[str, tuple[Session, Account] | None]:
        """Sessions and accounts as they are now: fifty pages that wake together cost one look at each."""
        sessions = await self._sessions.find_all(idents)
        names = {session.user for session in sessions.values() if session}
        known = await asyncio.to_thread(self._accounts.some, names) if names else {}
        return {ident: _pair(session, known) if session else None for ident, session in sessions.items()}

    async def _present(self, account: Account, request: web.Request, used: bool) -> str:
        """Why this clerk is away; the pages that they open themselves are signs of life. What a page says at its end is
        none."""
        now = self._now()
        if used and request.path != STREAM:  # which connects again by itself
            await self.touched(account.name)
        if used and request.method == "GET" and not is_live(request):
            await self._presence.beat(account.name, PLAIN, now + PLAIN_PAGE, now)
        return await self._presence.away(account.name, now)

    async def touched(self, clerk: str) -> None:
        """This clerk did something."""
        await self._presence.touch(clerk, self._now() + self._idle)


def _pair(session: Session, accounts: Mapping[str, Account]) -> tuple[Session, Account] | None:
    account = accounts.get(session.user)
    if account is None or account.disabled or account.generation != session.generation:
        return None
    return session, account


def origin_of(url: str) -> str:
    """scheme://host:port, in lower case."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".casefold()
