"""The exchange with one citizen on one channel: its state, what may happen to it, and every way it may change.

Nothing here does I/O. A conversation is a frozen value; `bot.dialogue.step` makes the next one from an event.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from bot.handoff.callback import Callback
from bot.handoff.fact import Handoff
from bot.handoff.intake import Intake


class Status(StrEnum):
    """Who is acting."""

    BOT = "bot"
    WAITING = "waiting"  # for a clerk; the bot says nothing more
    ASSIGNED = "assigned"  # a clerk speaks
    RESOLVED = "resolved"  # the clerk is done; the next message is the bot's again


class Reason(StrEnum):
    """Why a person is needed. Never guessed from our own reply text."""

    ASKED = "asked"
    NOT_UNDERSTOOD = "not_understood"
    REJECTED = "rejected"
    TOPIC = "topic"
    PERSONAL = "personal"
    COMPLAINT = "complaint"
    DISTRESS = "distress"


class Change(StrEnum):
    """The kinds of event that may change a status."""

    HANDOFF_OPENED = "handoff_opened"
    HANDOFF_WITHDRAWN = "handoff_withdrawn"
    CLERK_CLAIMED = "clerk_claimed"
    CLERK_RELEASED = "clerk_released"  # back to the queue
    CLERK_HANDED_BACK = "clerk_handed_back"  # back to the bot
    CLERK_RESOLVED = "clerk_resolved"
    CLERK_REOPENED = "clerk_reopened"
    CLERK_TRANSFERRED = "clerk_transferred"  # to another team's queue
    CLERK_PASSED_ON = "clerk_passed_on"  # to a colleague, at once
    CLERK_TOOK_BACK = "clerk_took_back"  # undone: whoever had it has it again
    CLERK_PUT_BACK = "clerk_put_back"  # undone: it waits again
    LEASE_EXPIRED = "lease_expired"
    CLERK_FELL_SILENT = "clerk_fell_silent"
    CITIZEN_STAYED_AWAY = "citizen_stayed_away"
    CITIZEN_RETURNED = "citizen_returned"
    ERASED = "erased"


S, C = Status, Change
TRANSITIONS: Mapping[Status, Mapping[Change, Status]] = {
    S.BOT: {
        C.HANDOFF_OPENED: S.WAITING,
        C.CLERK_CLAIMED: S.ASSIGNED,
        C.CLERK_TOOK_BACK: S.ASSIGNED,
        C.CLERK_PUT_BACK: S.WAITING,
        C.ERASED: S.BOT,
    },
    S.WAITING: {
        C.CLERK_CLAIMED: S.ASSIGNED,
        C.CLERK_TRANSFERRED: S.WAITING,
        C.CLERK_PASSED_ON: S.ASSIGNED,
        C.CLERK_TOOK_BACK: S.ASSIGNED,
        C.CLERK_PUT_BACK: S.WAITING,
        C.HANDOFF_WITHDRAWN: S.BOT,
        C.CLERK_HANDED_BACK: S.BOT,
        C.CLERK_RESOLVED: S.RESOLVED,
        C.ERASED: S.BOT,
    },
    S.ASSIGNED: {
        C.CLERK_CLAIMED: S.ASSIGNED,
        C.CLERK_RELEASED: S.WAITING,
        C.CLERK_TRANSFERRED: S.WAITING,
        C.CLERK_PASSED_ON: S.ASSIGNED,
        C.CLERK_TOOK_BACK: S.ASSIGNED,  # from a colleague who has not looked yet
        C.CLERK_PUT_BACK: S.WAITING,
        C.CLERK_HANDED_BACK: S.BOT,
        C.CLERK_RESOLVED: S.RESOLVED,
        C.LEASE_EXPIRED: S.WAITING,
        C.CLERK_FELL_SILENT: S.WAITING,
        C.CITIZEN_STAYED_AWAY: S.RESOLVED,
        C.ERASED: S.BOT,
    },
    S.RESOLVED: {
        C.CITIZEN_RETURNED: S.BOT,
        C.HANDOFF_OPENED: S.WAITING,
        C.CLERK_REOPENED: S.ASSIGNED,
        C.CLERK_TOOK_BACK: S.ASSIGNED,
        C.CLERK_PUT_BACK: S.WAITING,
        C.ERASED: S.BOT,
    },
}
"""TRANSITIONS[status][change] is the next status; a missing pair is refused (NotNow)."""


class Outcome(StrEnum):
    """How a clerk was done with it."""

    ANSWERED = "answered"
    FORWARDED = "forwarded"  # to another authority
    NO_ANSWER = "no_answer"  # from the citizen
    NOT_OURS = "not_ours"  # not the town's matter
    SPAM = "spam"


class NotNow(Exception):
    """That is not possible in this state of the conversation. `why` is a key of the console's texts, `facts` fill it
    in."""

    def __init__(self, why: str, **facts: Any) -> None:
        super().__init__(why)
        self.why, self.facts = why, facts


@dataclass(frozen=True, slots=True)
class Option:
    """An entry offered as "Meinten Sie …?"."""

    entry: str
    title: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Before:
    """What a clerk's verb replaced: kept as long as the verb can be undone, which is until something else changes who
    is acting. `verb` is a key of the console's texts."""

    verb: str
    clerk: str
    status: Status
    owner: str = ""
    team: str = ""
    reason: Reason | None = None
    waiting_since: datetime | None = None
    due: datetime | None = None
    clerk_owed: bool = False  # while assigned: the citizen waited for the clerk's word
    fact: Handoff | None = None

    @classmethod
    def of(cls, verb: str, clerk: str, c: "Conversation") -> "Before":
        """What the verb is about to replace."""
        owed = c.clerk_owes is not None
        return cls(verb, clerk, c.status, c.owner, c.team, c.reason, c.waiting_since, c.due, owed, c.handoff)

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> "Before":
        """Out of JSON."""
        times = {name: datetime.fromisoformat(raw[name]) if raw[name] else None for name in ("waiting_since", "due")}
        reason = Reason(raw["reason"]) if raw["reason"] else None
        fact = Handoff.read(raw["fact"]) if raw.get("fact") else None
        return cls(**{**raw, **times, "status": Status(raw["status"]), "reason": reason, "fact": fact})


