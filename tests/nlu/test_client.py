"""Rasa answers, or the keywords do: whatever Rasa does, there is an understanding in time."""

import asyncio
import base64
import logging
from collections.abc import AsyncIterator

import numpy as np
import pytest

from bot.ports import free_port
from nlu.breaker import Breaker
from nlu.client import LIMIT, LOOK_EVERY, TIMEOUT, RasaNlu
from nlu.keywords import KeywordNlu
from nlu.meaning import Meaning
from nlu.process import LOOK_LIMIT, MOST
from nlu.understand import FALLBACK
from tests.nlu.fake_rasa import TOKEN, Clock, FakeRasa, serving

SHORT = 0.05  # seconds a hanging server is waited for; no test depends on how long that really takes


@pytest.fixture
def rasa() -> FakeRasa:
    return FakeRasa()


@pytest.fixture
async def url(rasa: FakeRasa) -> AsyncIterator[str]:
    async with serving(rasa) as address:
        yield address


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def nlu(url: str, clock: Clock) -> AsyncIterator[RasaNlu]:
    client = RasaNlu(url, TOKEN, fallback=KeywordNlu(), timeout=5, clock=clock)
    yield client
    await client.close()


async def test_the_model_decides(nlu: RasaNlu, rasa: FakeRasa) -> None:
    rasa.entities = [{"entity": "document", "value": "perso", "start": 4, "end": 9, "extractor": "X"}]
    found = await nlu.understand("das passt soweit ganz gut für mich")
    assert (found.intent, found.confidence, found.source, found.language) == ("thanks", 0.9, "rasa", "de")
    assert found.ranking[0] == ("thanks", 0.9)
    assert [(entity.kind, entity.value) for entity in found.entities] == [("document", "perso")]
    assert nlu.healthy
    assert await nlu.probe()


async def test_an_alarm_overrules_the_model_without_asking_it(nlu: RasaNlu, rasa: FakeRasa) -> None:
    found = await nlu.understand("hilfe bei uns brennt es")
    assert (found.intent, found.source) == ("emergency", "keywords")
    assert (await nlu.understand("ich will nicht mehr leben")).intent == "distress"
    assert rasa.asked == []


async def test_an_unsure_model_is_not_believed(nlu: RasaNlu, rasa: FakeRasa) -> None:
    rasa.confidence, rasa.unsure = 0.1, True
    found = await nlu.understand("dieses und jenes vom amt gehört")
    assert (found.intent, found.source) == (FALLBACK, "rasa")
    phrase = await nlu.understand("ich will mit einem menschen sprechen")
    assert (phrase.intent, phrase.source) == ("ask_human", "keywords")


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u200b\n"])
async def test_an_empty_text_is_never_sent(nlu: RasaNlu, rasa: FakeRasa, text: str) -> None:
    assert (await nlu.understand(text)).source == "keywords"
    assert rasa.asked == []


async def test_a_long_text_is_capped_and_cleaned(nlu: RasaNlu, rasa: FakeRasa) -> None:
    await nlu.understand("ich brauche\n\n  eine\u200b auskunft " * 500)
    assert len(rasa.asked[0]) <= LIMIT
    assert rasa.asked[0].startswith("ich brauche eine auskunft ich")


async def test_languages_without_examples_are_left_to_the_keywords(nlu: RasaNlu, rasa: FakeRasa) -> None:
    found = await nlu.understand("Як отримати паспорт для дитини")
    assert (found.language, found.source) == ("uk", "keywords")
    assert rasa.asked == []
    await nlu.understand("wie bekomme ich einen neuen ausweis für mein kind", "uk")
    assert len(rasa.asked) == 1, "German in a Ukrainian conversation is German"


@pytest.mark.parametrize("behaviour", ["error", "garbage", "wrong", "huge"])
async def test_nonsense_is_answered_by_keywords_and_soon_no_longer_asked_for(
    nlu: RasaNlu, rasa: FakeRasa, clock: Clock, behaviour: str
) -> None:
    rasa.behaviour = behaviour
    for _ in range(5):
        found = await nlu.understand("was kostet das")
        assert (found.intent, found.source) == ("follow_up_cost", "keywords")
    assert len(rasa.asked) == 3
    assert not nlu.healthy
    rasa.behaviour = "answer"
    assert not await nlu.probe(), "so soon after failing"
    clock.now += 60
    assert (await nlu.understand("was kostet das")).source == "keywords", "nobody is the first to try"
    assert await nlu.probe()
    assert (await nlu.understand("was kostet das")).source == "rasa"
    assert nlu.healthy


