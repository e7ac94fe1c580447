"""A town hall, messages and findings for tests of step()."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.conversation import Candidate, Conversation
from bot.dialogue import step
from bot.effects import Turn
from bot.events import CitizenWrote, Event, Findings
from bot.message import Kind, Message
from bot.phrasebook import load_languages
from bot.policy import DeskView, Policy, Townhall
from nlu.manner import manner_of
from nlu.understand import Understanding

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DE, EN = (load_languages()[code] for code in ("de", "en"))
POLICY = Policy(
    ordinals={**DE.ordinals, **EN.ordinals},
    none_words=DE.none_words | EN.none_words,
    choosing=DE.choosing | EN.choosing,
)
OPEN = Townhall({"t": DeskView("t", "Bürgeramt", True, None, "0221 4710 100")}, "t", {"ausweise": "t"}, {}, frozenset())
CLOSED = Townhall({"t": DeskView("t", "Bürgeramt", False, MONDAY + timedelta(days=1), "")}, "t", {}, {}, frozenset())
TWO_TEAMS = replace(OPEN, desks={**OPEN.desks, "u": DeskView("u", "Bauamt", False, MONDAY + timedelta(days=1), "")})
FRESH = Conversation("00aa", "telegram", "4711")


def understood(intent: str, confidence: float = 0.9) -> Understanding:
    return Understanding(intent, confidence, (), ((intent, confidence),), "de", "keywords")


def candidates(*entries: str) -> tuple[Candidate, ...]:
    return tuple(Candidate(e, f"rev-{e}", f"Titel {e}", 0.9 - n / 10, "ausweise") for n, e in enumerate(entries))


def message(text: str = "", kind: Kind = Kind.TEXT, at: datetime = MONDAY, **values: str) -> Message:
    return Message("m1", "telegram", "4711", kind, at, text, **values)


def wrote(
    text: str = "frage",
    intent: str = "faq_question",
    decision: str = "withhold",
    found: tuple[str, ...] = (),
    **values: Any,
) -> CitizenWrote:
    options = candidates(*found)[:3] if decision != "withhold" else ()
    findings = Findings(decision, candidates(*found), options)
    return CitizenWrote(
        message(text), text, "de", "", understood(intent), findings, **({"manner": manner_of(text)} | values)
    )


def command(name: str, argument: str = "") -> CitizenWrote:
    return CitizenWrote(message(name, Kind.COMMAND, argument=argument))


def pressed(data: str, *found: str) -> CitizenWrote:
    return CitizenWrote(message("", Kind.CHOICE, choice=data), findings=Findings("withhold", candidates(*found)))


def play(*events: Event, conversation: Conversation = FRESH, townhall: Townhall = OPEN) -> Turn:
    """All events, a minute apart; the last turn."""
    turn = Turn(conversation)
    for n, event in enumerate(events):
        turn = step(turn.conversation, event, POLICY, townhall, MONDAY + timedelta(minutes=n))
    return turn


def keys(turn: Turn) -> list[str]:
    return [reply.key for reply in turn.replies]
