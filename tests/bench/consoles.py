"""Many consoles open: how long until a citizen's word stands on the clerk's screen, and what that costs the server.

Each clerk has a citizen's conversation in hand and open; others wait in every list. Most messages come in open
conversations, some from those who wait, and now and then somebody new asks for a person. Counted from the planned
arrival at the edge to the arrival of what the page shows.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import Page

from bot.composition import Core
from bot.console.accounts import Accounts
from bot.conversation import Conversation, Line, conversation_id
from bot.handoff.desk import Clerk
from bot.people.staff import CONSOLE, Staff
from bot.store.protocol import Write
from tests.bench import openloop
from tests.bench.book import Asked, Chat
from tests.bench.console_page import ConsolePage
from tests.bench.growth_conversations import HANDOFF, seed
from tests.bench.messages import SEED, Size
from tests.bench.procfs import cost
from tests.bench.stats import latencies
from tests.bench.tell import tell
from tests.bench.town import Town
from tests.bench.witness import seen, witness

PASSWORD = "am Schalter vier sitzt jemand"
OPEN, WAITING = 0.85, 0.10  # of the messages; the rest are new handoffs
SETTLED = 5.0  # seconds for the lists to show who waits at the beginning
SHOWN = 240.0  # seconds, at most, for all pages to show the last ones
LONG = 500  # lines of a long conversation
LOOKS = 30  # at each page


@dataclass
class Office:
    """The clerks' pages, each with its citizen; citizens who wait, and who have not asked yet."""

    pages: list[ConsolePage]
    citizens: list[Chat]
    waiting: list[Chat]
    others: list[Chat]
    page: Page | None


