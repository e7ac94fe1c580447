"""What the load posts is what the product's own channels take: proven, parsed, as it was meant."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.table import build
from bot.message import Kind, Message
from bot.settings import PREFIX, read
from tests.bench.book import Asked, Chat
from tests.bench.outside import environment
from tests.bench.webhooks import Post


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[tuple[str, list[Message]]]:
    """An edge that accepts and parses at once."""
    channels = build(read({PREFIX + name.upper(): value for name, value in environment(9).items()}, tmp_path))
    heard: list[Message] = []

    async def take(request: web.Request) -> web.Response:
        channel = channels[request.match_info["channel"]]
        headers = {name.lower(): value for name, value in request.headers.items()}
        for arrival in channel.accept(await request.read(), headers):
            parsed: Any = channel.parse(arrival)
            assert isinstance(parsed, Message)
            heard.append(parsed)
        return web.Response()

    app = web.Application()
    app.router.add_post("/channels/{channel}", take)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/"), heard
    for channel in channels.values():
        await channel.close()


@pytest.mark.parametrize("platform", ["telegram", "whatsapp"])
async def test_messages_are_accepted_and_understood(edge: tuple[str, list[Message]], platform: str) -> None:
    url, heard = edge
    post, chat = Post(url), Chat(platform, "4915112345678")
    for text in ("Wann öffnet das Bürgeramt?", "/mensch"):
        asked = Asked(chat, text, 0.0)
        await post.send(asked)
        assert asked.status == 200
        assert asked.acknowledged
    await post.close()
    assert [(m.kind, m.text) for m in heard] == [(Kind.TEXT, "Wann öffnet das Bürgeramt?"), (Kind.COMMAND, "mensch")]
    assert {(m.channel, m.chat) for m in heard} == {(platform, "4915112345678")}
    assert len({m.id for m in heard}) == 2


async def test_no_answer_is_an_error_and_no_crash() -> None:
    post, asked = Post("http://127.0.0.1:9"), Asked(Chat("telegram", "1"), "hallo", 0.0)
    await post.send(asked)
    await post.close()
    assert asked.status == 0
