"""Whoever understands does so by the examples that a release names: each Rasa says by which it was taught."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nlu
from nlu.client import RasaNlu
from nlu.keywords import KeywordNlu
from nlu.process import TAUGHT_HEADER
from tests.nlu.fake_rasa import TOKEN, FakeRasa, serving

TEXT = "das da bitte sehr gern geschehen lassen"


@asynccontextmanager
async def two(first: str | None, second: str | None) -> AsyncIterator[tuple[RasaNlu, FakeRasa, FakeRasa]]:
    """Two Rasas taught by these, and who asks them."""
    one, other = FakeRasa(), FakeRasa()
    one.taught, other.taught = first, second
    one.intent, other.intent = "greet", "thanks"
    async with serving(one) as here, serving(other) as there:
        asked = RasaNlu([here, there], TOKEN, fallback=KeywordNlu(), timeout=20)
        try:
            yield asked, one, other
        finally:
            await asked.close()


async def test_each_name_is_understood_by_its_own_model() -> None:
    async with two("", "newer") as (asked, one, other):
        assert await asked.probe()
        for _ in range(3):
            assert (await asked.of("").understand(TEXT)).intent == "greet"
            assert (await asked.of("newer").understand(TEXT)).intent == "thanks"
        assert (len(one.asked), len(other.asked)) == (3, 3)
        assert asked.served == {"", "newer"}
        assert [asked.serves(name) for name in ("", "newer", "unheard of")] == [True, True, False]


async def test_without_its_model_keywords_answer_and_no_other_model_does() -> None:
    async with two("", "") as (asked, one, other):
        assert await asked.probe()
        assert (await asked.of("newer").understand("vielen dank")).source == "keywords"
        assert not one.asked + other.asked
        assert not asked.of("newer").healthy
        assert asked.of("").breakers == {"closed": 2, "open": 0, "probing": 0}


async def test_an_answer_of_another_model_at_the_same_address_is_not_taken() -> None:
    async with two("old", "old") as (asked, one, other):
        assert await asked.probe()
        old = asked.of("old")
        assert (await old.understand(TEXT)).source == "rasa"
        one.taught = other.taught = "new"
        assert (await old.understand(TEXT)).source == "keywords"
        assert (await asked.of("new").understand(TEXT)).source == "rasa"


async def test_a_rasa_that_does_not_say_was_taught_by_what_ships() -> None:
    async with two(None, None) as (asked, _one, _other):
        assert await asked.probe()
        assert asked.serves("")
        assert (await asked.of("").understand(TEXT)).source == "rasa"


async def test_before_the_first_look_anybody_may_be_asked() -> None:
    async with two("new", "") as (asked, _one, _other):
        assert not asked.serves("new"), "nobody said so yet"
        found = await asyncio.gather(*(asked.of("new").understand(TEXT) for _ in range(4)))
        assert {one.intent for one in found if one.source == "rasa"} <= {"greet"}


async def test_one_that_fell_is_served_no_more_and_its_place_is_remembered() -> None:
    async with two("old", "new") as (asked, _one, other):
        assert await asked.probe()
        other.behaviour = "error"
        await asked.probe()
        assert not asked.serves("new")
        assert asked.of("new").breakers["open"] == 1
        assert asked.of("old").breakers == {"closed": 1, "open": 0, "probing": 0}


def test_keywords_have_no_model_to_wait_for() -> None:
    keywords = KeywordNlu()
    assert keywords.of("new") is keywords
    assert keywords.serves("new")


def test_both_sides_name_the_header_alike() -> None:
    """nlu/rasa runs in another Python, so it cannot import the name."""
    text = (Path(nlu.__file__).parent / "rasa" / "serve.py").read_text()
    assert re.findall(r'TAUGHT_HEADER = "([^"]+)"', text) == [TAUGHT_HEADER]
