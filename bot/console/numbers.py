"""/console/numbers: what citizens asked and what became of it. For who keeps the corpus, leads a team, or audits.

Figures of questions hold no personal data and are everybody's who may come here; those of handoffs are a team's, so a
lead sees those of the own teams, as on the teams' page.
"""

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import Any

from aiohttp import web

from bot.console import numbers_view as view
from bot.console.accounts import Account, Role
from bot.console.asked_for import PRESETS, AskedFor, asked_for
from bot.console.console import Console
from bot.console.identity import WHO
from bot.console.session import ROOT
from bot.console.tabs import TABS
from bot.console.words import Words
from bot.numbers import open_data, table
from bot.numbers.drift import Drift
from bot.numbers.metric import METRICS
from bot.numbers.names import questions
from bot.numbers.read import Numbers, Read
from bot.numbers.watch import look
from bot.route import Access, Route
from faq.releases import Releases

PATH = f"{ROOT}/numbers"


class NumbersPage:
    """Handlers."""

    def __init__(self, console: Console) -> None:
        self._console, self._engine = console, console.core.catalogue.engine
        self._numbers, self._releases = Numbers(self._engine), Releases(self._engine)

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        return [
            Route("GET", PATH, self.show, Access.FIGURES),
            Route("GET", f"{PATH}/table.csv", self.table, Access.FIGURES),
            Route("GET", f"{PATH}/open-data.csv", self.open_csv, Access.FIGURES),
            Route("GET", f"{PATH}/open-data.json", self.open_json, Access.FIGURES),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """The page."""
        t, asked = self._console.words(request), self._asked(request)
        read, first, names, numbers, alarms = await asyncio.to_thread(self._read, asked, self._today(t))

        def namer(split: str) -> view.Name:
            return self._namer(split, numbers, t)

        role = request[WHO].account.role
        context: dict[str, Any] = {
            "asked": asked,
            "presets": PRESETS,
            "fresh": not first,
            "first": date.fromisoformat(first) if first else None,
            # What was not counted yet was not less.
            "comparable": bool(first) and first <= asked.period.before.first.isoformat(),
            "today": view.is_today(asked.period, self._today(t)),
            "teams": ", ".join(sorted(self._team(team) for team in asked.cut.teams)),
            "tiles": view.tiles(read, view.TILES, t),
            "charts": view.charts(read, asked.period, t),
            "columns": view.COLUMNS,
            "splits": {s: view.rows(some, namer(s), t) for s, some in read.splits.items()},
            "conditions": {name: namer(name)(v) for name, v in asked.cut.conditions.items()},
            "answered": view.answered(read),
            "rejected": view.rejected(read),
            "names": names,
            "links": role in (Role.EDITOR, Role.ADMIN, Role.AUDITOR),
            "handoffs": view.tiles(read, ("handed_off", "ended", "rated", "liked"), t),
            "reasons": view.reasons(read),
            "outcomes": view.outcomes(read),
            "waits": view.waits(read, t),
            "alarms": alarms,
            "gaps": TABS.get("gaps", "") if role in (Role.EDITOR, Role.ADMIN) else "",
        }
        return self._console.page(request, "numbers/page.html", active="numbers", **context)

    async def table(self, request: web.Request) -> web.Response:
        """Every day and every figure, for a spreadsheet."""
        t, asked = self._console.words(request), self._asked(request)
        read = await asyncio.to_thread(self._numbers.read, asked.period, asked.cut, ())
        lines = table.by_day(read.days, asked.period)
        names = {key: t(f"number.{key}.name") for key in METRICS}
        name = f"stadtbote-{asked.period.first}-{asked.period.last}.csv"
        return _file(table.as_csv(lines, t("numbers.when"), names), "text/csv", name)

    async def open_csv(self, request: web.Request) -> web.Response:
        """Figures that may be published, as a table."""
        cells = await self._cells(request)
        return _file(open_data.as_csv(cells), "text/csv", "stadtbote-open-data.csv")

    async def open_json(self, request: web.Request) -> web.Response:
        """The same with its description."""
        t = self._console.words(request)
        cells = await self._cells(request)
        what = {key: t(f"number.{key}.what") for key in open_data.OPEN}
        town = self._console.core.town.full_name
        told = open_data.as_json(cells, town, self._console.now(), what, t("numbers.open_note"))
        return _file(told, "application/json", "stadtbote-open-data.json")

    # --- how it is read ------------------------------------------------------------------------------------

    async def _cells(self, request: web.Request) -> list[open_data.Cell]:
        today, asked = self._today(self._console.words(request)), self._asked(request)
        return await asyncio.to_thread(open_data.cells, self._numbers, asked.period, today)

    def _asked(self, request: web.Request) -> AskedFor:
        account: Account = request[WHO].account
        teams = account.teams if account.role is Role.LEAD else frozenset[str]()
        return asked_for(request.query, self._today(self._console.words(request)), teams)

    def _read(self, asked: AskedFor, today: date) -> tuple[Read, str, dict[str, str], Mapping[str, int], list[Drift]]:
        """The figures, the first day of any, what entries are called, what releases are called, the alarms."""
        read = self._numbers.read(asked.period, asked.cut)
        shown = {entry for entry, *_ in (*view.answered(read), *view.rejected(read))}
        known = dict(questions(self._engine, shown))
        numbers = self._releases.numbers({*read.splits.get("release", ()), asked.cut.release} - {""})
        return read, self._numbers.first_day(), known, numbers, look(self._numbers, today)

    def _today(self, t: Words) -> date:
        return t.local(t.now).date()

    # --- what things are called ----------------------------------------------------------------------------

    def _team(self, team: str) -> str:
        known = self._console.core.town.teams.get(team)
        return known.name if known else team

    def _namer(self, split: str, numbers: Mapping[str, int], t: Words) -> view.Name:
        town = self._console.core.town

        def name(value: str) -> str:
            if split == "topic" and value in town.topics:
                return town.topics[value].named(t.language)
            if split == "office" and value in town.offices:
                return town.offices[value].named(t.language)
            if split == "release" and value in numbers:
                return t("numbers.release", n=numbers[value])
            return t.maybe(f"{split}.{value}", value)

        return name


def _file(text: str, media_type: str, name: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(text=text, content_type=media_type, charset="utf-8", headers=headers)
