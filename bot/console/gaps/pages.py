"""What citizens asked in vain, as a list of clusters: the heaviest first."""

import asyncio
from collections import Counter
from typing import Any

from aiohttp import web

from bot.console.console import Console
from bot.console.faq_list import topics
from bot.console.gaps.cluster_page import ClusterPage
from bot.console.gaps.decide_page import DecidePage
from bot.console.gaps.room import GAPS, Room, may_edit, spark, told
from bot.console.identity import WHO
from bot.console.words import Words
from bot.gaps.gap import Cluster, State
from bot.gaps.kept import Filter
from bot.route import Access, Route
from nlu.profiles import LANGUAGES

PER_PAGE = 40
DAYS = (7, 30, 90)
SHOWN = (State.OPEN, State.WORKING, State.ANSWERED, State.FOREIGN, State.UNCLEAR)


class GapPages:
    """Handlers."""

    def __init__(self, console: Console) -> None:
        self._room, self._console = Room(console), console

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        return [
            Route("GET", GAPS, self.index, Access.EDITOR),
            Route("POST", f"{GAPS}/look", self.look, Access.EDITOR),
            *ClusterPage(self._room).routes(),
            *DecidePage(self._room).routes(),
        ]

    async def index(self, request: web.Request) -> web.Response:
        """The list, filtered. Without a state named: open ones."""
        t, room = self._console.words(request), self._room
        wanted = _filter(request)
        every = await asyncio.to_thread(room.gaps.list, Filter("", wanted.language, wanted.topic, wanted.days))
        states = Counter(str(one.state) for one in every)
        chosen = [one for one in every if one.state == wanted.state]
        pages = max(1, -(-len(chosen) // PER_PAGE))
        number = request.query.get("page", "")
        page = min(pages, max(1, int(number))) if number.isdecimal() and len(number) < 5 else 1
        names = topics(self._console, t)
        return self._console.page(
            request,
            "gaps/list.html",
            active="faq",
            rows=[row(one, t) for one in chosen[(page - 1) * PER_PAGE : page * PER_PAGE]],
            wanted=wanted,
            states=[(str(state), states[state]) for state in SHOWN],
            languages=sorted(LANGUAGES),
            topics=names,
            days=DAYS,
            page=page,
            pages=pages,
            total=len(chosen),
            anything=bool(every) or bool(await asyncio.to_thread(room.gaps.list)),
            job=await room.last_look(),
            may_edit=may_edit(request),
        )

    async def look(self, request: web.Request) -> web.StreamResponse:
        """Look for what is new now; it is done in the background."""
        await self._room.order(request[WHO].account.name)
        raise web.HTTPSeeOther(GAPS)


def row(one: Cluster, t: Words) -> dict[str, Any]:
    """One line of the list."""
    return {
        "cluster": one,
        "bars": spark(one.weekly),
        "course": told(one.weekly, t),
        "usual": t.number(one.usual, 0 if one.usual.is_integer() else 1),
        "languages": [(t.maybe(f"language.{code}", code), n) for code, n in one.languages.most_common()],
        "channels": [(t.maybe(f"channel.{name}", name), n) for name, n in one.channels.most_common()],
    }


def _filter(request: web.Request) -> Filter:
    asked = {name: request.query.get(name, "")[:160] for name in ("state", "language", "topic", "days")}
    state = asked["state"] if asked["state"] in set(State) else str(State.OPEN)
    days = int(asked["days"]) if asked["days"] in map(str, DAYS) else 0
    return Filter(state, asked["language"] if asked["language"] in LANGUAGES else "", asked["topic"], days)
