"""A citizen's post: taken once, within limits, from our own page; refused kindly, with the text kept."""

from dataclasses import replace

import pytest

from bot.conversation import Conversation
from bot.message import Arrival
from bot.settings import Settings
from bot.store.memory import MemoryStore
from bot.store.protocol import Held, StoreUnavailable
from bot.webchat.form import LARGEST, LONGEST, Throttle
from faq.retrieval.index import Index
from tests.webchat.chat_house import KIM, SCRIPTED, Browser, ChatHouse, chat_house, client

IDENT = "abcdefghijklmnop"


class Away(MemoryStore):
    """A store that can be taken away."""

    away = False

    def _check(self) -> None:
        if self.away:
            raise StoreUnavailable

    async def append(self, conversation: str, arrival: Arrival) -> bool:
        self._check()
        return await super().append(conversation, arrival)

    async def load(self, conversation: str) -> Held:
        self._check()
        return await super().load(conversation)


# --- without script ----------------------------------------------------------------------------------------


async def test_a_question_is_answered_on_the_next_page(browser: Browser) -> None:
    await browser.open()
    await browser.submit(text="Wie beantrage ich einen Personalausweis?")
    assert browser.status == 200
    assert browser.lines[0].startswith("Sie 10:00 Wie beantrage")
    assert browser.lines[1].startswith("Stadtbote 10:00 Guten Tag!")
    assert "46,00 €" in browser.lines[2]
    assert "Automatische Antwort · Quelle: Personalausweis · Stand 2.11.2026" in browser.lines[2]
    await browser.open()
    assert len(browser.lines) == 3, "a reload keeps the conversation"


async def test_buttons_work_and_say_what_was_pressed(browser: Browser, house: ChatHouse) -> None:
    await browser.open()
    await browser.submit(text="/start")
    await browser.submit(choice="h:yes")
    assert browser.lines[-2].endswith("Mit Mensch schreiben")
    assert "Ihre Nummer ist" in browser.lines[-1]
    assert "liegt bei einem Menschen" in browser.html
    [(conversation, _)] = await house.core.store.queue(None, 9)
    await house.core.desk.claim(KIM, conversation.id)
    await house.core.desk.note(KIM, conversation.id, "streng geheim")
    await house.core.desk.write(KIM, conversation.id, "Ich <kümmere> mich.")
    await house.worker.idle()
    await browser.open()
    assert browser.lines[-1] == "Kim B., Mensch 10:00 Ich <kümmere> mich."
    assert "streng geheim" not in browser.html


async def test_the_same_form_twice_is_one_message_and_another_text_from_it_is_another(browser: Browser) -> None:
    await browser.open()
    ident = browser.ident
    await browser.submit(id=ident, text="Hallo")
    await browser.submit(id=ident, text="Hallo")
    assert sum("Hallo" in line for line in browser.lines) == 1
    await browser.submit(id=ident, text="Danke")
    assert browser.lines[-2].endswith("Danke")


async def test_while_nobody_answers_the_page_says_that_the_message_arrived(
    state: Settings, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.webchat.app.PATIENCE", 0.05)
    async with chat_house(state, index, awake=False) as house, client() as session:
        browser = Browser(session, house.url)
        await (await browser.open()).submit(text="Hallo")
        assert "Ihre Nachricht ist angekommen" in browser.html
        assert '<meta http-equiv="refresh" content="3;url=/?since=0&amp;wait=2#ende">' in browser.html
        await browser.open("/?since=0&wait=10")
        assert "http-equiv" not in browser.html, "it does not look for ever"


async def test_commands_of_the_menu_and_erasing(browser: Browser, house: ChatHouse) -> None:
    await browser.open()
    await browser.submit(text="Meine Nummer ist 0151 23456789")
    await browser.submit(text="/meinedaten")
    assert browser.lines[-2] == "Sie 10:00 Daten ansehen"
    assert 'href="/chat/export"' in browser.html
    assert "meine-daten.txt herunterladen" in browser.lines[-1]
    await browser.open("/chat/export")
    assert "0151 23456789" in browser.html
    await browser.open()
    await browser.submit(text="/loeschen")
    assert len(browser.lines) == 1
    assert "gelöscht" in browser.lines[0]
    await browser.open("/chat/export")
    assert "0151" not in browser.html


# --- refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://other.stadt.example"},
    ],
)
async def test_posts_from_other_sites_are_refused(browser: Browser, house: ChatHouse, headers: dict[str, str]) -> None:
    await browser.open()
    browser.headers = headers
    await browser.submit(text="/loeschen")
    assert browser.status == 403
    assert not await house.core.store.recent(5)


