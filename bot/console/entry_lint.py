"""The lint on an entry's own page: the quick rules as it is shown, and what the last run of all rules found."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from aiohttp import web

from bot.console.console import Console
from bot.console.lint_view import FindingSaid, said
from bot.jobs.lint import ABOUT
from faq.catalogue import Version
from faq.entry import Revision
from faq.jobs import Job, Jobs
from faq.links.found import links_of
from faq.links.kept import Links
from faq.lint.dismissed import Dismissals
from faq.lint.finding import Finding
from faq.lint.gather import beside, titles
from faq.lint.lint import RULES, lint_entry
from faq.lint.rules.translation import older
from faq.lint.told import from_json
from faq.translations import Behind, behind


class EntryLint:
    """For the handlers of an entry's page."""

    def __init__(self, console: Console) -> None:
        self._console, self._catalogue = console, console.core.catalogue

    async def found(self, request: web.Request, revision: Revision) -> list[FindingSaid]:
        """`findings` of faq/lint_part.html, of this version of an entry."""
        found = await asyncio.to_thread(self.findings, revision)
        named = {entry for finding in found for entry in finding.entries}
        known, t = await asyncio.to_thread(titles, self._catalogue.engine, named), self._console.words(request)
        return [said(one, known, None, {}, t) for one in found]

    async def older(self, history: Sequence[Version]) -> Mapping[str, Behind]:
        """By language, the newest version's translations that are older than its German text (versions newest first),
        but for those that somebody found to be still right."""
        found = behind(version.revision for version in history)
        right = await asyncio.to_thread(Dismissals(self._catalogue.engine).all) if found else {}
        return {
            language: one for language, one in found.items() if older(history[0].revision, language).id not in right
        }

    async def still_right(self, revision: Revision, language: str, by: str, why: str) -> None:
        """This translation needs no change, though its original was changed; until either is changed again."""
        engine, finding = self._catalogue.engine, older(revision, language)
        await asyncio.to_thread(Dismissals(engine, self._console.now).dismiss, finding, by, why)
        await self._console.audit.record(by, "lint_dismissed", f"{finding.rule} {revision.entry}"[:200])

    async def saved(self, revision: Revision) -> None:
        """An entry was saved: its links are looked at soon."""
        if self._console.core.settings.links:
            urls = {link.url for link in links_of(revision.content)}
            await asyncio.to_thread(Links(self._catalogue.engine, self._console.now).want, urls)

    def findings(self, revision: Revision) -> list[Finding]:
        """What was found in this version of an entry and not noted as right. Blocks."""
        engine, console = self._catalogue.engine, self._console
        today = console.now().astimezone(console.core.zone).date()
        quick = lint_entry(revision, beside(self._catalogue, revision, console.core.town, today))
        last = Jobs(engine, console.now).latest("lint", ABOUT, "done")
        compared = [f for f in findings_of(last) if revision.entry in f.entries and not RULES[f.rule].alone]
        right = Dismissals(engine).all()
        return [finding for finding in _once((*quick, *compared)) if finding.id not in right]


def findings_of(job: Job | None) -> list[Finding]:
    """Those of a run that came to its end, by the rules that this version knows."""
    told = job.result.get("findings", ()) if job and job.state == "done" else ()
    return [from_json(one) for one in told if one["rule"] in RULES]


def _once(findings: Iterable[Finding]) -> Iterable[Finding]:
    return {finding.id: finding for finding in findings}.values()
