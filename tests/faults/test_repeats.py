"""Repeats in any order, at once and days later, are answered once; lost answers are unknown and never sent again."""

import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import redis

from tests.faults.crowd import Crowd
from tests.faults.later import DAY, days_later
from tests.faults.ledger import Replies
from tests.faults.repeats import ambiguous, repeated
from tests.faults.world import World, world

Town = tuple[World, Replies]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town() -> AsyncIterator[Town]:
    async with world(seed=11, encoder="off") as made:
        yield made, await Crowd(made.sim, random.Random(11)).learn()


@pytest.mark.slow
@pytest.mark.asyncio(loop_scope="module")
async def test_every_webhook_up_to_twenty_times_and_again_days_later(town: Town) -> None:
    found = await repeated(*town, citizens=10, say=print)
    assert found.posts > 2 * found.messages
    assert found.holds, str(found)


@pytest.mark.slow
@pytest.mark.asyncio(loop_scope="module")
async def test_lost_responses_are_unknown_replies(town: Town) -> None:
    found = await ambiguous(*town, citizens=20)
    assert found.holds, str(found)


def test_days_go_by_for_what_has_a_lifetime(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.set("x:seen:a", 1, ex=8 * DAY)
        client.set("b", 1, ex=3 * DAY)
        client.set("c", 1)
        moved = days_later(redis_url, 7)
        assert (moved.keys, moved.expired) == (2, 1)
        assert 7.9 * DAY < moved.shortest_seen <= 8 * DAY
        assert 0.9 * DAY < client.ttl("x:seen:a") <= DAY
        assert client.exists("b", "c") == 1
        assert days_later(redis_url, 2).expired == 1
        assert client.exists("x:seen:a", "c") == 1
