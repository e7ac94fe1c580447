"""A page that fetches only differences shows what is true: whatever happens, however often the line is cut."""

import asyncio
import itertools
import re
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.conversation import Line, NotNow, Status
from bot.handoff.desk import Clerk
from tests.console.house import PASSWORD, House, Visitor, house, later
from tests.console.test_live import Stream, stream

KIM, LEA = Clerk("kim", "Kim B."), Clerk("lea", "Lea B.", leads=True)
LOOK = {"X-Stadtbote-Live": "look", "X-Stadtbote-Part": "list"}
ROW = re.compile(r'<li id="row-(\w+)"( data-same></li>|>.*?</li>)', re.DOTALL)
GROUP = re.compile(r'id="group-(\w+)".*?</section>', re.DOTALL)
Groups = dict[str, list[tuple[str, str]]]
"""(conversation, its row) in order, by group."""


class Page:
    """What static/inbox.js and morph.js make of the fragments, for the list."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.tag, self.groups, self.whole = visitor, "", Groups(), 0
        self.sent = list[str]()  # conversations of which the words came with the last look

    async def look(self) -> None:
        """Fetch what is new."""
        text = await (await self.visitor.get("/console/inbox", headers={**LOOK, "X-Stadtbote-Have": self.tag})).text()
        found = re.search(r'data-have="(\w+)"', text)
        assert found
        if 'class="pane-body" data-same' in text:
            self.sent = []
            assert found[1] == self.tag
            return
        there = {name: row for rows in self.groups.values() for name, row in rows}
        self.sent = [name for name, row in ROW.findall(text) if "data-same" not in row]
        self.groups = {
            group[1]: [(name, there[name] if "data-same" in row else row) for name, row in ROW.findall(group[0])]
            for group in GROUP.finditer(text)
        }
        self.tag = found[1]

    async def truth(self) -> Groups:
        """The list as it is fetched by somebody who has none."""
        fresh = Page(self.visitor)
        await fresh.look()
        return fresh.groups


@dataclass(frozen=True, repr=False)
class Evening:
    """A house in which all examples take place, one after the other."""

    runner: asyncio.Runner
    work: House
    kim: Visitor


@pytest.fixture
def evening(tmp_path: Path, redis_url: str) -> Iterator["Evening"]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        work = runner.run(stack.enter_async_context(house(tmp_path, redis_url)))
        yield Evening(runner, work, runner.run(work.signed_in("kim")))
        runner.run(stack.aclose())


CITIZENS = st.integers(0, 3).map(str)
STEPS = st.one_of(
    st.tuples(st.sampled_from(("writes", "asks", "claims", "releases", "gives", "resolves", "bot", "said")), CITIZENS),
    st.tuples(st.just("writes"), CITIZENS),
    st.tuples(st.sampled_from(("look", "look", "cut", "minute")), st.just("")),
)
_chats = itertools.count()


async def happens(work: House, what: str, chat: str) -> bool:
    """Whether something did."""
    desk = work.core.desk
    work.clock.at += timedelta(milliseconds=1)  # nothing happens at the same time
    ident = await work.citizen(chat, f"wort {next(_chats)}") if what == "writes" else ""
    if not ident:
        known = {c.chat: c for c in await work.core.store.recent(1000)}
        if chat not in known:
            return False
        ident = known[chat].id
    try:
        match what:
            case "asks":
                await work.citizen(chat, "bitte ein mensch", status=Status.WAITING, owner="", number=7)
            case "bot":
                await work.citizen(chat, "und der müll", status=Status.BOT, owner="")
            case "said":
                await work.line(ident, Line(f"x{next(_chats)}", "clerk", work.clock(), "Gern."))
            case "claims":
                await desk.claim(KIM, ident)
            case "releases":
                await desk.release(KIM, ident)
            case "gives":
                await desk.to_colleague(KIM, ident, LEA, None)
            case "resolves":
                await desk.resolve(KIM, ident)
    except NotNow:
        return False
    return True


async def last_words(work: House, page: Page) -> None:
    """Every row says what its citizen said last, by the store."""
    for name, row in [row for rows in page.groups.values() for row in rows]:
        said = [line.text for line in await work.core.store.transcript(name) if line.by == "citizen"]
        assert f">{said[-1]}<" in row


async def play(work: House, kim: Visitor, steps: list[tuple[str, str]]) -> None:
    run = next(_chats)
    page = Page(kim)
    async with AsyncExitStack() as stack:
        line: Stream | None = None
        told: set[str] = set()  # chats of which the line has something to say
        for what, citizen in [*steps, ("look", "")]:
            chat = f"{run}.{citizen}"
            if what == "cut":
                await stack.aclose()
                line = None
            elif what == "minute":
                work.clock.at = later((work.clock.at - later(0)).total_seconds() + 61)
            elif what == "look":
                if line is None:  # the line itself begins with "look"
                    line = await stack.enter_async_context(stream(kim))
                    told.clear()
                while told:
                    name, conversation = await line.next()
                    told = set() if name == "look" else told - {conversation}
                await page.look()
                assert page.groups == await page.truth()
                await last_words(work, page)
                shown = [name for rows in page.groups.values() for name, _ in rows]
                assert len(shown) == len(set(shown))
            elif await happens(work, what, chat) and line is not None:
                told |= {c.id for c in await work.core.store.recent(1000) if c.chat == chat}


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(STEPS, min_size=20, max_size=60))
def test_differences_add_up_to_the_truth(evening: Evening, steps: list[tuple[str, str]]) -> None:
    evening.runner.run(play(evening.work, evening.kim, steps))


async def test_a_thousand_missed_events_are_one_look(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    page = Page(kim)
    for number in range(50):
        await at_work.citizen(str(number), "erstes wort")
    async with stream(kim):
        await page.look()
    assert len(page.sent) == 50
    for number in range(1000):
        at_work.clock.at = later(number / 1000)
        await at_work.citizen(str(number % 5), f"wort {number}")
    async with stream(kim) as events:  # which reads one "look"
        await page.look()
        assert len(page.sent) == 5
        last = await at_work.citizen("49", "letztes wort")
        seen = await events.until(("words", last), ("change", last))
    assert len(seen) < 10  # the store's own "look again", and the last of the thousand
    await page.look()
    assert page.sent == [last]
    assert page.groups == await page.truth()


async def test_what_has_not_changed_is_not_sent_again(at_work: House) -> None:
    page = Page(await at_work.signed_in("kim"))
    idents = [await at_work.citizen(str(number), f"wort {number}") for number in range(9)]
    await page.look()
    assert sorted(page.sent) == sorted(idents)
    await page.look()
    assert page.sent == []
    at_work.clock.at = later(1)
    await at_work.citizen("4", "noch ein wort")
    await page.look()
    assert page.sent == [idents[4]]
    at_work.clock.at = later(61)  # every age is another now
    await page.look()
    assert len(page.sent) == 9


async def test_a_tag_of_others_shows_nothing_of_theirs(at_work: House) -> None:
    at_work.accounts.add("bau", PASSWORD, "clerk", teams=["bauen-umwelt"])
    theirs, all_ = await at_work.citizen("1", "geheim"), await at_work.citizen("2", "frei", team="bauen-umwelt")
    kim, bau = Page(await at_work.signed_in("kim")), Page(await at_work.signed_in("bau"))
    await kim.look()
    bau.tag = kim.tag
    text = await (await bau.visitor.get("/console/inbox", headers={**LOOK, "X-Stadtbote-Have": kim.tag})).text()
    assert theirs not in text
    assert f'<li id="row-{all_}" data-same></li>' in text
    # And one that nobody knows costs the whole list.
    bau.tag = "0" * 16
    await bau.look()
    assert bau.sent == [all_]
