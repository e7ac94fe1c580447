"""The second person's page part: what waits to be confirmed, and the button that does it."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.console.console import Console, field
from bot.console.identity import WHO
from bot.console.settings.keeping import Keeper
from bot.console.settings.section import Choices
from bot.console.settings.signing import NothingWaits, NotYours, Signing
from bot.console.words import Words
from bot.route import Access, Route
from faq.marked import FileError
from faq.town.revisions import Overtaken


@dataclass(frozen=True)
class Waiting:
    """An item that waits, in words. `mine`: its reader wrote it and cannot confirm it. `former`: what holds so long."""

    id: str
    by: str
    words: str
    mine: bool
    former: str


class Confirming:
    """The handler; `at` is where the section's own page is."""

    def __init__(self, console: Console, section: Signing, at: str) -> None:
        self._console, self._section, self._at = console, section, at
        self._keeper = Keeper(console, section)

    def routes(self) -> list[Route]:
        """The route with its policy."""
        return [Route("POST", self._at + "/confirm", self.confirm, Access.ADMIN)]

    async def confirm(self, request: web.Request) -> web.Response:
        """It holds from now on, where the page showed it as it stands."""
        await self._keeper.live.refresh()
        who, key, number = request[WHO].account.name, await field(request, "id"), await field(request, "based_on")
        newest, four_eyes = self._keeper.newest, self._console.core.settings.four_eyes
        said = "confirmed"
        try:
            if newest is None or number != str(newest.number):
                raise NothingWaits
            document = self._section.confirmed(newest.content, key, who, four_eyes)
            why = self._console.words(request)("settings.confirm.why")
            await self._keeper.put(document, who, why, newest.number, "settings_confirmed")
        except NotYours:
            said = "not_yours"
        except (NothingWaits, Overtaken, FileError):
            said = "nothing_waits"
        raise web.HTTPSeeOther(f"{self._at}?done={said}")


def waiting(document: Any, section: Signing, who: str, four_eyes: bool, choices: Choices, t: Words) -> list[Waiting]:
    """What waits for a second person, as this reader sees it."""
    found = []
    for item in document:
        if item.get("waits"):
            (words,) = section.sentences([item], choices, t)
            former = section.sentences([item["former"]], choices, t)[0] if item.get("former") else ""
            mine = four_eyes and item.get("by") == who
            found.append(Waiting(item["id"], item.get("by", ""), words, mine, former))
    return found
