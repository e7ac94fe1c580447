"""What one who waits is told, through the store and the turns that tell it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.calendar import Calendar
from bot.conversation import Conversation, Reason, Status
from bot.deadlines import place
from bot.handoff.fact import Handoff
from bot.handoff.forecast import Forecast
from bot.store.memory import MemoryStore
from bot.store.protocol import Write
from tests.offices.towns import SAMPLE

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TEAM = "buergeramt"


def asks(n: int, minutes: float = 0.0, due: float | None = 30.0) -> Conversation:
    """Somebody who began to wait so many minutes after MONDAY, and until when they were promised to be read."""
    since = MONDAY + timedelta(minutes=minutes)
    promised = None if due is None else since + timedelta(minutes=due)
    ident = f"{n:020x}"
    return Conversation(
        ident,
        "web",
        str(n),
        Status.WAITING,
        reason=Reason.ASKED,
        team=TEAM,
        number=n,
        waiting_since=since,
        due=promised,
    )


class Desk:
    """A store of waiting and of taken conversations."""

    def __init__(self, here: bool = True) -> None:
        async def is_here(team: str, now: datetime) -> bool:
            return here

        self.store = MemoryStore()
        self.forecast = Forecast(self.store, Calendar(SAMPLE), lambda channel: None, is_here)

    async def wait(self, *those: Conversation) -> None:
        for c in those:
            await self.store.keep(c.id, 0, Write(c, urgency=place(c, None)))

    async def taken(self, n: int, opened: datetime, seconds: float, team: str = TEAM) -> None:
        claimed = opened + timedelta(seconds=seconds)
        fact = Handoff(n, team, "", "web", "asked", opened, None, claimed, ended=claimed, outcome="answered")
        c = replace(asks(n), status=Status.RESOLVED, handoff=fact)
        await self.store.keep(c.id, 0, Write(c, handoff=fact))

    async def told(self, c: Conversation, now: datetime = MONDAY) -> Mapping[str, str]:
        return await self.forecast.told(c, now)


async def test_nothing_measured_names_the_promise_or_nothing() -> None:
    desk = Desk()
    promised = asks(1)
    assert promised.due is not None
    assert await desk.told(promised) == {"position": "1", "wait": "by", "by": promised.due.isoformat()}
    assert await desk.told(asks(1, due=None)) == {"position": "1", "wait": "unknown"}
    late = MONDAY + timedelta(hours=1)
    assert (await desk.told(promised, late))["wait"] == "unknown"  # a time that has passed is promised to nobody


async def test_the_pace_of_today_counts_and_else_that_of_recent_days() -> None:
    desk = Desk()
    for n in range(6):  # last Thursday, from 10 on: twenty minutes each
        await desk.taken(10 + n, MONDAY - timedelta(days=4, minutes=-20 * n), 1200)
    assert await desk.told(asks(1)) == {"position": "1", "wait": "minutes", "minutes": "20"}
    for n in range(6):  # today since nine: four minutes each
        await desk.taken(20 + n, MONDAY - timedelta(minutes=60 - 5 * n), 240)
    later = MONDAY + timedelta(minutes=2)  # after what was measured is no longer taken for true
    assert await desk.told(asks(1), later) == {"position": "1", "wait": "minutes", "minutes": "5"}


async def test_another_teams_pace_says_nothing() -> None:
    desk = Desk()
    for n in range(6):
        await desk.taken(n + 10, MONDAY - timedelta(minutes=60 - 5 * n), 240, "bauen-umwelt")
    assert (await desk.told(asks(1)))["wait"] == "by"


async def test_the_place_is_that_of_the_queue() -> None:
    desk = Desk()
    await desk.wait(asks(1, -20), asks(2, -10), asks(3, -15, due=5), replace(asks(4, -30), team="bauen-umwelt"))
    assert [(await desk.told(asks(n, -m)))["position"] for n, m in ((1, 20), (2, 10))] == ["2", "3"]
    assert (await desk.told(asks(9)))["position"] == "4"
    assert (await desk.told(asks(9, due=1)))["position"] == "2"  # a matter that is promised sooner goes before


async def test_of_more_than_are_looked_at_all_count() -> None:
    desk = Desk()
    await desk.wait(*(asks(n, -1 - n / 100) for n in range(1, 151)))
    assert (await desk.told(asks(999)))["position"] == "150"


async def test_while_nobody_is_here_no_minutes_are_told() -> None:
    desk = Desk(here=False)
    for n in range(6):
        await desk.taken(n + 10, MONDAY - timedelta(minutes=60 - 5 * n), 240)
    c = asks(1)
    assert c.due is not None
    assert await desk.told(c) == {"position": "1", "wait": "away_by", "by": c.due.isoformat()}
    assert await desk.told(asks(1, due=None)) == {"position": "1", "wait": "away"}
