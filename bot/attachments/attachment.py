"""A file that somebody sent, as the conversation knows it: its name, where it comes from, what became of it."""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from bot.kept import known, shallow, written

MOST = 50  # files of one conversation that come in without a clerk's word


class Fate(StrEnum):
    """What became of an attachment. Only what is READY is ever served or sent on."""

    HELD = "held"  # the platform named it while the bot was in charge: nobody has asked for it
    QUEUED = "queued"  # to be fetched, now or again
    READY = "ready"  # in the vault, its type known by its content, looked at by the scanner where there is one
    FAILED = "failed"  # it could not be fetched or looked at; a clerk may ask for it again
    REFUSED = "refused"  # too large, or of a kind that is not taken
    INFECTED = "infected"  # the scanner says so; it was not kept


@dataclass(frozen=True, slots=True)
class Attachment:
    """`name` is clean (bot.attachments.names). `source` is the platform's reference, "" where the bytes came along."""

    id: str  # unique in its conversation, [0-9a-f]
    name: str
    media_type: str = ""  # by content once READY; before, what the platform says, which nothing relies on
    size: int = 0  # bytes; 0 where nobody has said
    fate: Fate = Fate.HELD
    reason: str = ""  # of FAILED and REFUSED: a key of the console's texts, "file.reason.<reason>"
    source: str = ""
    digest: str = ""  # SHA-256 of its content in hexadecimal: its name in the vault
    shown: bool = False  # a picture that any browser shows, and none chokes on
    tries: int = 0  # downloads that failed since it was last asked for

    def to_json(self) -> str:
        """Compact JSON, as the store keeps it."""
        return written(shallow(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> "Attachment":
        """What to_json wrote."""
        raw = known(cls, json.loads(text))
        return cls(**{**raw, "fate": Fate(raw["fate"])})


@dataclass(frozen=True, slots=True)
class Enclosed:
    """An attachment that leaves with a reply: where its content lies, and what the citizen sees of it."""

    conversation: str
    digest: str
    name: str
    media_type: str
    size: int


def attachment_id(message: str, number: int = 0) -> str:
    """The id of a message's attachment: the same whenever the message is read, and nothing but hexadecimal."""
    return hashlib.blake2b(f"{message}\0{number}".encode("utf-8", "replace"), digest_size=8).hexdigest()
