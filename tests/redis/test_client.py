"""One way to call: on a single server and on a cluster of three."""

import asyncio
import builtins
import time
from contextlib import suppress
from typing import Any

import pytest
from redis.exceptions import ConnectionError, RedisError, ResponseError, TimeoutError

import bot.redis
from bot.redis import Script, connect, many, subscribed, within
from bot.redis_cluster import slot_of
from tests.faults.proxy import Proxy
from tests.patience import patient

KEYS = [f"t:{{{n}}}:n" for n in range(40)]  # enough to lie on every node
SLOW = "redis.call('INCR', KEYS[1]) local began = os.clock() repeat until os.clock() - began > 0.3 return 1"


async def test_scripts_run_where_their_keys_lie_and_need_no_loading(client: Any) -> None:
    add = Script(client, "return redis.call('INCRBY', KEYS[1], ARGV[1])")
    for round_ in (1, 2):
        assert [await add(keys=[key], args=[2]) for key in KEYS] == [2 * round_] * len(KEYS)


async def test_many_commands_answer_in_order_wherever_their_keys_lie(client: Any) -> None:
    await many(client, [("SET", key, i) for i, key in enumerate(KEYS)])
    assert await many(client, [("GET", key) for key in reversed(KEYS)]) == [
        str(i).encode() for i in reversed(range(len(KEYS)))
    ]
    assert await many(client, []) == []
    with pytest.raises(ResponseError):
        await many(client, [("GET", KEYS[0]), ("LPUSH", KEYS[1], "x")])


async def test_a_script_may_not_touch_keys_of_two_tags(cluster_url: str) -> None:
    client = patient(cluster_url)
    with pytest.raises(ResponseError, match="same slot"):
        await client.execute_command("EVAL", "return 1", 2, "{a}1", "{b}1")
    await client.aclose()


async def test_streams_lists_and_sorted_sets(client: Any) -> None:
    for n in range(12):
        stream = f"t:{{{n}}}:stream"
        await client.xgroup_create(stream, "g", id="0", mkstream=True)
        await client.xadd(stream, {"a": str(n)})
        ((name, entries),) = await client.xreadgroup("g", "w", {stream: ">"}, count=5, block=1000)
        assert (name.decode(), entries[0][1]) == (stream, {b"a": str(n).encode()})
        assert (await client.xautoclaim(stream, "g", "w", 0, "0-0"))[1] == entries
        assert await client.xpending_range(stream, "g", "-", "+", 5)
        assert await client.xinfo_groups(stream)
        await client.lpush(f"t:{{{n}}}:list", "x")
        assert (await client.brpop([f"t:{{{n}}}:list"], timeout=1))[1] == b"x"
        await client.zadd(f"t:{{{n}}}:z", {"a": n})
        assert await client.zrange(f"t:{{{n}}}:z", 0, -1) == [b"a"]
    assert await client.ping()


async def test_a_subscription_hears_what_is_published_through_any_node(client: Any) -> None:
    async with subscribed(client, "news", "more") as pubsub:
        publish = Script(client, "return redis.call('PUBLISH', 'news', ARGV[1])")
        heard: list[bytes] = []
        async with asyncio.timeout(60):
            for i, key in enumerate(KEYS[:9]):
                await publish(keys=[key], args=[str(i)])  # on the key's node, as the store does
            await client.publish("more", "last")
            while len(heard) < 10:
                message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=1)
                heard += [message["data"]] if message else []
    # Order holds within one node only.
    assert sorted(heard) == sorted([*(str(i).encode() for i in range(9)), b"last"])


async def test_a_subscription_begins_when_the_server_has_heard_of_it(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.redis, "SUBSCRIBE_SECONDS", 0.2)
    async with Proxy(redis_url.removeprefix("unix://").partition("?")[0], unix=True) as proxy:
        client = connect(f"unix://{proxy.address}", timeout=60, connect_timeout=60)
        await client.ping()  # its connection is used again
        proxy.there.swallow = True
        with pytest.raises(OSError, match="not confirmed"):
            async with subscribed(client, "news"):
                raise AssertionError("nobody knows of it")
        await client.aclose()


async def test_a_command_whose_answer_is_late_is_not_run_again(any_url: str, client: Any) -> None:
    hasty = connect(any_url, timeout=0.1, connect_timeout=60)
    await many(client, [("SET", key, 0) for key in KEYS[:3]])
    for key in KEYS[:3]:
        async with asyncio.timeout(60):
            while True:  # until it has a connection that is quick enough for this
                with suppress(TimeoutError, ConnectionError):
                    await hasty.get(key)
                    break
            with pytest.raises(TimeoutError):
                await hasty.execute_command("EVAL", SLOW, 1, key)
            while not int(await client.get(key)):  # the script may only begin now
                await asyncio.sleep(0.02)
    await asyncio.sleep(1)  # time for a second run, were there one
    assert [int(await client.get(key)) for key in KEYS[:3]] == [1, 1, 1]
    await hasty.aclose()


async def test_within_lets_a_late_call_end_by_itself(client: Any) -> None:
    with pytest.raises(builtins.TimeoutError):
        await within(0.05, client.brpop(["{w}late"], timeout=60))
    await client.lpush("{w}late", "x")
    async with asyncio.timeout(60):
        while await client.llen("{w}late"):  # the call that nobody waits for still takes it
            await asyncio.sleep(0.02)
    assert await within(60, client.ping())


async def test_calls_at_once_get_their_own_answers(client: Any) -> None:
    await many(client, [("SET", key, key) for key in KEYS])
    answers = await asyncio.gather(*(client.get(key) for key in KEYS * 10))
    assert answers == [key.encode() for key in KEYS * 10]


@pytest.mark.parametrize(
    "url", ["redis://127.0.0.1:1", "redis+cluster://127.0.0.1:1", "redis+sentinel://127.0.0.1:1/t"]
)
async def test_nobody_there_is_an_error_at_once(url: str) -> None:
    client = connect(url, timeout=1)
    began = time.monotonic()
    for _ in range(3):
        with pytest.raises((RedisError, OSError)):
            await client.get("x")
    assert time.monotonic() - began < 30
    await client.aclose()


@pytest.mark.parametrize(
    ("command", "key"),
    [
        (("GET", "{a}x"), "a"),
        (("XGROUP CREATE", "{a}x", "g", "0"), "a"),
        (("XGROUP", "CREATE", "{a}x", "g", "0"), "a"),
        (("EVALSHA", "0" * 40, 1, "{a}x", "{b}y"), "a"),
        (("XREADGROUP", "GROUP", "g", "c", "COUNT", 1, b"STREAMS", "{a}x", ">"), "a"),
        (("XREADGROUP", "GROUP", "g", "c", "STREAMS", b"{a}x", ">"), "a"),
    ],
)
def test_the_key_of_a_command(command: tuple[Any, ...], key: str) -> None:
    assert slot_of(command) == slot_of(("GET", key))


@pytest.mark.parametrize("command", [("PING",), ("PUBLISH", "c", "m"), ("EVAL", "return 1", 0), ("CONFIG GET", "*")])
def test_commands_without_a_key(command: tuple[Any, ...]) -> None:
    assert slot_of(command) is None
