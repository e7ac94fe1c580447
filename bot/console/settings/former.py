"""A section's former revisions: each in words, beside what holds now, and put in force again."""

from aiohttp import web

from bot.console.console import Console
from bot.console.identity import WHO
from bot.console.settings.keeping import Keeper
from bot.console.settings.section import Section
from bot.console.settings.trouble import said_of
from bot.route import Access, Route
from faq.marked import FileError
from faq.town.revisions import FILE, Kept, Overtaken


class FormerPages:
    """Handlers; `at` is where the section's own page is."""

    def __init__(self, console: Console, section: Section, at: str) -> None:
        self._console, self._section, self._at = console, section, at
        self._keeper = Keeper(console, section)

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        return [
            Route("GET", self._at + "/{number}", self.look, Access.ADMIN),
            Route("POST", self._at + "/{number}/restore", self.restore, Access.ADMIN),
        ]

    async def look(self, request: web.Request) -> web.Response:
        """What it says, and what is different now."""
        await self._keeper.live.refresh()
        return self._show(request, await self._kept(request), await self._console.names())

    async def restore(self, request: web.Request) -> web.Response:
        """Publish it again, on top of what its reader saw."""
        await self._keeper.live.refresh()
        kept, t = await self._kept(request), self._console.words(request)
        number = str((await request.post()).get("based_on", ""))
        newest = self._keeper.newest
        try:
            imagined = self._keeper.live.imagined({self._section.name: kept.content})
            if newest is None or number != str(newest.number):
                raise Overtaken(newest or kept)
            if busy := await self._keeper.still_needed(imagined, t):
                return await self._refused(request, kept, " ".join(busy.general))
            why = t("settings.restore.why", n=kept.number)
            changed = await self._keeper.save(kept.content, request[WHO].account.name, why, newest.number)
        except FileError as error:
            return await self._refused(request, kept, t("settings.restore.unfit", why=said_of(error, t)))
        except Overtaken:
            return await self._refused(request, kept, t("settings.restore.newer"))
        raise web.HTTPSeeOther(f"{self._at}?done={'restored' if changed else 'same'}")

    async def _kept(self, request: web.Request) -> Kept:
        kept = await self._keeper.get(request.match_info["number"])
        if kept is None:
            raise web.HTTPNotFound
        return kept

    async def _refused(self, request: web.Request, kept: Kept, said: str) -> web.Response:
        await self._keeper.live.refresh()
        return self._show(request, kept, await self._console.names(), said, 409)

    def _show(
        self, request: web.Request, kept: Kept, names: dict[str, str], said: str = "", status: int = 200
    ) -> web.Response:
        t, newest = self._console.words(request), self._keeper.newest
        choices = self._keeper.choices(t)
        then = self._section.sentences(kept.content, choices, t)
        now = self._section.sentences(self._keeper.document, choices, t)
        return self._console.page(
            request,
            "settings/revision.html",
            status,
            active="settings",
            section=self._section,
            at=self._at,
            kept=kept,
            live=newest,
            is_live=newest is not None and newest.number == kept.number,
            then=then,
            only_then=[line for line in then if line not in now],
            only_now=[line for line in now if line not in then],
            names=names,
            file=FILE,
            said=said,
        )
