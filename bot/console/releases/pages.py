"""Pages of the releases: what waits for one, what each changes, what its proof says, what leads from one to another.

What editors do to them: bot.console.releases.verbs.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from aiohttp import web

from bot.console.accounts import Role
from bot.console.console import Console
from bot.console.identity import WHO
from bot.console.pages import html, is_live
from bot.console.releases.view import ORDER, PER_PAGE, SHAPE, Room
from bot.console.session import ROOT
from bot.route import Access, Route
from bot.taught.standing import standing
from faq.entry import Status
from faq.examples.added import Difference, difference
from faq.examples.revisions import Examples
from faq.releases import Release, State
from faq.releases.release import OPEN

RELEASES = f"{ROOT}/faq/releases"
LATEST, WAITING = 30, 500
"""Releases on one page; entries in review that it names."""
T = TypeVar("T")


class ReleasePages:
    """Handlers."""

    def __init__(self, console: Console, redis: Any) -> None:
        """`redis` tells how far the model of a release is that waits for it."""
        self.console, self._redis = console, redis
        core = console.core
        self.room = Room(core.catalogue, core.releases, lambda: core.town)

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        return [
            Route("GET", RELEASES, self.index, Access.EDITOR),
            Route("GET", RELEASES + "/{number}", self.one, Access.EDITOR),
            Route("GET", RELEASES + "/{a}/diff/{b}", self.diff, Access.EDITOR),
        ]

    async def index(self, request: web.Request) -> web.Response:
        """What waits for a release, and the releases."""
        return await self.listed(request)

    async def listed(
        self, request: web.Request, status: int = 200, said: str = "", typed: Mapping[str, Any] | None = None
    ) -> web.Response:
        """The list; `said` is what stands against the proposal that was `typed`."""
        before = request.query.get("before", "")
        shown = await aside(self._listed, int(before) if before.isdecimal() and len(before) < 9 else None)
        chosen = request.query.getall("entry", [])
        return self.console.page(
            request,
            "releases/list.html",
            status,
            active="faq",
            **shown,
            chosen=chosen,
            typed=typed or {"title": "", "entries": chosen, "removed": request.query.get("remove", ""), "rest": False},
            said=said,
            done=request.query.get("done", ""),
            names=await self.console.names(),
            may_edit=self._may_edit(request),
        )

    def unlisted(self, shown: Sequence[str]) -> dict[str, str]:
        """By entry the versions in review that a page with these did not show, and that no open release holds."""
        review = self.console.core.catalogue.pending(Status.REVIEW)
        found = self.room.releases.latest(LATEST)
        proposed = self._proposed(found, self.room.releases.states([release.id for release in found]))
        there = frozenset(shown)
        return {entry: id for entry, id in review.items() if entry not in there and id not in proposed}

    def _proposed(self, found: Sequence[Release], states: Mapping[str, str]) -> dict[str, int]:
        """Versions that stand in an open release, and its number."""
        proposed: dict[str, int] = {}
        for release in found:
            if states.get(release.id) in OPEN:
                changes = self.room.releases.diff(release.base, release.id)
                proposed |= {change.after: release.number for change in changes if change.after}
        return proposed

    def _listed(self, before: int | None) -> dict[str, Any]:
        room, catalogue = self.room, self.console.core.catalogue
        found = room.releases.latest(LATEST + 1, before)
        states = room.releases.states([release.id for release in found])
        waiting = catalogue.list(status=Status.REVIEW, limit=WAITING)
        return {
            "waiting": waiting.states,
            "total": waiting.total,
            "proposed": self._proposed(found, states),
            "releases": found[:LATEST],
            "more": found[LATEST - 1].number if len(found) > LATEST else 0,
            "states": states,
            "live": room.releases.live(),
            "back": room.releases.before(),
        }

    async def one(self, request: web.Request) -> web.Response:
        """One release; for our script, the part of it that moves."""
        return await self.told(request, await self.release(request))

    async def told(
        self, request: web.Request, release: Release, status: int = 200, said: str = "", why: str = ""
    ) -> web.Response:
        """One release; `said` is what stands against a step of which the reason was `why`."""
        t, who, page = self.console.words(request), request[WHO], _page(request)
        four_eyes = self.console.core.settings.four_eyes
        story = await aside(self.room.story, release, who.account.name, four_eyes, t, page)
        waits, settings = story.state is State.LOADING, self.console.core.settings
        context = {
            "s": story,
            "taught": await aside(self._taught, story.base.nlu if story.base else "", release.nlu),
            "loading": await standing(self._redis, settings, release.nlu) if waits else None,
            "said": said,
            "why": why,
            "done": request.query.get("done", ""),
            "names": await self.console.names(),
            "may_edit": self._may_edit(request),
            "four_eyes": four_eyes,
            "me": who.account.name,
            "page": page,
            "pages": max(1, -(-story.total // PER_PAGE)),
            "SHAPE": SHAPE,
            "ORDER": ORDER,
        }
        if is_live(request):
            text = html("releases/parts.html", t, **self.console.frame(request), **context)
            return web.Response(text=text, content_type="text/html")
        return self.console.page(request, "releases/one.html", status, active="faq", **context)

    def _taught(self, before: str, after: str) -> tuple[Difference, ...]:
        """What the examples of one name have that those of another have not."""
        examples = Examples(self.console.core.catalogue.engine)
        was, now = (examples.named(name) for name in (before, after))
        return difference(was.added, now.added) if was and now and before != after else ()

    async def diff(self, request: web.Request) -> web.Response:
        """What leads from one release to another."""
        a, b = await self.release(request, "a"), await self.release(request, "b")
        t, page = self.console.words(request), _page(request)
        changed = await aside(self.room.releases.diff, a.id, b.id)
        shown = changed[(page - 1) * PER_PAGE : page * PER_PAGE]
        return self.console.page(
            request,
            "releases/diff.html",
            active="faq",
            a=a,
            b=b,
            total=len(changed),
            changes=await aside(self.room.changes, shown, t),
            names=await self.console.names(),
            page=page,
            pages=max(1, -(-len(changed) // PER_PAGE)),
        )

    async def release(self, request: web.Request, name: str = "number") -> Release:
        """The one that the address names. Raises 404."""
        text = request.match_info[name]
        number = int(text) if text.isdecimal() and len(text) < 9 else -1
        release = await aside(self.room.releases.numbered, number)
        if release is None:
            raise web.HTTPNotFound
        return release

    def _may_edit(self, request: web.Request) -> bool:
        return request[WHO].account.role in (Role.EDITOR, Role.ADMIN)


def _page(request: web.Request) -> int:
    text = request.query.get("page", "")
    return max(1, int(text)) if text.isdecimal() and len(text) < 5 else 1


async def aside(do: Callable[..., T], *args: Any) -> T:
    """In a thread: it asks the database."""
    return await asyncio.to_thread(do, *args)
