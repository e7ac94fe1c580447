"""Who is here, in memory: the twin of bot.store.redis.presence."""

from collections.abc import Mapping
from datetime import datetime

from bot.store.memory.shelves import Room, Shelves
from bot.store.presence import IDLE, Doing
from bot.store.protocol import Change


class PresenceRoom(Room):
    """See bot.store.presence.Presence."""

    def __init__(self, shelves: Shelves) -> None:
        super().__init__(shelves)
        self._pages: dict[tuple[str, str], datetime] = {}
        self._away: dict[str, tuple[str, datetime]] = {}
        self._active: dict[str, datetime] = {}
        self._attending: dict[str, dict[tuple[str, Doing], datetime]] = {}

    async def beat(self, clerk: str, page: str, until: datetime, now: datetime) -> None:
        self._pages = {name: end for name, end in (self._pages | {(clerk, page): until}).items() if end > now}

    async def be_away(self, clerk: str, reason: str, until: datetime) -> None:
        self._away.pop(clerk, None)
        if reason:
            self._away[clerk] = (reason, until)

    async def touch(self, clerk: str, until: datetime) -> None:
        self._active[clerk] = until

    async def people(self, now: datetime) -> Mapping[str, str]:
        here = {clerk for (clerk, _), end in self._pages.items() if end > now}
        away = {clerk: reason for clerk, (reason, end) in self._away.items() if end > now}
        idle = {clerk: IDLE for clerk, end in self._active.items() if end <= now}
        return {clerk: away.get(clerk) or idle.get(clerk, "") for clerk in here}

    async def away(self, clerk: str, now: datetime) -> str:
        reason, until = self._away.get(clerk, ("", now))
        return reason if until > now else ""

    async def attend(self, conversation: str, clerk: str, doing: Doing | None, until: datetime, now: datetime) -> None:
        known = {what: end for what, end in self._attending.get(conversation, {}).items() if end > now}
        before = {what for who, what in known if who == clerk}
        after = {Doing.LOOKING, doing} if doing else set()
        kept = {what: end for what, end in known.items() if what[0] != clerk}
        self._attending[conversation] = kept | {(clerk, what): until for what in after}
        if before != after:
            await self._shelves.notify(Change(conversation, "", "", "", "", 0, people=True))

    async def attending(self, conversation: str, now: datetime) -> Mapping[str, Doing]:
        found: dict[str, Doing] = {}
        for (clerk, doing), end in self._attending.get(conversation, {}).items():
            if end > now and found.get(clerk) is not Doing.TYPING:
                found[clerk] = doing
        return found
