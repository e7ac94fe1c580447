"""The exchange with one citizen on one channel: its state. How its status may change stands in bot.status.

Nothing here does I/O. A conversation is a frozen value; `bot.dialogue.step` makes the next one from an event.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.handoff.callback import Callback
from bot.handoff.fact import Handoff
from bot.handoff.intake import Intake
from bot.kept import known, shallow, written
from bot.line import Candidate, Line
from bot.status import TRANSITIONS, Change, NotNow, Status

__all__ = [
    "TRANSITIONS",
    "Before",
    "Candidate",
    "Change",
    "Conversation",
    "Line",
    "NotNow",
    "Option",
    "Outcome",
    "Reason",
    "Status",
    "conversation_id",
]


class Reason(StrEnum):
    """Why a person is needed. Never guessed from our own reply text."""

    ASKED = "asked"
    NOT_UNDERSTOOD = "not_understood"
    REJECTED = "rejected"
    TOPIC = "topic"
    PERSONAL = "personal"
    COMPLAINT = "complaint"
    DISTRESS = "distress"


class Outcome(StrEnum):
    """How a clerk was done with it."""

    ANSWERED = "answered"
    FORWARDED = "forwarded"  # to another authority
    NO_ANSWER = "no_answer"  # from the citizen
    NOT_OURS = "not_ours"  # not the town's matter
    SPAM = "spam"


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
    callback: Callback | None = None  # of a call

    @classmethod
    def of(cls, verb: str, clerk: str, c: "Conversation") -> "Before":
        """What the verb is about to replace."""
        owed = c.clerk_owes is not None
        return cls(verb, clerk, c.status, c.owner, c.team, c.reason, c.waiting_since, c.due, owed, c.handoff)

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> "Before":
        """Out of JSON."""
        values = known(cls, raw, "waiting_since", "due")
        values["status"] = Status(values["status"])
        values["reason"] = Reason(values["reason"]) if values.get("reason") else None
        values["fact"] = Handoff.read(values["fact"]) if values.get("fact") else None
        values["callback"] = Callback.read(values["callback"]) if values.get("callback") else None
        return cls(**values)


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
    opinion: int = 0  # the handoff on which the next message may say more
    opinion_asked: bool = False  # as the citizen wished; else after 👎, where it may also be a new matter
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
        return written(shallow(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> "Conversation":
        """What to_json wrote."""
        values = known(cls, json.loads(text), *_TIMES)
        values["status"] = Status(values.get("status", "bot"))
        values["reason"] = Reason(values["reason"]) if values.get("reason") else None
        values["handoff"] = Handoff.read(values["handoff"]) if values.get("handoff") else None
        values["intake"] = Intake.read(values["intake"]) if values.get("intake") else None
        values["callback"] = Callback.read(values["callback"]) if values.get("callback") else None
        values["before"] = Before.read(values["before"]) if values.get("before") else None
        values["offered"] = tuple(Option(**known(Option, o)) for o in values.get("offered", ()))
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


def conversation_id(secret: bytes, channel: str, chat: str) -> str:
    """A stable name that tells nothing: keyed BLAKE2b, so that a telephone number cannot be tried out."""
    digest = hashlib.blake2b(f"{channel}\0{chat}".encode(), key=secret[:64], digest_size=10)
    return digest.hexdigest()
