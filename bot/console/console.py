"""What every part of the console shares: the core, the accounts, the record of deeds, and how a page is made."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.ask import AskClient
from bot.composition import Core
from bot.console.accounts import Account, Accounts
from bot.console.attempts import Attempts
from bot.console.audit import Audit
from bot.console.identity import WHO, Identity
from bot.console.pages import page
from bot.console.roster import Roster
from bot.console.session import TOKEN_FIELD, words_for
from bot.console.sessions import Sessions
from bot.console.words import Words
from bot.conversation import NotNow
from bot.notices import in_force
from bot.peer import Proxies
from bot.store.presence import Doing


@dataclass(frozen=True)
class Console:
    """Handed to every handler class."""

    core: Core
    accounts: Accounts
    sessions: Sessions
    identity: Identity
    attempts: Attempts
    audit: Audit
    asking: AskClient
    proxies: Proxies

    def now(self) -> datetime:
        """Aware UTC, from the same clock as the conversations."""
        return self.core.turns.now()

    def words(self, request: web.Request) -> Words:
        """The words for this person."""
        return words_for(request, self.core.zone, self.now())

    def page(self, request: web.Request, template: str, status: int = 200, **context: Any) -> web.Response:
        """A page for whoever is signed in."""
        return page(template, self.words(request), status, **self.frame(request), **context)

    def frame(self, request: web.Request) -> dict[str, Any]:
        """What base.html needs."""
        who = request.get(WHO)
        return {
            "who": who,
            "token_field": TOKEN_FIELD,
            "csrf": who.session.csrf if who else "",
            "town": self.core.town,
            "notices": in_force(self.core.calendar, self.now(), "console"),
            "here": request.path_qs,
        }

    @property
    def roster(self) -> Roster:
        """Who may be given a conversation."""
        return Roster(self.accounts, self.core.store)

    async def others(self, conversation: str, user: str) -> list[tuple[str, Doing]]:
        """Who else is at a conversation, by name, and what they do."""
        found = await self.core.store.attending(conversation, self.now())
        names = await self.names() if set(found) - {user} else {}
        return sorted((names.get(clerk, clerk), doing) for clerk, doing in found.items() if clerk != user)

    async def names(self) -> dict[str, str]:
        """Display names by user name."""
        found: list[Account] = await asyncio.to_thread(self.accounts.all)
        return {account.name: account.display_name for account in found}


async def epoch_of(request: web.Request) -> int:
    """The epoch under which the posted form was shown. Without it nobody can say what its reader knew: such a form is
    stale. Raises NotNow."""
    epoch = await field(request, "epoch")
    if not epoch.isdecimal() or len(epoch) > 9:
        raise NotNow("stale.page")
    return int(epoch)


async def field(request: web.Request, name: str) -> str:
    """A text of the posted form, with line ends as we write them; "" when it is not there."""
    value = (await request.post()).get(name, "")
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""
