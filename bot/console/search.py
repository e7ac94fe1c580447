"""The page that searches conversations."""

import re
from datetime import UTC, datetime
from urllib.parse import urlencode

from aiohttp import web

from bot.console.console import Console
from bot.console.filters import LONGEST
from bot.console.identity import WHO
from bot.console.inbox_view import row
from bot.console.searching import Query, search
from bot.console.session import ROOT
from bot.console.summaries import Summary
from bot.route import Access, Route

_TIME = re.compile(r"[0-9]{1,10}([.][0-9]{1,9})?")  # in the address, as unix seconds


class Search:
    """Handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """The route with its policy."""
        return [Route("GET", f"{ROOT}/search", self.page, Access.CLERK)]

    async def page(self, request: web.Request) -> web.Response:
        """The field, below it what was found, and from where on it may be searched further."""
        console, who = self._console, request[WHO]
        t, core, typed = console.words(request), console.core, request.query.get("q", "")[:LONGEST].strip()
        query, before = Query.of(typed), _moment(request.query.get("before", ""))
        results = await search(core.store, who.clerk, query, before)
        names = await console.names()
        found = [
            {"hit": hit, "row": row(hit.conversation, who.account.name, Summary(), t, core.town, names)}
            for hit in results.hits
        ]
        on = ""
        if results.until:
            on = f"{ROOT}/search?" + urlencode({"q": typed, "before": repr(results.until)})
        said = {
            "typed": typed,
            "short": bool(typed) and not query,
            "found": found,
            "until": _at(results.until),
            "on": on,
            "before": _at(before),
        }
        return console.page(request, "inbox/search.html", active="search", said=said)


def _moment(typed: str) -> float | None:
    """Out of the address; None for whatever is no time: then the search begins anew."""
    return float(typed) if _TIME.fullmatch(typed) else None


def _at(moment: float | None) -> datetime | None:
    return None if moment is None else datetime.fromtimestamp(moment, UTC)
