"""Pages of the releases: proposed out of what is in review, proved, signed, published, and gone back to."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from aiohttp import web

from bot.console.accounts import Role
from bot.console.console import Console, field
from bot.console.identity import WHO
from bot.console.pages import html, is_live
from bot.console.releases.view import ORDER, PER_PAGE, SHAPE, Room, Story
from bot.console.session import ROOT
from bot.route import Access, Route
from bot.taught.standing import standing
from faq import refusals
from faq.catalogue import CatalogueError
from faq.entry import Status
from faq.examples.added import Difference, difference
from faq.examples.revisions import Examples
from faq.proving.order import PROVE, order
from faq.releases import Release, State
from faq.tables import WHY

RELEASES = f"{ROOT}/faq/releases"
LATEST, WAITING = 30, 500
"""Releases on one page; entries in review that it offers."""
T = TypeVar("T")

SAID: Mapping[type[CatalogueError], str] = {
    refusals.NotProved: "not_proved",
    refusals.Worse: "worse",
    refusals.NeedsSecond: "second",
    refusals.Overtaken: "overtaken",
    refusals.NotPublishable: "not_publishable",
    refusals.ReasonMissing: "why",
    refusals.NothingChanged: "nothing_changed",
    refusals.WrongState: "state",
}
"""What stands on the page when a step is refused: releases.refused.<key>."""


class ReleasePages:
    """Handlers."""

    def __init__(self, console: Console, redis: Any) -> None:
        """`redis` tells how far the model of a release is that waits for it."""
        self._console, self._redis = console, redis
        self._room = Room(console.core.catalogue.engine, console.core.catalogue)

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        one = RELEASES + "/{number}"
        verbs = {
            "prove": self.prove,
            "sign": self.sign,
            "refuse": self.refuse,
            "withdraw": self.withdraw,
            "anew": self.anew,
            "publish": self.publish,
            "rollback": self.rollback,
        }
        return [
            Route("GET", RELEASES, self.index, Access.EDITOR),
            Route("POST", RELEASES, self.propose, Access.EDITOR),
            Route("GET", one, self.one, Access.EDITOR),
            Route("GET", RELEASES + "/{a}/diff/{b}", self.diff, Access.EDITOR),
            *(Route("POST", f"{one}/{verb}", do, Access.EDITOR) for verb, do in verbs.items()),
        ]

    # --- pages ---------------------------------------------------------------------------------------------

    async def index(self, request: web.Request) -> web.Response:
        """What waits for a release, and the releases."""
        return await self._index(request)

    async def _index(
        self, request: web.Request, status: int = 200, said: str = "", typed: Mapping[str, Any] | None = None
    ) -> web.Response:
        before = request.query.get("before", "")
        shown = await self._aside(self._listed, int(before) if before.isdecimal() and len(before) < 9 else None)
        chosen = request.query.getall("entry", [])
        return self._console.page(
            request,
            "releases/list.html",
            status,
            active="faq",
            **shown,
            chosen=chosen,
            typed=typed or {"title": "", "entries": chosen, "removed": request.query.get("remove", "")},
            said=said,
            done=request.query.get("done", ""),
            names=await self._console.names(),
            may_edit=self._may_edit(request),
        )

    def _listed(self, before: int | None) -> dict[str, Any]:
        room, catalogue = self._room, self._console.core.catalogue
        found = room.releases.latest(LATEST + 1, before)
        states = room.releases.states([release.id for release in found])
        proposed: dict[str, int] = {}
        for release in found:
            if states.get(release.id) in (State.PROPOSED, State.PROVING, State.PROVED, State.FAILED):
                proposed |= {c.after: release.number for c in room.releases.diff(release.base, release.id) if c.after}
        waiting = catalogue.list(status=Status.REVIEW, limit=WAITING)
        return {
            "waiting": waiting.states,
            "total": waiting.total,
            "proposed": proposed,
            "releases": found[:LATEST],
            "more": found[LATEST - 1].number if len(found) > LATEST else 0,
            "states": states,
            "live": room.releases.live(),
            "back": room.releases.before(),
        }

    async def one(self, request: web.Request) -> web.Response:
        """One release; for our script, the part of it that moves."""
        return await self._one(request, await self._release(request))

    async def _one(
        self, request: web.Request, release: Release, status: int = 200, said: str = "", why: str = ""
    ) -> web.Response:
        t, who, page = self._console.words(request), request[WHO], _page(request)
        four_eyes = self._console.core.settings.four_eyes
        story = await self._aside(self._room.story, release, who.account.name, four_eyes, t, page)
        waits, settings = story.state is State.LOADING, self._console.core.settings
        context = {
            "s": story,
            "taught": await self._aside(self._taught, story.base.nlu if story.base else "", release.nlu),
            "loading": await standing(self._redis, settings, release.nlu) if waits else None,
            "said": said,
            "why": why,
            "done": request.query.get("done", ""),
            "names": await self._console.names(),
            "may_edit": self._may_edit(request),
            "four_eyes": four_eyes,
            "me": who.account.name,
            "page": page,
            "pages": max(1, -(-story.total // PER_PAGE)),
            "SHAPE": SHAPE,
            "ORDER": ORDER,
        }
        if is_live(request):
            text = html("releases/parts.html", t, **self._console.frame(request), **context)
            return web.Response(text=text, content_type="text/html")
        return self._console.page(request, "releases/one.html", status, active="faq", **context)

    def _taught(self, before: str, after: str) -> tuple[Difference, ...]:
        """What the examples of one name have that those of another have not."""
        examples = Examples(self._console.core.catalogue.engine)
        was, now = (examples.named(name) for name in (before, after))
        return difference(was.added, now.added) if was and now and before != after else ()

    async def diff(self, request: web.Request) -> web.Response:
        """What leads from one release to another."""
        a, b = await self._release(request, "a"), await self._release(request, "b")
        t, page = self._console.words(request), _page(request)
        changed = await self._aside(self._room.releases.diff, a.id, b.id)
        shown = changed[(page - 1) * PER_PAGE : page * PER_PAGE]
        return self._console.page(
            request,
            "releases/diff.html",
            active="faq",
            a=a,
            b=b,
            total=len(changed),
            changes=await self._aside(self._room.changes, shown, t),
            names=await self._console.names(),
            page=page,
            pages=max(1, -(-len(changed) // PER_PAGE)),
        )

    # --- steps ---------------------------------------------------------------------------------------------

    async def propose(self, request: web.Request) -> web.Response:
        """A release of the chosen versions in review, and of what is to be taken out; its trials begin at once."""
        who, posted = request[WHO], await request.post()
        chosen = [value for value in posted.getall("entries", []) if isinstance(value, str)]
        title, removed = (await field(request, "title")).strip(), await field(request, "removed")
        typed = {"title": title, "entries": [value.partition(" ")[0] for value in chosen], "removed": removed}
        out = [name for name in removed.replace(",", " ").split() if name]
        changes: dict[str, str | None] = dict.fromkeys(out)
        for value in chosen:
            entry, _, revision = value.partition(" ")
            changes[entry] = revision
        if not changes:
            return await self._index(request, 400, "nothing_chosen", typed)
        if strange := await self._aside(self._not_live, out):
            return await self._index(request, 400, "removed", {**typed, "strange": ", ".join(strange)})
        try:
            release = await self._aside(self._room.releases.propose, changes, who.account.name, title)
        except refusals.NothingChanged:
            return await self._index(request, 409, "nothing_changed", typed)
        except CatalogueError:
            return await self._index(request, 409, "overtaken_edit", typed)
        await self._prove(who.account.name, release)
        await self._console.audit.record(who.account.name, "release_proposed", str(release.number))
        raise _see(release.number, "proposed")

    def _not_live(self, entries: list[str]) -> list[str]:
        live = self._room.releases.live()
        manifest = self._room.releases.manifest(live.id) if live else {}
        return [entry for entry in entries if entry not in manifest]

    async def prove(self, request: web.Request) -> web.Response:
        """Ask the trials, again."""
        release = await self._release(request)
        await self._prove(request[WHO].account.name, release)
        raise _see(release.number, "")

    async def _prove(self, by: str, release: Release) -> None:
        await self._aside(order, self._console.core.catalogue.engine, release.id, by)

    async def sign(self, request: web.Request) -> web.Response:
        """Vouch for what others wrote."""
        return await self._step(request, self._room.releases.sign, "signed")

    async def refuse(self, request: web.Request) -> web.Response:
        """Back to who wrote it, with what has to change."""
        return await self._step(request, self._room.releases.refuse, "refused", reason=True)

    async def withdraw(self, request: web.Request) -> web.Response:
        """Nobody wants it any more; what was in review stays there."""
        release = await self._release(request)
        await self._aside(self._room.jobs.call_off, PROVE, release.id)
        return await self._step(request, self._room.releases.withdraw, "withdrawn")

    async def anew(self, request: web.Request) -> web.Response:
        """The same changes upon what is live now, proved again."""
        release, by = await self._release(request), request[WHO].account.name
        try:
            made = await self._aside(self._room.releases.anew, release.id, by)
        except CatalogueError as error:
            return await self._refused(request, release, error)
        await self._prove(by, made)
        await self._console.audit.record(by, "release_proposed", str(made.number))
        raise _see(made.number, "anew")

    async def publish(self, request: web.Request) -> web.Response:
        """Make it live. A reason overrules the trials; the record keeps it."""
        release, by, why = await self._release(request), request[WHO].account.name, await _why(request)
        four_eyes = self._console.core.settings.four_eyes
        try:
            story = await self._story(request, release)
            needed = why if story.forced else ""
            await self._aside(self._room.releases.publish, release.id, by, four_eyes, needed)
        except CatalogueError as error:
            return await self._refused(request, release, error, why)
        told = f"{release.number} · {needed}" if needed else str(release.number)
        await self._console.audit.record(by, "release_forced" if needed else "release_published", told)
        raise _see(release.number, "published")

    async def rollback(self, request: web.Request) -> web.Response:
        """Back to this one, which was live before; at once, by one person, with a reason."""
        release, by, why = await self._release(request), request[WHO].account.name, await _why(request)
        try:
            await self._aside(self._room.releases.rollback, release.id, by, why)
        except CatalogueError as error:
            return await self._refused(request, release, error, why)
        await self._console.audit.record(by, "release_rolled_back", f"{release.number} · {why}")
        raise _see(release.number, "rolled_back")

    async def _step(
        self, request: web.Request, do: Callable[..., None], done: str, reason: bool = False
    ) -> web.Response:
        release, by, why = await self._release(request), request[WHO].account.name, await _why(request)
        try:
            await self._aside(do, release.id, by, *([why] if reason else []))
        except CatalogueError as error:
            return await self._refused(request, release, error, why)
        await self._console.audit.record(by, f"release_{done}", str(release.number))
        raise _see(release.number, done)

    async def _refused(
        self, request: web.Request, release: Release, error: CatalogueError, why: str = ""
    ) -> web.Response:
        said = next((key for kind, key in SAID.items() if isinstance(error, kind)), "state")
        return await self._one(request, release, 409, said, why)

    # --- inside --------------------------------------------------------------------------------------------

    async def _story(self, request: web.Request, release: Release) -> Story:
        four_eyes = self._console.core.settings.four_eyes
        t, me = self._console.words(request), request[WHO].account.name
        return await self._aside(self._room.story, release, me, four_eyes, t)

    async def _release(self, request: web.Request, name: str = "number") -> Release:
        text = request.match_info[name]
        number = int(text) if text.isdecimal() and len(text) < 9 else -1
        release = await self._aside(self._room.releases.numbered, number)
        if release is None:
            raise web.HTTPNotFound
        return release

    def _may_edit(self, request: web.Request) -> bool:
        return request[WHO].account.role in (Role.EDITOR, Role.ADMIN)

    async def _aside(self, do: Callable[..., T], *args: Any) -> T:
        return await asyncio.to_thread(do, *args)


async def _why(request: web.Request) -> str:
    return " ".join((await field(request, "why")).split())[:WHY]


def _page(request: web.Request) -> int:
    text = request.query.get("page", "")
    return max(1, int(text)) if text.isdecimal() and len(text) < 5 else 1


def _see(number: int, done: str) -> web.HTTPException:
    return web.HTTPSeeOther(f"{RELEASES}/{number}{f'?done={done}' if done else ''}")
