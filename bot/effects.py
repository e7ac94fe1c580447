"""What is to be done: the effects that bot.dialogue.step answers an event with, and the replies that they say."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.attachments.attachment import Attachment
from bot.conversation import Conversation, Reason
from bot.handoff.fact import Handoff
from bot.message import Templated


@dataclass(frozen=True, slots=True)
class Choice:
    """A button before its words: `key` of the phrasebook, or a ready `label` (an entry's title)."""

    data: str
    key: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What to say, before its words: a key of the phrasebook, an entry's revision, an office's hours."""

    key: str
    params: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    otherwise: tuple[Choice, ...] = ()  # the choices where the entry says nothing of the aspects
    entry: str = ""  # answer from this entry …
    revision: str = ""  # … in this revision; "" is the live one
    aspects: tuple[str, ...] = ()  # only these facts of it: nlu.manner.ASPECTS, persons
    whole: bool = False  # the whole answer where it has none of these facts
    easy: bool = False  # in Leichte Sprache where there is one
    before: str = ""  # a key whose words stand before these, in the same message
    after: str = ""  # … and one whose words stand after them
    office: str = ""  # opening hours of this office
    text: str = ""  # a clerk's own words, or a notice's
    file: str = ""  # "export": the citizen's own data
    attachment: Attachment | None = None  # a clerk's file
    template: Templated | None = None


@dataclass(frozen=True, slots=True)
class Say:
    """Leaves by the outbox. `by` is bot or clerk; bot's sends are dropped once stale, unless `urgent`."""

    reply: Reply
    by: str = "bot"
    name: str = ""
    urgent: bool = False  # emergency numbers and receipts: never stale
    line: str = ""  # the id of its line, "": any
    question: str = ""  # which of a message's several questions it answers, masked


@dataclass(frozen=True, slots=True)
class OpenHandoff:
    """People have it from now on, under a number of its own: the store does it in the same atomic write as the new
    state. `reason`: why it joins the queue; None: a clerk took it from the bot, and nobody waited."""

    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Record:
    """A line in the transcript that the citizen does not see: what happened (`key`), or a note."""

    key: str = ""
    by: str = "event"
    name: str = ""
    text: str = ""
    user: str = ""  # the clerk's account, of a note


@dataclass(frozen=True, slots=True)
class Bring:
    """These files of the citizen's are to be fetched: the store notes it in the same atomic write."""

    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class Rated:
    """The citizen has rated this handoff, which may be an older one than the conversation's last."""

    handoff: Handoff


@dataclass(frozen=True, slots=True)
class Erase:
    """All that is stored of this conversation goes before the new state is written."""


Effect = Say | OpenHandoff | Record | Bring | Rated | Erase


@dataclass(frozen=True, slots=True)
class Turn:
    """One event in, state and effects out."""

    conversation: Conversation
    effects: tuple[Effect, ...] = ()

    @property
    def replies(self) -> tuple[Reply, ...]:
        """What is said, in order."""
        return tuple(e.reply for e in self.effects if isinstance(e, Say))
