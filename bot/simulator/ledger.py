"""Who said what to whom: the truth that tests compare the product's belief with."""

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .clock import Clock, Signal


@dataclass(frozen=True, slots=True)
class Button:
    """A button as the citizen has it: `data` goes back when it is pressed, `url` opens a page instead."""

    label: str
    data: str = ""
    description: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file that one side sent to the other."""

    name: str
    media_type: str
    content: bytes

    @property
    def text(self) -> str:
        """The content as UTF-8."""
        return self.content.decode("utf-8")


@dataclass(slots=True)
class Seen:
    """A message of the bot on the citizen's screen. Edited in place when the bot edits it."""

    id: str
    at: float
    seq: int
    text: str  # plain: markup taken off
    html: str = ""  # the same with safe, normalised HTML
    raw: str = ""  # as the bot sent it
    buttons: tuple[Button, ...] = ()
    menu: str = ""  # WhatsApp list: the label that opens it
    footer: str = ""
    file: File | None = None
    template: str = ""  # name of the WhatsApp template
    edited: bool = False


@dataclass(slots=True)
class Said:
    """Something that the citizen sent: words, a press, a voice message …"""

    id: str
    at: float
    seq: int
    kind: str  # text, choice, voice, sticker, photo, document, location, contact, reaction
    text: str = ""
    edited: bool = False
    read: bool = False  # WhatsApp: the bot marked it read
    taken: bool = False  # the bot answered for it with 2xx, or confirmed it when polling


@dataclass
class Account:
    """One citizen on one platform, and their screen."""

    key: str  # Telegram: chat id; WhatsApp: phone number, else business-scoped user id
    platform: str
    name: str
    language: str = "de"
    phone: str = ""  # WhatsApp, digits; "" when the citizen shows only the business-scoped id
    user_id: str = ""  # WhatsApp's business-scoped user id
    seen: list[Seen] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)  # toasts from answerCallbackQuery
    typing_until: float = 0.0
    blocked: bool = False
    last_said: float | None = None  # opens WhatsApp's window
    signal: Signal = field(default_factory=Signal)

    def taken(self, said: "Said") -> None:
        """The bot has taken what the citizen said: the platform will not repeat it."""
        said.taken = True
        self.signal.fire()

    def find(self, message: str) -> Seen | None:
        """The message of that id on the screen."""
        return next((seen for seen in reversed(self.seen) if seen.id == message), None)


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that happened. `what` is said, seen, edited, typing, notice, status, blocked, citizen or commands."""

    seq: int
    at: float
    platform: str
    citizen: str
    what: str
    id: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the product to a platform, and the HTTP status it got (0: the connection was cut)."""

    at: float
    platform: str
    method: str
    citizen: str
    status: int


class Ledger:
    """Everything in order of its happening, and word to those who wait for more."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seq = itertools.count(1)
        self._readers: set[asyncio.Queue[Record | None]] = set()
        self.records: list[Record] = []
        self.calls: list[Call] = []
        self.signal = Signal()

    def number(self) -> int:
        """The next sequence number, for a Seen or Said and its Record alike."""
        return next(self._seq)

    def add(self, account: Account, what: str, id: str = "", *, seq: int | None = None, **detail: Any) -> Record:
        """Write a record down and wake those who wait for this citizen or for anything."""
        record = Record(seq or self.number(), self._clock.now(), account.platform, account.key, what, id, detail)
        self.records.append(record)
        for reader in tuple(self._readers):
            try:
                reader.put_nowait(record)
            except asyncio.QueueFull:
                self._drop(reader)
        account.signal.fire()
        self.signal.fire()
        return record

    def called(self, platform: str, method: str, citizen: str, status: int) -> None:
        """Write a call of the product down."""
        self.calls.append(Call(self._clock.now(), platform, method, citizen, status))
        self.signal.fire()

    def follow(self, room: int = 1000) -> "asyncio.Queue[Record | None]":
        """A queue that gets every further record; None ends it when its reader was too slow."""
        queue: asyncio.Queue[Record | None] = asyncio.Queue(room)
        self._readers.add(queue)
        return queue

    def unfollow(self, queue: "asyncio.Queue[Record | None]") -> None:
        """Stop feeding that queue."""
        self._readers.discard(queue)

    def _drop(self, queue: "asyncio.Queue[Record | None]") -> None:
        self.unfollow(queue)
        queue.get_nowait()
        queue.put_nowait(None)

    def of(self, account: Account, what: str = "") -> list[Record]:
        """What happened with one citizen, narrowed to one kind of record if named."""
        return [
            r
            for r in self.records
            if (r.platform, r.citizen) == (account.platform, account.key) and what in ("", r.what)
        ]
