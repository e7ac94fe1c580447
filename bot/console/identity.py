"""Who is behind a request: the session of its cookie, and the account as it is now."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

from bot.console.accounts import Account, Accounts
from bot.console.sessions import Session, Sessions
from bot.handoff.desk import Clerk


@dataclass(frozen=True, slots=True)
class Who:
    """The person behind a request."""

    account: Account
    session: Session

    @property
    def clerk(self) -> Clerk:
        """As the desk knows them."""
        return Clerk(self.account.name, self.account.display_name, self.account.teams)


WHO = web.RequestKey("who", Who)
"""Where a request that passed the gate holds its person."""


class Identity:
    """`base_url` is where people reach us."""

    def __init__(self, accounts: Accounts, sessions: Sessions, base_url: str) -> None:
        self._accounts, self._sessions = accounts, sessions
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
        session = await self._sessions.find(self.ident(request))
        if session is None:
            return None
        account = await asyncio.to_thread(self._accounts.get, session.user)
        if account is None or account.disabled or account.generation != session.generation:
            return None
        return Who(account, await self._sessions.touch(session) if used else session)


def origin_of(url: str) -> str:
    """scheme://host:port, in lower case."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".casefold()
