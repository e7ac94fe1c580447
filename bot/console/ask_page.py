"""The ask box: a question, what the bot would do, and why; on request beside it what it would do with the drafts."""

from typing import Any

from aiohttp import web

from bot.ask import AskUnavailable
from bot.console.ask_view import explained
from bot.console.console import Console, field
from bot.console.session import ROOT
from bot.privacy.masking import mask
from bot.route import Access, Route
from nlu.text import LANGUAGES

LONGEST = 500  # characters of a question


class AskPage:
    """Handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        return [
            Route("GET", f"{ROOT}/ask", self.form, Access.EDITOR),
            Route("POST", f"{ROOT}/ask", self.ask, Access.EDITOR),
        ]

    async def form(self, request: web.Request) -> web.Response:
        """The empty box."""
        return self._page(request, "", "", False, None)

    async def ask(self, request: web.Request) -> web.Response:
        """Asked by POST, so that the question stands in no address and no log."""
        question = (await field(request, "question")).strip()[:LONGEST]
        wanted = await field(request, "language")
        language = wanted if wanted in LANGUAGES else ""  # "": by the question's words
        draft = bool(await field(request, "draft"))
        if not question:
            return self._page(request, "", language, draft, None, "ask.empty", 400)
        try:
            # As a citizen's message: the machine never sees what is masked.
            found = await self._console.asking.ask(mask(question), language, draft)
        except AskUnavailable:
            return self._page(request, question, language, draft, None, "ask.nobody", 503)
        return self._page(request, question, language, draft, found)

    def _page(
        self,
        request: web.Request,
        question: str,
        language: str,
        draft: bool,
        found: dict[str, Any] | None,
        why: str = "",
        status: int = 200,
    ) -> web.Response:
        shown = explained(found, self._console.words(request)) if found else None
        context = {"question": question, "language": language, "draft": draft, "why": why, "found": shown}
        return self._console.page(
            request, "ask.html", status, active="ask", languages=LANGUAGES, longest=LONGEST, **context
        )