async def test_a_hanging_rasa_is_given_up(url: str, rasa: FakeRasa, clock: Clock) -> None:
    rasa.behaviour = "hang"
    nlu = RasaNlu(url, TOKEN, fallback=KeywordNlu(), timeout=SHORT, clock=clock)
    found = await nlu.understand("ich will mit einem menschen sprechen")
    assert (found.intent, found.source) == ("ask_human", "keywords")
    assert not await nlu.probe()
    await nlu.close()


async def test_nobody_listening_is_no_error() -> None:
    port = free_port()
    nlu = RasaNlu(f"http://127.0.0.1:{port}", TOKEN, fallback=KeywordNlu())
    for _ in range(4):
        assert (await nlu.understand("guten tag")).intent == "greet"
    assert not nlu.healthy
    assert not await nlu.probe()
    await nlu.close()


async def test_the_watch_finds_a_hang_without_any_message_and_no_message_waits_for_it(
    url: str, rasa: FakeRasa, clock: Clock
) -> None:
    nlu = RasaNlu(url, TOKEN, fallback=KeywordNlu(), timeout=60, clock=clock)
    rasa.behaviour = "hang"
    watching = asyncio.create_task(nlu.keep_watching())
    while nlu.healthy:
        await asyncio.sleep(0.01)
    assert [(await nlu.understand("was kostet das")).source for _ in range(50)] == ["keywords"] * 50
    assert rasa.asked == []
    rasa.behaviour = "answer"
    rasa.let_go.set()
    while not nlu.healthy:
        await asyncio.sleep(0.01)
    assert (await nlu.understand("was kostet das")).source == "rasa"
    watching.cancel()
    await nlu.close()


def test_a_hang_is_found_within_two_seconds_by_the_limits() -> None:
    assert LOOK_EVERY + LOOK_LIMIT < 2
    assert TIMEOUT < LOOK_LIMIT, "a look may wait for what is under way"


async def test_who_answers_the_watch_but_no_message_is_left_alone_for_a_while(
    url: str, rasa: FakeRasa, clock: Clock
) -> None:
    nlu = RasaNlu(url, TOKEN, fallback=KeywordNlu(), timeout=SHORT, pause=5, clock=clock)
    rasa.deaf = True
    for _ in range(3):
        await nlu.understand("was kostet das")
    assert not await nlu.probe()
    assert nlu.breakers == {"closed": 0, "open": 1, "probing": 0}
    clock.now += 5
    assert await nlu.probe()
    await nlu.close()


async def test_only_so_many_wait_for_one_process(url: str, rasa: FakeRasa, clock: Clock) -> None:
    nlu = RasaNlu(url, TOKEN, fallback=KeywordNlu(), timeout=60, clock=clock)
    rasa.behaviour = "hang"
    waiting = [asyncio.create_task(nlu.understand("was kostet das")) for _ in range(MOST)]
    while len(rasa.asked) < MOST:
        await asyncio.sleep(0)
    assert (await nlu.understand("was kostet das")).source == "keywords"
    assert len(rasa.asked) == MOST
    rasa.behaviour = "answer"
    rasa.let_go.set()
    assert {(await one).source for one in waiting} == {"rasa"}
    assert (await nlu.understand("was kostet das")).source == "rasa"
    await nlu.close()


async def test_who_gives_up_frees_the_place(url: str, rasa: FakeRasa, clock: Clock) -> None:
    nlu = RasaNlu(url, TOKEN, fallback=KeywordNlu(), timeout=60, clock=clock)
    rasa.behaviour = "hang"
    waiting = [asyncio.create_task(nlu.understand("was kostet das")) for _ in range(MOST)]
    while len(rasa.asked) < MOST:
        await asyncio.sleep(0)
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    rasa.behaviour = "answer"
    assert (await nlu.understand("was kostet das")).source == "rasa"
    await nlu.close()


