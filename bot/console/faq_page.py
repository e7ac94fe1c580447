"""An entry's page out of its form: fields with what is to be said beside each, translations, preview, way, history."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.console import faq_form
from bot.console.accounts import Role
from bot.console.console import Console
from bot.console.entry_lint import EntryLint
from bot.console.faq_beside import beside
from bot.console.faq_conflict import clashes
from bot.console.faq_list import status_of, topics
from bot.console.faq_preview import CHANNELS, Preview, previews
from bot.console.faq_read import Read, readings
from bot.console.faq_said import said as said_of
from bot.console.identity import WHO
from bot.console.links_view import LinkSaid, links_said
from bot.console.trials import TrialRoom
from bot.console.words import Words
from bot.conversation import conversation_id
from faq.catalogue import State
from faq.editing.typed import Typed, Typing
from faq.editing.way import way
from faq.entry import LEVELS, MAX_ANSWER, Content, Problem, Revision, revision_of
from faq.links.found import links_of
from faq.links.kept import Links
from faq.town import Town

NEW = "neu"  # stands for the name of an entry that has none yet, in its preview
AT_ONCE = 20_000
"""Characters of all answers together up to which the preview shows every language; beyond, the one looked at."""


@dataclass(frozen=True)
class Edited:
    """A form as it stands on the page: what is typed, on which revision, and what is to be said about it."""

    form: Mapping[str, str]
    based_on: str = ""
    slug: str = ""
    problems: Sequence[Problem] = ()
    said: str = ""  # a key of the texts
    theirs: Revision | None = None  # saved by somebody else meanwhile
    base: Revision | None = None  # what both began with
    language: str = ""  # the translation that is open, and whose preview is shown
    typed: Typing | None = None  # kept, and not what stands here


class EntryPage:
    """Builds it."""

    def __init__(self, console: Console) -> None:
        self._console, self._catalogue = console, console.core.catalogue
        self.lint = EntryLint(console)
        self._trials = TrialRoom(self._catalogue.engine)
        self._links = Links(self._catalogue.engine, console.core.turns.now)
        self.typed = Typed(self._catalogue.engine, console.core.turns.now)

    async def show(
        self, request: web.Request, state: State | None, edited: Edited, status: int = 200, said: str = ""
    ) -> web.Response:
        """The page, or with an error status the page that says why nothing was saved."""
        t, names = self._console.words(request), await self._console.names()
        said_beside = beside(edited.problems, t, begun=state is not None, refused=status >= 400)
        history = await asyncio.to_thread(self._catalogue.history, state.entry) if state else ()
        older = await self.lint.older(history)
        theirs, form = edited.theirs, edited.form
        return self._console.page(
            request,
            "faq/entry.html",
            status,
            active="faq",
            state=state,
            status_word=status_of(state) if state else "",
            form=form,
            based_on=edited.based_on,
            slug=edited.slug,
            beside=said_beside.wrong,
            later=said_beside.later,
            wrong=next(iter(said_beside.wrong), "") if status >= 400 and not theirs else "",  # where the cursor goes
            blocked=said_beside.blocked,
            unfinished=said_beside.unfinished,
            said=said or edited.said,
            failed=status >= 400,
            unsaved=_words(form) != _words(faq_form.form_of(state.head.content)) if state else status >= 400,
            theirs=theirs,
            their_name=names.get(theirs.author, theirs.author) if theirs else "",
            clashes=_clashes(edited, self._console.core.town, t) if theirs else [],
            typed=edited.typed,
            moved_on=bool(state and edited.based_on and edited.based_on != state.head.id and not theirs),
            others=await self.others(request, state),
            topics=topics(self._console, t),
            offices={o.id: o.name for o in self._console.core.town.offices.values()},
            levels={level: t(f"faq.level.{level}") for level in LEVELS},
            languages=faq_form.shown(form),
            more_languages=[x for x in faq_form.TRANSLATIONS if x not in faq_form.shown(form)],
            open_language=_open(edited, said_beside.fields, older),
            gone=faq_form.GONE,
            older=older,
            channels=CHANNELS,
            looked_at=edited.language if edited.language in faq_form.shown(form) else "de",
            history=history,
            names=names,
            may_edit=may_edit(request),
            four_eyes=self._console.core.settings.four_eyes,
            **await self.live_parts(request, form, state, edited.language),
            **await self._way(state, names),
            findings=await self.lint.found(request, state.head) if state else [],
            tries=await asyncio.to_thread(self._trials.touching, state.entry) if state else None,
        )

    async def live_parts(
        self, request: web.Request, form: faq_form.Form, state: State | None, look: str = "", alone: bool = False
    ) -> dict[str, Any]:
        """What follows the typing: the preview (in the language looked at `alone`, or in all), readability, links."""
        t = self._console.words(request)
        # What is longer than may be published is kept, and judged as far as that: it follows each letter that is typed.
        form = {name: value[:MAX_ANSWER] for name, value in form.items()}
        revision = self._imagined(form, state)
        languages = ["de", *faq_form.shown(form)]
        size = sum(len(form[f"texts.{language}.answer"]) for language in languages)
        if alone or size > AT_ONCE:
            languages = [look if look in languages else "de"]
        return {
            "previews": await asyncio.to_thread(self._previews, revision, languages),
            "readings": await asyncio.to_thread(self._readings, revision.content, t),
            "links": await asyncio.to_thread(self._links_said, revision.content, t),
        }

    async def previews_of(self, revision: Revision) -> list[Preview]:
        """A saved revision in all its languages."""
        return await asyncio.to_thread(self._previews, revision, list(revision.texts))

    def _previews(self, revision: Revision, languages: Iterable[str]) -> list[Preview]:
        return previews(self._console.core, revision, languages, self._console.now())

    def _readings(self, content: Content, t: Words) -> dict[str, Read]:
        return readings(content, t)

    def _links_said(self, content: Content, t: Words) -> dict[str, list[LinkSaid]]:
        found = links_of(content)
        looks = self._links.of([link.url for link in found])
        said = links_said(found, looks, self._console.core.settings.links, t)
        return {faq_form.field_of(Problem(name, "")): lines for name, lines in said.items()}

    async def others(self, request: web.Request, state: State | None) -> list[tuple[str, Any]]:
        """Who else has this entry open, by name, and what they do."""
        if state is None:
            return []
        return await self._console.others(self.place(state.entry), request[WHO].account.name)

    def place(self, entry: str) -> str:
        """Under which name people's presence at an entry is kept, beside that at conversations."""
        return conversation_id(self._console.core.secret, "faq", entry)

    async def _way(self, state: State | None, names: Mapping[str, str]) -> dict[str, Any]:
        if state is None:
            return {"way": None, "review": None}
        engine, now = self._catalogue.engine, self._console.core.turns.now
        submitted = await self._console.audit.last("faq_submitted", state.entry, state.head.at)
        return {"way": await asyncio.to_thread(way, engine, now, state), "review": submitted}

    def _imagined(self, form: faq_form.Form, state: State | None) -> Revision:
        """The revision that the form would become."""
        now = self._console.now()
        today = now.astimezone(self._console.core.zone).date()
        content, _ = faq_form.content_of(form, state.head.content if state else None, today)
        return revision_of(state.entry if state else NEW, 0, content, "", now)


