"""Notices: what the town tells everybody for a time. Which are in force, and how one is told from another."""

from datetime import datetime
from hashlib import blake2b

from bot.calendar import Calendar
from faq.town import Notice
from faq.town.model import LEVELS


def in_force(calendar: Calendar, now: datetime, where: str = "") -> tuple[Notice, ...]:
    """Those of the calendar's town at that moment, aware UTC, shown in that place ("": anywhere): a crisis first, then
    the newer one."""

    def instant(local: datetime) -> datetime:
        return calendar.instant(local.date(), local.time())

    def begun(notice: Notice) -> float:
        return instant(notice.first).timestamp() if notice.first else 0.0

    found = [
        notice
        for notice in calendar.town.notices
        if (not where or where in notice.where)
        and (notice.first is None or instant(notice.first) <= now)
        and (notice.last is None or now < instant(notice.last))
    ]
    return tuple(sorted(found, key=lambda notice: (LEVELS.index(notice.level), -begun(notice))))


def mark(notice: Notice) -> str:
    """What a conversation remembers of a notice that was told. Other words or another level are told again: who knows
    the former ones does not know what has changed."""
    said = "\0".join((notice.level, *(text for pair in sorted(notice.texts.items()) for text in pair)))
    return f"{notice.id}:{blake2b(said.encode(), digest_size=4).hexdigest()}"