async def consoles(town: Town, size: Size) -> dict[str, Any]:
    """The figures."""
    many, rate, seconds, listed = size.consoles
    plan = openloop.poisson(rate, seconds, SEED + 3)
    new = round(len(plan) * (1 - OPEN - WAITING)) + 1
    waiting = max(2, many // 3)
    await town.load.greet(2 * ((many + waiting + new + 1) // 2))
    async with town.running.core() as core, _office(town, core, many, waiting) as office:
        await seed(core, 0, round((listed - waiting - new) / 0.9))
        await asyncio.sleep(SETTLED)
        before, (asks, size_) = cost(town.pid), _fetched(office)
        sent, start = await _talk(town, core, office, plan)
        took = time.time() - start
        spent = cost(town.pid).since(before)
        found = await _sums(core, office, sent)
        all_asks, all_size = _fetched(office)
        found |= {
            "consoles": many,
            "offered_per_s": rate,
            "listed": listed,
            "seconds": round(took, 1),
            "web_share_of_a_core": round(spent.seconds.get("web", 0.0) / took, 3),
            "cpu_ms_per_message": {n: round(1000 * s / len(plan), 2) for n, s in spent.seconds.items()},
            "fetches_per_s": round((all_asks - asks) / took, 1),
            "kb_per_fetch": round((all_size - size_) / max(all_asks - asks, 1) / 1000, 1),
            "failed_fetches": sum(page.shown.failed for page in office.pages),
        }
        found["pages_ms"] = await _pages(core, office.pages[0].staff)
    tell(f"  {_line(found)}")
    return found


@asynccontextmanager
async def _office(town: Town, core: Core, many: int, waiting: int) -> AsyncIterator[Office]:
    accounts = Accounts(core.settings.database)
    chats = [town.load.book.next_chat() for _ in town.load.book.chats]
    town.running.confidential.add(PASSWORD)
    async with AsyncExitStack() as stack:
        pages = []
        for number, chat in enumerate(chats[:many]):
            name, ident = f"clerk{number}", _ident(core, chat)
            await asyncio.to_thread(accounts.add, name, PASSWORD, "clerk", f"Kraft {number}")
            await core.desk.claim(Clerk(name, f"Kraft {number}"), ident)
            staff = Staff(town.running.url)
            page = ConsolePage(staff, ident, number)
            stack.push_async_callback(page.close)
            await staff.sign_in(name, PASSWORD)
            await page.open()
            pages.append(page)
        tell(f"  {many} consoles are open")
        first = pages[0].conversation
        real = await stack.enter_async_context(witness(town.running.url, "clerk0", PASSWORD, first))
        for chat in chats[many : many + waiting]:
            await town.load.post.send(Asked(chat, HANDOFF, time.time()))
        yield Office(pages, chats[:many], chats[many : many + waiting], chats[many + waiting :], real)


async def _talk(town: Town, core: Core, office: Office, plan: Sequence[float]) -> tuple[list[Asked], float]:
    """All messages, and when the first was due; once all are shown."""
    sent: list[Asked] = []
    others = iter(office.others)

    async def fire(number: int, due: float) -> None:
        share = number % 20 / 20  # evenly mixed
        text = f"Noch eine Frage dazu, zeichen{number:06d}"
        if share < OPEN:
            chat = office.citizens[number % len(office.citizens)]
        elif share < OPEN + WAITING:
            chat = office.waiting[number % len(office.waiting)]
        else:
            chat, text = next(others), HANDOFF
        asked = Asked(chat, text, due)
        sent.append(asked)
        await town.load.post.send(asked)

    start = await openloop.run(plan, fire, town.load.clock)
    late = time.monotonic() + SHOWN
    while _lost(core, office, sent) and time.monotonic() < late:
        await asyncio.sleep(0.2)
    return sent, start


def _owners(office: Office) -> dict[tuple[str, str], ConsolePage]:
    """Whose page a citizen's words come to, by platform and key."""
    return {(chat.platform, chat.key): page for chat, page in zip(office.citizens, office.pages, strict=True)}


def _lost(core: Core, office: Office, sent: Sequence[Asked]) -> int:
    """What is not shown where it belongs. A word that a later one of the same citizen replaced in the list before it
    was fetched is not lost."""
    owner, lost = _owners(office), 0
    for asked in sent:
        page = owner.get((asked.chat.platform, asked.chat.key))
        if page is not None:
            lost += asked.text[-6:] not in page.shown.talk
        elif asked.text == HANDOFF:
            lost += any(_ident(core, asked.chat) not in page.shown.waiting for page in office.pages)
    return lost


async def _sums(core: Core, office: Office, sent: Sequence[Asked]) -> dict[str, Any]:
    owner = _owners(office)
    talk: list[float] = []
    told: list[float] = []
    rows: list[float] = []
    new: list[float] = []
    for asked in sent:
        page, sign = owner.get((asked.chat.platform, asked.chat.key)), asked.text[-6:]
        if page is not None:
            at = [page.shown.talk.get(sign)]
            told += [at - asked.planned for at in page.shown.told if at > asked.planned][:1]
            into = talk
        elif asked.text == HANDOFF:
            ident = _ident(core, asked.chat)
            at, into = [page.shown.waiting.get(ident) for page in office.pages], new
        else:
            at, into = [page.shown.listed.get(sign) for page in office.pages], rows
        into += [one - asked.planned for one in at if one is not None]
    found: dict[str, Any] = {
        "sent": len(sent),
        "errors": sum(asked.status != 200 or asked.refused > 0 for asked in sent),
        "never_taken": sum(asked.status != 200 for asked in sent),
        "ack_ms": latencies([asked.acknowledged - asked.planned for asked in sent]),
        "told_ms": latencies(told),
        "talk_ms": latencies(talk),
        "new_waiting_ms": latencies(new),
        "words_in_lists_ms": latencies(rows),
        "not_shown": _lost(core, office, sent),
    }
    if office.page is not None:
        saw, planned = await seen(office.page), {asked.text[-6:]: asked.planned for asked in sent}
        found["witness"] = {
            "dom_ms": latencies([at - planned[sign] for sign, at in saw["signs"].items() if sign in planned]),
            "long_tasks": len(saw["long"]),
            "longest_ms": round(max(saw["long"], default=0.0)),
            "heap_mib": round(saw["heap"], 1),
        }
    return found


async def _pages(core: Core, staff: Staff) -> dict[str, Any]:
    """The inbox with all who wait, a long conversation, a search: as a browser opens them, one after the other."""
    ident = await _long(core)
    found = {}
    for name, path in (
        ("inbox", "/inbox"),
        ("long_conversation", f"/inbox/{ident}"),
        ("search", "/search?q=Hilfe"),
    ):
        took = []
        for _ in range(LOOKS):
            began = time.monotonic()
            async with staff.browser.session.get(f"{staff.browser.url}{CONSOLE}{path}") as answer:
                size = len(await answer.read())
                answer.raise_for_status()
            took.append(time.monotonic() - began)
        found[name] = latencies(took) | {"kb": round(size / 1000, 1)}
    return found


async def _long(core: Core) -> str:
    """A conversation with many lines, in turns the citizen's and the bot's."""
    chat, now = "4999999999999", datetime.now(UTC)
    ident = conversation_id(core.secret, "whatsapp", chat)
    lines = []
    for number in range(LONG):
        by, at = ("citizen", "bot")[number % 2], now - timedelta(seconds=LONG - number)
        text = f"Zeile {number} eines langen Gesprächs, in dem Hilfe nötig ist"
        lines.append(Line(f"l{number}", by, at, text, text, "Erika" if by == "citizen" else ""))
    c = Conversation(ident, "whatsapp", chat, language="de", started=now, last_citizen=now, disclosed=now)
    await core.store.keep(ident, 0, Write(c, tuple(lines)))
    return ident


def _fetched(office: Office) -> tuple[int, int]:
    """How often all pages together have fetched something, and how many characters."""
    return sum(page.shown.fetched for page in office.pages), sum(page.shown.bytes for page in office.pages)


def _ident(core: Core, chat: Chat) -> str:
    return conversation_id(core.secret, chat.platform, chat.key)


def _line(found: dict[str, Any]) -> str:
    talk, new = found["talk_ms"], found["new_waiting_ms"]
    return (
        f"{found['sent']} sent, shown p50 {talk['p50']} p95 {talk['p95']} p99 {talk['p99']} ms, "
        f"new in every list p95 {new['p95']} ms, web {found['web_share_of_a_core']:.0%} of a core, "
        f"{found['cpu_ms_per_message'].get('web')} ms a message, {found['not_shown']} not shown"
    )
