"""The corpus as a list: search, topic, status."""

import asyncio
from typing import Any

from aiohttp import web

from bot.console.accounts import Role
from bot.console.console import Console
from bot.console.identity import WHO
from bot.console.session import ROOT
from bot.console.suggest import proposals
from bot.console.words import Words
from bot.route import Access, Route
from faq.catalogue import State
from faq.entry import LEICHT, Status

PER_PAGE = 50


class FaqList:
    """Handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """The route with its policy."""
        return [Route("GET", f"{ROOT}/faq", self.index, Access.EDITOR)]

    async def index(self, request: web.Request) -> web.Response:
        """The list, filtered."""
        who = request[WHO]
        t, core = self._console.words(request), self._console.core
        query, topic = request.query.get("q", "")[:200], request.query.get("topic", "")
        asked = request.query.get("status", "")
        status = Status(asked) if asked in set(Status) else None
        number = request.query.get("page", "")
        page = max(1, int(number)) if number.isdecimal() and len(number) < 5 else 1
        found = await asyncio.to_thread(
            core.catalogue.list, query, topic, status, offset=(page - 1) * PER_PAGE, limit=PER_PAGE
        )
        return self._console.page(
            request,
            "faq/list.html",
            active="faq",
            rows=[_row(state, t, topics(self._console, t)) for state in found.states],
            total=found.total,
            topics=topics(self._console, t),
            statuses=[str(s) for s in Status],
            query=query,
            topic=topic,
            chosen=str(status or ""),
            page=page,
            pages=max(1, -(-found.total // PER_PAGE)),
            proposals=await proposals(self._console) if page == 1 and not (query or topic or status) else [],
            may_edit=who.account.role in (Role.EDITOR, Role.ADMIN),
        )


def topics(console: Console, t: Words) -> dict[str, str]:
    """Names of the topics by id, in the page's language."""
    found = {x.id: x.named(t.language) for x in console.core.town.topics.values()}
    return dict(sorted(found.items(), key=lambda pair: pair[1].casefold()))


def status_of(state: State) -> str:
    """In one word; "changed" is live with a newer draft on top."""
    if state.live and state.live.id != state.head.id and state.status is not Status.ARCHIVED:
        return "changed"
    return str(state.status)


def _row(state: State, t: Words, names: dict[str, str]) -> dict[str, Any]:
    head = state.head
    return {
        "entry": state.entry,
        "question": head.text("de").question or state.entry,
        "topic": names.get(head.topic, head.topic),
        "status": status_of(state),
        "as_of": t.day(head.as_of),
        "stale": head.review_by is not None and head.review_by < t.local(t.now).date(),
        "languages": [t.maybe(f"language.{code}", code) for code in head.texts if code not in ("de", LEICHT)]
        + ([t("language.leicht")] if LEICHT in head.texts else []),
    }
