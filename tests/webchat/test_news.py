"""Live updates: server-sent events and polling tell a page all it lacks, once, also after sleep."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiohttp import ClientResponse

from bot.settings import Settings
from bot.store.memory import MemoryStore
from bot.store.protocol import Change
from bot.store.redis import RedisStore
from bot.webchat.live import Live, TooMany
from faq.retrieval.index import Index
from tests.webchat.chat_house import KIM, Browser, ChatHouse, chat_house, client

IDENT = "abcdefghijklmnop"


class Event:
    """One server-sent event."""

    def __init__(self, lines: list[str]) -> None:
        fields = [line.partition(": ")[::2] for line in lines]
        self.name = next((value for key, value in fields if key == "event"), "")
        self.id = next((value for key, value in fields if key.rstrip(":") == "id"), None)
        self.data = "\n".join(value for key, value in fields if key == "data")


class Events:
    """A stream of them, in which kinds may come between each other."""

    def __init__(self, response: ClientResponse) -> None:
        self._response, self._unread = response, list[Event]()

    async def next(self, name: str) -> Event:
        """The next event of that name; others wait for their turn."""
        for found in self._unread:
            if found.name == name:
                self._unread.remove(found)
                return found
        async with asyncio.timeout(60):
            while (found := await self._read()).name != name:
                self._unread.append(found)
        return found

    async def end(self) -> None:
        """Until the server closes it."""
        async with asyncio.timeout(60):
            await self._response.content.read()

    async def _read(self) -> Event:
        lines: list[str] = []
        while (line := (await self._response.content.readline()).decode()) != "\n":
            assert line, "the stream ended"
            lines.append(line.rstrip("\n"))
        return Event(lines)


@asynccontextmanager
async def stream(browser: Browser, after: str = "", last: str | None = None) -> AsyncIterator[Events]:
    headers = {"Last-Event-ID": last} if last is not None else {}
    async with browser.session.get(f"{browser.url}/chat/events?after={after}", headers=headers) as response:
        assert response.status == 200
        assert response.content_type == "text/event-stream"
        yield Events(response)


async def test_what_is_said_arrives_live(browser: Browser, house: ChatHouse) -> None:
    await browser.open()
    async with stream(browser) as events:
        assert json.loads((await events.next("state")).data) == {"status": "bot", "text": "", "language": "de"}
        await browser.post(id=IDENT, text="<b>Hallo</b>")
        own = await events.next("line")
        assert f'id="l-{IDENT}"' in own.data
        assert "&lt;b&gt;Hallo" in own.data
        assert "Guten Tag" in (await events.next("line")).data
        await browser.post(id=IDENT + "2", text="/mensch")
        assert "Mit Mensch schreiben" in (await events.next("line")).data
        await events.next("line")
        told = json.loads((await events.next("state")).data)
        assert told["status"] == "waiting"
        assert "Ihre Nummer ist 1001" in told["text"]
        conversation = await house.only_conversation()
        await house.core.desk.claim(KIM, conversation)
        await events.next("line")
        await house.core.desk.note(KIM, conversation, "nur für uns")
        await house.core.desk.write(KIM, conversation, "Guten Tag!")
        answer = await events.next("line")
        assert "Kim B., Mensch" in answer.data
        assert "nur für uns" not in answer.data


async def test_a_page_that_slept_gets_what_it_missed_and_nothing_twice(browser: Browser, house: ChatHouse) -> None:
    await browser.open()
    async with stream(browser) as events:
        await browser.post(id=IDENT, text="Hallo")
        await events.next("line")
        last = (await events.next("line")).id
    await browser.post(id=IDENT + "2", text="Danke")
    await house.worker.idle()
    async with stream(browser, last=last) as events:
        assert f'id="l-{IDENT}2"' in (await events.next("line")).data
        assert "Gern geschehen" in (await events.next("line")).data
        await browser.post(id=IDENT + "3", text="Tschüss")
        assert f'id="l-{IDENT}3"' in (await events.next("line")).data


async def test_a_stream_that_breaks_half_way_begins_again_where_it_was(browser: Browser) -> None:
    await browser.open()
    for text in ("Hallo", "Danke", "Tschüss"):
        await browser.submit(text=text)
    async with stream(browser) as events:
        ids = [(await events.next("line")).id for _ in range(6)]
    assert ids[:5] == [None] * 5
    assert ids[5]


async def test_the_page_itself_says_from_where_to_go_on(browser: Browser) -> None:
    await browser.open()
    await browser.submit(text="Hallo")
    cursor = browser.html.partition('data-cursor="')[2].partition('"')[0]
    async with stream(browser, after=cursor) as events:
        await browser.post(id=IDENT, text="Danke")
        assert f'id="l-{IDENT}"' in (await events.next("line")).data


async def test_erasing_empties_every_open_page(browser: Browser) -> None:
    await browser.open()
    await browser.submit(text="Hallo")
    async with stream(browser) as events:
        await events.next("line")
        await events.next("line")
        await browser.post(id=IDENT, text="/loeschen")
        lines = json.loads((await events.next("reset")).data)
        receipt = lines or [(await events.next("line")).data]  # it may still be in the outbox at the reset
        assert len(receipt) == 1
        assert "gelöscht" in receipt[0]
    async with stream(browser, last="a-line-that-is-gone") as events:
        assert len(json.loads((await events.next("reset")).data)) == 1


async def test_polling_tells_the_same(browser: Browser, house: ChatHouse) -> None:
    await browser.open()
    await browser.submit(text="Hallo")

    async def lines(after: str) -> dict[str, object]:
        async with browser.session.get(house.url + "/chat/lines", params={"after": after}) as response:
            assert response.headers["Cache-Control"] == "no-store"
            return dict(await response.json())

    first = await lines("")
    assert len(first["lines"]) == 2  # type: ignore[arg-type]
    again = await lines(str(first["cursor"]))
    assert (again["lines"], again["reset"], again["cursor"]) == ([], False, first["cursor"])
    await browser.post(id=IDENT, text="Danke")
    await house.worker.idle()
    news = await lines(str(first["cursor"]))
    assert len(news["lines"]) == 2  # type: ignore[arg-type]
    assert (await lines("gone"))["reset"] is True


async def test_an_unknown_visitor_and_one_with_many_pages_are_told_to_poll(house: ChatHouse) -> None:
    async with client() as session:
        browser = Browser(session, house.url)
        async with session.get(house.url + "/chat/events") as response:
            assert response.status == 204
        await browser.open()
        async with AsyncExitStack() as pages:
            for _ in range(4):
                await pages.enter_async_context(stream(browser))
            response = await pages.enter_async_context(session.get(house.url + "/chat/events"))
            assert response.status == 204


class Watched(MemoryStore):
    """Counts who follows its changes."""

    @property
    def watchers(self) -> int:
        return len(self._shelves.watchers)


async def test_one_watcher_serves_all_pages_and_ends_with_the_last(state: Settings, index: Index) -> None:
    store = Watched()
    async with chat_house(state, index, store=store) as house, client() as one, client() as two:
        first, second = Browser(one, house.url), Browser(two, house.url)
        await first.open()
        await second.open()
        async with stream(first) as a, stream(second) as b:
            await a.next("state")
            await b.next("state")
            assert (house.chat.live.streams, store.watchers) == (2, 1)
            await first.post(id=IDENT, text="Hallo, ich bin Maria")
            assert "Maria" in (await a.next("line")).data
            await second.post(id=IDENT, text="Danke")
            assert "Danke" in (await b.next("line")).data, "what one visitor wrote is not told to the other"


@pytest.mark.slow
async def test_news_come_through_a_real_server(state: Settings, index: Index, redis_url: str) -> None:
    store = RedisStore(redis_url, 4, 30)
    async with chat_house(state, index, store=store) as house, client() as session:
        browser = Browser(session, house.url)
        await browser.open()
        async with stream(browser) as events:
            for number, text in enumerate(("Hallo", "Danke", "Tschüss")):
                await browser.post(id=f"{IDENT}{number}", text=text)
                assert text in (await events.next("line")).data
                assert 'class="line bot"' in (await events.next("line")).data
        await browser.open()
        assert len(browser.lines) == 6
        await browser.submit(text="/mensch")
        assert "Ihre Nummer ist" in browser.lines[-1]


async def test_stopping_ends_the_streams(state: Settings, index: Index) -> None:
    async with chat_house(state, index) as house, client() as session:
        browser = Browser(session, house.url)
        await browser.open()
        async with stream(browser) as events:
            await events.next("state")
            await house.chat.close()
            await events.end()
        async with session.get(house.url + "/chat/events") as refused:
            assert refused.status == 204


async def test_rings_that_nobody_heard_become_one() -> None:
    store = MemoryStore()
    live = Live(store, each=1)
    with live.follow("c") as bell:
        await bell.wait(5)
        bell.must_look = False
        for _ in range(3):
            await store._shelves.notify(Change("c", "web", "x", "bot", "", 1))
        await store._shelves.notify(Change("other", "web", "y", "bot", "", 1))
        assert await bell.wait(5)
        await asyncio.sleep(0.01)
        while await bell.wait(0.01):
            assert bell.must_look
        with pytest.raises(TooMany):
            live.admit("c")
        live.admit("other")
    assert live.streams == 0
