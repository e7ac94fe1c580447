"""The pages of the settings: an overview, and each section as a form with its preview and its history."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from aiohttp import web

from bot.console.accounts import Role
from bot.console.console import Console
from bot.console.identity import WHO
from bot.console.session import ROOT
from bot.console.settings.confirming import Confirming, Waiting, waiting
from bot.console.settings.coverage import LATELY, coverage, members, stranded
from bot.console.settings.fields import tidied
from bot.console.settings.former import FormerPages
from bot.console.settings.keeping import Keeper
from bot.console.settings.kinds import ALL, Hours, week_in_words
from bot.console.settings.meant import ENTRIES, named
from bot.console.settings.rows import MOST, Form
from bot.console.settings.saying import gap_lines, preview
from bot.console.settings.section import DAYS, Choices, Section
from bot.console.settings.signing import Signing
from bot.console.settings.trouble import Trouble, said_of
from bot.console.words import Words
from bot.route import Access, Route
from faq.marked import FileError
from faq.town import Town
from faq.town.revisions import FILE, Kept, Overtaken

PLACE = f"{ROOT}/settings"
DONE = frozenset(("saved", "same", "restored", "confirmed", "not_yours", "nothing_waits"))


@dataclass(frozen=True)
class Edited:
    """What the page shows: what stands in the form, which revision its author saw, and what is wrong with it.

    `imagined`: the town as it would be, None when that does not fit. `theirs`: somebody else's newer revision.
    """

    form: Form
    based_on: int
    why: str = ""
    trouble: Trouble = field(default_factory=Trouble)
    said: str = ""
    imagined: Town | None = None
    theirs: Kept | None = None
    focus: bool = False  # on the row that was just added


class Overview:
    """The list of sections."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """Its route, and those of every section."""
        sections = [route for section in ALL.values() for route in SectionPages(self._console, section).routes()]
        return [Route("GET", PLACE, self.index, Access.ADMIN), *sections]

    async def index(self, request: web.Request) -> web.Response:
        """Each section with who changed it last, and what needs a look."""
        console, live = self._console, self._console.core.live_town
        await live.refresh()
        t = console.words(request)
        staff = members(await asyncio.to_thread(console.accounts.all), live.town)
        found = coverage(live.town, staff, t.now, await console.audit.active(t.now - LATELY))
        return console.page(
            request,
            "settings/overview.html",
            active="settings",
            sections=[(name, live.live(name)) for name in ALL],
            names=await console.names(),
            file=FILE,
            out_of_force={name: said_of(error, t) for name, error in live.trouble.items()},
            gaps=len(found.gaps),
            unstaffed=[live.town.teams[team].name for team in found.unstaffed],
            absent=[live.town.teams[team].name for team in found.absent],
            lines=preview("hours", live.town, t),
            waits={name for name in ALL if waits(live.live(name))},
        )


class SectionPages:
    """Handlers of one section."""

    def __init__(self, console: Console, section: Section) -> None:
        self._console, self._section = console, section
        self._keeper = Keeper(console, section)
        self._live = self._keeper.live
        self._at = f"{PLACE}/{section.name}"
        self._is_hours = isinstance(section, Hours)

    def routes(self) -> list[Route]:
        """The routes with their policies: clerks may read what they may send, auditors all (bot.console.session)."""
        reads = Access.CLERK if self._section.name == "canned" else Access.ADMIN
        return [
            Route("GET", self._at, self.show, reads),
            Route("POST", self._at, self.save, Access.ADMIN),
            *(
                Confirming(self._console, self._section, self._at).routes()
                if isinstance(self._section, Signing)
                else ()
            ),
            *FormerPages(self._console, self._section, self._at).routes(),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """The live revision as a form."""
        await self._live.refresh()
        kept = self._keeper.newest
        done = request.query.get("done", "")
        said = f"settings.done.{'waits' if done == 'saved' and waits(kept) else done}" if done in DONE else ""
        form = self._form(self._keeper.document, request.query.get("office", ""))
        edited = Edited(form, kept.number if kept else 0, said=said, imagined=self._live.town)
        return await self._show(request, edited)

    async def save(self, request: web.Request) -> web.Response:
        """Another row, one row less, a preview, or a new revision."""
        await self._live.refresh()
        posted = await request.post()
        form, action = self._section.posted(posted), str(posted.get("action", ""))
        number, why = str(posted.get("based_on", "")), tidied(posted.get("why", ""))
        if not number.isdecimal() or len(number) > 9 or not self._has(form):
            raise web.HTTPBadRequest
        edited = Edited(form, int(number), why)
        if len(form.rows) > MOST:
            said = self._console.words(request)("settings.problem.many", most=MOST)
            return await self._show(request, replace(edited, trouble=Trouble({}, [said])), 400)
        if action == "add":
            return await self._show(request, replace(edited, form=form.longer(), focus=True))
        if action.startswith("remove."):
            return await self._show(request, replace(edited, form=form.without(action.removeprefix("remove."))))
        t, name = self._console.words(request), self._section.name
        if any(f.name == ENTRIES for f in self._section.fields):
            form, beside = await asyncio.to_thread(named, form, self._console.core.catalogue, t)
            if beside:
                return await self._show(request, replace(edited, trouble=Trouble(beside)), 400)
            edited = replace(edited, form=form)
        document = self._section.document(form, self._keeper.document)
        try:
            imagined = self._live.imagined({name: self._keeper.signed(document, request[WHO].account.name)})
        except FileError as error:
            return await self._show(request, replace(edited, trouble=Trouble.of(error, self._section, t)), 400)
        if action == "preview":
            return await self._show(request, replace(edited, imagined=imagined))
        if busy := await self._keeper.still_needed(imagined, t):
            return await self._show(request, replace(edited, trouble=busy), 409)
        return await self._keep(request, replace(edited, imagined=imagined), document)

    # --- saving --------------------------------------------------------------------------------------------

    async def _keep(self, request: web.Request, edited: Edited, document: Any) -> web.Response:
        who, based_on = request[WHO].account.name, edited.based_on
        while True:
            try:
                changed = await self._keeper.save(document, who, edited.why, based_on)
                break
            except FileError as error:  # somebody changed another section meanwhile
                trouble = Trouble.of(error, self._section, self._console.words(request))
                return await self._show(request, replace(edited, trouble=trouble), 400)
            except Overtaken as newer:
                await self._live.refresh()
                seen = await self._keeper.seen(edited.based_on)
                merged = self._section.merged(edited.form, seen, newer.newest.content)
                if merged is None:
                    # Saved again, what is in the form goes on top of theirs: its author has seen both by then.
                    theirs = replace(edited, based_on=newer.newest.number, theirs=newer.newest)
                    return await self._show(request, theirs, 409)
                document, based_on = merged, newer.newest.number
        office = f"&office={edited.form.more['office']}" if isinstance(self._section, Hours) else ""
        raise web.HTTPSeeOther(f"{self._at}?done={'saved' if changed else 'same'}{office}")

    # --- the pages -----------------------------------------------------------------------------------------

    def _form(self, document: Any, office: str) -> Form:
        if isinstance(self._section, Hours) and office in self._live.town.offices:
            return self._section.form_of(document, office)
        return self._section.form(document)

    def _has(self, form: Form) -> bool:
        return not isinstance(self._section, Hours) or form.more["office"] in self._live.town.offices

    async def _show(self, request: web.Request, edited: Edited, status: int = 200) -> web.Response:
        console, name, t = self._console, self._section.name, self._console.words(request)
        live, town, account = self._keeper.newest, self._live.town, request[WHO].account
        choices = self._keeper.choices(t)
        accounts = await asyncio.to_thread(console.accounts.all)
        staff = members(accounts, edited.imagined or town)
        names = {a.name: a.display_name for a in accounts}
        active = await console.audit.active(t.now - LATELY)
        covered = coverage(edited.imagined or town, staff, t.now, active)
        # What is only imagined has teams and offices of its own.
        known = Choices(edited.imagined or town, tuple(console.core.phrasebook.languages), t)
        mine, theirs = self._versions(edited, choices, t)
        responses = [r for r in town.canned if not account.teams or not r.team or r.team in account.teams]
        return console.page(
            request,
            "settings/read.html" if account.role is Role.AUDITOR else self._section.template,
            status,
            active="settings" if account.role in (Role.ADMIN, Role.AUDITOR) else name,
            section=self._section,
            at=self._at,
            edited=edited,
            form=edited.form,
            beside=edited.trouble.beside,
            general=edited.trouble.general,
            wrong=next(iter(edited.trouble.beside), ""),  # where the cursor goes
            unsaved=request.method == "POST",
            failed=status >= 400,
            choices=choices,
            days=DAYS,
            is_day=is_day,
            is_moment=is_moment,
            lines=preview(name, edited.imagined, t, edited.form.more.get("office", "")) if edited.imagined else [],
            covered=covered,
            stranded=[a.display_name for a in stranded(accounts, edited.imagined or town)],
            lost=gap_lines(covered, known, t),
            staff={team: [a.display_name for a in found] for team, found in staff.items()},
            weeks=self._weeks(t),
            whole=self._section.sentences(self._keeper.document, choices, t),
            history=await self._keeper.history(),
            waits=self._waiting(account.name, choices, t),
            live=live,
            former=live.number - 1 if live and live.number > 1 else 0,
            names=names,
            file=FILE,
            only_mine=[line for line in mine if line not in theirs],
            only_theirs=[line for line in theirs if line not in mine],
            may_edit=account.role is Role.ADMIN,
            responses=responses,
            trouble=said_of(self._live.trouble[name], t) if name in self._live.trouble else "",
        )

    def _waiting(self, who: str, choices: Choices, t: Words) -> list[Waiting]:
        if not isinstance(self._section, Signing):
            return []
        four_eyes = self._console.core.settings.four_eyes
        return waiting(self._keeper.document, self._section, who, four_eyes, choices, t)

    def _weeks(self, t: Words) -> dict[str, str]:
        """Each office's week in words, for the list of offices."""
        document = self._keeper.document
        return {o: week_in_words(document.get(o, {}), t) for o in self._live.town.offices} if self._is_hours else {}

    def _versions(self, edited: Edited, choices: Choices, t: Words) -> tuple[list[str], list[str]]:
        """Mine and theirs in words, where somebody else was quicker."""
        if edited.theirs is None:
            return [], []
        mine = self._section.document(edited.form, edited.theirs.content)
        return self._section.sentences(mine, choices, t), self._section.sentences(edited.theirs.content, choices, t)


def waits(kept: Kept | None) -> bool:
    """Does anything of it wait for a second person?"""
    return bool(kept and isinstance(kept.content, list) and any(item.get("waits") for item in kept.content))


def is_day(typed: str) -> bool:
    """May it stand in a browser's field for dates? That shows nothing else, and what was typed must stay."""
    try:
        return not typed or date.fromisoformat(typed).isoformat() == typed
    except ValueError:
        return False


def is_moment(typed: str) -> bool:
    """May it stand in a browser's field for day and time?"""
    try:
        return not typed or datetime.fromisoformat(typed).isoformat(timespec="minutes") == typed
    except ValueError:
        return False
