"""One entry: edit, look at the answer as citizens get it, publish, archive. Nothing that somebody typed is lost."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from markupsafe import Markup

from bot.console import faq_form
from bot.console.accounts import Role
from bot.console.console import Console, field
from bot.console.faq_list import status_of, topics
from bot.console.identity import WHO
from bot.console.pages import html
from bot.console.session import ROOT
from bot.console.words import Words
from bot.render import web_html
from bot.route import Access, Route
from faq.catalogue import CatalogueError, EditConflict, FourEyes, NotPublishable, State, WrongStatus
from faq.entry import LEVELS, Content, Draft, Problem, Revision, content_to_json, revision_of, validate

NEW = "neu"  # stands for the name of an entry that has none yet, in its preview
ENTRIES = f"{ROOT}/faq/entries"


@dataclass(frozen=True)
class Edited:
    """A form as it stands on the page: what is typed, on which revision, and what is to be said about it."""

    form: Mapping[str, str]
    based_on: str = ""
    slug: str = ""
    problems: Sequence[Problem] = ()
    said: str = ""  # a key of the texts
    theirs: Revision | None = None  # saved by somebody else meanwhile


class Faq:
    """Handlers."""

    def __init__(self, console: Console) -> None:
        self._console, self._catalogue = console, console.core.catalogue

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        one = ENTRIES + "/{entry}"
        return [
            Route("GET", f"{ROOT}/faq/new", self.new, Access.EDITOR),
            Route("POST", f"{ROOT}/faq/new", self.add, Access.EDITOR),
            Route("POST", f"{ROOT}/faq/preview", self.preview, Access.EDITOR),
            Route("GET", one, self.entry, Access.EDITOR),
            Route("POST", one, self.save, Access.EDITOR),
            Route("GET", one + "/{revision}", self.revision, Access.EDITOR),
            Route("POST", one + "/publish", self.publish, Access.EDITOR),
            Route("POST", one + "/archive", self.archive, Access.EDITOR),
        ]

    # --- pages ---------------------------------------------------------------------------------------------

    async def new(self, request: web.Request) -> web.Response:
        """An empty form."""
        today = self._console.core.turns.now().astimezone(self._console.core.zone).date()
        return await self._show(request, None, Edited(faq_form.empty(today)))

    async def entry(self, request: web.Request) -> web.Response:
        """The newest revision as a form; read-only for auditors."""
        state = await self._state(request)
        head = state.head
        problems = validate(Draft(head.entry, head.content))
        done = request.query.get("done", "")
        said = f"faq.done.{done}" if done in ("saved", "published", "archived", "submitted") else ""
        return await self._show(request, state, Edited(faq_form.form_of(head.content), head.id, "", problems, said))

    async def revision(self, request: web.Request) -> web.Response:
        """An older version, to read and perhaps to publish again."""
        state = await self._state(request)
        old = await asyncio.to_thread(self._catalogue.revision, request.match_info["revision"])
        if old is None or old.entry != state.entry:
            raise web.HTTPNotFound
        t = self._console.words(request)
        return self._console.page(
            request,
            "faq/revision.html",
            active="faq",
            state=state,
            old=old,
            is_live=state.live is not None and state.live.id == old.id,
            changes=self._differences(faq_form.form_of(old.content), state.head, t),
            previews=self._previews(old, t),
            may_edit=self._may_edit(request),
            author=(await self._console.names()).get(old.author, old.author),
        )

    async def preview(self, request: web.Request) -> web.Response:
        """The answers as web HTML, for our script."""
        form, t = faq_form.tidied(await request.post()), self._console.words(request)
        text = html("faq/preview.html", t, previews=self._previews(self._imagined(form, None), t))
        return web.Response(text=text, content_type="text/html")

    # --- saving --------------------------------------------------------------------------------------------

    async def add(self, request: web.Request) -> web.Response:
        """A new entry."""
        return await self._save(request, None, (await field(request, "entry")).strip())

    async def save(self, request: web.Request) -> web.Response:
        """A new revision of an entry, and on with what the pressed button says."""
        state = await self._state(request)
        return await self._save(request, state, state.entry)

    async def _save(self, request: web.Request, state: State | None, entry: str) -> web.Response:
        who = request[WHO]
        form = faq_form.tidied(await request.post())
        based_on, action = await field(request, "based_on"), await field(request, "action")
        today = self._console.core.turns.now().astimezone(self._console.core.zone).date()
        content, unreadable = faq_form.content_of(form, state.head.content if state else None, today)
        problems = [*unreadable, *validate(Draft(entry, content))]
        edited = Edited(form, based_on, entry, problems)
        if action == "preview":
            return await self._show(request, state, edited)
        if unreadable or any(p.field == "entry" for p in problems):
            return await self._show(request, state, edited, 400, said="faq.not_saved")
        try:
            saved = await asyncio.to_thread(self._saved, entry, content, who.account.name, based_on, state)
        except EditConflict as conflict:
            return await self._conflict(request, state, edited, conflict)
        await self._console.audit.record(who.account.name, "faq_saved", entry)
        if action == "publish":
            return await self._publish(request, entry, saved.id)
        if action == "submit":
            try:
                await asyncio.to_thread(self._catalogue.submit, entry, saved.id, who.account.name)
            except WrongStatus:
                return await self._again(request, entry, "faq.wrong_status")
            raise _see(entry, "submitted")
        raise _see(entry, "saved")

    def _saved(self, entry: str, content: Content, author: str, based_on: str, state: State | None) -> Revision:
        """The head when nothing changed, else a new draft on top of what the editor saw."""
        if state and state.head.id == based_on and content_to_json(state.head.content) == content_to_json(content):
            return state.head
        return self._catalogue.save_draft(entry, content, author, based_on or None)

    async def _conflict(
        self, request: web.Request, state: State | None, edited: Edited, conflict: EditConflict
    ) -> web.Response:
        if state is None:
            problems = [*edited.problems, Problem("entry", "entry.exists", {"value": conflict.entry})]
            return await self._show(request, None, Edited(edited.form, "", edited.slug, problems), 409)
        theirs = conflict.head
        # Saved again, what is in the form goes on top of theirs: the editor has seen both by then.
        again = Edited(edited.form, theirs.id if theirs else "", edited.slug, edited.problems, "", theirs)
        return await self._show(request, state, again, 409)

    # --- publishing ----------------------------------------------------------------------------------------

    async def publish(self, request: web.Request) -> web.Response:
        """Make one of the entry's revisions the live one; an older one may come back."""
        state = await self._state(request)
        return await self._publish(request, state.entry, await field(request, "revision"))

    async def _publish(self, request: web.Request, entry: str, revision: str) -> web.Response:
        who = request[WHO]
        four_eyes = self._console.core.settings.four_eyes
        try:
            await asyncio.to_thread(self._catalogue.publish, entry, revision, who.account.name, four_eyes)
        except FourEyes:
            return await self._again(request, entry, "faq.four_eyes")
        except NotPublishable:
            return await self._again(request, entry, "faq.not_publishable")
        except CatalogueError:
            raise web.HTTPNotFound from None
        await self._console.audit.record(who.account.name, "faq_published", entry)
        raise _see(entry, "published")

    async def archive(self, request: web.Request) -> web.Response:
        """Take the entry out of what the bot answers; its versions stay."""
        who = request[WHO]
        state = await self._state(request)
        await asyncio.to_thread(self._catalogue.archive, state.entry, who.account.name)
        await self._console.audit.record(who.account.name, "faq_archived", state.entry)
        raise _see(state.entry, "archived")

    async def _again(self, request: web.Request, entry: str, said: str) -> web.Response:
        """The entry as it is saved now, with what stands against the step."""
        state = await asyncio.to_thread(self._catalogue.get, entry)
        assert state is not None  # entries are never deleted
        content = state.head.content
        edited = Edited(faq_form.form_of(content), state.head.id, "", validate(Draft(entry, content)))
        return await self._show(request, state, edited, 409, said)

    # --- the page ------------------------------------------------------------------------------------------

    async def _state(self, request: web.Request) -> State:
        state = await asyncio.to_thread(self._catalogue.get, request.match_info["entry"])
        if state is None:
            raise web.HTTPNotFound
        return state

    async def _show(
        self, request: web.Request, state: State | None, edited: Edited, status: int = 200, said: str = ""
    ) -> web.Response:
        t, names = self._console.words(request), await self._console.names()
        beside: dict[str, list[str]] = {}
        for problem in edited.problems:
            beside.setdefault(faq_form.field_of(problem), []).append(_said(problem, t))
        history = await asyncio.to_thread(self._catalogue.history, state.entry) if state else ()
        theirs = edited.theirs
        return self._console.page(
            request,
            "faq/entry.html",
            status,
            active="faq",
            state=state,
            status_word=status_of(state) if state else "",
            form=edited.form,
            based_on=edited.based_on,
            slug=edited.slug,
            beside=beside,
            blocked=any(p.blocks for p in edited.problems),
            said=said or edited.said,
            failed=status >= 400,
            unsaved=edited.form != faq_form.form_of(state.head.content) if state else status >= 400,
            theirs=theirs,
            their_name=names.get(theirs.author, theirs.author) if theirs else "",
            differences=self._differences(edited.form, theirs, t) if theirs else [],
            topics=topics(self._console, t),
            offices={o.id: o.name for o in self._console.core.town.offices.values()},
            levels={level: t(f"faq.level.{level}") for level in LEVELS},
            previews=self._previews(self._imagined(edited.form, state), t),
            history=history,
            names=names,
            may_edit=self._may_edit(request),
            four_eyes=self._console.core.settings.four_eyes,
        )

    def _may_edit(self, request: web.Request) -> bool:
        who = request[WHO]
        return who.account.role in (Role.EDITOR, Role.ADMIN)

    def _differences(self, form: Mapping[str, str], theirs: Revision, t: Words) -> list[tuple[str, str, str]]:
        """Field, this text, the text of the other version: of every field in which they differ."""
        other = faq_form.form_of(theirs.content)
        return [(label(name, t), form[name], other[name]) for name in faq_form.names() if form[name] != other[name]]

    def _imagined(self, form: Mapping[str, str], state: State | None) -> Revision:
        """The revision that the form would become."""
        now = self._console.now()
        today = now.astimezone(self._console.core.zone).date()
        content, _ = faq_form.content_of(form, state.head.content if state else None, today)
        return revision_of(state.entry if state else NEW, 0, content, "", now)

    def _previews(self, revision: Revision, t: Words) -> list[dict[str, Any]]:
        """Per language what a citizen reads in the web chat."""
        book, found = self._console.core.phrasebook, []
        for code in revision.texts:
            document = book.answer(revision, code)
            parts = [book.words(code, "footer"), revision.source.title]
            parts.append(f"{book.words(code, 'as_of')} {t.day(revision.as_of)}")
            found.append(
                {
                    "language": code,
                    "question": revision.texts[code].question,
                    "html": Markup(web_html(document)),  # noqa: S704 - web_html escapes
                    "footer": " · ".join(p for p in parts if p),
                }
            )
        return found


def label(name: str, t: Words) -> str:
    """A field's name in words, with its language."""
    if not name.startswith("texts."):
        return t(f"faq.field.{name}")
    _, code, rest = name.split(".", 2)
    return f"{t(f'faq.field.{rest}')} ({t(f'language.{code}')})"


def _said(problem: Problem, t: Words) -> str:
    text = t.maybe(f"problem.{problem.message_key}", t("problem.other"), **problem.values)
    number = faq_form.line_of(problem)
    return f"{t('problem.line', n=number)} {text}" if number else text


def _see(entry: str, done: str) -> web.HTTPException:
    return web.HTTPSeeOther(f"{ENTRIES}/{entry}?done={done}")
