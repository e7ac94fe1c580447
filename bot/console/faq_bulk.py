"""Many entries at once: each is done or left as it is, and one page says of each which, and why."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from aiohttp import web

from bot.console.console import Console, field
from bot.console.identity import WHO
from bot.console.session import ROOT
from bot.route import Access, Route
from faq.catalogue import CatalogueError, EditConflict, State, WrongStatus
from faq.editing.withdrawal import take_back
from faq.entry import Content, Draft, validate
from faq.typed_day import day_of

MOST = 200
"""Entries of one request: four pages of the list."""

DEEDS = {"topic": "faq_saved", "office": "faq_saved", "review_by": "faq_saved"} | {
    "submit": "faq_submitted",
    "take_back": "faq_taken_back",
}
"""What can be done, and what the audit calls it."""


@dataclass(frozen=True)
class Outcome:
    """What became of one entry: `what` is a key of the texts (editor.bulk.became.<what>)."""

    entry: str
    question: str
    what: str


class FaqBulk:
    """Handlers."""

    def __init__(self, console: Console) -> None:
        self._console, self._catalogue = console, console.core.catalogue

    def routes(self) -> list[Route]:
        """The route with its policy."""
        return [Route("POST", f"{ROOT}/faq/bulk", self.do, Access.EDITOR)]

    async def do(self, request: web.Request) -> web.Response:
        """Do it, entry by entry, on the versions that the list showed."""
        posted = await request.post()
        deed, back = await field(request, "do"), await field(request, "list")
        if deed not in DEEDS:
            raise web.HTTPBadRequest
        chosen = [str(value).partition(" ") for value in posted.getall("entry", [])]
        value = await field(request, f"value.{deed}")
        change = self._change(deed, value)
        outcomes = []
        for entry, _, head in chosen if change and len(chosen) <= MOST else ():
            outcome = await asyncio.to_thread(self._one, deed, entry, head, change, request[WHO].account.name)
            if outcome.what == "done":
                await self._console.audit.record(request[WHO].account.name, DEEDS[deed], entry)
            outcomes.append(outcome)
        wrong = "" if outcomes else "editor.bulk.no_value" if chosen else "editor.bulk.nothing"
        wrong = "editor.bulk.too_many" if len(chosen) > MOST else wrong
        return self._console.page(
            request,
            "faq/bulk.html",
            400 if wrong else 200,
            active="faq",
            outcomes=outcomes,
            wrong=wrong,
            deed=deed,
            back=back if back.startswith(f"{ROOT}/faq?") else f"{ROOT}/faq",
        )

    def _change(self, deed: str, value: str) -> Callable[[Content], Content] | None:
        """What becomes of a content; None where the value is none of ours."""
        town = self._console.core.town
        if deed == "topic":
            return (lambda c: replace(c, topic=value)) if value in town.topics else None
        if deed == "office":
            return (lambda c: replace(c, office=value)) if value in town.offices else None
        if deed == "review_by":
            try:
                day = day_of(value)
            except ValueError:
                return None
            return lambda c: replace(c, review_by=day)
        return lambda c: c

    def _one(self, deed: str, entry: str, head: str, change: Callable[[Content], Content] | None, by: str) -> Outcome:
        state = self._catalogue.get(entry)
        if state is None or change is None:
            return Outcome(entry, entry, "gone")
        question = state.head.text("de").question or entry
        if state.head.id != head:
            return Outcome(entry, question, "changed")
        try:
            return Outcome(entry, question, self._done(deed, state, change, by))
        except WrongStatus:
            return Outcome(entry, question, f"not_{deed}")
        except EditConflict:
            return Outcome(entry, question, "changed")
        except CatalogueError:
            return Outcome(entry, question, "refused")

    def _done(self, deed: str, state: State, change: Callable[[Content], Content], by: str) -> str:
        if deed == "submit":
            if any(problem.blocks for problem in validate(Draft(state.entry, state.head.content))):
                return "unfit"
            self._catalogue.submit(state.entry, state.head.id, by)
        elif deed == "take_back":
            take_back(self._catalogue.engine, state.entry, state.head.id)
        else:
            content = change(state.head.content)
            if content == state.head.content:
                return "same"
            self._catalogue.save_draft(state.entry, content, by, state.head.id)
        return "done"
