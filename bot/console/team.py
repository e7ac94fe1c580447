"""How the teams' day goes, for who leads them: who waits, who is here, what to pass on, and the figures of today."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from bot.console.chart import grouped
from bot.console.console import Console
from bot.console.identity import WHO
from bot.console.inbox_view import Row, row
from bot.console.pages import is_live
from bot.console.passing import ANYWAY, choices, passed_on, refusal, undoable
from bot.console.roster import Person
from bot.console.session import ROOT
from bot.console.summaries import Summaries
from bot.console.words import Words
from bot.conversation import Conversation, NotNow, Status
from bot.deadlines import urgency
from bot.handoff.day import Day, Spread, day_of
from bot.handoff.desk import Clerk
from bot.route import Access, Route

RISK = timedelta(minutes=15)  # what must be read within this time is at risk
LISTED = 40  # conversations that the page offers to pass on
COUNTED = 1000  # conversations that it looks at


@dataclass(frozen=True, slots=True)
class Figure:
    """One number, with its definition at figure.<key>.what. `state` is a class of the style: "", waiting or late."""

    key: str
    value: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Who is here or has conversations, with how many, and how many of these citizens wait for a word."""

    person: Person
    teams: str
    has: int
    owes: int


class TeamPage:
    """Handlers."""

    def __init__(self, console: Console) -> None:
        self._console, self._desk = console, console.core.desk
        self._summaries = Summaries(console.core.store)

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        return [
            Route("GET", f"{ROOT}/team", self.show, Access.LEAD),
            Route("POST", f"{ROOT}/team/{{conversation}}/transfer", self.transfer, Access.LEAD),
        ]

    async def show(
        self, request: web.Request, why: str = "", failed: str = "", anyway: bool = False, to: str = ""
    ) -> web.Response:
        """The page, or to our script its changing part alone."""
        who, t = request[WHO], self._console.words(request)
        queue = await self._desk.queue(who.clerk, COUNTED)
        people = await self._console.roster.people(t.now)
        day = await self._day(who.clerk, t)
        context: dict[str, Any] = {
            "figures": self._figures(queue, people, day, t),
            "colleagues": self._colleagues(queue, people),
            "passing": choices(people, self._console.core.town, t, who.clerk.user),
            "rows": await self._rows(request, queue, t),
            "hours": day.hours,
            "chart": grouped(
                [t.number(h.hour) for h in day.hours], [[h.opened for h in day.hours], [h.replied for h in day.hours]]
            ),
            "outcomes": sorted(day.outcomes.items(), key=lambda pair: (-pair[1], pair[0])),
            "did": await undoable(self._console, who.clerk, request.query.get("did", ""), t),
            "why": why,
            "failed": failed,
            "anyway": anyway,
            "to": to,
        }
        if is_live(request):
            return self._console.page(request, "team/parts.html", **context)
        return self._console.page(request, "team/page.html", 409 if why else 200, active="team", **context)

    async def transfer(self, request: web.Request) -> web.StreamResponse:
        """Pass a conversation on, whoever has it."""
        who, ident = request[WHO], request.match_info["conversation"]
        try:
            await passed_on(self._console, request, who.clerk, ident)
        except NotNow as error:
            to = str((await request.post()).get("to", ""))
            why = refusal(error, self._console.words(request))
            return await self.show(request, why, ident, error.why in ANYWAY, to)
        except (KeyError, ValueError):
            raise web.HTTPNotFound from None
        await self._console.audit.record(who.account.name, "transfer", ident)
        raise web.HTTPSeeOther(f"{ROOT}/team?did={ident}")

    # --- what it shows -------------------------------------------------------------------------------------

    async def _day(self, clerk: Clerk, t: Words) -> Day:
        today = t.local(t.now).replace(hour=0, minute=0, second=0, microsecond=0)
        handoffs = await self._console.core.store.handoffs(today, today + timedelta(days=1))
        return day_of([h for h in handoffs if not clerk.teams or h.team in clerk.teams], self._console.core.zone)

    def _figures(self, queue: list[Conversation], people: list[Person], day: Day, t: Words) -> list[Figure]:
        waiting = [c for c in queue if c.status is Status.WAITING]
        times = [self._until(c) for c in waiting]
        over = sum(at is not None and at <= t.now for at in times)
        risk = sum(at is not None and t.now < at <= t.now + RISK for at in times)
        liked = t("figure.share", share=t.percent(day.good / day.rated), n=day.rated) if day.rated else "–"
        oldest = min((c.waiting_since for c in waiting if c.waiting_since), default=None)
        return [
            Figure("waiting", t.number(len(waiting))),
            Figure("oldest", t.since(oldest) if oldest else "–"),
            Figure("risk", t.number(risk), "waiting" if risk else ""),
            Figure("over", t.number(over), "late" if over else ""),
            Figure("people", t.number(sum(p.is_here for p in people))),
            Figure("opened", t.number(day.opened)),
            Figure("wait", _spread(day.waiting, t)),
            Figure("reply", _spread(day.reply, t)),
            Figure("rated", liked),
        ]

    def _until(self, c: Conversation) -> datetime | None:
        """By when somebody should read it: the promise or the end of the messenger's window; None: neither."""
        channel = self._console.core.channels.get(c.channel)
        window = channel.limits.window if channel else None
        if c.due is None and window is None:
            return None
        return datetime.fromtimestamp(urgency(c, window), tz=self._console.core.zone)

    def _colleagues(self, queue: list[Conversation], people: list[Person]) -> list[Colleague]:
        town, found = self._console.core.town, []
        for person in people:
            theirs = [c for c in queue if c.status is Status.ASSIGNED and c.owner == person.clerk.user]
            if theirs or person.away != "":
                names = [team.name for team in town.teams.values() if team.id in person.clerk.teams]
                owes = sum(c.clerk_owes is not None for c in theirs)
                found.append(Colleague(person, ", ".join(names), len(theirs), owes))
        return found

    async def _rows(self, request: web.Request, queue: list[Conversation], t: Words) -> list[dict[str, Any]]:
        """Conversations in the order in which they should be read, each with where it may go."""
        who, console = request[WHO], self._console
        listed = queue[:LISTED]
        summaries, names = await self._summaries.of(listed), await console.names()
        rows = []
        for c in listed:
            shown: Row = row(c, who.account.name, summaries[c.id], t, console.core.town, names)
            until = self._until(c) if c.status is Status.WAITING else None
            late = "late" if until and until <= t.now else "waiting" if until and until <= t.now + RISK else ""
            rows.append({"c": c, "row": shown, "until": until, "late": late})
        return rows


def _spread(spread: Spread, t: Words) -> str:
    if spread.p50 is None or spread.p90 is None:
        return "–"
    return t("figure.spread", p50=t.span(spread.p50), p90=t.span(spread.p90))
