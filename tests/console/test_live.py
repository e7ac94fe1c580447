"""The stream: who is told what, and that it never says a word."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientResponse

from bot.console.hub import MANY, Hub, News, Reader, Seen
from bot.conversation import Conversation, Status
from bot.store.memory import MemoryStore
from bot.store.protocol import Change, Write
from tests.console.house import PASSWORD, House, Visitor

PATIENCE = 90.0


class Stream:
    """The events of one page."""

    def __init__(self, response: ClientResponse) -> None:
        self._response = response

    async def next(self) -> tuple[str, str]:
        """The next event: its name and data."""
        text = b""
        while not text.endswith(b"\n\n"):
            text += await asyncio.wait_for(self._response.content.readline(), PATIENCE)
        name, data = text.decode().split("\n")[:2]
        return name.removeprefix("event: "), data.removeprefix("data: ")

    async def until(self, *wanted: tuple[str, str]) -> list[tuple[str, str]]:
        """Events up to the first of those."""
        seen: list[tuple[str, str]] = []
        while not seen or seen[-1] not in wanted:
            seen.append(await self.next())
        return seen


@asynccontextmanager
async def stream(visitor: Visitor) -> AsyncIterator[Stream]:
    async with await visitor.client.get("/console/events") as response:
        assert response.content_type == "text/event-stream"
        assert response.headers["Cache-Control"] == "no-store"
        found = Stream(response)
        await found.until(("look", ""))
        yield found


async def named(work: House, events: Stream, chat: str, **more: Any) -> list[tuple[str, str]]:
    """Events until a change of that conversation is told by its name; a "look" may swallow it, so it changes again."""
    seen: list[tuple[str, str]] = []
    while True:
        conversation = await work.citizen(chat, "streng geheim", **more)
        seen += await events.until(("change", conversation), ("words", conversation), ("look", ""))
        if seen[-1][0] != "look":
            return seen


async def test_a_change_is_told_without_words(at_work: House) -> None:
    async with stream(await at_work.signed_in("kim")) as events:
        assert "geheim" not in str(await named(at_work, events, "1"))


async def test_another_teams_changes_are_not_told(at_work: House) -> None:
    at_work.accounts.add("bau", PASSWORD, "clerk", teams=["bauen-umwelt"])
    async with stream(await at_work.signed_in("bau")) as events:
        theirs = await at_work.citizen("1", "hallo")
        for _ in range(3):
            seen = await named(at_work, events, "2", team="bauen-umwelt")
            assert theirs not in str(seen)
            await at_work.citizen("1", "noch etwas")


async def test_what_leaves_my_team_is_dropped_without_its_name(at_work: House) -> None:
    at_work.accounts.add("amt", PASSWORD, "clerk", teams=["buergeramt"])
    amt, kim = await at_work.signed_in("amt"), await at_work.signed_in("kim")
    conversation = await at_work.citizen("1", "hallo")
    await kim.post(f"/console/inbox/{conversation}/claim")
    async with stream(amt) as events:
        await named(at_work, events, "2", status=Status.BOT)
        await kim.post(f"/console/inbox/{conversation}/transfer", {"to": "team:bauen-umwelt", "anyway": "1"})
        assert await events.until(("look", ""), ("change", conversation), ("words", conversation)) == [("look", "")]
        await kim.post(f"/console/inbox/{conversation}/claim")
        assert conversation not in str(await named(at_work, events, "2"))


@pytest.mark.parametrize("end", ["sign out", "disable"])
async def test_it_ends_with_the_session(at_work: House, end: str) -> None:
    kim = await at_work.signed_in("kim")
    async with stream(kim) as events:
        if end == "disable":
            at_work.accounts.disable("kim")
        else:
            await kim.post("/console/logout")
        await at_work.citizen("1", "hallo")
        assert (await events.until(("over", "")))[-1] == ("over", "")


async def test_a_line_says_that_it_lives_while_only_others_conversations_change(
    at_work: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.console.live.BEAT", 1.0)
    at_work.accounts.add("bau", PASSWORD, "clerk", teams=["bauen-umwelt"])

    async def busy() -> None:
        while True:  # more often than a beat
            await at_work.citizen("1", "hallo")
            await asyncio.sleep(0.05)

    async with stream(await at_work.signed_in("bau")) as events:
        others = asyncio.create_task(busy())
        try:
            await events.until(("beat", ""))
        finally:
            others.cancel()


async def test_a_reader_gathers_what_comes_together() -> None:
    reader = Reader()
    assert not await reader.next(0.01)
    for name, moved in (("a", True), ("b", False), ("a", False)):
        reader.tell(News({name: Seen(None, moved)}))
    assert (await reader.next(1)).changed == {"a": Seen(None, True), "b": Seen(None, False)}
    assert not await reader.next(0.01)


async def test_a_reader_who_missed_much_is_told_to_look_at_everything() -> None:
    reader = Reader()
    for number in range(MANY + 1):
        reader.tell(News({str(number): Seen(None, False)}))
    news = await reader.next(1)
    assert news.everything
    assert not news.changed


class Falling(MemoryStore):
    """Its first listener is told something that nobody can read."""

    def __init__(self) -> None:
        super().__init__()
        self.listeners = 0

    async def changes(self) -> AsyncIterator[Change | None]:
        self.listeners += 1
        if self.listeners == 1:
            raise ValueError("no JSON")
        async for change in super().changes():
            yield change


async def test_a_listener_that_falls_listens_again_and_all_look() -> None:
    store = Falling()
    hub = Hub(store)
    async with hub.reader() as reader:
        assert (await reader.next(PATIENCE)).everything
        await store.keep("ab" * 10, 0, Write(Conversation("ab" * 10, "web", "1")))
        assert set((await reader.next(PATIENCE)).changed) == {"ab" * 10}
    assert store.listeners == 2
