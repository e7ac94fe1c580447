"""One entry: edit, look at the answer as citizens get it, hand it to review. Nothing that somebody typed is lost."""

import asyncio
from collections.abc import Mapping
from datetime import date

from aiohttp import web

from bot.console import faq_form
from bot.console.console import Console, field
from bot.console.faq_conflict import TAKE, THEIRS, merged
from bot.console.faq_page import Edited, EntryPage
from bot.console.identity import WHO
from bot.console.pages import html
from bot.console.session import ROOT
from bot.route import Access, Route
from faq.catalogue import EditConflict, State, WrongStatus
from faq.editing.typed import Typing
from faq.editing.withdrawal import take_back
from faq.entry import Content, Draft, Problem, Revision, content_to_json, validate

ENTRIES = f"{ROOT}/faq/entries"
DONE = ("saved", "archived", "submitted", "taken_back", "restored", "discarded", "kept")
LARGEST = 4 * 1024 * 1024
"""Bytes of a form: all languages at their longest, percent-encoded."""


class Faq:
    """Handlers."""

    def __init__(self, console: Console) -> None:
        self._console, self._catalogue = console, console.core.catalogue
        self._page = EntryPage(console)
        self._typed = self._page.typed

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        one = ENTRIES + "/{entry}"
        return [
            Route("GET", f"{ROOT}/faq/new", self.new, Access.EDITOR),
            Route("POST", f"{ROOT}/faq/new", self.add, Access.EDITOR, LARGEST),
            Route("POST", f"{ROOT}/faq/preview", self.preview, Access.EDITOR, LARGEST),
            Route("GET", one, self.entry, Access.EDITOR),
            Route("POST", one, self.save, Access.EDITOR, LARGEST),
            Route("POST", one + "/archive", self.archive, Access.EDITOR),
            Route("POST", one + "/take-back", self.take_back, Access.EDITOR),
        ]

    # --- pages ---------------------------------------------------------------------------------------------

    async def new(self, request: web.Request) -> web.Response:
        """An empty form, or what was typed into it."""
        return await self._shown(request, None, Edited(faq_form.empty(self._today())))

    async def entry(self, request: web.Request) -> web.Response:
        """The newest revision as a form, or with ?typed what this person had typed; read-only for auditors."""
        state = await self.state(request)
        head = state.head
        problems = validate(Draft(head.entry, head.content))
        edited = Edited(faq_form.form_of(head.content), head.id, "", problems, _done(request))
        return await self._shown(request, state, edited)

    async def _shown(self, request: web.Request, state: State | None, saved: Edited) -> web.Response:
        kept = await asyncio.to_thread(self._typed.of, request[WHO].account.name, state.entry if state else "")
        if kept and {**saved.form, **_known(kept.form)} == saved.form:
            kept = None  # it says what is saved
        if kept is None or "typed" not in request.query:
            return await self._page.show(request, state, _with(saved, kept, request.query.get("language", "")))
        form = {**saved.form, **_known(kept.form)}
        content, unreadable = faq_form.content_of(form, state.head.content if state else None, self._today())
        slug = kept.form.get("entry", "")
        problems = [*unreadable, *validate(Draft(state.entry, content))] if state else unreadable
        edited = Edited(form, kept.based_on, slug, problems, "editor.typed.here")
        return await self._page.show(request, state, edited)

    async def preview(self, request: web.Request) -> web.Response:
        """What follows the typing, for our script: preview in one language, readability, links."""
        form, t = faq_form.tidied(await request.post()), self._console.words(request)
        entry = await field(request, "of")
        state = await asyncio.to_thread(self._catalogue.get, entry) if entry else None
        parts = await self._page.live_parts(request, form, state, await field(request, "look"), alone=True)
        return web.Response(text=html("faq/live.html", t, **parts), content_type="text/html")

    # --- saving --------------------------------------------------------------------------------------------

    async def add(self, request: web.Request) -> web.Response:
        """A new entry."""
        return await self._save(request, None, (await field(request, "entry")).strip())

    async def save(self, request: web.Request) -> web.Response:
        """A new revision of an entry, and on with what the pressed button says."""
        state = await self.state(request)
        return await self._save(request, state, state.entry)

    async def _save(self, request: web.Request, state: State | None, entry: str) -> web.Response:
        who = request[WHO]
        form = faq_form.tidied(await request.post())
        based_on, action = await field(request, "based_on"), await field(request, "action")
        form = await self._taken(request, form, based_on)
        verb, _, language = action.partition(":")
        if verb == "add":
            language = await field(request, "language")
        look = language or await field(request, "look")
        form |= _translation(verb, language)
        content, unreadable = faq_form.content_of(form, state.head.content if state else None, self._today())
        problems = [*unreadable, *validate(Draft(entry, content))]
        edited = Edited(form, based_on, entry, problems, language=look)
        if verb in ("preview", "add", "drop", "keep"):
            return await self._page.show(request, state, edited)
        if verb == "right":
            return await self._still_right(request, state, edited)
        if unreadable or any(p.field == "entry" for p in problems):
            return await self._page.show(request, state, edited, 400, said="faq.not_saved")
        try:
            saved = await asyncio.to_thread(self._saved, entry, content, who.account.name, based_on, state)
        except EditConflict as conflict:
            return await self._conflict(request, state, edited, conflict)
        await asyncio.to_thread(self._typed.forget, who.account.name, entry if state else "")
        await self._console.audit.record(who.account.name, "faq_saved", entry)
        await self._page.lint.saved(saved)
        if action == "submit":
            return await self._submit(request, entry, saved, problems)
        raise see(entry, "saved")

    async def _still_right(self, request: web.Request, state: State | None, edited: Edited) -> web.Response:
        """A translation needs no change, though its original has one; what is typed stays typed."""
        if state is None or edited.language not in state.head.texts:
            raise web.HTTPBadRequest
        if edited.based_on != state.head.id:  # nobody has seen the German text as it is now
            return await self._page.show(request, state, edited, 409, "editor.language.right_late")
        why = self._console.words(request)("editor.language.right_why")
        await self._page.lint.still_right(state.head, edited.language, request[WHO].account.name, why)
        return await self._page.show(request, state, edited, said="editor.language.right_done")

    async def _submit(self, request: web.Request, entry: str, saved: Revision, problems: list[Problem]) -> web.Response:
        if any(problem.blocks for problem in problems):
            return await self.again(request, entry, "editor.not_fit")
        try:
            await asyncio.to_thread(self._catalogue.submit, entry, saved.id, request[WHO].account.name)
        except WrongStatus:
            return await self.again(request, entry, "faq.wrong_status")
        await self._console.audit.record(request[WHO].account.name, "faq_submitted", entry)
        raise see(entry, "submitted")

    def _saved(self, entry: str, content: Content, author: str, based_on: str, state: State | None) -> Revision:
        """The head when nothing changed, else a new draft on top of what the editor saw."""
        if state and state.head.id == based_on and content_to_json(state.head.content) == content_to_json(content):
            return state.head
        return self._catalogue.save_draft(entry, content, author, based_on or None)

    async def _taken(self, request: web.Request, form: dict[str, str], based_on: str) -> dict[str, str]:
        """The form with the other version's text in the fields where that was chosen."""
        taken = {name.removeprefix(TAKE) for name, value in (await request.post()).items() if value == THEIRS}
        theirs = await asyncio.to_thread(self._catalogue.revision, based_on) if taken and based_on else None
        return merged(form, faq_form.form_of(theirs.content), taken) if theirs else form

    async def _conflict(
        self, request: web.Request, state: State | None, edited: Edited, conflict: EditConflict
    ) -> web.Response:
        if state is None:
            problems = [*edited.problems, Problem("entry", "entry.exists", {"value": conflict.entry})]
            return await self._page.show(request, None, Edited(edited.form, "", edited.slug, problems), 409)
        theirs = conflict.head
        base = await asyncio.to_thread(self._catalogue.revision, edited.based_on)
        base = base if base and base.entry == state.entry else None
        # Saved again, what is in the form goes on top of theirs: the editor has seen both by then.
        again = Edited(edited.form, theirs.id if theirs else "", edited.slug, edited.problems, "", theirs, base)
        return await self._page.show(request, state, again, 409)

    # --- further on ----------------------------------------------------------------------------------------

    async def archive(self, request: web.Request) -> web.Response:
        """Put an entry aside that answers nobody; what answers is taken out by a release."""
        state = await self.state(request)
        try:
            await asyncio.to_thread(self._catalogue.archive, state.entry, request[WHO].account.name, if_live=False)
        except WrongStatus:
            raise web.HTTPSeeOther(f"{ROOT}/faq/releases?remove={state.entry}") from None
        await self._console.audit.record(request[WHO].account.name, "faq_archived", state.entry)
        raise see(state.entry, "archived")

    async def take_back(self, request: web.Request) -> web.Response:
        """From review back to being a draft."""
        state = await self.state(request)
        try:
            await asyncio.to_thread(take_back, self._catalogue.engine, state.entry, await field(request, "revision"))
        except WrongStatus:
            return await self.again(request, state.entry, "editor.not_in_review")
        await self._console.audit.record(request[WHO].account.name, "faq_taken_back", state.entry)
        raise see(state.entry, "taken_back")

    async def again(self, request: web.Request, entry: str, said: str) -> web.Response:
        """The entry as it is saved now, with what stands against the step."""
        state = await asyncio.to_thread(self._catalogue.get, entry)
        assert state is not None  # entries are never deleted
        content = state.head.content
        edited = Edited(faq_form.form_of(content), state.head.id, "", validate(Draft(entry, content)))
        return await self._page.show(request, state, edited, 409, said)

    async def state(self, request: web.Request) -> State:
        """The entry that the address names. Raises 404."""
        state = await asyncio.to_thread(self._catalogue.get, request.match_info["entry"])
        if state is None:
            raise web.HTTPNotFound
        return state

    def _today(self) -> date:
        return self._console.now().astimezone(self._console.core.zone).date()


def see(entry: str, done: str) -> web.HTTPException:
    """Back to the entry, which says what was done."""
    return web.HTTPSeeOther(f"{ENTRIES}/{entry}?done={done}")


def _done(request: web.Request) -> str:
    done = request.query.get("done", "")
    return f"faq.done.{done}" if done in DONE else ""


def _known(form: Mapping[str, str]) -> dict[str, str]:
    """The fields that there still are, of a form that was kept, perhaps by an older version."""
    return {name: form[name] for name in (*faq_form.names(), *faq_form.marks()) if name in form}


def _with(edited: Edited, typed: Typing | None, language: str) -> Edited:
    return Edited(
        edited.form, edited.based_on, edited.slug, edited.problems, edited.said, language=language, typed=typed
    )


def _translation(verb: str, language: str) -> dict[str, str]:
    """What a button does to a translation: open its fields, let it go with the next saving, keep it after all."""
    said = {"add": faq_form.OPEN, "drop": faq_form.GONE, "keep": faq_form.OPEN}.get(verb)
    return {f"texts.{language}": said} if said and language in faq_form.TRANSLATIONS else {}
