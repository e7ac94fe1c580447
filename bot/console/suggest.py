"""From a clerk's reply to an editor's draft: the reply and the question before it, masked, to be read once more and
proposed. Nothing goes live by it: a proposal is a draft without an office, and that no release takes."""

import asyncio
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.console.accounts import Role
from bot.console.console import Console, field
from bot.console.faq_form import ALWAYS
from bot.console.identity import WHO
from bot.console.inbox_view import is_own_words
from bot.console.session import ROOT
from bot.conversation import Line
from bot.handoff.desk import Opened
from bot.privacy.masking import mask
from bot.route import Access, Route
from faq.catalogue import EditConflict
from faq.editing.listing import first_drafts
from faq.entry import MAX_ANSWER, MAX_QUESTION, NO_LINK, Content, Text
from nlu.text import fold

NAME = "[NAME]"
SHORTEST_NAME = 3  # letters of a name's part: shorter ones are words, too
PROPOSING = frozenset({Role.CLERK, Role.LEAD})
"""Whose drafts are proposals: everybody else who may write one is an editor."""
_SLUG_WORDS = 8


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it stands; `wrong` holds a text's key by field."""

    question: str
    answer: str
    wrong: dict[str, str]


@dataclass(frozen=True, slots=True)
class Proposal:
    """One that no editor has taken up yet."""

    entry: str
    question: str
    author: str
    at: datetime


class Suggest:
    """Handlers."""

    def __init__(self, console: Console) -> None:
        self._console, self._desk = console, console.core.desk

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        one = f"{ROOT}/inbox/{{conversation}}/suggest/{{line}}"
        return [Route("GET", one, self.show, Access.CLERK), Route("POST", one, self.add, Access.CLERK)]

    async def show(self, request: web.Request) -> web.Response:
        """The form, filled in with what was asked and answered."""
        opened, line = await self._found(request)
        names = (opened.conversation.sender, line.name)
        asked = _question(opened, line)
        return self._page(request, Typed(hidden(asked, *names)[:MAX_QUESTION], hidden(line.text, *names), {}))

    async def add(self, request: web.Request) -> web.StreamResponse:
        """Keep it as a draft. What is wrong is said beside its field."""
        opened, line = await self._found(request)
        question, answer = (await field(request, "question")).strip(), (await field(request, "answer")).strip()
        wrong = {
            name: "suggest.empty" if not text else "suggest.long"
            for name, text, most in (("question", question, MAX_QUESTION), ("answer", answer, MAX_ANSWER))
            if not text or len(text) > most
        }
        if await field(request, "checked") != "1":
            wrong["checked"] = "suggest.unchecked"
        if wrong:
            return self._page(request, Typed(question, answer, wrong), 400)
        who, c, core = request[WHO], opened.conversation, self._console.core
        language = c.language if c.language in ALWAYS else ALWAYS[0]
        today = self._console.now().astimezone(core.zone).date()
        text = Text(language, question, answer=answer)
        content = Content({language: text}, c.topic if c.topic in core.town.topics else "", "", NO_LINK, today)
        entry = entry_name(question, f"{c.id} {line.id}")
        try:
            await asyncio.to_thread(core.catalogue.save_draft, entry, content, who.account.name)
        except EditConflict:
            return self._page(request, Typed(question, answer, {"question": "suggest.twice"}), 409)
        await self._console.audit.record(who.account.name, "suggest", entry)
        raise web.HTTPSeeOther(f"{ROOT}/inbox/{c.id}#{line.id}")

    async def _found(self, request: web.Request) -> tuple[Opened, Line]:
        """Raises 404 for what is not there, is another team's, or is no clerk's own words."""
        try:
            opened = await self._desk.open(request[WHO].clerk, request.match_info["conversation"])
        except (KeyError, ValueError):
            raise web.HTTPNotFound from None
        line = next((x for x in opened.lines if x.id == request.match_info["line"]), None)
        if line is None or not is_own_words(line):
            raise web.HTTPNotFound
        return opened, line

    def _page(self, request: web.Request, typed: Typed, status: int = 200) -> web.Response:
        back = f"{ROOT}/inbox/{request.match_info['conversation']}"
        limits: dict[str, Any] = {"question": MAX_QUESTION, "answer": MAX_ANSWER}
        return self._console.page(
            request, "suggest/page.html", status, active="inbox", typed=typed, back=back, limits=limits
        )


async def proposals(console: Console) -> list[Proposal]:
    """What clerks proposed and no editor has taken up: drafts of theirs that are their entry's first version."""

    def found() -> list[Proposal]:
        theirs = {a.name: a.display_name for a in console.accounts.all() if a.role in PROPOSING}
        mine = first_drafts(console.core.catalogue.engine, theirs)
        return [Proposal(r.entry, r.text("de").question, theirs[r.author], r.at) for r in mine]

    return sorted(await asyncio.to_thread(found), key=lambda one: one.at, reverse=True)


def hidden(text: str, *names: str) -> str:
    """Without numbers, addresses and the names of who wrote to whom."""
    found = mask(text)
    parts = {part for name in names for part in re.split(r"[\s.,]+", name) if len(part) >= SHORTEST_NAME}
    for part in sorted(parts, key=len, reverse=True):
        found = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", NAME, found, flags=re.IGNORECASE)
    return found


def entry_name(question: str, of: str) -> str:
    """A name for the entry: the question's first words, and what makes it one of its own; the same for the same."""
    plain = re.findall(r"[a-z0-9]+", fold(question))[:_SLUG_WORDS]
    mark = hashlib.blake2b(of.encode(), digest_size=3).hexdigest()
    return f"{'-'.join(plain)[:80].strip('-') or 'vorschlag'}-{mark}"


def _question(opened: Opened, line: Line) -> str:
    """What the citizen last asked before the reply, as the machine saw it: what was searched for or bears a question
    mark; else what they wrote last."""
    before = opened.lines[: opened.lines.index(line)]
    said = [x for x in reversed(before) if x.by == "citizen" and x.masked and not x.what]
    asked = (x for x in said if x.matches or "?" in x.masked)
    return next(asked, said[0]).masked if said else ""
