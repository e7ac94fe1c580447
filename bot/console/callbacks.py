"""Who wants to be called: the list, and what became of each call."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.console.console import Console, field
from bot.console.identity import WHO
from bot.console.pages import is_live
from bot.console.passing import refusal, undoable
from bot.console.session import ROOT
from bot.console.summaries import Summaries
from bot.conversation import Conversation, NotNow
from bot.handoff.callback import Call, Callback
from bot.route import Access, Route


@dataclass(frozen=True, slots=True)
class Row:
    """One citizen. `dial`: the number as a telephone takes it."""

    c: Conversation
    call: Callback
    dial: str
    team: str
    owner: str
    matter: str  # what they wrote before, masked
    caller: str  # who is calling now, by name
    again: datetime | None  # called again then


class Callbacks:
    """Handlers."""

    def __init__(self, console: Console) -> None:
        self._console, self._desk = console, console.core.desk
        self._summaries = Summaries(console.core.store)

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        return [
            Route("GET", f"{ROOT}/callbacks", self.show, Access.CLERK),
            Route("POST", f"{ROOT}/callbacks/{{conversation}}", self.call, Access.CLERK),
        ]

    async def show(self, request: web.Request, why: str = "", failed: str = "") -> web.Response:
        """The page, or to our script its changing part alone."""
        who, t = request[WHO], self._console.words(request)
        wanted = await self._desk.callbacks(who.clerk)
        names = await self._console.names()
        summaries = await self._summaries.of(wanted)
        rows = [self._row(c, c.callback, names, summaries[c.id].matter) for c in wanted if c.callback]
        did = await undoable(self._console, who.clerk, request.query.get("did", ""), t)
        context: dict[str, Any] = {"rows": rows, "why": why, "failed": failed, "calls": tuple(Call), "did": did}
        if is_live(request):
            return self._console.page(request, "callbacks/parts.html", **context)
        return self._console.page(request, "callbacks/page.html", 409 if why else 200, active="callbacks", **context)

    async def call(self, request: web.Request) -> web.StreamResponse:
        """Reached, not reached, or nothing left to call about."""
        who, ident = request[WHO], request.match_info["conversation"]
        said = await field(request, "call")
        if said not in set(Call):
            raise web.HTTPBadRequest
        try:
            await self._desk.call(who.clerk, ident, Call(said))
        except NotNow as error:
            return await self.show(request, refusal(error, self._console.words(request)), ident)
        except (KeyError, ValueError):
            raise web.HTTPNotFound from None
        await self._console.audit.record(who.account.name, f"call_{said}", ident)
        # What was closed with it stands on the list no more: its undo does.
        raise web.HTTPSeeOther(f"{ROOT}/callbacks?did={ident}")

    def _row(self, c: Conversation, call: Callback, names: dict[str, str], matter: str) -> Row:
        team = self._console.core.town.teams.get(c.team)
        # Digits of other scripts are digits, too: a telephone wants ours.
        dial = "".join(str(int(ch)) if ch.isdecimal() else ch for ch in call.phone if ch.isdecimal() or ch == "+")
        now, owner = self._console.now(), names.get(c.owner, c.owner)
        caller = call.called_by(now)
        again = call.again if call.again and now < call.again else None
        return Row(c, call, dial, team.name if team else c.team, owner, matter, names.get(caller, caller), again)
