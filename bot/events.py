"""What has happened: the events that bot.dialogue.step judges. What it answers with stands in bot.effects."""

from dataclasses import dataclass

from bot.attachments.attachment import Attachment
from bot.conversation import Candidate, Outcome
from bot.handoff.callback import Call
from bot.handoff.fact import Handoff
from bot.message import Message, Templated
from bot.offices.question import OfficeQuestion
from nlu.manner import Manner
from nlu.understand import Understanding

PLAIN = Manner()


@dataclass(frozen=True, slots=True)
class Findings:
    """What retrieval found. `decision` (answer, clarify, withhold) is faq.policy's, by fitted thresholds."""

    decision: str
    matches: tuple[Candidate, ...] = ()
    options: tuple[Candidate, ...] = ()  # of a clarification, most likely first, at most three
    words_only: bool = False
    release: str = ""  # the id of the one that was searched


@dataclass(frozen=True, slots=True)
class CitizenWrote:
    """A citizen's message with all that was found out about it before any judgement."""

    message: Message
    masked: str = ""
    language: str = ""  # detected with confidence, else ""
    emergency: str = ""  # a kind of nlu.alarms: by phrases, also while a model is down
    understanding: Understanding | None = None
    findings: Findings | None = None
    office: str = ""  # the office the words name, as an id
    asked: OfficeQuestion | None = None  # what it asks about offices and places
    district: str = ""  # the district the words name, as an id
    elsewhere: str = ""  # the place that the words name and that is none of the town's
    manner: Manner = PLAIN  # how it leans on what was said before
    parts: tuple["CitizenWrote", ...] = ()  # its questions, where it holds several
    unread: bool = False  # it holds more of them than these
    rated: Handoff | None = None  # the one that the pressed button is about
    release: str = ""  # the id of the one by which it is understood, searched for and answered


@dataclass(frozen=True, slots=True)
class ClerkClaimed:
    """A clerk takes the conversation."""

    clerk: str
    name: str
    team: str = ""


@dataclass(frozen=True, slots=True)
class ClerkWrote:
    """A clerk's answer to the citizen. `revision` is set when it is an entry's answer sent with one click."""

    clerk: str
    name: str
    text: str
    revision: str = ""
    epoch: int | None = None  # the epoch that the clerk's page showed
    attachment: Attachment | None = None  # READY: it was taken in before
    template: Templated | None = None  # with its filled words as text
    line: str = ""  # the sending's name (bot.handoff.once), "" where nobody sends again


@dataclass(frozen=True, slots=True)
class ClerkNoted:
    """An internal note."""

    clerk: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class AttachmentWanted:
    """A clerk asks for a citizen's file that is not here (any more)."""

    clerk: str
    name: str
    attachment: Attachment


@dataclass(frozen=True, slots=True)
class ClerkReleased:
    """Back to the queue, with its old waiting time."""

    clerk: str
    name: str


@dataclass(frozen=True, slots=True)
class ClerkTransferred:
    """On to a team's queue, or at once to a colleague (`to`). Who leads may do it with others' conversations, too."""

    clerk: str
    name: str
    team: str  # whose it is from now on
    to: str = ""
    to_name: str = ""
    note: str = ""
    there: bool = True  # is the colleague, or anybody else of the team, here now?
    away: str = ""  # why the colleague is away, "" for one who is gone
    anyway: bool = False  # whether or not anybody of the team is here
    leads: bool = False


@dataclass(frozen=True, slots=True)
class ClerkUndid:
    """The clerk's last verb was a mistake. `verb` is what the page offered to undo."""

    clerk: str
    name: str
    verb: str


@dataclass(frozen=True, slots=True)
class NoteWithdrawn:
    """A clerk takes an own note back: it stays in the record, and is shown no more."""

    clerk: str
    name: str
    line: str


@dataclass(frozen=True, slots=True)
class ClerkHandedBack:
    """Back to the bot."""

    clerk: str
    name: str


@dataclass(frozen=True, slots=True)
class ClerkResolved:
    """Done, with this outcome."""

    clerk: str
    name: str
    outcome: Outcome = Outcome.ANSWERED


@dataclass(frozen=True, slots=True)
class ClerkCalled:
    """A clerk called a citizen who wanted to be called, or says that nothing is left to call about."""

    clerk: str
    name: str
    call: Call


@dataclass(frozen=True, slots=True)
class ClerkReopened:
    """The clerk goes on with a resolved conversation."""

    clerk: str
    name: str


@dataclass(frozen=True, slots=True)
class ClerkSeen:
    """A sign of life of the clerk in charge: renews the lease. `looked`: at the conversation itself."""

    clerk: str
    name: str = ""
    looked: bool = False


@dataclass(frozen=True, slots=True)
class LeaseExpired:
    """The clock found a claim that nobody renewed."""


@dataclass(frozen=True, slots=True)
class ClerkFellSilent:
    """The clerk in charge is there, but has left the citizen without a word for too long."""


@dataclass(frozen=True, slots=True)
class CitizenFellSilent:
    """The citizen has not answered the clerk for long: time for one reminder."""


@dataclass(frozen=True, slots=True)
class CitizenStayedAway:
    """Nor has the reminder brought a word."""


@dataclass(frozen=True, slots=True)
class FormLeft:
    """The citizen has said nothing more to a form: a person is to read what there is."""


Event = (
    CitizenWrote
    | ClerkClaimed
    | ClerkWrote
    | ClerkNoted
    | AttachmentWanted
    | ClerkReleased
    | ClerkTransferred
    | ClerkUndid
    | NoteWithdrawn
    | ClerkHandedBack
    | ClerkResolved
    | ClerkCalled
    | ClerkReopened
    | ClerkSeen
    | LeaseExpired
    | ClerkFellSilent
    | CitizenFellSilent
    | CitizenStayedAway
    | FormLeft
)
