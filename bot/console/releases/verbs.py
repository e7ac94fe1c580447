"""What editors do to releases: propose, prove, sign, refuse, withdraw, publish, go back. Each ends on a page."""

from collections.abc import Callable, Mapping

from aiohttp import web

from bot.console.console import field
from bot.console.identity import WHO
from bot.console.releases.pages import RELEASES, ReleasePages, aside
from bot.console.releases.view import Story
from bot.route import Access, Route
from faq import refusals
from faq.catalogue import CatalogueError
from faq.proving.order import PROVE, order
from faq.releases import Release, State

REASON = 180
"""Characters of a reason, so that the record of deeds has it whole, beside the release's number."""
SAID: Mapping[type[CatalogueError], str] = {
    refusals.NotProved: "not_proved",
    refusals.Worse: "worse",
    refusals.NotInReview: "not_in_review",
    refusals.NeedsSecond: "second",
    refusals.Overtaken: "overtaken",
    refusals.NotPublishable: "not_publishable",
    refusals.ReasonMissing: "why",
    refusals.NothingChanged: "nothing_changed",
    refusals.WrongState: "state",
}
"""What stands on the page when a step is refused: releases.refused.<key>."""


class ReleaseVerbs:
    """Handlers. What is refused is said on the release's own page."""

    def __init__(self, pages: ReleasePages) -> None:
        self._pages, self._console, self._room = pages, pages.console, pages.room

    def routes(self) -> list[Route]:
        """The routes with their policies."""
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
            Route("POST", RELEASES, self.propose, Access.EDITOR),
            *(Route("POST", f"{RELEASES}/{{number}}/{verb}", do, Access.EDITOR) for verb, do in verbs.items()),
        ]

    async def propose(self, request: web.Request) -> web.Response:
        """A release of the chosen versions in review, and of what is to be taken out; its trials begin at once."""
        who, posted = request[WHO], await request.post()
        chosen = [value for value in posted.getall("entries", []) if isinstance(value, str)]
        title, removed = (await field(request, "title")).strip(), await field(request, "removed")
        rest = bool(await field(request, "rest"))
        typed = {
            "title": title,
            "entries": [value.partition(" ")[0] for value in chosen],
            "removed": removed,
            "rest": rest,
        }
        out = [name for name in removed.replace(",", " ").split() if name]
        changes: dict[str, str | None] = dict.fromkeys(out)
        for value in chosen:
            entry, _, revision = value.partition(" ")
            changes[entry] = revision
        if rest:
            shown = (await field(request, "shown")).split()
            changes |= await aside(self._pages.unlisted, shown)
        if not changes:
            return await self._pages.listed(request, 400, "nothing_chosen", typed)
        if strange := await aside(self._not_live, out):
            return await self._pages.listed(request, 400, "removed", {**typed, "strange": ", ".join(strange)})
        try:
            release = await aside(self._room.releases.propose, changes, who.account.name, title)
        except refusals.NothingChanged:
            return await self._pages.listed(request, 409, "nothing_changed", typed)
        except CatalogueError:
            return await self._pages.listed(request, 409, "overtaken_edit", typed)
        await self._prove(who.account.name, release)
        await self._console.audit.record(who.account.name, "release_proposed", str(release.number))
        raise see(release.number, "proposed")

    def _not_live(self, entries: list[str]) -> list[str]:
        live = self._room.releases.live()
        manifest = self._room.releases.manifest(live.id) if live else {}
        return [entry for entry in entries if entry not in manifest]

    async def prove(self, request: web.Request) -> web.Response:
        """Ask the trials, again."""
        release = await self._pages.release(request)
        try:
            await self._prove(request[WHO].account.name, release)
        except CatalogueError as error:
            return await self._refused(request, release, error)
        raise see(release.number, "")

    async def _prove(self, by: str, release: Release) -> None:
        await aside(order, self._console.core.catalogue.engine, release.id, by)

    async def sign(self, request: web.Request) -> web.Response:
        """Vouch for what others wrote."""
        return await self._step(request, self._room.releases.sign, "signed")

    async def refuse(self, request: web.Request) -> web.Response:
        """Back to who wrote it, with what has to change."""
        return await self._step(request, self._room.releases.refuse, "refused", reason=True, ends=True)

    async def withdraw(self, request: web.Request) -> web.Response:
        """Nobody wants it any more; what was in review stays there."""
        return await self._step(request, self._room.releases.withdraw, "withdrawn", ends=True)

    async def anew(self, request: web.Request) -> web.Response:
        """The same changes upon what is live now, proved again."""
        release, by = await self._pages.release(request), request[WHO].account.name
        try:
            made = await aside(self._room.releases.anew, release.id, by)
        except CatalogueError as error:
            return await self._refused(request, release, error)
        await self._prove(by, made)
        await self._console.audit.record(by, "release_proposed", str(made.number))
        raise see(made.number, "anew")

    async def publish(self, request: web.Request) -> web.Response:
        """Make it live. A reason overrules the trials; the record keeps it."""
        release, by, why = await self._pages.release(request), request[WHO].account.name, await _why(request)
        four_eyes = self._console.core.settings.four_eyes
        try:
            story = await self._story(request, release)
            needed, before = why if story.forced else "", await self._noted(release, by)
            await aside(self._room.releases.publish, release.id, by, four_eyes, needed)
        except CatalogueError as error:
            return await self._refused(request, release, error, why)
        told = f"{release.number} · {needed}" if needed else str(release.number)
        if await self._noted(release, by) > before:
            await self._console.audit.record(by, "release_forced" if needed else "release_published", told)
        raise see(release.number, await self._arrived(release, "published"))

    async def rollback(self, request: web.Request) -> web.Response:
        """Back to this one, which was live before; at once, by one person, with a reason. Not when another release
        answers by now than the page had said."""
        release, by, why = await self._pages.release(request), request[WHO].account.name, await _why(request)
        seen, before = await field(request, "live"), await self._noted(release, by)
        again = bool(await field(request, "again"))
        try:
            await aside(self._room.releases.rollback, release.id, by, why, seen or None, again)
        except refusals.Overtaken:
            return await self._pages.told(request, release, 409, "moved", why)
        except CatalogueError as error:
            return await self._refused(request, release, error, why)
        if await self._noted(release, by) > before:
            await self._console.audit.record(by, "release_rolled_back", f"{release.number} · {why}")
        raise see(release.number, await self._arrived(release, "rolled_back"))

    async def _arrived(self, release: Release, done: str) -> str:
        """What was done: a release whose model has yet to be loaded answers nobody so far."""
        state = await aside(self._room.releases.state, release.id)
        return f"{done}_loading" if state is State.LOADING else done

    async def _step(
        self, request: web.Request, do: Callable[..., None], done: str, reason: bool = False, ends: bool = False
    ) -> web.Response:
        """`ends`: nobody waits for its trials any more."""
        release, by, why = await self._pages.release(request), request[WHO].account.name, await _why(request)
        before = await self._noted(release, by)
        try:
            await aside(do, release.id, by, *([why] if reason else []))
        except CatalogueError as error:
            return await self._refused(request, release, error, why)
        if ends:
            await aside(self._room.jobs.call_off, PROVE, release.id)
        if await self._noted(release, by) > before:
            await self._console.audit.record(by, f"release_{done}", str(release.number))
        raise see(release.number, done)

    async def _noted(self, release: Release, by: str) -> int:
        """Steps of theirs in its story. What somebody else was quicker at adds none, and is no deed of theirs."""
        return sum(step.by == by for step in await aside(self._room.releases.steps, release.id))

    async def _refused(
        self, request: web.Request, release: Release, error: CatalogueError, why: str = ""
    ) -> web.Response:
        said = next((key for kind, key in SAID.items() if isinstance(error, kind)), "state")
        return await self._pages.told(request, release, 409, said, why)

    async def _story(self, request: web.Request, release: Release) -> Story:
        four_eyes = self._console.core.settings.four_eyes
        t, me = self._console.words(request), request[WHO].account.name
        return await aside(self._room.story, release, me, four_eyes, t)


async def _why(request: web.Request) -> str:
    return " ".join((await field(request, "why")).split())[:REASON]


def see(number: int, done: str) -> web.HTTPException:
    return web.HTTPSeeOther(f"{RELEASES}/{number}{f'?done={done}' if done else ''}")
