"""The composer's canned responses: put into the reply by a plain form here, by static/canned.js where scripts run."""

from collections.abc import Sequence

from aiohttp import web

from bot.console.console import Console, field
from bot.console.identity import WHO, Who
from bot.console.inbox import LONGEST, Draft, Inbox
from bot.console.passing import refusal
from bot.console.session import ROOT
from bot.conversation import Conversation, NotNow, Status
from bot.handoff.canned import Filled, ready
from bot.route import Access, Route


class Composer:
    """Handlers."""

    def __init__(self, console: Console, inbox: Inbox) -> None:
        self._console, self._inbox = console, inbox

    def routes(self) -> list[Route]:
        """The route with its policy."""
        return [Route("POST", f"{ROOT}/inbox/{{conversation}}/fill", self.fill, Access.CLERK)]

    async def fill(self, request: web.Request) -> web.Response:
        """The page with the chosen response behind what was typed; nothing is sent or kept."""
        opened = await self._inbox.open(request, request.match_info["conversation"])
        typed, chosen = await field(request, "text"), await field(request, "canned")
        try:
            text = joined(typed, chosen, offered(self._console, opened.conversation, request[WHO]))
        except NotNow as error:
            why = refusal(error, self._console.words(request))
            return await self._inbox.show(request, opened, Draft(typed, failed="reply", why=why), 409)
        return await self._inbox.show(request, opened, Draft(text))


def offered(console: Console, c: Conversation, who: Who) -> list[Filled]:
    """The responses for this conversation. Raises NotNow for who is not in charge: they hold the citizen's name."""
    if c.status is not Status.ASSIGNED or c.owner != who.account.name:
        raise NotNow("not.assigned")
    return ready(console.core.town, c, who.clerk.name)


def joined(typed: str, chosen: str, responses: Sequence[Filled]) -> str:
    """What was typed, and the response on a line of its own. Raises NotNow with what is wrong."""
    found = next((r.text for r in responses if r.id == chosen), "")
    if not found:
        raise NotNow("choose.canned")
    text = f"{typed.rstrip()}\n{found}" if typed.strip() else found
    if len(text) > LONGEST:
        raise NotNow("long.reply")
    return text