def may_edit(request: web.Request) -> bool:
    """Auditors read."""
    return request[WHO].account.role in (Role.EDITOR, Role.ADMIN)


def label(name: str, t: Words) -> str:
    """A field's name in words, with its language."""
    if not name.startswith("texts."):
        return t(f"faq.field.{name}")
    _, code, rest = name.split(".", 2)
    return f"{t(f'faq.field.{rest}')} ({t.maybe(f'language.{code}', code)})"


def _words(form: faq_form.Form) -> dict[str, str]:
    """The form without what merely opens a translation's fields."""
    return {name: value for name, value in form.items() if value != faq_form.OPEN}


def _open(edited: Edited, beside: Iterable[str], older: Mapping[str, Any]) -> str:
    """The translation whose fields are open: the one asked for, with something wrong, left behind, or the first."""
    shown = faq_form.shown(edited.form)
    wrong = [x for x in shown if any(name.startswith(f"texts.{x}.") for name in beside)]
    asked = [edited.language] if edited.language in shown else []
    return [*asked, *wrong, *(x for x in shown if x in older), *shown][0]


def _clashes(edited: Edited, town: Town, t: Words) -> list[dict[str, Any]]:
    assert edited.theirs is not None
    base = faq_form.form_of(edited.base.content) if edited.base else None
    found = clashes(edited.form, faq_form.form_of(edited.theirs.content), base)
    return [
        {
            "label": label(one.field, t),
            "clash": one,
            "mine": said_of(one.field, one.mine, town, t),
            "theirs": said_of(one.field, one.theirs, town, t),
        }
        for one in found
    ]
