"""A clerk or an editor at the console, without script: signs in, works through the forms on its pages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from .browser import Browser, Page
from .events import events

PROVING = 300.0  # seconds that the trials of a release may take
CONSOLE = "/console"


class Refused(Exception):
    """The console did not do it; the text is what its page says."""


@dataclass(frozen=True)
class Row:
    """A conversation in the list. `group`: waiting, mine, team, bot or recent."""

    id: str
    group: str
    words: str


@dataclass(frozen=True)
class Line:
    """One line of a transcript as the console shows it."""

    by: str
    words: str


class Staff:
    """One person of the staff at the product at this address."""

    def __init__(self, url: str) -> None:
        self.browser = Browser(url)

    async def close(self) -> None:
        """Shut the browser."""
        await self.browser.close()

    async def sign_in(self, name: str, password: str) -> Page:
        """With name and password. Raises Refused."""
        page = await self.browser.open(CONSOLE)
        page = await self.browser.submit(page.form("/login"), name=name, password=password)
        return well(page)

    async def sign_out(self) -> Page:
        """End the session."""
        page = await self.browser.open(CONSOLE)
        return await self.browser.submit(page.form("/logout"))

    # --- conversations -------------------------------------------------------------------------------------

    async def rows(self) -> list[Row]:
        """The list of conversations."""
        page = well(await self.browser.open(f"{CONSOLE}/inbox"))
        return [
            Row(item.attributes["data-id"], item.attributes["class"].split()[1], item.words)
            for item in page.root.all(class_="item")
        ]

    async def row(self, words: str, group: str = "", seconds: float = 60.0) -> Row:
        """The conversation whose row holds these words, once it is in that group. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while True:
                for row in await self.rows():
                    if words in row.words and group in ("", row.group):
                        return row
                await asyncio.sleep(0.1)

    async def look(self, conversation: str) -> Page:
        """Open a conversation."""
        return well(await self.browser.open(f"{CONSOLE}/inbox/{conversation}"))

    async def lines(self, conversation: str) -> list[Line]:
        """Its transcript."""
        page = await self.look(conversation)
        return [Line(item.attributes["data-by"], item.words) for item in page.root.all("li", class_="line")]

    async def reads(self, conversation: str, words: str, seconds: float = 60.0) -> Line:
        """The first line that holds these words, once it is there. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while True:
                for line in await self.lines(conversation):
                    if words in line.words:
                        return line
                await asyncio.sleep(0.1)

    async def do(self, verb: str, conversation: str, **fields: str) -> Page:
        """claim, release, back, resolve, reopen, reply, note, transfer: by the form of the page. Raises Refused."""
        page = await self.look(conversation)
        return well(await self.browser.submit(page.form(f"/{verb}"), **fields))

    async def send_file(self, conversation: str, name: str, media_type: str, content: bytes) -> Page:
        """By the page's form. Raises Refused."""
        form = (await self.look(conversation)).form("/file")
        return well(await self.browser.submit_file(form, name, media_type, content))

    # --- corpus --------------------------------------------------------------------------------------------

    async def entry(self, entry: str) -> Page:
        """An entry in the editor."""
        return well(await self.browser.open(f"{CONSOLE}/faq/entries/{entry}"))

    async def edit(self, entry: str, button: str = "save", **fields: str) -> Page:
        """Change fields of an entry (`texts.de.answer` …) and press a button. Raises Refused."""
        page = await self.entry(entry)
        return well(await self.browser.submit(page.form(f"/entries/{entry}"), button, **fields))

    async def publish(self, entry: str, why: str = "", **fields: str) -> Page:
        """Change fields of an entry, propose a release of that, wait for its trials, and publish it; `why` where they
        say that it answers worse. Raises Refused, TimeoutError."""
        await self.edit(entry, "submit", **fields)
        page = well(await self.browser.open(f"{CONSOLE}/faq/releases?entry={entry}"))
        page = well(await self.browser.submit(page.form("/faq/releases")))
        place = page.url.removeprefix(self.browser.url).partition("?")[0]
        async with asyncio.timeout(PROVING):
            while not (ready := [form for form in page.forms if form.action == f"{place}/publish" and form.buttons]):
                await asyncio.sleep(0.3)
                page = well(await self.browser.open(place))
        reason = {"why": why} if "why" in ready[0].fields else {}
        return well(await self.browser.submit(ready[0], **reason))

    async def roll_back(self, why: str) -> Page:
        """Back to the release before the live one. Raises Refused."""
        page = well(await self.browser.open(f"{CONSOLE}/faq/releases"))
        return well(await self.browser.submit(page.form("/rollback"), why=why))

    async def ask(self, question: str) -> Page:
        """Try a question in the ask box."""
        page = await self.browser.open(f"{CONSOLE}/ask")
        return well(await self.browser.submit(page.form("/ask"), question=question))

    # --- live ----------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def live(self) -> AsyncIterator[AsyncIterator[tuple[str, str]]]:
        """The console's stream of changes, as (event, data), while the block lasts."""
        address, timeout = f"{self.browser.url}{CONSOLE}/events", aiohttp.ClientTimeout(total=None)
        async with self.browser.session.get(address, timeout=timeout) as answer:
            yield events(answer)


def well(page: Page) -> Page:
    """The page, unless it says that something was not done: then Refused."""
    if page.status < 400:
        return page
    alert = page.root.one(class_="alert") or page.root.one("main") or page.root
    raise Refused(f"{page.status}: {alert.words}")
