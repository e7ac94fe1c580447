"""Here, or away for a reason: chosen in the header. And who else is at a conversation, told by their pages."""

from datetime import timedelta

from aiohttp import web

from bot.console.console import Console, field
from bot.console.identity import WHO
from bot.console.pages import is_live
from bot.console.roster import AWAY, LOOKS, REASONS
from bot.console.session import ROOT, safe
from bot.conversation import Conversation
from bot.route import Access, Route
from bot.store.presence import Doing

TYPES = timedelta(seconds=8)  # and while somebody types every four


class Presences:
    """Handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        return [
            Route("POST", f"{ROOT}/presence", self.choose, Access.CLERK),
            Route("POST", f"{ROOT}/presence/active", self.active, Access.CLERK),
            Route("POST", f"{ROOT}/inbox/{{conversation}}/here", self.here, Access.CLERK),
            Route("GET", f"{ROOT}/inbox/{{conversation}}/people", self.others, Access.CLERK),
        ]

    async def choose(self, request: web.Request) -> web.StreamResponse:
        """Away for a reason, or here again; back to the page on which it was chosen."""
        who, reason = request[WHO], await field(request, "reason")
        if reason and reason not in REASONS:
            raise web.HTTPBadRequest
        await self._console.core.store.be_away(who.account.name, reason, self._console.now() + AWAY)
        await self._console.audit.record(who.account.name, "away" if reason else "here", reason)
        raise web.HTTPSeeOther(safe(await field(request, "next")))

    async def active(self, request: web.Request) -> web.StreamResponse:
        """Somebody moves, types or clicks at an open page."""
        await self._console.identity.touched(request[WHO].account.name)
        return web.json_response({})

    async def here(self, request: web.Request) -> web.StreamResponse:
        """This page looks at the conversation, types in it, or leaves it."""
        conversation = await self._seen(request)
        said = await field(request, "doing")
        doing = Doing(said) if said in set(Doing) else None
        now = self._console.now()
        until = now + (TYPES if doing is Doing.TYPING else LOOKS)
        await self._console.core.store.attend(conversation.id, request[WHO].account.name, doing, until, now)
        return web.json_response({})

    async def others(self, request: web.Request) -> web.StreamResponse:
        """Who else is at it, as a fragment."""
        conversation = await self._seen(request)
        others = await self._console.others(conversation.id, request[WHO].account.name)
        if not is_live(request):
            raise web.HTTPSeeOther(f"{ROOT}/inbox/{conversation.id}")
        return self._console.page(request, "inbox/others.html", others=others)

    async def _seen(self, request: web.Request) -> Conversation:
        try:
            opened = await self._console.core.desk.look(request[WHO].clerk, request.match_info["conversation"])
        except (KeyError, ValueError):
            raise web.HTTPNotFound from None
        return opened