@dataclass(frozen=True, slots=True)
class Conversation:
    """State of one conversation; times are aware UTC."""

    id: str
    channel: str
    chat: str
    status: Status = Status.BOT
    owner: str = ""  # the clerk's user name while assigned
    epoch: int = 0  # how often the ownership changed; every send carries it
    number: int = 0  # what the citizen is told, 0 before the first handoff
    reason: Reason | None = None
    team: str = ""
    topic: str = ""
    language: str = ""  # chosen or detected; "" before the first message
    language_fixed: bool = False  # chosen with /sprache
    easy: bool = False  # in Leichte Sprache, where an entry has it
    sender: str = ""
    misses: int = 0  # not understood, in a row
    entry: str = ""  # the entry last answered: what follow-ups and feedback are about
    revision: str = ""
    about: str = ""  # a follow-up without a matter ("was kostet das?"): the next message may name it
    title: str = ""  # that entry's question: what a follow-up for somebody else is searched with
    offered: tuple[Option, ...] = ()
    shown: tuple[tuple[str, str], ...] = ()  # (data, label) of the buttons last shown: their text may be typed
    rejected: tuple[str, ...] = ()  # entries the citizen turned down since the last answer that was not
    passed: tuple[str, ...] = ()  # entries that were offered after that and not taken
    question: str = ""  # the last question, masked: rejection looks on from it
    office: str = ""  # the office last told about, until the next answer: "und am Samstag?" means it
    office_asked: str = ""  # "aspect:when" while it is open which office is meant, "places:kind" which district
    district: str = ""  # where the citizen said to be: some handoffs go by it
    intake: Intake | None = None  # what was asked before the handoff, or is being asked
    pending: str = ""  # the Reason of an offer of a person that the next message may accept
    started: datetime | None = None
    last_citizen: datetime | None = None
    disclosed: datetime | None = None
    waiting_since: datetime | None = None
    due: datetime | None = None  # when someone promised to read it
    waiting_told: datetime | None = None  # when one who waits was last told that it goes on
    lease_until: datetime | None = None
    clerk_owes: datetime | None = None  # while assigned: since when the citizen waits for the clerk's word
    citizen_owes: datetime | None = None  # while assigned: since when the clerk waits for the citizen's
    reminded: datetime | None = None  # when the silent citizen was reminded
    resolved_at: datetime | None = None
    outcome: str = ""  # an Outcome, once resolved by a clerk
    unseen: bool = False  # a colleague gave it to its owner, who has not looked at it yet
    before: Before | None = None  # what the last verb replaced, while it can be undone
    handoff: Handoff | None = None  # what became of the last handoff
    callback: Callback | None = None  # wants to be called
    noticed: tuple[str, ...] = ()  # notices that the citizen was told: bot.notices.mark
    opinion: int = 0  # the handoff on which the next message says more, as the citizen wished
    stopped: bool = False
    burst: tuple[float, ...] = ()  # times of the last messages (unix seconds), to notice a flood

    @property
    def is_open(self) -> bool:
        """Does it stand in the queue, or is a clerk at it?"""
        return self.status in (Status.WAITING, Status.ASSIGNED)

    @property
    def asks(self) -> bool:
        """Is a form being asked?"""
        return self.intake is not None and self.intake.asking

    def moved(self, change: Change, **values: Any) -> "Conversation":
        """The same conversation after a change of status.

        The epoch rises when the owner changes: what the bot said before it opened a handoff may still leave, what
        it had not yet said when a clerk took over may not.
        """
        try:
            status = TRANSITIONS[self.status][change]
        except KeyError:
            raise NotNow(f"{self.status}.{change}") from None
        passed_on = values.get("owner", self.owner) != self.owner
        closed = self.intake.closed() if self.intake else None
        values = {"before": None, "unseen": False, "outcome": "", "intake": closed, **values}
        return replace(self, status=status, epoch=self.epoch + int(passed_on), **values)

    def to_json(self) -> str:
        """Compact JSON, as the store keeps it."""
        return json.dumps(shallow(self), default=_plain, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | bytes) -> "Conversation":
        """What to_json wrote; unknown fields of a newer version are ignored, missing ones take their default."""
        raw = json.loads(text)
        values: dict[str, Any] = {f.name: raw[f.name] for f in fields(cls) if f.name in raw}
        values["status"] = Status(values.get("status", "bot"))
        values["reason"] = Reason(values["reason"]) if values.get("reason") else None
        for name in _TIMES:
            values[name] = datetime.fromisoformat(values[name]) if values.get(name) else None
        values["handoff"] = Handoff.read(values["handoff"]) if values.get("handoff") else None
        values["intake"] = Intake.read(values["intake"]) if values.get("intake") else None
        values["callback"] = Callback.read(values["callback"]) if values.get("callback") else None
        values["before"] = Before.read(values["before"]) if values.get("before") else None
        values["offered"] = tuple(Option(**o) for o in values.get("offered", ()))
        values["shown"] = tuple((str(a), str(b)) for a, b in values.get("shown", ()))
        for name in ("rejected", "passed", "noticed", "burst"):
            values[name] = tuple(values.get(name, ()))
        return cls(**values)


