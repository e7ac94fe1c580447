"""What is typed and not saved is kept on the server, for its writer alone; and who else has the entry open."""

import asyncio
from datetime import timedelta

from aiohttp import web

from bot.console import faq_form
from bot.console.console import Console, field
from bot.console.faq import ENTRIES, LARGEST, Faq
from bot.console.faq_page import EntryPage
from bot.console.identity import WHO
from bot.console.session import ROOT
from bot.route import Access, Route
from bot.store.presence import Doing
from faq.catalogue import State
from faq.editing.typed import TooMuch, Typed

HERE = timedelta(seconds=35)
"""How long a sign of life at an entry lasts: an open page says it every ten seconds."""


class FaqTyped:
    """Handlers."""

    def __init__(self, console: Console, faq: Faq) -> None:
        self._console, self._faq, self._page = console, faq, EntryPage(console)
        self._typed: Typed = self._page.typed

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        one, new = ENTRIES + "/{entry}", f"{ROOT}/faq/new"
        return [
            Route("POST", one + "/autosave", self.keep, Access.EDITOR, LARGEST),
            Route("POST", one + "/typed", self.settle, Access.EDITOR),
            Route("POST", one + "/here", self.here, Access.EDITOR),
            Route("POST", new + "/autosave", self.keep, Access.EDITOR, LARGEST),
            Route("POST", new + "/typed", self.settle, Access.EDITOR),
        ]

    async def keep(self, request: web.Request) -> web.Response:
        """Keep the form as it stands; says when, in words. Nothing but what is saved: nothing to keep."""
        state, t = await self._state(request), self._console.words(request)
        person, entry = request[WHO].account.name, state.entry if state else ""
        form = faq_form.tidied(await request.post())
        saved = faq_form.form_of(state.head.content) if state else faq_form.empty(self._console.now().date())
        if all(form[name] == saved[name] for name in form if name != "as_of" or state):
            await asyncio.to_thread(self._typed.forget, person, entry)
            return web.json_response({"said": ""})
        named = form | ({} if state else {"entry": (await field(request, "entry")).strip()[:160]})
        try:
            at = await asyncio.to_thread(self._typed.keep, person, entry, await field(request, "based_on"), named)
        except TooMuch:
            return web.json_response({"said": t("editor.typed.too_much")}, status=413)
        return web.json_response({"said": t("editor.typed.kept", when=t.clock(at))})

    async def settle(self, request: web.Request) -> web.Response:
        """Discard what was typed, or take that back."""
        state = await self._state(request)
        person, entry = request[WHO].account.name, state.entry if state else ""
        restores = await field(request, "do") == "restore"
        await asyncio.to_thread(self._typed.restore if restores else self._typed.discard, person, entry)
        page = f"{ENTRIES}/{entry}" if state else f"{ROOT}/faq/new"
        raise web.HTTPSeeOther(f"{page}?typed" if restores else f"{page}?done=discarded")

    async def here(self, request: web.Request) -> web.Response:
        """This page has the entry open, or leaves it; who else has, and whether somebody saved meanwhile."""
        state = await self._faq.state(request)
        said, now = await field(request, "doing"), self._console.now()
        doing = Doing(said) if said in set(Doing) else None
        who = request[WHO].account.name
        await self._console.core.store.attend(self._page.place(state.entry), who, doing, now + HERE, now)
        names, based_on = await self._console.names(), await field(request, "based_on")
        return self._console.page(
            request,
            "faq/others.html",
            others=await self._page.others(request, state),
            state=state,
            based_on=based_on,
            moved_on=bool(based_on) and based_on != state.head.id,
            names=names,
        )

    async def _state(self, request: web.Request) -> State | None:
        return await self._faq.state(request) if "entry" in request.match_info else None
