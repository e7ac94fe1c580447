"""A release with other examples is published, waits, and becomes live by itself; back again the same way."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from bot.parts import Parts
from bot.taught.arriving import Arrivals, told, understood_everywhere
from bot.taught.board import Board, Stand
from faq.catalogue import Catalogue
from faq.entry import Draft
from faq.examples.revisions import Examples
from faq.releases import Release, Releases, State, Step
from faq.releases.loading import loading, wanted
from tests.faq.town import content
from tests.patience import patient
from tests.taught.house import TEXT, machine


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    catalogue = Catalogue.open(database_url)
    catalogue.load([Draft("hund", content())], "corpus", publish=True)
    yield catalogue.engine
    catalogue.close()


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Any]:
    client = patient(redis_url)
    yield client
    await client.aclose()


def taught(engine: Engine, *lines: str) -> str:
    """Editors added these; the name of the examples since."""
    examples = Examples(engine)
    return examples.save("de", "thanks", lines, "eda", "", examples.head().number, lambda a, b: None).name


def published(engine: Engine, name: str) -> Release:
    releases = Releases(engine)
    made = releases.propose({}, "eda", "Neue Beispiele", nlu=name)
    releases.record(made.id, Step.PROVED, "worker", detail=json.dumps({"verdict": "same"}))
    releases.publish(made.id, "kim", four_eyes=True)
    return made


async def test_which_are_wanted(engine: Engine) -> None:
    releases = Releases(engine)
    first = releases.live()
    assert (wanted(engine), loading(engine)) == (("",), ())
    one = published(engine, "one")
    assert (wanted(engine), loading(engine)) == (("", "one"), (one,))
    two = published(engine, "two")
    assert wanted(engine) == ("", "two", "one"), "what was published last comes first"
    releases.loaded(two.id)
    assert wanted(engine)[:2] == ("two", "one")
    releases.withdraw(one.id, "kim")
    assert (wanted(engine), loading(engine)) == (("two", ""), ()), "the one to go back to stays at hand"
    assert first
    releases.rollback(first.id, "kim", "schlechter")
    assert (wanted(engine), loading(engine)) == (("two", ""), (first,))
    releases.loaded(first.id)
    assert wanted(engine)[0] == ""


async def test_it_becomes_live_when_every_worker_understands_by_it(engine: Engine, redis: Any) -> None:
    made, parts, arrivals = published(engine, "new"), Parts(redis, ()), Arrivals(engine, redis, lambda: True)
    releases = Releases(engine)
    assert await arrivals.look() == 0, "nobody works"
    await parts.say("worker1", {"worker": True, **told(frozenset({"", "new"}))})
    await parts.say("worker2", {"worker": True, **told(frozenset({""}))})
    assert not await understood_everywhere(redis, "new")
    assert (await arrivals.look(), releases.state(made.id)) == (0, State.LOADING)
    await parts.say("worker2", {"worker": True, **told(frozenset({"new"}))})
    assert (await arrivals.look(), releases.state(made.id)) == (1, State.LIVE)
    assert releases.activations()[0].by == "kim", "who published it signed already"
    assert await arrivals.look() == 0


async def test_keywords_have_nothing_to_wait_for(engine: Engine, redis: Any) -> None:
    made = published(engine, "new")
    await Parts(redis, ()).say("worker", {"worker": True, **told(None)})
    assert await Arrivals(engine, redis, lambda: True).look() == 1
    assert Releases(engine).state(made.id) is State.LIVE


async def test_one_that_was_overtaken_does_not_keep_others(engine: Engine, redis: Any) -> None:
    old, new = published(engine, "old"), published(engine, "new")
    await Parts(redis, ()).say("worker", {"worker": True, **told(frozenset({"old", "new"}))})
    assert await Arrivals(engine, redis, lambda: True).look() == 1
    releases = Releases(engine)
    assert (releases.state(new.id), releases.state(old.id)) == (State.LIVE, State.FAILED)


async def test_how_far_the_models_are_is_told(redis: Any) -> None:
    board = Board(redis)
    assert await board.read() == {}
    stands = {
        "": Stand("serving", "2026-11-22T20:00:00+00:00"),
        "new": Stand("failed", "2026-11-22T20:01:00+00:00", "no"),
    }
    await board.say(stands)
    assert await board.read() == stands
    await board.say({})
    assert await board.read() == {}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_from_an_added_example_to_a_live_release_and_back(engine: Engine, redis: Any, tmp_path: Path) -> None:
    name, releases, parts = taught(engine, "merci vielmals"), Releases(engine), Parts(redis, ())
    async with machine(tmp_path) as here:
        arrivals = Arrivals(engine, redis, lambda: True)

        async def live() -> str:
            found = await asyncio.to_thread(releases.live)
            assert found
            return (await here.nlu.of(found.nlu).understand(TEXT, "de")).intent

        async def worker_says() -> None:
            await parts.say("worker", {"worker": True, **told(here.nlu.served)})

        await here.serve(*wanted(engine))
        assert await live() == "greet"
        made = published(engine, name)
        while releases.state(made.id) is State.LOADING:
            assert await live() == "greet"
            await here.models.keep(wanted(engine))
            await here.nlu.probe()
            await worker_says()
            await arrivals.look()
        assert await live() == "thanks"
        await here.serve(*wanted(engine))
        first = releases.before()
        assert first
        releases.rollback(first.id, "kim", "schlechter")
        assert await live() == "thanks"
        assert await arrivals.look() == 1, "the one before is still served: it is live at the next look"
        assert await live() == "greet"
