"""The whole bot at a prompt (`stadtbote talk`): lines in, coloured words out."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.channels.channel import Deliver, Unparseable, Unverified
from bot.channels.commands import command
from bot.channels.parts import pieces, short
from bot.document import clean
from bot.message import Arrival, DeliveryReport, Kind, Limits, Message, Part, Spoken
from bot.render import plain, utf16
from bot.settings import Settings

BOLD, DIM, ACCENT, RESET = "\x1b[1m", "\x1b[2m", "\x1b[36m", "\x1b[0m"


def from_settings(settings: Settings) -> "Terminal":
    """The channel; it prints to standard output."""
    return Terminal()


class Terminal:
    """`write` prints a piece of text and a line end; without `colour` nothing but words is printed."""

    name = "terminal"
    limits = Limits(text=20_000, buttons=20, label=200, files=True)

    def __init__(self, write: Callable[[str], object] = print, colour: bool = True) -> None:
        self._write, self._colour = write, colour
        self._offered: Sequence[Sequence[str]] = ()

    def arrival(self, line: str, at: datetime, chat: str = "terminal", ident: str = "") -> Arrival:
        """A typed line, together with the buttons that it may choose from."""
        ident = ident or secrets.token_hex(8)
        offered = [list(button) for button in self._offered]
        return Arrival(self.name, ident, chat, {"id": ident, "text": line, "at": at.isoformat(), "offered": offered})

    def accept(self, raw: bytes, headers: Mapping[str, str]) -> Iterable[Arrival]:
        """Nobody posts updates to a terminal."""
        raise Unverified("the terminal has no webhook")

    def unpack(self, raw: bytes) -> Iterable[Arrival]:
        """There are no bodies here."""
        raise Unparseable("nobody posts updates here")

    def report(self, arrival: Arrival) -> DeliveryReport | None:
        """There are none here."""
        return None

    def parse(self, arrival: Arrival) -> Message | DeliveryReport | None:
        """A line: a command with its slash, a button by its number or label, else words; None for an empty one."""
        payload = arrival.payload
        try:
            ident, text = payload["id"], clean(payload["text"]).strip()
            at = datetime.fromisoformat(payload["at"]).astimezone(UTC)
            offered = [(clean(data), clean(label)) for data, label in payload.get("offered", ())]
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise Unparseable(f"not a line of ours ({type(error).__name__})") from error
        if not isinstance(ident, str):
            raise Unparseable("a line without an id")
        if not text:
            return None
        order = command(text)
        choice = next((d for n, (d, label) in enumerate(offered, 1) if text == str(n) or text == label), "")
        known: dict[str, Any] = {"kind": Kind.TEXT, "text": text}
        if choice:
            known = {"kind": Kind.CHOICE, "choice": choice}
        elif order:
            known = {"kind": Kind.COMMAND, "text": order[0], "argument": order[1]}
        return Message(id=ident, channel=self.name, chat=arrival.chat, at=at, **known)

    def render(self, spoken: Spoken) -> tuple[Part, ...]:
        """Words; below them numbered buttons, the footer, the file's content."""
        bare = Spoken(spoken.document, spoken.buttons)
        cut = pieces(bare, self.limits.text, lambda piece: utf16(plain(piece)), self.limits.buttons)
        texts = [clean(plain(piece)) for piece in cut] or [""]  # no escape codes from outside
        parts: list[dict[str, Any]] = [{"text": text, "buttons": [], "footer": "", "file": ""} for text in texts]
        buttons = spoken.buttons[: self.limits.buttons]
        parts[-1]["buttons"] = [[button.data, short(button.label, self.limits.label)] for button in buttons]
        parts[-1]["footer"] = clean(spoken.footer)[: self.limits.text]
        parts[-1]["file"] = clean(spoken.file.content) if spoken.file else ""
        return tuple(part for part in parts if any(part.values()))

    async def send(self, chat: str, part: Part) -> str:
        """Print it."""
        self._offered = part["buttons"]
        lines = [part["text"]] if part["text"] else []
        lines += [self._in(ACCENT, f"  [{n}] {label}") for n, (_, label) in enumerate(part["buttons"], 1)]
        lines += [self._in(DIM, part["footer"])] if part["footer"] else []
        lines += [part["file"]] if part["file"] else []
        self._write(f"{self._in(BOLD, '»')} " + "\n".join(lines) + "\n")
        return secrets.token_hex(8)

    def _in(self, style: str, text: str) -> str:
        return f"{style}{text}{RESET}" if self._colour else text

    async def acknowledge(self, message: Message) -> None:
        """Nothing waits."""

    async def connect(self, webhook: str) -> None:
        """Nobody must be told."""

    async def poll(self, deliver: Deliver) -> None:
        """The prompt is read by the command that talks."""

    async def close(self) -> None:
        """Nothing to close."""
