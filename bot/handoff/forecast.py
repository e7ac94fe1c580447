"""What a citizen who waits is told about it: how many are before them, and when it is their turn as far as is known."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.calendar import Calendar
from bot.conversation import Conversation, Status
from bot.deadlines import place
from bot.handoff.outlook import outlook, pace
from bot.store.protocol import Store

IN_LINE = 100  # conversations looked at to tell one who waits their place
RECENT = timedelta(days=7)  # looked back so far, where today says too little
FRESH = timedelta(minutes=1)  # what was measured is taken for true so long
Here = Callable[[str, datetime], Awaitable[bool]]
"""Is anybody of this team here at this moment?"""


async def somebody(team: str, now: datetime) -> bool:
    """Where nobody knows who is here, the office's hours alone count."""
    return True


class Forecast:
    """For one town's queues. `window` gives the seconds in which a channel lets us answer (bot.deadlines)."""

    def __init__(
        self, store: Store, calendar: Calendar, window: Callable[[str], float | None], here: Here = somebody
    ) -> None:
        self._store, self._calendar, self._window, self._here = store, calendar, window, here
        self._measured: dict[str, tuple[datetime, float | None]] = {}

    async def told(self, c: Conversation, now: datetime) -> dict[str, str]:
        """Parameters of the words for one who waits or is about to, while the office is open.

        `position` (from 1) and `wait`, the label wait.* that fits: minutes (with `minutes`), later (with `opens`), by
        (with `by`, the promise) or unknown; away_by and away where nobody of the team is here.
        """
        ahead = await self._ahead(c)
        told = {"position": str(ahead + 1)}
        promised = {"by": c.due.isoformat()} if c.due and c.due > now else {}
        team = self._calendar.town.teams.get(c.team)
        if team is None:
            return {**told, "wait": "unknown"}
        if not await self._here(c.team, now):
            return {**told, **promised, "wait": "away_by" if promised else "away"}
        office = self._calendar.town.offices[team.office]
        seen = outlook(self._calendar, office, await self._each(c.team, now), ahead, now)
        if seen.minutes is not None:
            return {**told, "wait": "minutes", "minutes": str(seen.minutes)}
        if seen.opens is not None:
            return {**told, "wait": "later", "opens": seen.opens.isoformat()}
        return {**told, **promised, "wait": "by" if promised else "unknown"}

    async def _ahead(self, c: Conversation) -> int:
        """How many of its team stand before it in the queue."""
        queue = await self._store.queue({c.team}, IN_LINE)
        others = [o for o, _ in queue if o.status is Status.WAITING and o.id != c.id]
        before = sum(self._place(o) < self._place(c) for o in others)
        if before < IN_LINE - 1:
            return before
        return max(before, await self._store.waiting({c.team}) - 1)

    def _place(self, c: Conversation) -> tuple[float, int]:
        # Of those who came within the same second the one with the higher number came later.
        return place(c, self._window(c.channel)), c.number

    async def _each(self, team: str, now: datetime) -> float | None:
        """Seconds of open time after which the team takes one more: of today, else of the last days; None: unknown."""
        known = self._measured.get(team)
        if known is None or not timedelta(0) <= now - known[0] < FRESH:
            self._measured[team] = known = now, await self._measure(team, now)
        return known[1]

    async def _measure(self, team: str, now: datetime) -> float | None:
        calendar = self._calendar
        office = calendar.town.offices[calendar.town.teams[team].office]
        today = now.astimezone(calendar.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        found = [h for h in await self._store.handoffs(now - RECENT, now) if h.team == team and h.reason]
        for since in (today, now - RECENT):
            each = pace(found, calendar.open_between(office, since, now), now).each
            if each is not None:
                return each
        return None
