"""How the product's costs grow with open conversations: a turn, opening a handoff, the queue page, the clock's look.

Conversations are written through the store itself (state, transcript, lists), nine of ten waiting, one of ten claimed;
everything is then measured from outside, through the edge, the console and /proc. Keywords understand here: Rasa's
share of a turn does not depend on the number of conversations.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from bot.composition import Core
from bot.conversation import Conversation, Line, Reason, Status, conversation_id
from bot.people.staff import CONSOLE, Staff
from bot.store.protocol import Write
from tests.bench import openloop
from tests.bench.messages import Size
from tests.bench.procfs import cost
from tests.bench.stats import latencies, percentile
from tests.bench.tell import tell
from tests.bench.town import Town
from tests.integration.clerk import signed_in

AT_ONCE = 64
PAGES = 5
PAGE_SECONDS = 120.0
WATCHED = 12.0  # seconds of the clock
TURNS_A_SECOND = 5.0
HANDOFF = "/mensch"


async def growth(town: Town, size: Size) -> list[dict[str, Any]]:
    """A row for each number of open conversations."""
    rows: list[dict[str, Any]] = []
    there = 0
    async with town.running.core() as core, _clerk(town) as kim:
        await town.load.greet(max(8, 2 * size.turns))
        for wanted in size.conversations:
            seeded = await seed(core, there, wanted)
            there = wanted
            rows.append({"conversations": wanted, "written_in_s": seeded} | await _measured(town, kim, size))
            tell(f"  {wanted} open: {_line(rows[-1])}")
    return rows


async def seed(core: Core, start: int, stop: int) -> float:
    """Write them; returns the seconds that it took."""
    began = time.monotonic()
    numbers = iter(range(start, stop))
    teams = sorted(core.town.teams)

    async def write() -> None:
        for number in numbers:
            await _one(core, number, teams[number % len(teams)])
            if number and number % 10_000 == 0:
                tell(f"  {number} of {stop} conversations written")

    await asyncio.gather(*(write() for _ in range(AT_ONCE)))
    return round(time.monotonic() - began, 1)


async def _one(core: Core, number: int, team: str) -> None:
    """A citizen who has waited for a person for some minutes; every tenth has one."""
    chat = f"49{number:011d}"
    ident = conversation_id(core.secret, "whatsapp", chat)
    now = datetime.now(UTC)
    at = now - timedelta(seconds=60 + number % 240)  # nobody's time is up while we measure
    claimed, due = number % 10 == 9, now + timedelta(hours=20)
    conversation = Conversation(
        ident,
        "whatsapp",
        chat,
        status=Status.ASSIGNED if claimed else Status.WAITING,
        owner="paula" if claimed else "",
        epoch=int(claimed),
        number=100_000 + number,
        reason=Reason.ASKED,
        team=team,
        language="de",
        sender="Erika",
        started=at,
        last_citizen=at,
        disclosed=at,
        waiting_since=at,
        due=due,
        lease_until=now + timedelta(hours=2) if claimed else None,
    )
    said = f"Ich brauche Hilfe in meiner Sache {number}"
    lines = (
        Line(secrets.token_hex(6), "citizen", at, said, said, "Erika"),
        Line(secrets.token_hex(6), "bot", at, f"Ihre Nummer ist {100_000 + number}.", what="handoff.open"),
    )
    write = Write(conversation, lines, look=conversation.lease_until, urgency=due.timestamp())
    await core.store.keep(ident, 0, write)


@asynccontextmanager
async def _clerk(town: Town) -> AsyncIterator[Staff]:
    async with signed_in(town.running, "kim", "clerk", "Kim Berger") as staff:
        yield staff


async def _measured(town: Town, kim: Staff, size: Size) -> dict[str, Any]:
    load = town.load
    found: dict[str, Any] = {}
    plan = openloop.even(TURNS_A_SECOND, size.turns / TURNS_A_SECOND)
    for name, text in (("turn", ""), ("handoff", HANDOFF)):
        if name == "handoff":
            await load.greet(size.turns + size.turns % 2)  # each opens one and is lost for questions
        before = cost(town.pid)
        sums = await load.drive(
            plan,
            f"  {name}",
            ask=lambda n, text=text: (  # type: ignore[misc]
                load.book.next_chat(("telegram", "whatsapp")[n % 2]),
                text or load.questions.answered(),
            ),
        )
        spent = cost(town.pid).since(before)
        found[f"{name}_ms"] = sums["reply_ms"]
        found[f"{name}_cpu_ms"] = round(1000 * spent.total / sums["asked"], 1)
        found[f"{name}_unanswered"] = sums["unanswered"]
    found |= await _page(kim)
    before, began = cost(town.pid), time.monotonic()
    await asyncio.sleep(WATCHED if size.turns > 5 else 4.0)
    clock = cost(town.pid).since(before).seconds.get("clock", 0.0)
    found["clock_share"] = round(clock / (time.monotonic() - began), 4)
    return found


async def _page(kim: Staff) -> dict[str, Any]:
    """The queue page as a browser gets it: milliseconds and kilobytes."""
    took: list[float] = []
    size = 0
    for _ in range(PAGES):
        began = time.monotonic()
        try:
            async with kim.browser.session.get(
                f"{kim.browser.url}{CONSOLE}/inbox", timeout=aiohttp.ClientTimeout(total=PAGE_SECONDS)
            ) as answer:
                size = len(await answer.read())
                if answer.status != 200:
                    return {"page_ms": None, "page_says": f"status {answer.status}"}
        except (aiohttp.ClientError, TimeoutError) as error:
            return {"page_ms": None, "page_says": type(error).__name__}
        took.append(time.monotonic() - began)
        if sum(took) > PAGE_SECONDS:
            break
    sums = latencies(took)
    return {"page_ms": sums | {"p50": round(1000 * percentile(took, 0.5), 1)}, "page_kb": round(size / 1000, 1)}


def _line(row: dict[str, Any]) -> str:
    page = row["page_ms"]["p50"] if row["page_ms"] else row["page_says"]
    return (
        f"turn p50 {row['turn_ms']['p50']} ms, handoff p50 {row['handoff_ms']['p50']} ms, "
        f"page {page} ms, clock {row['clock_share']:.1%} of a core"
    )
