"""The web chat: the town's own page. The web edge writes arrivals; the browser reads the transcript live."""

import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.attachments.attachment import Attachment
from bot.attachments.carrier import Gone
from bot.attachments.kinds import SHOWN
from bot.attachments.vault import Vault
from bot.channels.channel import Deliver, Unparseable, Unverified
from bot.channels.commands import command
from bot.channels.parts import pieces, short
from bot.document import clean
from bot.message import Arrival, DeliveryReport, Kind, Limits, Message, Part, Spoken
from bot.render import plain, utf16, web_html
from bot.settings import Settings

Announce = Callable[[str], Awaitable[None]]
"""Tells whoever watches this chat that its transcript has grown."""


async def nobody(chat: str) -> None:
    """The announcement that no browser hears: live updates come from the transcript anyway."""


def from_settings(settings: Settings) -> "WebChat":
    """The channel; it is always on."""
    return WebChat()


def arrival(
    chat: str,
    ident: str,
    at: datetime,
    text: str = "",
    choice: str = "",
    language: str = "",
    file: Attachment | None = None,
) -> Arrival:
    """What a browser's form becomes. `ident` is the form's own id, so that sending it twice counts once. `file` was
    taken in before."""
    said = {"choice": choice} if choice else {"file": file.to_json()} if file else {"text": text}
    return Arrival(WebChat.name, f"{chat}:{ident}", chat, {"id": ident, **said, "at": at.isoformat(), "lang": language})


class WebChat:
    """`announce` may be set later, by whoever builds the web edge."""

    name = "web"
    limits = Limits(text=20_000, buttons=20, label=200, files=True, attachments=True)

    def __init__(self, announce: Announce = nobody) -> None:
        self.announce = announce
        self.vault: Vault | None = None

    def accept(self, raw: bytes, headers: Mapping[str, str]) -> Iterable[Arrival]:
        """Nobody posts updates here: a browser's form is checked by the web edge, against its own session."""
        raise Unverified("the web chat has no webhook")

    def unpack(self, raw: bytes) -> Iterable[Arrival]:
        """There are no bodies here."""
        raise Unparseable("nobody posts updates here")

    def report(self, arrival: Arrival) -> DeliveryReport | None:
        """There are none here."""
        return None

    def parse(self, arrival: Arrival) -> Message | DeliveryReport | None:
        """A form's words or pressed button."""
        payload = arrival.payload
        try:
            ident, text, choice = payload["id"], payload.get("text", ""), payload.get("choice", "")
            at = datetime.fromisoformat(payload["at"]).astimezone(UTC)
            language = clean(payload.get("lang", ""))[:2].casefold()
            text, choice = clean(text), clean(choice)
            file = Attachment.from_json(payload["file"]) if "file" in payload else None
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise Unparseable(f"not a form of ours ({type(error).__name__})") from error
        if not isinstance(ident, str) or not (text.strip() or choice or file):
            raise Unparseable("a form without words")
        known: dict[str, Any] = {"language": language if len(language) == 2 and language.isalpha() else ""}
        order = command(text)
        if file:
            what = "photo" if file.media_type in SHOWN else "document"
            known |= {"kind": Kind.UNSUPPORTED, "what": what, "attachments": (file,)}
        elif choice:
            known |= {"kind": Kind.CHOICE, "choice": choice}
        elif order:
            known |= {"kind": Kind.COMMAND, "text": order[0], "argument": order[1]}
        else:
            known |= {"kind": Kind.TEXT, "text": text}
        return Message(id=ident, channel=self.name, chat=arrival.chat, at=at, **known)

    def render(self, spoken: Spoken) -> tuple[Part, ...]:
        """One part (more only beyond 20,000 characters): safe HTML, the same as plain words, buttons, footer."""
        bare = Spoken(spoken.document, spoken.buttons)  # the page sets the footer itself
        cut = pieces(bare, self.limits.text, lambda piece: utf16(plain(piece)), self.limits.buttons)
        parts: list[dict[str, Any]] = [
            {"html": web_html(piece), "text": plain(piece), "buttons": [], "footer": ""} for piece in cut
        ]
        if not parts and (spoken.footer or spoken.file or spoken.enclosed):
            parts.append({"html": "", "text": "", "buttons": [], "footer": ""})
        if parts:
            buttons = spoken.buttons[: self.limits.buttons]
            parts[-1]["buttons"] = [[button.data, short(button.label, self.limits.label)] for button in buttons]
            parts[-1]["footer"] = clean(spoken.footer)[: self.limits.text]
            parts[-1]["language"] = spoken.language
        if spoken.file:
            name, media_type, content = spoken.file.name, spoken.file.media_type, spoken.file.content
            parts[-1]["file"] = {"name": name, "media_type": media_type, "content": content}
        return tuple(parts)

    async def download(self, source: str, largest: int) -> AsyncGenerator[bytes, None]:
        """A browser brings its files along: there is nothing to fetch."""
        del source, largest
        raise Gone("the web chat keeps no files")
        yield b""

    def takes(self, media_type: str, size: int) -> bool:
        """Whatever the town takes."""
        del media_type, size
        return True

    async def send(self, chat: str, part: Part) -> str:
        """Nothing travels: the part is in the transcript, and the browser is told to look."""
        await self.announce(chat)
        return secrets.token_hex(8)

    async def acknowledge(self, message: Message) -> None:
        """The page marks its own buttons."""

    async def connect(self, webhook: str) -> None:
        """Nobody must be told."""

    async def poll(self, deliver: Deliver) -> None:
        """Nothing to fetch."""

    async def close(self) -> None:
        """Nothing to close."""
