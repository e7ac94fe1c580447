"""Examples: per language and intent those that ship and those that editors added; tried, and taken into a release."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bot.console.accounts import Role
from bot.console.console import Console
from bot.console.console import field as posted
from bot.console.identity import WHO
from bot.console.releases.pages import RELEASES
from bot.console.session import ROOT
from bot.console.words import Words
from bot.route import Access, Route
from bot.taught.checks import Complaint, complaints, shipped, tidied
from bot.taught.standing import standing
from bot.taught.trying import KIND
from faq.examples.added import Added, difference
from faq.examples.reports import Reports
from faq.examples.revisions import Examples, Kept, Overtaken
from faq.jobs import Jobs
from faq.proving.order import order
from faq.releases import NothingChanged, Release
from faq.trials import Trials
from nlu.examples import TAUGHT
from nlu.trying import Comparison
from nlu.understand import INTENTS

PLACE = f"{ROOT}/faq/examples"
FIRST = "faq_question"  # the intent that the page begins with: most of what citizens write
DONE = frozenset(("saved", "same", "trying"))


class Refused(Exception):
    """The lines may not be taught; `found` says why."""

    def __init__(self, found: list[Complaint]) -> None:
        self.found = found
        super().__init__("the examples were refused")


@dataclass(frozen=True)
class Edited:
    """The form as it stands on the page. `theirs`: what somebody else saved there meanwhile."""

    language: str
    intent: str
    text: str
    based_on: int
    why: str = ""
    found: list[Complaint] = field(default_factory=list)
    said: str = ""
    theirs: Kept | None = None


class ExamplesPage:
    """Handlers. `redis` tells which models are served."""

    def __init__(self, console: Console, redis: Any) -> None:
        engine = console.core.catalogue.engine
        self._console, self._redis = console, redis
        self._examples, self._reports = Examples(engine, console.now), Reports(engine, console.now)
        self._jobs, self._releases = Jobs(engine, console.now), console.core.releases
        self._trials = Trials(engine)

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        return [
            Route("GET", PLACE, self.show, Access.EDITOR),
            Route("POST", PLACE, self.save, Access.EDITOR),
            Route("POST", PLACE + "/try", self.attempt, Access.EDITOR),
            Route("POST", PLACE + "/release", self.propose, Access.EDITOR),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """One intent in one language."""
        language, intent = request.query.get("language", TAUGHT[0]), request.query.get("intent", FIRST)
        head = await asyncio.to_thread(self._examples.head)
        done = request.query.get("done", "")
        said = f"examples.done.{done}" if done in DONE else ""
        language, intent = _place(language, intent)
        text = "\n".join(head.added.of(language, intent))
        return await self._show(request, Edited(language, intent, text, head.number, said=said))

    async def save(self, request: web.Request) -> web.Response:
        """The lines of one place, as a new revision."""
        language, intent = _place(await posted(request, "language"), await posted(request, "intent"))
        based_on, why = await posted(request, "based_on"), (await posted(request, "why")).strip()
        if not based_on.isdecimal() or len(based_on) > 9:
            raise web.HTTPBadRequest
        edited = Edited(language, intent, await posted(request, "lines"), int(based_on), why)
        lines, who = tidied(edited.text), request[WHO].account.name
        questions = [trial.question for trial in await asyncio.to_thread(self._trials.all)]

        changed = False

        def check(_: Added, after: Added) -> None:
            nonlocal changed
            changed = True  # it is asked only where something differs
            if found := complaints(language, intent, lines, after, questions):
                raise Refused(found)

        try:
            await asyncio.to_thread(self._examples.save, language, intent, lines, who, why, edited.based_on, check)
        except Refused as refused:
            again = Edited(language, intent, "\n".join(lines), edited.based_on, why, refused.found)
            return await self._show(request, again, 400)
        except Overtaken as overtaken:
            theirs = overtaken.newest
            # Saved again, what is in the form takes the place of theirs: its author has seen both by then.
            again = Edited(language, intent, edited.text, theirs.number, why, theirs=theirs)
            return await self._show(request, again, 409)
        if changed:
            await self._console.audit.record(who, "examples_saved", f"{language}/{intent}")
        raise _see(language, intent, "saved" if changed else "same")

    async def attempt(self, request: web.Request) -> web.Response:
        """Train and try what is kept, before anybody proposes it."""
        language, intent = _place(await posted(request, "language"), await posted(request, "intent"))
        head = await asyncio.to_thread(self._examples.head)
        await asyncio.to_thread(self._jobs.enqueue, KIND, head.name, request[WHO].account.name)
        raise _see(language, intent, "trying", "stand")

    async def propose(self, request: web.Request) -> web.Response:
        """A release with these examples."""
        language, intent = _place(await posted(request, "language"), await posted(request, "intent"))
        head, who = await asyncio.to_thread(self._examples.head), request[WHO].account.name
        title = (await posted(request, "title")).strip() or self._console.words(request)("examples.release_title")
        try:
            made = await asyncio.to_thread(self._releases.propose, {}, who, title, nlu=head.name)
        except NothingChanged:
            text = "\n".join(head.added.of(language, intent))
            return await self._show(
                request, Edited(language, intent, text, head.number, said="examples.nothing_to_propose"), 409
            )
        await self._console.audit.record(who, "release_proposed", str(made.number))
        await asyncio.to_thread(order, self._console.core.catalogue.engine, made.id, who)
        raise web.HTTPSeeOther(f"{RELEASES}/{made.number}?done=proposed")

    async def _show(self, request: web.Request, edited: Edited, status: int = 200) -> web.Response:
        console, t, role = self._console, self._console.words(request), request[WHO].account.role
        head, history, live = await asyncio.to_thread(self._kept)
        base = live.nlu if live else ""
        before = await asyncio.to_thread(self._examples.named, base)
        job = await asyncio.to_thread(self._jobs.latest, KIND, head.name)
        report = await asyncio.to_thread(self._reports.get, head.name, base)
        beside, general = _said(edited.found, t)
        return console.page(
            request,
            "faq/examples.html",
            status,
            active="faq",
            edited=edited,
            failed=status >= 400,
            languages=TAUGHT,
            intents=sorted(INTENTS, key=lambda intent: _word(intent, t).casefold()),
            word=lambda intent: _word(intent, t),
            shipped=shipped(edited.language),
            own={intent: len(head.added.of(edited.language, intent)) for intent in INTENTS},
            beside=beside,
            general=general,
            theirs=edited.theirs.added.of(edited.language, edited.intent) if edited.theirs else (),
            head=head,
            live=live,
            changes=difference(before.added if before else Added(), head.added),
            base_known=before is not None,
            job=job,
            compared=Comparison.read(report) if report else None,
            standing=await standing(self._redis, console.core.settings, base),
            history=history,
            names=await console.names(),
            may_edit=role in (Role.EDITOR, Role.ADMIN),
        )

    def _kept(self) -> tuple[Kept, list[tuple[Kept, Any]], Release | None]:
        """The head, the history with what each revision changed, the live release."""
        history = self._examples.history(21)
        older = (*history[1:], None)  # of the last one: what ships, or a revision that is not told any more
        pairs = zip(history, older, strict=False)
        told = [(one, difference(was.added if was else Added(), one.added)) for one, was in pairs]
        return self._examples.head(), told[:20], self._releases.live()


def _place(language: str, intent: str) -> tuple[str, str]:
    if language not in TAUGHT or intent not in INTENTS:
        raise web.HTTPBadRequest
    return language, intent


def _word(intent: str, t: Words) -> str:
    return t.maybe(f"intent.{intent}", intent)


def _said(found: list[Complaint], t: Words) -> tuple[list[str], list[str]]:
    """What stands beside the lines, and what is about all of them."""
    beside, general = [], []
    for one in found:
        values = {**one.values, "intent": _word(str(one.values.get("intent", "")), t)}
        text = t(f"examples.problem.{one.key}", **values)
        if one.line:
            beside.append(f"{t('problem.line', n=one.line)} {text}")
        else:
            general.append(text)
    return beside, general


def _see(language: str, intent: str, done: str, part: str = "") -> web.HTTPException:
    query = urlencode({"language": language, "intent": intent, "done": done})
    return web.HTTPSeeOther(f"{PLACE}?{query}{'#' + part if part else ''}")