_TIMES = (
    "started",
    "last_citizen",
    "disclosed",
    "waiting_since",
    "due",
    "waiting_told",
    "lease_until",
    "clerk_owes",
    "citizen_owes",
    "reminded",
    "resolved_at",
)


def shallow(value: Any) -> dict[str, Any]:
    """A dataclass's fields as they are: asdict() copies all they hold, which takes longer than writing it."""
    return {f.name: getattr(value, f.name) for f in fields(value)}


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Option | Before | Handoff | Callback | Intake):
        return asdict(value)
    raise TypeError(type(value).__name__)


def conversation_id(secret: bytes, channel: str, chat: str) -> str:
    """A stable name that tells nothing: keyed BLAKE2b, so that a telephone number cannot be tried out."""
    digest = hashlib.blake2b(f"{channel}\0{chat}".encode(), key=secret[:64], digest_size=10)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One match as the dialogue and the clerk see it; `score` is the probability that it is right."""

    entry: str
    revision: str
    title: str
    score: float
    topic: str = ""
    why: Mapping[str, float] = field(default_factory=dict)
    elsewhere: bool = False  # the entry says who does it instead of the town


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the transcript. `by`: citizen, bot, clerk, note (unseen by the citizen) or event."""

    id: str
    by: str
    at: datetime
    text: str = ""  # plain; of an event: its key
    masked: str = ""  # what left for understanding, logs and analytics
    name: str = ""
    document: Any = None  # JSON of the Document, of what we said
    footer: str = ""
    buttons: tuple[tuple[str, str], ...] = ()
    understanding: Mapping[str, Any] = field(default_factory=dict)
    matches: tuple[Mapping[str, Any], ...] = ()
    parts: tuple[str, ...] = ()  # ids of its parts in the outbox
    entry: str = ""
    revision: str = ""
    edits: str = ""
    what: str = ""
    user: str = ""  # the account of the clerk who wrote it, of a note
    attachments: tuple[str, ...] = ()  # ids of its files

    def to_json(self) -> str:
        """Compact JSON without empty fields."""
        kept = {k: v for k, v in shallow(self).items() if v not in ("", None, (), {}, [])}
        return json.dumps(kept, default=_plain, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | bytes) -> "Line":
        """What to_json wrote."""
        raw = cast(dict[str, Any], json.loads(text))
        known = {f.name for f in fields(cls)}
        raw = {k: v for k, v in raw.items() if k in known}
        raw["at"] = datetime.fromisoformat(raw["at"])
        raw["buttons"] = tuple((str(a), str(b)) for a, b in raw.get("buttons", ()))
        for name in ("matches", "parts", "attachments"):
            raw[name] = tuple(raw.get(name, ()))
        return cls(**raw)
