"""Notices: what the town tells everybody for a time, and the answers that it pins above all others. Which are in
force, and how one notice is told from another."""

from collections.abc import Collection, Iterable
from datetime import datetime
from hashlib import blake2b
from typing import TypeVar

from bot.calendar import Calendar
from faq.town import Notice, Pinned
from faq.town.model import LEVELS

N = TypeVar("N", Notice, Pinned)


def in_force(calendar: Calendar, now: datetime, where: str = "") -> tuple[Notice, ...]:
    """Those of the calendar's town at that moment, aware UTC, shown in that place ("": anywhere): a crisis first, then
    the newer one. What is for a topic or district alone stands on no page that everybody sees."""
    found = [
        notice
        for notice in _timely(calendar, calendar.town.notices, now)
        if (not where or where in notice.where) and not (where == "page" and (notice.topics or notice.districts))
    ]
    return tuple(sorted(found, key=lambda notice: (LEVELS.index(notice.level), -_begun(calendar, notice))))


def pins_in_force(calendar: Calendar, now: datetime) -> tuple[Pinned, ...]:
    """The answers that stand above all others at that moment: corrections first, then the newer one."""
    found = _timely(calendar, calendar.town.pinned, now)
    return tuple(sorted(found, key=lambda pin: (pin.level != "correction", -_begun(calendar, pin))))


def standing(item: N) -> N | None:
    """What holds of it: itself, or what two people put in force before while it waits for the second."""
    if not item.signed.waits:
        return item
    former = item.signed.former
    return former if isinstance(former, type(item)) else None


def at_hand(item: Notice | Pinned, topics: Collection[str], district: str) -> bool:
    """Is it for these topics, or for who named that district? What names neither is for all."""
    if not item.topics and not item.districts:
        return True
    return not item.topics.isdisjoint(topics) or district in item.districts


def _timely(calendar: Calendar, items: Iterable[N], now: datetime) -> list[N]:
    held = [found for item in items if (found := standing(item))]
    return [
        item
        for item in held
        if (item.first is None or _instant(calendar, item.first) <= now)
        and (item.last is None or now < _instant(calendar, item.last))
    ]


def _begun(calendar: Calendar, item: Notice | Pinned) -> float:
    return _instant(calendar, item.first).timestamp() if item.first else 0.0


def _instant(calendar: Calendar, local: datetime) -> datetime:
    return calendar.instant(local.date(), local.time())


def mark(notice: Notice) -> str:
    """What a conversation remembers of a notice that was told. Other words or another level are told again: who knows
    the former ones does not know what has changed."""
    said = "\0".join((notice.level, *(text for pair in sorted(notice.texts.items()) for text in pair)))
    return f"{notice.id}:{blake2b(said.encode(), digest_size=4).hexdigest()}"
