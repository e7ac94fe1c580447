"""Rasa answers, or the keywords do: whatever Rasa does, there is an understanding in time."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator

import pytest

from nlu.breaker import Breaker
from nlu.client import LIMIT, RasaNlu
from nlu.keywords import KeywordNlu
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
    rasa.confidence = 0.1
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
    clock.now += 60
    rasa.behaviour = "answer"
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
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    nlu = RasaNlu(f"http://127.0.0.1:{port}", TOKEN, fallback=KeywordNlu())
    for _ in range(4):
        assert (await nlu.understand("guten tag")).intent == "greet"
    assert not nlu.healthy
    assert not await nlu.probe()
    await nlu.close()


async def test_after_a_pause_one_message_probes_and_the_others_do_not_wait(
    url: str, rasa: FakeRasa, clock: Clock
) -> None:
    nlu = RasaNlu(url, TOKEN, fallback=KeywordNlu(), timeout=30, clock=clock)
    rasa.behaviour = "error"
    for _ in range(3):
        await nlu.understand("was kostet das")
    clock.now += 60
    rasa.behaviour = "hang"
    probe = asyncio.create_task(nlu.understand("was kostet das"))
    while len(rasa.asked) < 4:
        await asyncio.sleep(0)
    others = [await nlu.understand("was kostet das") for _ in range(3)]
    assert {found.source for found in others} == {"keywords"}
    rasa.behaviour = "answer"
    rasa.let_go.set()
    assert (await probe).source == "rasa"
    assert nlu.healthy
    await nlu.close()


async def test_a_cancelled_probe_leaves_the_next_one_free(url: str, rasa: FakeRasa, clock: Clock) -> None:
    nlu = RasaNlu(url, TOKEN, fallback=KeywordNlu(), timeout=30, clock=clock)
    rasa.behaviour = "error"
    for _ in range(3):
        await nlu.understand("was kostet das")
    clock.now += 60
    rasa.behaviour = "hang"
    probe = asyncio.create_task(nlu.understand("was kostet das"))
    while len(rasa.asked) < 4:
        await asyncio.sleep(0)
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    rasa.behaviour = "answer"
    assert (await nlu.understand("was kostet das")).source == "rasa"
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


def test_a_breaker_lets_one_probe_after_each_pause() -> None:
    clock = Clock()
    breaker = Breaker(clock, failures=2, pause=10)
    breaker.failed()
    assert breaker.may_ask()
    breaker.failed()
    assert not breaker.may_ask()
    clock.now = 10
    assert breaker.may_ask()
    assert not breaker.may_ask()
    breaker.failed()
    clock.now = 15
    assert not breaker.may_ask()
    clock.now = 20
    assert breaker.may_ask()
    breaker.went_well()
    assert breaker.closed
    breaker.failed()
    assert breaker.may_ask()