@pytest.mark.parametrize("own", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "{url}"}, {}])
async def test_posts_from_our_own_page_are_taken(browser: Browser, house: ChatHouse, own: dict[str, str]) -> None:
    await browser.open()
    browser.headers = {name: value.format(url=house.url) for name, value in own.items()}
    await browser.submit(text="Hallo")
    assert browser.status == 200
    assert "Sie 10:00 Hallo" in browser.lines[0]


async def test_too_long_a_text_is_kept_and_counted(browser: Browser, house: ChatHouse) -> None:
    await browser.open()
    text = "ä" * (LONGEST + 213)
    await browser.submit(text=text)
    assert browser.status == 400
    assert "4.213 Zeichen, mehr als 4.000" in browser.html
    assert text in browser.html
    status, answer = await browser.post(id=IDENT, text=text)
    assert (status, answer["key"]) == (400, "long")
    assert not await house.core.store.recent(5)
    await browser.submit(text="👍" * LONGEST)
    assert browser.status == 200, "the limit counts characters, not bytes"


async def test_empty_large_and_strange_forms(browser: Browser, house: ChatHouse) -> None:
    await browser.open()
    await browser.submit(text=" \n ")
    assert (browser.status, "Schreiben Sie bitte erst" in browser.html) == (400, True)
    await browser.submit(choice="x" * 65)
    assert browser.status == 400
    await browser.submit(text="x" * LARGEST)
    assert browser.status == 413
    async with browser.session.post(house.url + "/chat/send", json={"text": "Hallo"}) as response:
        assert response.status == 415
    async with browser.session.post(house.url + "/chat/send", data=_chunks()) as response:
        assert response.status in (413, 415)
    assert not await house.core.store.recent(5)


async def _chunks():  # type: ignore[no-untyped-def]
    for _ in range(10):
        yield b"x" * 16384


async def test_whom_we_do_not_know_gets_a_cookie_and_is_asked_again(house: ChatHouse) -> None:
    async with client() as session:
        browser = Browser(session, house.url)
        browser.html = f'name="id" value="{IDENT}"'
        await browser.submit(text="Mein Text")
        assert browser.status == 403
        assert "Mein Text</textarea>" in browser.html
        await browser.submit(text="Mein Text")
        assert browser.status == 200
    async with client() as session:
        browser = Browser(session, house.url)
        assert (await browser.post(id=IDENT, text="x"))[1]["key"] == "cookie"
        assert (await browser.post(id=IDENT, text="x"))[0] == 202


async def test_a_flood_is_slowed_down_for_its_visitor_alone(state: Settings, index: Index) -> None:
    time = [0.0]
    throttle = Throttle(burst=3, rate=0.5, clock=lambda: time[0])
    async with chat_house(state, index, throttle=throttle) as house, client() as one, client() as two:
        loud, quiet = Browser(one, house.url), Browser(two, house.url)
        await loud.open()
        await quiet.open()
        taken = [(await loud.post(id=f"{IDENT}{n}", text="Hallo"))[0] for n in range(5)]
        assert taken == [202, 202, 202, 429, 429]
        await loud.submit(text="mein langer Text")
        assert loud.status == 429
        assert "mein langer Text</textarea>" in loud.html
        assert (await quiet.post(id=IDENT, text="Hallo"))[0] == 202
        time[0] += 2
        assert (await loud.post(id=f"{IDENT}9", text="Hallo"))[0] == 202


