"""An entry's history: an older version to read, any two compared word by word, an older one back as a new draft."""

import asyncio
from typing import Any

from aiohttp import web

from bot.console import faq_form
from bot.console.console import Console, field
from bot.console.faq import ENTRIES, Faq, see
from bot.console.faq_diff import compared
from bot.console.faq_page import EntryPage, label, may_edit
from bot.console.faq_said import said
from bot.console.identity import WHO
from bot.console.words import Words
from bot.route import Access, Route
from faq.catalogue import EditConflict, State
from faq.entry import Revision, content_to_json
from faq.town import Town


class FaqHistory:
    """Handlers."""

    def __init__(self, console: Console, faq: Faq) -> None:
        self._console, self._faq, self._page = console, faq, EntryPage(console)
        self._catalogue = console.core.catalogue

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        one = ENTRIES + "/{entry}"
        return [
            Route("GET", one + "/compare", self.compare, Access.EDITOR),
            Route("GET", one + "/{revision}", self.revision, Access.EDITOR),
            Route("POST", one + "/restore", self.restore, Access.EDITOR),
        ]

    async def revision(self, request: web.Request) -> web.Response:
        """An older version, as citizens read it, and what the newest one says otherwise."""
        state = await self._faq.state(request)
        old = await self._of(state, request.match_info["revision"])
        return await self._shown(request, state, old, state.head)

    async def compare(self, request: web.Request) -> web.Response:
        """Two versions, each by its id; without them the newest and what answers now."""
        state = await self._faq.state(request)
        before = request.query.get("a") or (state.live or state.head).id
        after = request.query.get("b") or state.head.id
        return await self._shown(request, state, await self._of(state, before), await self._of(state, after))

    async def _shown(self, request: web.Request, state: State, old: Revision, new: Revision) -> web.Response:
        t = self._console.words(request)
        history = await asyncio.to_thread(self._catalogue.history, state.entry)
        return self._console.page(
            request,
            "faq/revision.html",
            active="faq",
            state=state,
            old=old,
            new=new,
            is_live=state.live is not None and state.live.id == old.id,
            changes=await asyncio.to_thread(changes, old, new, self._console.core.town, t),
            previews=await self._page.previews_of(old),
            history=history,
            names=await self._console.names(),
            may_edit=may_edit(request),
        )

    async def restore(self, request: web.Request) -> web.Response:
        """An older version's words as a new draft, on top of the newest that its reader knew."""
        state, who = await self._faq.state(request), request[WHO].account.name
        old = await self._of(state, await field(request, "revision"))
        if content_to_json(old.content) == content_to_json(state.head.content):
            raise see(state.entry, "kept")
        based_on = await field(request, "based_on")
        try:
            await asyncio.to_thread(self._catalogue.save_draft, state.entry, old.content, who, based_on or None)
        except EditConflict:
            return await self._faq.again(request, state.entry, "editor.moved_on")
        await self._console.audit.record(who, "faq_restored", state.entry)
        raise see(state.entry, "restored")

    async def _of(self, state: State, id: str) -> Revision:
        found = await asyncio.to_thread(self._catalogue.revision, id)
        if found is None or found.entry != state.entry:
            raise web.HTTPNotFound
        return found


def changes(old: Revision, new: Revision, town: Town, t: Words) -> list[dict[str, Any]]:
    """Every field in which they differ, its name and its words: taken out, put in, the same."""
    before, after = faq_form.form_of(old.content), faq_form.form_of(new.content)
    return [
        {"label": label(name, t), "pieces": compared(*(said(name, form[name], town, t) for form in (before, after)))}
        for name in faq_form.names()
        if before[name] != after[name]
    ]
