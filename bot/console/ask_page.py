"""The ask box: a question, what the bot would do, and why; on request beside it what it would do with the drafts, and
why an answer that the editor expected is not the one."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from bot.ask import AskUnavailable
from bot.console.ask_view import explained
from bot.console.console import Console, field
from bot.console.identity import WHO
from bot.console.session import ROOT
from bot.privacy.masking import mask
from bot.route import Access, Route
from faq.catalogue import EditConflict, State
from faq.entry import MAX_QUESTION
from faq.retrieval.text import fold
from nlu.text import LANGUAGES

LONGEST = 500  # characters of a question
CHOICES = 6  # entries that an editor is offered for the words of the expected one


@dataclass(frozen=True)
class Asked:
    """The form as it stands on the page."""

    question: str = ""
    language: str = ""  # "": by the question's words
    draft: bool = False
    expected: str = ""  # words or an id
    release: int = 0  # number of the one that is beside what answers now


class AskPage:
    """Handlers."""

    def __init__(self, console: Console) -> None:
        self._console, self._catalogue = console, console.core.catalogue

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        return [
            Route("GET", f"{ROOT}/ask", self.form, Access.EDITOR),
            Route("POST", f"{ROOT}/ask", self.ask, Access.EDITOR),
            Route("POST", f"{ROOT}/ask/wording", self.wording, Access.EDITOR),
        ]

    async def form(self, request: web.Request) -> web.Response:
        """The empty box."""
        return self._page(request, Asked(release=_number(request.query.get("release", ""))))

    async def ask(self, request: web.Request) -> web.Response:
        """Asked by POST, so that the question stands in no address and no log."""
        return await self._answered(request, await _asked(request))

    async def _answered(self, request: web.Request, asked: Asked, said: str = "", status: int = 200) -> web.Response:
        if not asked.question:
            return self._page(request, asked, why="ask.empty", status=400)
        choices = await asyncio.to_thread(self._meant, asked.expected) if asked.expected else []
        told: dict[str, Any] = {"expected": choices[0].entry} if len(choices) == 1 else {}
        told |= {"release": asked.release} if asked.release else {}
        try:
            # As a citizen's message: the machine never sees what is masked.
            found = await self._console.asking.ask(mask(asked.question), asked.language, asked.draft, **told)
        except AskUnavailable:
            return self._page(request, asked, why="ask.nobody", status=503)
        return self._page(request, asked, found, choices, said, status=status)

    async def wording(self, request: web.Request) -> web.Response:
        """Make the question a wording of the expected entry: a draft, on top of its newest version."""
        asked, who = await _asked(request), request[WHO].account.name
        question = " ".join(asked.question.split())
        state = await asyncio.to_thread(self._catalogue.get, asked.expected)
        if state is None or not question or len(question) > MAX_QUESTION:
            return await self._answered(request, asked, status=400)
        if mask(question) != question:
            return await self._answered(request, asked, "whynot.private", 400)
        try:
            fresh = await asyncio.to_thread(self._with, state, question, asked.language, who)
        except EditConflict:
            return await self._answered(request, asked, "lint.conflict", 409)
        if not fresh:
            return await self._answered(request, asked, "whynot.known", 409)
        await self._console.audit.record(who, "faq_saved", state.entry)
        raise web.HTTPSeeOther(f"{ROOT}/faq/entries/{state.entry}?done=saved")

    def _with(self, state: State, question: str, language: str, who: str) -> bool:
        content = state.head.content
        code = language if language in content.texts else "de"
        text = content.texts[code]
        if fold(question) in {fold(wording) for wording in (text.question, *text.variants)}:
            return False
        texts = {**content.texts, code: replace(text, variants=(*text.variants, question))}
        self._catalogue.save_draft(state.entry, replace(content, texts=texts), who, state.head.id)
        return True

    def _meant(self, expected: str) -> list[State]:
        """The entry of that id, else those whose questions hold the words."""
        exact = self._catalogue.get(expected)
        return [exact] if exact else list(self._catalogue.list(expected, limit=CHOICES).states)

    def _page(
        self,
        request: web.Request,
        asked: Asked,
        found: dict[str, Any] | None = None,
        choices: list[State] | None = None,
        said: str = "",
        why: str = "",
        status: int = 200,
    ) -> web.Response:
        t = self._console.words(request)
        offered = [(state.entry, state.head.text("de").question) for state in choices or ()]
        return self._console.page(
            request,
            "ask.html",
            status,
            active="ask",
            languages=LANGUAGES,
            longest=LONGEST,
            asked=asked,
            why=why,
            found=explained(found, t) if found else None,
            choices=offered if len(offered) != 1 else [],
            unmatched=bool(found and asked.expected and not offered),
            said=t(said) if said else "",
        )


async def _asked(request: web.Request) -> Asked:
    wanted = await field(request, "language")
    return Asked(
        (await field(request, "question")).strip()[:LONGEST],
        wanted if wanted in LANGUAGES else "",
        bool(await field(request, "draft")),
        # A button for one of several entries comes after the field with the words.
        (await field(request, "entry") or await field(request, "expected")).strip()[:160],
        _number(await field(request, "release")),
    )


def _number(told: str) -> int:
    return int(told) if told.isdecimal() and len(told) < 10 else 0
