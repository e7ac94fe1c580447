"""One section's revisions as its pages need them: looked up, saved with a line in the audit, guarded."""

import asyncio
from typing import Any

from bot.console.console import Console
from bot.console.settings.section import Choices, Section
from bot.console.settings.trouble import Trouble
from bot.console.words import Words
from faq.town import Town
from faq.town.revisions import Kept


class Keeper:
    """`live` is the town as it stands in this process."""

    def __init__(self, console: Console, section: Section) -> None:
        self._console, self._section = console, section
        self.live = console.core.live_town

    @property
    def newest(self) -> Kept | None:
        """The section's newest revision; None: nobody changed it yet."""
        return self.live.live(self._section.name)

    @property
    def document(self) -> Any:
        """Its newest document."""
        return self.live.document(self._section.name)

    async def get(self, number: str) -> Kept | None:
        """The revision of that number, as it stands in an address."""
        if not number.isdecimal() or len(number) > 9:
            return None
        return await asyncio.to_thread(self.live.revisions.get, self._section.name, int(number))

    async def seen(self, number: int) -> Any:
        """The document of the revision on which a form is based; 0 is the file's, which the first revision keeps."""
        kept = await asyncio.to_thread(self.live.revisions.get, self._section.name, number or 1)
        return kept.content if kept else self.live.seed[self._section.name]

    async def history(self) -> tuple[Kept, ...]:
        """The latest revisions, newest first."""
        return await asyncio.to_thread(self.live.revisions.history, self._section.name)

    async def save(self, document: Any, who: str, why: str, based_on: int) -> bool:
        """Keep it; False when it says what was live already. It is in force here when this returns.

        Raises FileError, Overtaken.
        """
        return await self.put(self._section.settled(self.signed(document, who)), who, why, based_on)

    def signed(self, document: Any, who: str) -> Any:
        """The document with who stands for what is new in it, where the section keeps that."""
        core = self._console.core
        local = self._console.now().astimezone(core.zone).replace(tzinfo=None)
        return self._section.signed(document, self.document, who, local, core.settings.four_eyes)

    async def put(self, document: Any, who: str, why: str, based_on: int, deed: str = "settings_saved") -> bool:
        """Keep it as it stands, signatures included. Raises FileError, Overtaken."""
        name = self._section.name
        saved = await asyncio.to_thread(self.live.save, {name: document}, who, why, {name: based_on})
        await self.live.refresh()
        for kept in saved:
            await self._console.audit.record(who, deed, f"{kept.section} {kept.number}")
        return bool(saved)

    async def still_needed(self, imagined: Town, t: Words) -> Trouble | None:
        """A team must not go while citizens wait for it."""
        said = []
        for team in self.live.town.teams.values():
            if team.id not in imagined.teams and (held := await self._console.core.store.queue({team.id}, 100)):
                said.append(t.count("settings.problem.busy", len(held), team=team.name))
        return Trouble({}, said) if said else None

    def choices(self, t: Words) -> Choices:
        """What there is to choose from now."""
        return Choices(self.live.town, tuple(self._console.core.phrasebook.languages), t)
