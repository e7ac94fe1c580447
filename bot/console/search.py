"""The page that searches conversations."""

from aiohttp import web

from bot.console.console import Console
from bot.console.filters import LONGEST
from bot.console.identity import WHO
from bot.console.inbox_view import row
from bot.console.searching import DEPTH, FOUND, Query, search
from bot.console.session import ROOT
from bot.console.summaries import Summary
from bot.route import Access, Route


class Search:
    """Handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """The route with its policy."""
        return [Route("GET", f"{ROOT}/search", self.page, Access.CLERK)]

    async def page(self, request: web.Request) -> web.Response:
        """The field, and below it what was found."""
        console, who = self._console, request[WHO]
        t, core, typed = console.words(request), console.core, request.query.get("q", "")[:LONGEST].strip()
        query = Query.of(typed)
        results = await search(core.desk, core.store, who.clerk, query)
        names = await console.names()
        found = [
            {"hit": hit, "row": row(hit.conversation, who.account.name, Summary(), t, core.town, names)}
            for hit in results.hits
        ]
        said = {"typed": typed, "short": bool(typed) and not query, "found": found, "more": results.more}
        return console.page(request, "inbox/search.html", active="search", depth=DEPTH, most=FOUND, said=said)
