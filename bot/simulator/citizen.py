"""A citizen with a phone: what tests and the demo hold in their hand.

erika = sim.citizen("telegram", "Erika")
await erika.say("wann hat das bürgeramt auf?")
answer = await erika.reads()
await erika.press("👍")
"""

# ruff: noqa: ASYNC109 - a limit on patience reads best as a parameter

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeVar, overload

from .ledger import Account, Button, File, Said, Seen

T = TypeVar("T")
PATIENCE = 60.0
"""Seconds after which a message that does not come is taken to be missing."""


class Platform(Protocol):
    """What a messenger lets its people do."""

    platform: str

    def say(self, account: Account, text: str) -> str: ...
    def send(self, account: Account, what: str, text: str = "", file: File | None = None) -> str: ...
    def press(self, account: Account, seen: Seen, button: Button) -> str: ...
    def edit(self, account: Account, text: str, message: str) -> str: ...
    def react(self, account: Account, seen: Seen, emoji: str) -> str: ...
    def block(self, account: Account, blocked: bool = True) -> None: ...


class NotRead(AssertionError):
    """The awaited message did not come in time; the text shows what did."""


class NoSuchButton(LookupError):
    """No message on the screen has that button; the text shows which there are."""


class Citizen:
    """One citizen on one platform. Reading moves on: each message is read once, in order."""

    def __init__(self, platform: Platform, account: Account) -> None:
        self.account = account
        self._platform = platform
        self._read = len(account.seen)

    def __repr__(self) -> str:
        return f"<Citizen {self.name} on {self._platform.platform}, {self.key}>"

    @property
    def key(self) -> str:
        """What the product knows them by: chat id, phone number or business-scoped user id."""
        return self.account.key

    @property
    def name(self) -> str:
        """Shown name."""
        return self.account.name

    @property
    def seen(self) -> list[Seen]:
        """All messages of the bot on the screen, oldest first."""
        return self.account.seen

    @property
    def said(self) -> list[Said]:
        """All that the citizen sent, oldest first."""
        return self.account.said

    @property
    def unread(self) -> list[Seen]:
        """What arrived and was not read yet."""
        return self.account.seen[self._read :]

    @property
    def notices(self) -> list[str]:
        """Toasts that answered pressed buttons (Telegram)."""
        return self.account.notices

    async def say(self, text: str) -> str:
        """Write; returns the message's id."""
        return self._platform.say(self.account, text)

    async def send(self, what: str, caption: str = "", file: File | None = None) -> str:
        """Send a voice, audio, video, photo, document, sticker, location or contact; returns its id. `file`: an own
        one, whatever it is."""
        return self._platform.send(self.account, what, caption, file)

    async def send_voice(self) -> str:
        """Send a voice message."""
        return await self.send("voice")

    async def send_sticker(self) -> str:
        """Send a sticker."""
        return await self.send("sticker")

    async def send_photo(self, caption: str = "") -> str:
        """Send a photo."""
        return await self.send("photo", caption)

    async def edit(self, text: str, message: str = "") -> str:
        """Change an own message, the last text unless another is named."""
        last = next((said.id for said in reversed(self.said) if said.kind == "text"), "")
        return self._platform.edit(self.account, text, message or last)

    async def press(self, label: str, on: Seen | None = None) -> str:
        """Press a button or list row by its label, on the newest message that has it or on the one named.

        Upper case does not matter, the beginning is enough, and a row's second line counts as well.
        """
        seen, button = self._button(label, on)
        return self._platform.press(self.account, seen, button)

    async def react(self, emoji: str, on: Seen | None = None) -> str:
        """React to a message of the bot, the last one unless another is named."""
        if not self.seen:
            raise NotRead(f"{self.name} has no message to react to")
        return self._platform.react(self.account, on or self.seen[-1], emoji)

    async def block(self) -> None:
        """Block the bot; writing to it again lets it in."""
        self._platform.block(self.account, True)

    async def unblock(self) -> None:
        """Let the bot in again."""
        self._platform.block(self.account, False)

    @overload
    async def reads(self, what: int, timeout: float = PATIENCE) -> list[Seen]: ...

    @overload
    async def reads(self, what: str | Callable[[Seen], object] | None = None, timeout: float = PATIENCE) -> Seen: ...

    async def reads(
        self, what: int | str | Callable[[Seen], object] | None = None, timeout: float = PATIENCE
    ) -> Seen | list[Seen]:
        """Read on, waiting for it if need be; raises NotRead when it does not come.

        Nothing: the next message. A number: the next so many, as a list. A text or a predicate: the next message
        that holds it or for which it is true; those before it count as read.
        """
        if isinstance(what, int):
            end = self._read + what
            await self._until(lambda: len(self.seen) >= end, timeout, f"{what} messages")
            found = self.seen[self._read : end]
            self._read = end
            return found
        wanted = _predicate(what)
        hit = await self._until(
            lambda: next((i for i in range(self._read, len(self.seen)) if wanted(self.seen[i])), -1) + 1,
            timeout,
            repr(what) if isinstance(what, str) else "a message" if what is None else "a fitting message",
        )
        self._read = hit
        return self.seen[hit - 1]

    async def until(self, check: Callable[[], T], timeout: float = PATIENCE) -> T:
        """Wait until check() is true for this citizen, e.g. of notices or an edited message; returns its value."""
        return await self._until(check, timeout, "that")

    async def _until(self, check: Callable[[], T], timeout: float, what: str) -> T:
        try:
            async with asyncio.timeout(timeout):
                while not (found := check()):
                    await self.account.signal.wait()
                return found
        except TimeoutError:
            unread = "".join(f"\n  {seen.text[:200]!r}" for seen in self.unread) or " nothing"
            raise NotRead(f"{self.name} waited {timeout:g} s for {what}; unread:{unread}") from None

    def _button(self, label: str, on: Seen | None) -> tuple[Seen, Button]:
        messages = [on] if on else list(reversed(self.seen))
        wanted = label.casefold()
        for fits in (str.__eq__, str.startswith):
            for seen in messages:
                for button in seen.buttons:
                    if any(fits(words.casefold(), wanted) for words in (button.label, button.description)):
                        return seen, button
        there = ", ".join(repr(button.label) for seen in messages for button in seen.buttons) or "none"
        raise NoSuchButton(f"{self.name} has no button {label!r}; there are: {there}")


def _predicate(what: str | Callable[[Seen], object] | None) -> Callable[[Seen], object]:
    if what is None:
        return lambda seen: True
    return (lambda seen: what in seen.text) if isinstance(what, str) else what
