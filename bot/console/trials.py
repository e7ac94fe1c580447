"""Questions held out to test, as editors keep them; and those that touch one entry, for the entry's page."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy import Engine

from bot.console.accounts import Role
from bot.console.console import Console, field
from bot.console.identity import WHO
from bot.console.session import ROOT
from bot.console.settings.meant import meant, offer
from bot.route import Access, Route
from faq import rows
from faq.database import reading
from faq.jobs import Jobs
from faq.proving.order import PROVE
from faq.proving.outcome import Outcome
from faq.proving.reports import Reports
from faq.releases import Releases
from faq.trials import LONGEST, Trial, TrialRefused, Trials
from nlu.profiles import LANGUAGES

TRIALS = f"{ROOT}/faq/trials"
PER_PAGE = 50
ORIGINS = ("corpus", "gap", "editor")


@dataclass(frozen=True, slots=True)
class Tried:
    """A trial and what became of it under the release that is live: `became` is a key of the console's words,
    trials.became.<name>, `well` whether that is right, None where nobody asked yet. `expected` and `given` are pairs
    of an entry and what it is called."""

    trial: Trial
    expected: tuple[tuple[str, str], ...]
    outcome: Outcome | None
    became: str
    well: bool | None
    given: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Tries:
    """Some trials, of how many in all, and when they were asked last."""

    tried: tuple[Tried, ...]
    total: int
    asked: datetime | None


class TrialRoom:
    """Reads what pages of trials show; call it in a thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.trials, self.releases, self.reports = Trials(engine), Releases(engine), Reports(engine)
        self.jobs = Jobs(engine)

    def touching(self, entry: str) -> Tries:
        """Those that this entry answers, newest first: what the entry's page includes as `tries`
        (templates/faq/trials_part.html)."""
        found = self.trials.of_entry(entry)
        return self._with_outcomes(found, len(found))

    def listed(self, **wanted: Any) -> Tries:
        """As faq.trials.Trials.list, with outcomes."""
        found, total = self.trials.list(**wanted)
        return self._with_outcomes(found, total)

    def strange(self, entries: Iterable[str]) -> tuple[str, ...]:
        """Of these names, those that no entry has."""
        with reading(self._engine) as db:
            return tuple(sorted(set(entries) - set(rows.questions(db, entries))))

    def _with_outcomes(self, found: tuple[Trial, ...], total: int) -> Tries:
        live = self.releases.live()
        outcomes, asked = self.reports.outcomes(live.id) if live else ({}, None)
        given = {outcomes[one.id].entry for one in found if one.id in outcomes}
        with reading(self._engine) as db:
            called = rows.questions(db, given | {entry for one in found for entry in one.relevant})
        return Tries(tuple(_tried(one, outcomes, called) for one in found), total, asked)


