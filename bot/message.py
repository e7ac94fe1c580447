"""What every channel speaks: what arrives, what leaves, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.attachments.attachment import Attachment, Enclosed
from bot.document import Document


class Kind(StrEnum):
    """What sort of thing a citizen sent."""

    TEXT = "text"  # words, a caption included
    COMMAND = "command"  # /mensch and its like; `text` holds the name without slash, `argument` the rest
    CHOICE = "choice"  # a pressed button; `choice` holds its data
    EDIT = "edit"  # an earlier message was changed; `text` holds the new words, `edits` its id
    UNSUPPORTED = "unsupported"  # voice, sticker, contact …; `what` names it


@dataclass(frozen=True, slots=True)
class Arrival:
    """One element of an update as it is written to the inbox: raw, but with its name and its sender known."""

    channel: str
    id: str  # names the duplicate: the platform's own id of this update or element
    chat: str  # whose conversation it belongs to
    payload: Mapping[str, Any]  # JSON of the element, as parse() takes it


@dataclass(frozen=True, slots=True)
class Message:
    """What a citizen said, in the words of no particular messenger."""

    id: str  # the platform's id of the message
    channel: str
    chat: str
    kind: Kind
    at: datetime  # aware, UTC: when the platform says that it was sent
    text: str = ""
    argument: str = ""
    choice: str = ""
    edits: str = ""
    what: str = ""  # of UNSUPPORTED: voice, sticker, photo, video, document, contact, location, reaction, other
    sender: str = ""  # the name that the messenger shows, for the clerk
    language: str = ""  # the messenger's hint (ISO 639-1), else ""
    callback: str = ""  # must be acknowledged with Channel.acknowledge, else ""
    attachments: tuple[Attachment, ...] = ()  # the files of a message; `text` is then their caption


class DeliveryState(StrEnum):
    """What became of a reply; the order of RANK is the only direction in which it may move."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"  # certainly not delivered
    UNKNOWN = "unknown"  # the connection broke after the request was written: nobody knows
    DROPPED = "dropped"  # stale: someone else was in charge when its turn came


RANK: Mapping[DeliveryState, int] = {
    DeliveryState.QUEUED: 0,
    DeliveryState.SENDING: 1,
    DeliveryState.DROPPED: 2,
    DeliveryState.UNKNOWN: 2,
    DeliveryState.SENT: 3,
    DeliveryState.FAILED: 4,  # platforms accept a part first and report its failure later
    DeliveryState.DELIVERED: 5,
    DeliveryState.READ: 6,
}


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """A platform tells what became of something that we sent."""

    channel: str
    chat: str
    external: str  # the id that Channel.send returned
    state: DeliveryState
    at: datetime
    reason: str = ""  # the platform's code or title, for the clerk; never citizens' words


@dataclass(frozen=True, slots=True)
class Button:
    """`data` comes back as Message.choice (at most 64 bytes, Telegram's limit); `label` is what is read."""

    data: str
    label: str


@dataclass(frozen=True, slots=True)
class File:
    """A small text file for the citizen, e.g. their own data. `content` is UTF-8 text."""

    name: str
    media_type: str
    content: str


@dataclass(frozen=True, slots=True)
class Templated:
    """A message that the platform approved beforehand: its name there, its language, what stands in its places."""

    name: str
    language: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spoken:
    """A reply in its final words: what channels render. `footer` is the small line under automatic answers."""

    document: Document
    buttons: tuple[Button, ...] = ()
    footer: str = ""
    language: str = "de"
    file: File | None = None
    enclosed: Enclosed | None = None
    template: Templated | None = None  # its filled words are the document
    revision: str = ""  # the id of the one of the FAQ that it tells


Part = Mapping[str, Any]
"""One thing to send, JSON, made by Channel.render: a channel's own form of (a piece of) a Spoken."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Tokens that come back at a rate: `per_second` in the long run, `burst` at once."""

    per_second: float
    burst: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What a channel can carry; lengths in the platform's own units (UTF-16 code units for Telegram)."""

    text: int
    buttons: int
    label: int
    files: bool = False
    attachments: bool = False  # what people send each other: the channel is a bot.attachments.carrier.Carrier
    window: float | None = None  # seconds after the citizen's last message in which free text may be sent
    overall: Rate | None = None  # messages to all chats together
    each: Rate | None = None  # messages to one chat
    extras: Mapping[str, int] = field(default_factory=dict)