async def test_a_throttle_forgets_the_oldest() -> None:
    throttle = Throttle(burst=1, rate=0, size=2, clock=lambda: 0.0)
    assert [throttle.allow(who) for who in "abab"] == [True, True, False, False]
    assert throttle.allow("c")
    assert throttle.allow("a"), "a was forgotten"


async def test_while_the_store_is_away_nothing_is_taken_and_the_text_is_kept(state: Settings, index: Index) -> None:
    store = Away()
    async with chat_house(state, index, store=store) as house, client() as session:
        browser = Browser(session, house.url)
        await browser.open()
        store.away = True
        await browser.submit(text="Mein Text")
        assert browser.status == 503
        assert "Mein Text</textarea>" in browser.html
        assert "0221 4710 115" in browser.html
        status, answer = await browser.post(id=IDENT, text="Mein Text")
        assert (status, answer["key"]) == (503, "away")
        await browser.open()
        assert browser.status == 503
        assert "Es ist nicht verloren" in browser.html
        await browser.open("/chat/export")
        assert browser.status == 503
        store.away = False
        await browser.open()
        await browser.submit(text="Mein Text")
        assert browser.status == 200


# --- from the script ---------------------------------------------------------------------------------------


async def test_a_repeated_post_is_one_message(browser: Browser, house: ChatHouse) -> None:
    await browser.open()
    assert await browser.post(id=IDENT, text="Hallo") == (202, {"id": IDENT, "new": True})
    assert await browser.post(id=IDENT, text="Hallo") == (200, {"id": IDENT, "new": False})
    await house.worker.idle()
    lines = await house.core.store.transcript(await house.only_conversation())
    assert [line.id for line in lines if line.by == "citizen"] == [IDENT]


async def test_a_bad_id_is_replaced(browser: Browser) -> None:
    await browser.open()
    status, answer = await browser.post(id="<b>", text="Hallo")
    assert status == 202
    assert answer["id"] != "<b>"


async def test_the_page_tells_its_language(house: ChatHouse) -> None:
    async with client() as session:
        browser = Browser(session, house.url, {"Accept-Language": "en-GB"})
        await browser.open()
        assert '<html lang="en" dir="ltr">' in browser.html
        await browser.submit(text="/human")
        conversation: Conversation
        [(conversation, _)] = await house.core.store.queue(None, 9)
        assert conversation.language == "en"
        assert browser.lines[0] == "You 10:00 Write with a person"


async def test_visitors_are_told_apart_and_the_cookie_is_kept_nowhere(state: Settings, index: Index) -> None:
    async with chat_house(state, index) as house, client() as one, client() as two:
        first, second = Browser(one, house.url), Browser(two, house.url)
        await (await first.open()).submit(text="Hallo, hier ist Maria")
        await (await second.open()).submit(text="Guten Tag")
        assert "Maria" not in second.html
        tokens = {cookie.value for cookie in (*one.cookie_jar, *two.cookie_jar)}
        kept = {c.chat for c in await house.core.store.recent(5)}
        assert len(tokens) == len(kept) == 2
        assert not tokens & kept
        headers = {"Cookie": f"stadtbote={next(iter(kept))}"}
        async with client() as third, third.get(house.url, headers=headers) as response:
            assert "Maria" not in await response.text()


async def test_nothing_but_a_good_cookie_names_a_visitor(state: Settings, index: Index) -> None:
    settings = replace(state, public_url="https://chat.stadt.example")
    async with chat_house(settings, index, awake=False) as house, client() as session:
        for value in ("", "x", "a" * 43 + "!", "a" * 44):
            async with session.post(
                house.url + "/chat/send",
                data={"text": "x", "id": IDENT},
                headers={**SCRIPTED, "Cookie": f"__Host-stadtbote={value}"},
            ) as response:
                assert response.status == 403
