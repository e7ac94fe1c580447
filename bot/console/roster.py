"""Who answers citizens, and who of them is here: the accounts, joined with their signs of life."""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from bot.console.accounts import ANSWERING, Account, Accounts
from bot.handoff.desk import Clerk
from bot.store.presence import Presence

log = logging.getLogger(__name__)
REASONS = ("pause", "meeting", "counter", "phone", "other")
"""Why somebody is away: keys of the console's texts (presence.reason.*)."""
OPEN_PAGE = timedelta(seconds=45)  # a page is open so long without another beat of its stream
PLAIN_PAGE = timedelta(minutes=5)  # one without script has no stream: its reader is here so long after a click
LOOKS = timedelta(seconds=25)  # somebody looks at a conversation so long after its page said so; it does every ten
AWAY = timedelta(hours=12)  # as long as a session: whoever comes tomorrow is here
STREAM = "/console/events"
PLAIN = "plain"  # the page of those without a stream


@dataclass(frozen=True, slots=True)
class Person:
    """`away`: None while they are here, else why they are away, "" for who is gone."""

    clerk: Clerk
    away: str | None

    @property
    def is_here(self) -> bool:
        """Can they be given a conversation?"""
        return self.away is None


class Roster:
    """Everybody who may be given a conversation."""

    def __init__(self, accounts: Accounts, presence: Presence) -> None:
        self._accounts, self._presence = accounts, presence

    async def people(self, now: datetime) -> list[Person]:
        """Who is here comes first, then who is away, then the others; by name."""
        known = await asyncio.to_thread(self._accounts.all)
        signs = await self._presence.people(now)
        found = []
        for account in known:
            if account.role in ANSWERING and not account.disabled:
                away = signs[account.name] or None if account.name in signs else ""
                found.append(Person(clerk_of(account), away))
        return sorted(found, key=lambda p: (_rank(p), p.clerk.name.casefold(), p.clerk.user))

    async def somebody(self, team: str, now: datetime) -> bool:
        """Is anybody of the team here? While the accounts cannot be read nobody can tell, and no citizen is told that
        nobody is."""
        if not await self._presence.people(now):
            return False
        try:
            return bool(here(await self.people(now), team))
        except SQLAlchemyError:
            log.warning("who is here cannot be told: the accounts cannot be read", exc_info=True)
            return True

    async def person(self, user: str, now: datetime) -> Person | None:
        """One of them, by user name."""
        return next((p for p in await self.people(now) if p.clerk.user == user), None)


def clerk_of(account: Account) -> Clerk:
    """An account as the desk knows it."""
    return Clerk(account.name, account.display_name, account.teams, account.role.leads)


def here(people: Iterable[Person], team: str, but: str = "") -> list[Person]:
    """Who of the team is here, `but` for one: who gives something away does not give it to herself."""
    return [p for p in people if p.is_here and p.clerk.user != but and (not p.clerk.teams or team in p.clerk.teams)]


def _rank(person: Person) -> int:
    return 0 if person.is_here else 1 if person.away else 2
