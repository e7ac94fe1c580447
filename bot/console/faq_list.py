"""The corpus as a list: searched, narrowed and sorted by its address, so that a reload or a bookmark shows the same."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bot.console.accounts import Role
from bot.console.console import Console
from bot.console.entry_lint import findings_of
from bot.console.faq_form import TRANSLATIONS
from bot.console.identity import WHO
from bot.console.session import ROOT
from bot.console.suggest import proposals
from bot.console.words import Words
from bot.jobs.lint import ABOUT
from bot.route import Access, Route
from faq.catalogue import State
from faq.editing.listing import CHANGED, SORTS, Listed, Listing, Wanted
from faq.editing.typed import Typed
from faq.entry import LEICHT, Status
from faq.jobs import Jobs
from faq.lint.dismissed import Dismissals

PER_PAGE = 50
LONGEST = 200  # characters of a value of the address
STATES = (*(str(status) for status in Status), CHANGED)


@dataclass(frozen=True)
class Asked:
    """What the address asks for; "" does not narrow."""

    q: str = ""
    topic: str = ""
    status: str = ""
    missing: str = ""
    office: str = ""
    author: str = ""
    due: str = ""
    findings: str = ""
    sort: str = ""
    down: str = ""
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Asked":
        """Out of an address; what is not ours does not narrow."""
        given = {name: query.get(name, "")[:LONGEST] for name in _NAMES}
        number = query.get("page", "")
        page = max(1, int(number)) if number.isdecimal() and len(number) < 5 else 1
        given["status"] = given["status"] if given["status"] in STATES else ""
        given["missing"] = given["missing"] if given["missing"] in TRANSLATIONS else ""
        given["sort"] = given["sort"] if given["sort"] in SORTS else ""
        return cls(**given, page=page)

    @property
    def narrows(self) -> bool:
        """Does it leave anything out?"""
        return any(getattr(self, name) for name in _NAMES if name not in ("sort", "down"))

    def address(self, **changed: Any) -> str:
        """The list's address with these changes."""
        other = replace(self, **changed)
        told = {name: getattr(other, name) for name in _NAMES if getattr(other, name)}
        return f"{ROOT}/faq?{urlencode(told | ({'page': other.page} if other.page > 1 else {}))}"

    def sorted_by(self, column: str) -> str:
        """The address sorted by that column; a second time the other way round."""
        same = (self.sort or SORTS[0]) == column
        return self.address(sort=column, down="1" if same and not self.down else "", page=1)

    def wanted(self, today: date, found: Collection[str] | None = None) -> Wanted:
        """As the database is asked; `found` are the entries with findings, where those alone are wanted."""
        return Wanted(
            self.q,
            self.topic,
            self.status,
            self.missing,
            self.office,
            self.author,
            today if self.due else None,
            found,
            sort=self.sort or SORTS[0],
            falling=bool(self.down),
        )


_NAMES = ("q", "topic", "status", "missing", "office", "author", "due", "findings", "sort", "down")


class FaqList:
    """Handlers."""

    def __init__(self, console: Console) -> None:
        self._console, self._listing = console, Listing(console.core.catalogue.engine)
        self._typed = Typed(console.core.catalogue.engine, console.now)

    def routes(self) -> list[Route]:
        """The route with its policy."""
        return [Route("GET", f"{ROOT}/faq", self.index, Access.EDITOR)]

    async def index(self, request: web.Request) -> web.Response:
        """The list, narrowed."""
        who = request[WHO]
        t, core, asked = self._console.words(request), self._console.core, Asked.of(request.query)
        today = t.local(t.now).date()
        first = (asked.page - 1) * PER_PAGE
        among = await asyncio.to_thread(self._with_findings) if asked.findings else None
        found, total = await asyncio.to_thread(self._listing.page, asked.wanted(today, among), first, PER_PAGE)
        edits, begins = who.account.role in (Role.EDITOR, Role.ADMIN), asked.page == 1 and not asked.narrows
        names, authors = await self._console.names(), await asyncio.to_thread(self._listing.authors)
        named = topics(self._console, t)
        return self._console.page(
            request,
            "faq/list.html",
            active="faq",
            rows=[_row(one, t, named, today) for one in found],
            total=total,
            asked=asked,
            topics=named,
            offices={o.id: o.name for o in core.town.offices.values()},
            statuses=STATES,
            languages=TRANSLATIONS,
            authors={name: names.get(name, name) for name in authors},
            names=names,
            pages=max(1, -(-total // PER_PAGE)),
            proposals=await proposals(self._console) if begins else [],
            begun=await asyncio.to_thread(self._begun, who.account.name) if begins and edits else [],
            may_edit=edits,
        )

    def _begun(self, person: str) -> list[tuple[str, str, datetime]]:
        """What they typed and did not save: the entry ("" for a new one), its question, when."""
        return [
            (one.entry, one.form.get("texts.de.question", "") or one.entry, one.at) for one in self._typed.mine(person)
        ]

    def _with_findings(self) -> frozenset[str]:
        """The entries that the last run of the lint named, but for what was noted as right."""
        engine = self._console.core.catalogue.engine
        right = Dismissals(engine).all()
        found = findings_of(Jobs(engine, self._console.now).latest("lint", ABOUT, "done"))
        return frozenset(entry for finding in found if finding.id not in right for entry in finding.entries)


def topics(console: Console, t: Words) -> dict[str, str]:
    """Names of the topics by id, in the page's language."""
    found = {x.id: x.named(t.language) for x in console.core.town.topics.values()}
    return dict(sorted(found.items(), key=lambda pair: pair[1].casefold()))


def status_of(state: State) -> str:
    """In one word; "changed" is live with a newer draft on top."""
    if state.live and state.live.id != state.head.id and state.status is not Status.ARCHIVED:
        return CHANGED
    return str(state.status)


def _row(one: Listed, t: Words, named: Mapping[str, str], today: date) -> dict[str, Any]:
    return {
        "entry": one.entry,
        "head": one.head,
        "question": one.question,
        "topic": named.get(one.topic, one.topic),
        "status": one.status,
        "as_of": t.day(one.as_of),
        "review_by": t.day(one.review_by) if one.review_by else "",
        "due": one.review_by is not None and one.review_by < today,
        "author": one.author,
        "at": one.at,
        "languages": [t.maybe(f"language.{code}", code) for code in one.languages if code not in ("de", LEICHT)]
        + ([t("language.leicht")] if LEICHT in one.languages else []),
    }
