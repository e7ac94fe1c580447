"""The town as it stands: town.yml, and over it what people set in the console (faq.town.revisions).

Each process holds one and follows the database: what somebody saved holds in all of them within two seconds, without a
restart. A state that does not fit never goes live: it is refused when it is saved, and here once more.
"""

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.calendar import Calendar
from faq.marked import FileError, load_marked
from faq.town import Town
from faq.town.revisions import Kept, TownRevisions
from faq.town.sections import overlaid, plain, sections_of, town_of

log = logging.getLogger(__name__)
POLL_SECONDS = 0.4  # one number of one row


class LiveTown:
    """The file, the revisions over it, and the calendar that everybody asks. Raises FileError for a broken file."""

    def __init__(self, path: Path, revisions: TownRevisions) -> None:
        self.revisions = revisions
        self._path, self._top = path, load_marked(path)
        town_of(path, self._top, {})  # the file alone must fit, whatever was set since
        self.seed = sections_of(self._top)
        self.trouble: dict[str, FileError] = {}
        """By section: why its newest revision is not in force; the file's holds instead."""
        self._refreshing = asyncio.Lock()
        self._serial, self._live = revisions.newest()
        self.calendar = Calendar(self._read(self._live))

    @property
    def town(self) -> Town:
        """As it stands."""
        return self.calendar.town

    def live(self, section: str) -> Kept | None:
        """The section's newest revision; None: the file's holds."""
        return self._live.get(section)

    def document(self, section: str) -> Any:
        """The section's newest document, also while it is out of force; the file's for one that nobody can read."""
        kept, error = self._live.get(section), self.trouble.get(section)
        return kept.content if kept and not (error and error.why == "shape") else self.seed[section]

    def file(self) -> dict[str, Any]:
        """The whole town as a town.yml would say it, what is set in the console included."""
        documents = {s: kept.content for s, kept in self._live.items() if s not in self.trouble}
        found: dict[str, Any] = plain(overlaid(self._path, self._top, documents))
        return found

    def imagined(self, documents: Mapping[str, Any]) -> Town:
        """The town as it would be with these documents beside the live ones of the other sections. Raises FileError."""
        return self._with({section: kept.content for section, kept in self._live.items()}, documents)

    def save(
        self, changes: Mapping[str, Any], author: str, why: str, based_on: Mapping[str, int] | None = None
    ) -> list[Kept]:
        """See TownRevisions.save; blocks. Raises FileError, Overtaken."""

        def check(live: Mapping[str, Any], fresh: Mapping[str, Any]) -> None:
            self._with(live, fresh)

        return self.revisions.save(changes, author, why, based_on or {}, self.seed, check)

    async def refresh(self) -> bool:
        """Take over what was saved since; False when nothing was. Raises SQLAlchemyError."""
        if await asyncio.to_thread(self.revisions.serial) == self._serial:
            return False
        async with self._refreshing:  # one at a time: an older look must not come after a newer one
            serial, live = await asyncio.to_thread(self.revisions.newest)
            town = await asyncio.to_thread(self._read, live)
            # On the event loop, between two steps of anything else: nobody sees half of it.
            self.calendar.take(town)
            self._serial, self._live = serial, live
        log.info("the town changed", extra={"serial": serial})
        return True

    async def follow(self) -> None:
        """Take over what people set, for ever."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await self.refresh()
            except (SQLAlchemyError, FileError):
                log.exception("the town's settings could not be read; what is known holds on")

    def _with(self, live: Mapping[str, Any], fresh: Mapping[str, Any]) -> Town:
        """What is out of force already says nothing against something fresh. Raises FileError."""
        _, trouble = self._judged(live)
        return town_of(self._path, self._top, {s: d for s, d in live.items() if s not in trouble} | dict(fresh))

    def _read(self, live: Mapping[str, Kept]) -> Town:
        town, self.trouble = self._judged({section: kept.content for section, kept in live.items()})
        for section, error in self.trouble.items():
            log.error("a setting does not fit town.yml", extra={"section": section, "problem": str(error)})
        return town

    def _judged(self, live: Mapping[str, Any]) -> tuple[Town, dict[str, FileError]]:
        """The town without the documents that do not fit the file (any more), and these."""
        documents, trouble = dict(live), dict[str, FileError]()
        while True:
            try:
                return town_of(self._path, self._top, documents), trouble
            except FileError as error:
                if not documents:
                    raise
                guilty = str(error.place[0]) if error.place else ""
                # A section that nobody changed complains of what another one took away.
                for section in [guilty] if guilty in documents else list(documents):
                    del documents[section]
                    trouble[section] = error


def live_town(folder: Path, database: Engine) -> LiveTown:
    """The town of that corpus folder, with what is set in that database."""
    return LiveTown(folder / "town.yml", TownRevisions(database))
