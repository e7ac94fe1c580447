"""A clerk at her browser: what she does, by mouse and by keys, and what her page shows."""

import os
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, BrowserType, Page, expect

from tests.browser.chromium import ADVICE, ARGUMENTS, PATIENCE, find
from tests.browser.morning.town import STAFF, Town
from tests.browser.morning.verdict import Glance
from tests.console.house import PASSWORD

TRIES = 3
NEVER = ("--hide-crash-restore-bubble",)
LINES = """() => [...document.querySelectorAll("#transcript [data-line]")].map((line) => line.dataset.line)"""
ROWS = """() => [...document.querySelectorAll(".item")].map((item) => item.dataset.id)"""


class Clerk:
    """One person, with a browser of her own: a process that can be killed, and a folder that outlives it."""

    def __init__(self, town: Town, chromium: BrowserType, user: str, folder: Path) -> None:
        self.town, self.user, self.name = town, user, STAFF[user][1]
        self._chromium, self._folder = chromium, folder
        self._context: BrowserContext | None = None
        self.page: Page
        self.glances: list[Glance] = []
        self.complaints: list[str] = []

    async def comes(self, stack: AsyncExitStack) -> None:
        """She starts her browser and signs in."""
        path = find()
        assert path, ADVICE
        self._context = await self._chromium.launch_persistent_context(
            self._folder,
            executable_path=path,
            args=[*ARGUMENTS, *NEVER],
            locale="de-DE",
            viewport={"width": 1280, "height": 800},
        )
        stack.push_async_callback(self._context.close)
        self._context.set_default_timeout(PATIENCE)
        self.page = self._context.pages[0]
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        await self.page.clock.install()
        await self.page.goto(self.town.url + "/console/login")
        await self.page.get_by_label("Benutzername").fill(self.user)
        await self.page.get_by_label("Passwort").fill(PASSWORD)
        await self.page.keyboard.press("Enter")
        await expect(self.page.locator("#list")).to_be_visible()
        await self.page.wait_for_load_state("load")

    def is_killed(self) -> None:
        """As by a power cut: nothing is said to anybody."""
        marks = {f"--user-data-dir={self._folder}".encode()}
        for process in Path("/proc").iterdir():
            if process.name.isdigit() and marks & set(_words(process)) and b"--type=" not in b"".join(_words(process)):
                os.kill(int(process.name), signal.SIGKILL)

    def remembers(self, text: str) -> bool:
        """Is a draft on her disk? The file may break it in two, at one place."""
        half = len(text) // 2
        parts = [text[:half].encode(), text[half:].encode()]
        files = (self._folder / "Default" / "Local Storage" / "leveldb").glob("*")
        return any(part in file.read_bytes() for file in files if file.is_file() for part in parts)

    # --- what she does -------------------------------------------------------------------------------------

    async def opens(self, ident: str) -> None:
        """By a click in the list."""
        await self.page.locator(f'a.item[data-id="{ident}"]').click()
        await expect(self.page.locator("#conversation")).to_have_attribute("data-id", ident)

    async def claims(self, ident: str) -> None:
        """She takes it."""
        await self.opens(ident)
        await self.page.get_by_role("button", name="Übernehmen").click()
        await expect(self.page.locator("#reply")).to_be_focused()

    async def reads(self, words: str) -> None:
        """It stands in the transcript."""
        await expect(self.page.locator("#transcript")).to_contain_text(words)

    async def types(self, text: str) -> None:
        """Into the composer."""
        await self.page.locator("#reply").fill(text)

    async def sends(self) -> None:
        """What stands in the composer, which is empty then."""
        reply, why = self.page.locator("#reply"), self.page.locator("#reply-why")

        async def settled() -> bool:
            return await reply.input_value() == "" or await why.is_visible()

        for _ in range(TRIES):
            await reply.press("Control+Enter")
            await self.town.until(settled)
            if await reply.input_value() == "":
                return
            # Something came in between: she has it before her now, and sends again.
            await expect(why).to_contain_text("noch nicht gesehen")
        await expect(reply).to_have_value("")

    async def answers(self, words: str, how: str = "typed") -> None:
        """Typed; after a canned response; or after the best match, where there is one."""
        reply = self.page.locator("#reply")
        if how == "canned":
            await reply.press_sequentially("/doc")
            await expect(self.page.locator("#canned-list [role=option]")).to_have_count(1)
            await self.page.keyboard.press("Enter")
            await reply.press_sequentially(f" {words} bitte hier senden.")
        elif how == "match" and await self.page.locator('[data-key="1"]').count():
            await reply.press("Escape")
            await self.page.keyboard.press("1")
            await expect(reply).not_to_have_value("")
            await reply.press("Control+End")
            await reply.press_sequentially(f" {words} gilt das auch.")
        else:
            await self.types(f"{words} das ist erledigt.")
        await self.sends()
        await self.reads(words)

    async def notes(self, words: str) -> None:
        """For colleagues."""
        if await self.page.locator("#reply").evaluate("e => e === document.activeElement"):
            await self.page.keyboard.press("Escape")
        else:
            await self.page.locator("#h-talk").focus()
        await self.page.keyboard.press("n")
        note = self.page.locator("#note")
        await expect(note).to_be_focused()
        await note.fill(words)
        await self.page.keyboard.press("Control+Enter")
        await expect(self.page.locator(".line.note").last).to_contain_text(words)

    async def resolves(self, outcome: str = "") -> None:
        """Done, perhaps with an outcome by name."""
        if outcome:
            await self.page.locator("#outcomes > summary").click()
            await self.page.locator("#outcomes").get_by_role("button", name=outcome).click()
        else:
            await self.page.get_by_role("button", name="Erledigt", exact=True).click()
        await expect(self.page.get_by_role("button", name="Wieder öffnen")).to_be_visible()

    async def passes_on(self, to: str, note: str) -> None:
        """By value of the choice: team:… or clerk:…"""
        await self.page.locator("#pass-on > summary").click()
        await self.page.locator("#to").select_option(to)
        await self.page.get_by_label("Notiz dazu").fill(note)
        await self.page.locator("#pass-on").get_by_role("button", name="Weitergeben", exact=True).click()
        await expect(self.page.locator("#undo")).to_contain_text("ist weitergegeben")

    async def undoes(self) -> None:
        """Her last verb."""
        await self.page.get_by_role("button", name="Rückgängig").click()

    async def glance(self, citizen: str) -> None:
        """What the page shows now of the open conversation is kept for the verdict."""
        lines: list[Any] = await self.page.evaluate(LINES)
        rows: list[Any] = await self.page.evaluate(ROWS)
        self.glances.append(Glance(self.user, citizen, tuple(lines), tuple(rows)))


def _words(process: Path) -> list[bytes]:
    try:
        return (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return []  # it ended just now
