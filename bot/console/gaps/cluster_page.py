"""One cluster: what was asked, what the bot did, what became of it; and what an editor may do with it."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import web

from bot.console.console import field
from bot.console.gaps.room import GAPS, Room, may_edit, seen, spark, told
from bot.console.identity import WHO
from bot.gaps.deeds import DECISIONS, UNDONE_BY_US, Deed, Refused
from bot.gaps.gap import UNCLEAR, Cluster, Question, State
from bot.gaps.kept import Filter
from bot.gaps.splitting import same
from bot.gaps.tables import TITLE
from bot.route import Access, Route
from faq.lint.gather import titles

CANDIDATES = 5
ALL, SHOWN = 5000, 100
"""Questions that are looked at, and wordings that the page shows."""
CHOICES = 60
"""Clusters offered as a place for a question or to be joined with: neighbours first, then the heaviest."""


class ClusterPage:
    """Handlers."""

    def __init__(self, room: Room) -> None:
        self._room, self._console = room, room.console

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        one = f"{GAPS}/{{cluster}}"
        verbs = {"name": self.name, "merge": self.merge, "move": self.move, "wipe": self.wipe, "undo": self.undo}
        return [
            Route("GET", one, self.show, Access.EDITOR),
            *(Route("POST", f"{one}/{verb}", handler, Access.EDITOR) for verb, handler in verbs.items()),
        ]

    async def show(self, request: web.Request, why: str = "") -> web.Response:
        """The page; `why` is what stands against a verb that was just pressed."""
        cluster, t, room = await self._room.cluster(request), self._console.words(request), self._room
        edits = may_edit(request)
        questions = await asyncio.to_thread(room.gaps.questions, cluster.id, ALL)
        deeds = await asyncio.to_thread(room.deeds.of, cluster.id)
        names = await self._console.names()
        called = await asyncio.to_thread(titles, room.engine, {one.entry for one in questions if one.entry})
        return self._console.page(
            request,
            "gaps/cluster.html",
            409 if why else 200,
            active="faq",
            cluster=cluster,
            bars=spark(cluster.weekly),
            course=told(cluster.weekly, t),
            usual=t.number(cluster.usual, 0 if cluster.usual.is_integer() else 1),
            wordings=_wordings(questions) if edits else [],
            called=called,
            candidates=await asyncio.to_thread(self._candidates, questions),
            entry=await asyncio.to_thread(self._entry, cluster),
            near=list((await asyncio.to_thread(room.gaps.named, cluster.near)).values()),
            elsewhere=await asyncio.to_thread(self._elsewhere, cluster) if edits else [],
            deeds=[(deed, names.get(deed.by, deed.by)) for deed in deeds],
            undoable=_undoable(deeds, cluster),
            seen=deeds[0].id if deeds else 0,
            heap=cluster.id == UNCLEAR,
            why=why,
            done=request.query.get("done", ""),
            title_limit=TITLE,
            may_edit=edits,
        )

    # --- verbs ---------------------------------------------------------------------------------------------

    async def name(self, request: web.Request) -> web.StreamResponse:
        """Call it something else."""
        title = " ".join((await field(request, "title")).split())
        return await self._do(request, "name", lambda c, s, by: self._room.deeds.name(c, s, by, title))

    async def merge(self, request: web.Request) -> web.StreamResponse:
        """Put it into another one."""
        into = await field(request, "into")
        return await self._do(request, "merge", lambda c, s, by: self._room.deeds.merge(c, s, by, into), into)

    async def move(self, request: web.Request) -> web.StreamResponse:
        """Put one wording elsewhere, whoever asked it."""
        some, to = await self._some(request), await field(request, "to")
        to = "" if to == "new" else to
        return await self._do(request, "move", lambda c, s, by: self._room.deeds.move(c, s, by, some, to))

    async def wipe(self, request: web.Request) -> web.StreamResponse:
        """Delete one wording, whoever asked it."""
        some, why = await self._some(request), await field(request, "why")
        if why not in ("spam", "personal") or await field(request, "sure") != "1":
            return await self.show(request, self._console.words(request)("gaps.refused.unsure"))

        return await self._do(request, "wipe", lambda c, s, by: self._room.deeds.wipe(c, s, by, some, why))

    async def _some(self, request: web.Request) -> list[str]:
        """The facts of a wording, of which the form names one."""
        fact = await field(request, "question")
        every = await asyncio.to_thread(self._room.gaps.questions, request.match_info["cluster"], ALL)
        named = next((same(one.text) for one in every if one.id == fact), None)
        return [one.id for one in every if same(one.text) == named]

    async def undo(self, request: web.Request) -> web.StreamResponse:
        """Take the last decision back, with the trials and the draft that it made."""
        return await self._do(request, "undo", self._room.deciding.undo)

    async def _do(
        self, request: web.Request, what: str, do: Callable[[str, int, str], Any], leads: str = ""
    ) -> web.StreamResponse:
        by, cluster = request[WHO].account.name, request.match_info["cluster"]
        at = await seen(request)
        try:
            await asyncio.to_thread(do, cluster, at, by)
        except Refused as error:
            return await self.show(request, self._console.words(request)(f"gaps.refused.{error.why}"))
        await self._console.audit.record(by, f"gaps_{what}", cluster)
        raise web.HTTPSeeOther(f"{GAPS}/{leads or cluster}?done={what}")

    # --- what it shows -------------------------------------------------------------------------------------

    def _candidates(self, questions: Sequence[Question]) -> list[dict[str, Any]]:
        """Entries that come near: for how many of the questions, and how likely where first."""
        times: Counter[str] = Counter()
        likely: dict[str, list[float]] = defaultdict(list)
        for question in questions:
            if question.entry:
                times[question.entry] += 1
            for place, (entry, score) in enumerate(question.found.best if question.found else ()):
                times[entry] += 1
                if not place:
                    likely[entry].append(score)
        found = []
        for entry, n in sorted(times.items(), key=lambda p: (-sum(likely[p[0]]), -p[1], p[0]))[:CANDIDATES]:
            state = self._room.core.catalogue.get(entry)
            if state:
                share = sum(likely[entry]) / len(likely[entry]) if likely[entry] else None
                text = state.head.text("de").question or entry
                found.append({"entry": entry, "question": text, "times": n, "likely": share})
        return found

    def _entry(self, cluster: Cluster) -> dict[str, Any] | None:
        state = self._room.core.catalogue.get(cluster.entry) if cluster.entry else None
        if state is None:
            return None
        return {"entry": state.entry, "question": state.head.text("de").question or state.entry, "state": state.status}

    def _elsewhere(self, cluster: Cluster) -> list[Cluster]:
        """Where a question might belong."""
        every = [one for one in self._room.gaps.list(Filter()) if one.id not in (cluster.id, UNCLEAR)]
        near = {name: n for n, name in enumerate(cluster.near)}
        return sorted(every, key=lambda one: near.get(one.id, len(near)))[:CHOICES]


def _wordings(questions: Sequence[Question]) -> list[tuple[Question, int]]:
    """Each wording once, the most frequent first: its latest question, and how often it was asked."""
    times = Counter(same(one.text) for one in questions)
    latest: dict[str, Question] = {}
    for one in questions:
        latest.setdefault(same(one.text), one)
    return [(latest[plain], n) for plain, n in times.most_common(SHOWN)]


def _undoable(deeds: Sequence[Deed], cluster: Cluster) -> int:
    """The deed that can be taken back now; 0 none."""
    last = next((deed for deed in deeds if deed.what in UNDONE_BY_US and not deed.undone), None)
    if last is None or (last.what in DECISIONS and cluster.state is State.ANSWERED):
        return 0
    return last.id
