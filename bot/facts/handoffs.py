"""What became of a handoff, as facts: told by how a turn changed its own fact (bot.handoff.fact). Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.conversation import Conversation
from bot.effects import OpenHandoff, Rated, Turn
from bot.facts.fact import FactKind
from bot.handoff.fact import Handoff

ERASED = "erased"
"""The outcome of a handoff whose citizen had everything deleted."""


@dataclass(frozen=True, slots=True)
class Became:
    """A fact of this handoff, before it has a name."""

    kind: FactKind
    at: datetime
    handoff: Handoff
    reason: str = ""
    value: int | None = None
    count: int = 1


def became(before: Conversation, turn: Turn, was: Handoff | None, now: datetime) -> Iterator[Became]:
    """All facts of handoffs. `was`: the handoff that was rated, as it stood before."""
    old, new = before.handoff, turn.conversation.handoff
    for effect in turn.effects:
        if isinstance(effect, OpenHandoff) and effect.reason and new:
            yield Became(FactKind.HANDED_OFF, now, new, new.reason)
        elif isinstance(effect, Rated):
            if was and was.rating:
                yield Became(FactKind.RATED, was.rated or now, was, value=int(was.rating == "good"), count=-1)
            yield Became(FactKind.RATED, now, effect.handoff, value=int(effect.handoff.rating == "good"))
    if new is None:
        if old and old.ended is None:
            yield Became(FactKind.RESOLVED, now, old, ERASED, _seconds(old, now))
        return
    if old and old.number != new.number:
        old = None
    for kind in (FactKind.CLAIMED, FactKind.FIRST_REPLY, FactKind.RESOLVED):
        past, is_now = _when(old, kind), _when(new, kind)
        if past == is_now:
            continue
        if old and past[0]:
            yield Became(kind, past[0], old, past[1], _seconds(old, past[0]), -1)
        if is_now[0]:
            yield Became(kind, is_now[0], new, is_now[1], _seconds(new, is_now[0]))


def _when(h: Handoff | None, kind: FactKind) -> tuple[datetime | None, str]:
    """When it happened, and with which outcome."""
    if h is None:
        return None, ""
    if kind is FactKind.RESOLVED:
        return h.ended, h.outcome if h.ended else ""
    return (h.claimed if kind is FactKind.CLAIMED else h.replied), ""


def _seconds(h: Handoff, at: datetime) -> int | None:
    """Since somebody could have read it; None where a clerk took it from the bot, and nobody waited."""
    passed = h.after(at)
    return None if passed is None or not h.reason else round(passed)
