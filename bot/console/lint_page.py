"""The lint's page: what the last run found, rule by rule, with its fix a click away; or why it is right as it is."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from aiohttp import web

from bot.console.console import Console, field
from bot.console.entry_lint import EntryLint, findings_of
from bot.console.faq_form import form_of, names
from bot.console.faq_page import label
from bot.console.faq_said import said
from bot.console.identity import WHO
from bot.console.lint_view import counted, sentence
from bot.console.lint_view import said as row_of
from bot.console.session import ROOT
from bot.console.words import Words
from bot.jobs.lint import ABOUT
from bot.route import Access, Route
from faq.catalogue import EditConflict
from faq.entry import Revision
from faq.jobs import Job, Jobs
from faq.lint.dismissed import Dismissals, NoReason
from faq.lint.finding import Finding, Fix, Level, MergeWordings, Reviewed, SideBySide
from faq.lint.fixes import Overtaken, applied
from faq.lint.gather import state_of, titles
from faq.lint.lint import RULES
from faq.town import Town

PLACE = f"{ROOT}/faq/lint"
SHOWN, FIRST = (
    200,
    20,
)  # findings on a page of one rule, and of each where all are shown: who has more begins with these


class LintPage:
    """Handlers."""

    def __init__(self, console: Console) -> None:
        self._console, self._catalogue = console, console.core.catalogue
        engine, self._of_entry = self._catalogue.engine, EntryLint(console)
        self._jobs, self._dismissals = Jobs(engine, console.now), Dismissals(engine, console.now)

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        return [
            Route("GET", PLACE, self.index, Access.EDITOR),
            Route("POST", PLACE, self.order, Access.EDITOR),
            Route("GET", f"{PLACE}/beside", self.beside, Access.EDITOR),
            Route("POST", f"{PLACE}/{{finding}}", self.act, Access.EDITOR),
        ]

    async def index(self, request: web.Request) -> web.Response:
        """What was found, by the filters of the address."""
        return await self._show(request)

    async def order(self, request: web.Request) -> web.Response:
        """Let all rules be run."""
        await asyncio.to_thread(self._jobs.enqueue, "lint", ABOUT, request[WHO].account.name)
        raise web.HTTPSeeOther(f"{PLACE}?done=ordered")

    async def act(self, request: web.Request) -> web.Response:
        """Mend it, note that it is right so, or show it again."""
        action, who = await field(request, "action"), request[WHO].account.name
        id = request.match_info["finding"]
        if action == "restore":
            await asyncio.to_thread(self._dismissals.restore, id)
            raise web.HTTPSeeOther(f"{PLACE}?dismissed=1&done=restored")
        last = await asyncio.to_thread(self._jobs.latest, "lint", ABOUT, "done")
        found = [*findings_of(last), *await asyncio.to_thread(self._at_once, await field(request, "entry"))]
        finding = next((one for one in found if one.id == id), None)
        if finding is None:
            return await self._show(request, 409, wrong="lint.gone")
        if action == "dismiss":
            why = await field(request, "why")
            try:
                await asyncio.to_thread(self._dismissals.dismiss, finding, who, why)
            except NoReason:
                return await self._show(request, 400, {id: "lint.needs_reason"})
            about = " ".join((finding.rule, *finding.entries[:1]))  # a trial of nobody's is about no entry
            await self._console.audit.record(who, "lint_dismissed", about[:200])
            raise web.HTTPSeeOther(f"{PLACE}?rule={await field(request, 'rule')}&done=dismissed")
        number = await field(request, "fix")
        if action != "fix" or not number.isdecimal() or int(number) >= len(finding.fixes):
            raise web.HTTPBadRequest
        return await self._mend(request, finding, finding.fixes[int(number)], who)

    async def _mend(self, request: web.Request, finding: Finding, fix: Fix, who: str) -> web.Response:
        """Save the fix as a draft, on top of the newest version; on its own page it is handed on."""
        if isinstance(fix, SideBySide):
            raise web.HTTPSeeOther(f"{PLACE}/beside?one={fix.one}&other={fix.other}")
        try:
            await asyncio.to_thread(self._save, fix, who)
        except (Overtaken, ValueError):
            return await self._show(request, 409, {finding.id: "lint.overtaken"})
        except EditConflict:
            return await self._show(request, 409, {finding.id: "lint.conflict"})
        await self._console.audit.record(who, "faq_saved", fix.entry)
        raise web.HTTPSeeOther(f"{ROOT}/faq/entries/{fix.entry}?done=saved")

    def _at_once(self, entry: str) -> list[Finding]:
        """What an entry's own page shows, of which the last run may know nothing yet."""
        state = self._catalogue.get(entry) if entry else None
        return self._of_entry.findings(state.head) if state else []

    def _save(self, fix: Fix, who: str) -> None:
        assert not isinstance(fix, SideBySide)
        if isinstance(fix, Reviewed):  # it was looked at now, whenever it was found
            today = self._console.now().astimezone(self._console.core.zone).date()
            fix = replace(fix, on=today, until=today + (fix.until - fix.on))
        state = self._catalogue.get(fix.entry)
        source = self._catalogue.get(fix.source) if isinstance(fix, MergeWordings) else None
        if state is None:
            raise Overtaken
        content = applied(fix, state.head.content, source.head.content if source else None)
        self._catalogue.save_draft(fix.entry, content, who, state.head.id)

    async def beside(self, request: web.Request) -> web.Response:
        """Two entries, field by field."""
        chosen = request.query.get("one", ""), request.query.get("other", "")
        if not all(chosen):
            raise web.HTTPSeeOther(PLACE)
        one, other = [await asyncio.to_thread(self._catalogue.get, name) for name in chosen]
        if one is None or other is None:
            raise web.HTTPNotFound
        t = self._console.words(request)
        rows = _compared(one.head, other.head, self._console.core.town, t)
        return self._console.page(request, "faq/beside.html", active="faq", one=one.head, other=other.head, rows=rows)

    async def _show(
        self, request: web.Request, status: int = 200, beside: Mapping[str, str] | None = None, wrong: str = ""
    ) -> web.Response:
        job, dismissed, state = await asyncio.gather(
            asyncio.to_thread(self._jobs.latest, "lint", ABOUT),
            asyncio.to_thread(self._dismissals.all),
            asyncio.to_thread(state_of, self._catalogue),
        )
        last = await asyncio.to_thread(self._last, job)
        t, query = self._console.words(request), request.query
        with_dismissed, rule, level = bool(query.get("dismissed")), query.get("rule", ""), query.get("level", "")
        every = [one for one in findings_of(last) if with_dismissed or one.id not in dismissed]
        chosen = [
            one
            for one in every
            if (not rule or one.rule == rule)
            and (not level or one.level == level)
            and _holds(one, query.get("q", ""), t)
        ]
        by_rule = {name: [one for one in chosen if one.rule == name] for name in RULES}
        shown = {name: found[: SHOWN if rule else FIRST] for name, found in by_rule.items() if found}
        seen = [one for found in shown.values() for one in found]
        staff, known = await self._console.names(), await self._titles(seen)
        done = query.get("done", "")
        wrong = wrong or next((key for id, key in (beside or {}).items() if id not in {one.id for one in seen}), "")
        return self._console.page(
            request,
            "faq/lint.html",
            status,
            active="faq",
            last=last,
            entries=t.count("lint.entries", last.result["entries"]) if last else "",
            outdated=last is not None and last.result["state"] != state,
            job=job if job and (job.open or job.state == "failed") else None,
            counts=counted(every),
            total=len(every),
            found=len(chosen),
            groups=[
                (name, len(by_rule[name]), [row_of(one, known, dismissed.get(one.id), staff, t) for one in found])
                for name, found in shown.items()
            ],
            more=last.result.get("more", {}) if last else {},
            rules=list(RULES),
            levels=list(Level),
            rule=rule,
            level=level,
            query=query.get("q", ""),
            with_dismissed=with_dismissed,
            beside={id: t(key) for id, key in (beside or {}).items()},
            wrong=t(wrong) if wrong else "",
            done=t(f"lint.done.{done}") if done in ("dismissed", "restored", "ordered") else "",
        )

    def _last(self, job: Job | None) -> Job | None:
        """The newest run that came to its end; while another one is under way, that of before."""
        if job is None or job.state == "done":
            return job
        return self._jobs.latest("lint", ABOUT, state="done")

    async def _titles(self, findings: Sequence[Finding]) -> dict[str, str]:
        named = {entry for finding in findings for entry in finding.entries}
        return await asyncio.to_thread(titles, self._catalogue.engine, named)


def _holds(finding: Finding, query: str, t: Words) -> bool:
    told = f"{' '.join(finding.entries)} {sentence(finding, t)}".casefold()
    return all(word in told for word in query.casefold().split())


def _compared(one: Revision, other: Revision, town: Town, t: Words) -> list[tuple[str, str, str, bool]]:
    """Field, this entry's, the other's, whether they are the same."""
    here, there = form_of(one.content), form_of(other.content)
    wanted = [name for name in names() if here[name] or there[name]]
    return [
        (label(name, t), said(name, here[name], town, t), said(name, there[name], town, t), here[name] == there[name])
        for name in wanted
    ]