class TrialPages:
    """Handlers."""

    def __init__(self, console: Console) -> None:
        self._console, self._room = console, TrialRoom(console.core.catalogue.engine)

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        return [
            Route("GET", TRIALS, self.index, Access.EDITOR),
            Route("POST", TRIALS, self.add, Access.EDITOR),
            Route("POST", TRIALS + "/run", self.run, Access.EDITOR),
            Route("POST", TRIALS + "/{trial}/retire", self.retire, Access.EDITOR),
            Route("POST", TRIALS + "/{trial}/revive", self.revive, Access.EDITOR),
        ]

    async def index(self, request: web.Request) -> web.Response:
        """The list, searched and filtered."""
        return await self._index(request)

    async def _index(
        self, request: web.Request, status: int = 200, wrong: Mapping[str, str] | None = None, typed: Any = None
    ) -> web.Response:
        asked = request.query
        wanted = {
            "query": asked.get("q", "")[:200],
            "language": asked.get("language", "") if asked.get("language", "") in LANGUAGES else "",
            "origin": asked.get("origin", "") if asked.get("origin", "") in ORIGINS else "",
            "entry": asked.get("entry", "")[:160],
            "retired": "retired" in asked,
        }
        number = asked.get("page", "")
        page = max(1, int(number)) if number.isdecimal() and len(number) < 5 else 1
        tries, job = await asyncio.to_thread(self._listed, wanted, page)
        typed = typed or {"question": "", "language": "de", "relevant": asked.get("entry", "").removeprefix("-")}
        return self._console.page(
            request,
            "trials/list.html",
            status,
            active="faq",
            tries=tries,
            job=job,
            wanted=wanted,
            typed=typed,
            wrong=wrong or {},
            languages=tuple(LANGUAGES),
            origins=ORIGINS,
            done=asked.get("done", ""),
            page=page,
            pages=max(1, -(-tries.total // PER_PAGE)),
            names=await self._console.names(),
            may_edit=request[WHO].account.role in (Role.EDITOR, Role.ADMIN),
            longest=LONGEST,
        )

    def _listed(self, wanted: Mapping[str, Any], page: int) -> tuple[Tries, Any]:
        live = self._room.releases.live()
        job = self._room.jobs.latest(PROVE, live.id) if live else None
        return self._room.listed(**wanted, offset=(page - 1) * PER_PAGE, limit=PER_PAGE), job

    async def add(self, request: web.Request) -> web.Response:
        """A question of the editor's own."""
        by = request[WHO].account.name
        typed = {name: (await field(request, name)).strip() for name in ("question", "language", "relevant")}
        entry, others = await asyncio.to_thread(meant, self._console.core.catalogue, typed["relevant"])
        relevant = [entry] if entry else typed["relevant"].replace(",", " ").split()
        wrong: dict[str, str] = {}
        if typed["language"] not in LANGUAGES:
            wrong["language"] = "trials.wrong.language"
        if await asyncio.to_thread(self._room.strange, relevant):
            wrong["relevant"] = "trials.wrong.relevant"
            typed["instead"] = offer(others, self._console.words(request))
        if not wrong:
            try:
                await asyncio.to_thread(
                    self._room.trials.add, typed["question"], typed["language"], relevant, "editor", by
                )
            except TrialRefused as error:
                wrong["question"] = f"trials.wrong.{error.why}"
        if wrong:
            return await self._index(request, 400, wrong, typed)
        await self._console.audit.record(by, "trial_added", ", ".join(relevant) or "–")
        raise web.HTTPSeeOther(f"{TRIALS}?done=added")

    async def retire(self, request: web.Request) -> web.Response:
        """It counts no more, and can come back."""
        by, id = request[WHO].account.name, request.match_info["trial"]
        if not await asyncio.to_thread(self._room.trials.retire, id, by):
            raise web.HTTPNotFound
        await self._console.audit.record(by, "trial_retired", id)
        raise web.HTTPSeeOther(f"{TRIALS}?done=retired")

    async def revive(self, request: web.Request) -> web.Response:
        """It counts again."""
        by, id = request[WHO].account.name, request.match_info["trial"]
        if not await asyncio.to_thread(self._room.trials.revive, id):
            raise web.HTTPNotFound
        await self._console.audit.record(by, "trial_revived", id)
        raise web.HTTPSeeOther(f"{TRIALS}?done=revived")

    async def run(self, request: web.Request) -> web.Response:
        """Ask every trial of what is live."""
        live = await asyncio.to_thread(self._room.releases.live)
        if live is None:
            raise web.HTTPSeeOther(f"{TRIALS}?done=nothing_live")
        await asyncio.to_thread(self._room.jobs.enqueue, PROVE, live.id, request[WHO].account.name)
        raise web.HTTPSeeOther(f"{TRIALS}?done=running")


def _tried(trial: Trial, outcomes: Mapping[str, Outcome], called: Mapping[str, str]) -> Tried:
    outcome = outcomes.get(trial.id)
    return Tried(
        trial,
        tuple((entry, called.get(entry, entry)) for entry in trial.relevant),
        outcome,
        became(outcome, trial.relevant) if outcome else "not_asked",
        outcome.right(trial.relevant) if outcome else None,
        (outcome.entry, called.get(outcome.entry, outcome.entry)) if outcome else ("", ""),
    )


def became(outcome: Outcome, relevant: Collection[str]) -> str:
    """What somebody must know to help: is the entry near, far, or beaten by another one?"""
    if outcome.right(relevant):
        return "right"
    if outcome.decision == "answer":
        return "wrong" if relevant else "stray"
    if outcome.decision == "withhold":
        return "nothing"
    return "near" if outcome.goodness(relevant) == 2 else "far"