async def test_one_that_hangs_gets_little_and_delays_nobody_else(clock: Clock) -> None:
    first, second = FakeRasa(), FakeRasa()
    async with serving(first) as one, serving(second) as two:
        nlu = RasaNlu([one, two], TOKEN, fallback=KeywordNlu(), timeout=60, clock=clock)
        first.behaviour = "hang"
        stuck = asyncio.create_task(nlu.understand("was kostet das"))
        while not first.asked:
            await asyncio.sleep(0)
        for _ in range(20):
            assert (await nlu.understand("was kostet das")).source == "rasa"
        assert (len(first.asked), len(second.asked)) == (1, 20)
        stuck.cancel()
        await nlu.close()


async def test_a_meaning_travels_with_the_text_and_is_made_only_where_rasa_is_asked(
    url: str, rasa: FakeRasa, clock: Clock
) -> None:
    made: list[str] = []
    vector = np.linspace(-1, 1, 384, dtype=np.float32)

    async def meaning(text: str) -> Meaning:
        made.append(text)
        return Meaning("some-encoder-1", vector)

    nlu = RasaNlu(url, TOKEN, fallback=KeywordNlu(), timeout=60, clock=clock, meaning=meaning)
    text = "das  passt soweit ganz gut für mich"
    await nlu.understand(text)
    assert made == [text], "as the search will ask for it"
    name, said = (rasa.meanings[0] or "").split(" ")
    assert name == "some-encoder-1"
    assert np.allclose(np.frombuffer(base64.b64decode(said), "<f2"), vector, atol=1e-3)
    await nlu.understand("hilfe bei uns brennt es")
    rasa.behaviour = "error"
    await nlu.probe()
    await nlu.understand(text)
    assert made == [text]
    await nlu.close()


async def test_several_processes_take_turns_and_stand_in_for_each_other(clock: Clock) -> None:
    first, second = FakeRasa(), FakeRasa()
    async with serving(first) as one, serving(second) as two:
        nlu = RasaNlu([one, two], TOKEN, fallback=KeywordNlu(), timeout=5, clock=clock)
        for _ in range(4):
            await nlu.understand("was kostet das")
        assert (len(first.asked), len(second.asked)) == (2, 2)
        first.behaviour = "error"
        for _ in range(6):
            await nlu.understand("was kostet das")
        assert {(await nlu.understand("was kostet das")).source for _ in range(4)} == {"rasa"}
        assert nlu.healthy
        await nlu.close()


async def test_a_wrong_token_means_keywords(url: str, clock: Clock) -> None:
    nlu = RasaNlu(url, "another", fallback=KeywordNlu(), clock=clock)
    assert (await nlu.understand("was kostet das")).source == "keywords"
    assert not await nlu.probe()
    await nlu.close()


async def test_neither_token_nor_words_are_logged(
    nlu: RasaNlu, rasa: FakeRasa, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    rasa.behaviour = "garbage"
    await nlu.understand("mein geheimnis steht hier")
    dead = RasaNlu("http://127.0.0.1:1", TOKEN, fallback=KeywordNlu())
    await dead.understand("mein geheimnis steht hier")
    await dead.close()
    written = " ".join(record.getMessage() + str(record.__dict__) for record in caplog.records)
    assert "rasa did not answer" in written
    assert TOKEN not in written
    assert "geheimnis" not in written


def test_an_address_is_needed() -> None:
    with pytest.raises(ValueError, match="address"):
        RasaNlu([" "], TOKEN, fallback=KeywordNlu())


def test_a_breaker_is_closed_by_the_watch_alone() -> None:
    clock = Clock()
    breaker = Breaker(clock, failures=2, pause=10)
    breaker.failed()
    assert breaker.closed
    breaker.look()
    breaker.saw()
    breaker.failed()
    assert breaker.state == "open", "the watch does not make callers' failures good"
    clock.now = 9
    breaker.look()
    assert (breaker.state, breaker.closed) == ("probing", False)
    breaker.saw()
    assert breaker.state == "open", "too soon"
    clock.now = 10
    breaker.look()
    breaker.saw()
    assert breaker.closed
    breaker.failed()
    assert breaker.closed, "counted anew"


def test_a_part_that_was_away_is_asked_as_soon_as_it_is_back() -> None:
    breaker = Breaker(Clock(), failures=2, pause=10)
    breaker.look()
    breaker.missed()
    assert breaker.state == "open"
    breaker.failed()
    breaker.look()
    breaker.saw()
    assert breaker.closed
