"""Every answer of the product says what a browser may make of it: pages, files, scripts, errors, whoever made it."""

import re
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from multidict import CIMultiDictProxy

from bot.bare import BARE, covered
from bot.composition import build_core, redis_of
from bot.console.app import guard
from bot.processes.sockets import CHAT, CONSOLE
from bot.route import Access, Route
from bot.settings import Settings
from bot.webapp import build_apps, mount
from tests.console.house import House
from tests.console.test_edge import edge

STRANGE = ("/nowhere", "/console/nowhere", "/chat/static/nothing.js", "/console/static/x/nothing.css", "/console/%00")


def judged(headers: CIMultiDictProxy[str], framed: bool = False) -> list[str]:
    """What is wrong with an answer's headers. `framed`: other sites may show it, as the widget does."""
    wrong = []
    said = headers.get("Content-Security-Policy", "")
    directives = {part.split()[0]: part.split()[1:] for part in said.split(";") if part.strip()}
    if "'none'" not in directives.get("default-src", ()) and "sandbox" not in directives:
        wrong.append("no default-src 'none'")
    for name, sources in directives.items():
        for source in sources:
            if name == "frame-ancestors" and framed:
                continue
            if source not in ("'none'", "'self'"):
                wrong.append(f"{name} {source}")
    if "frame-ancestors" not in directives:
        wrong.append("frame-ancestors")
    if headers.get("X-Content-Type-Options") != "nosniff":
        wrong.append("nosniff")
    return wrong


async def test_on_every_route_and_on_what_is_none(tmp_path: Path, redis_url: str) -> None:
    async with edge(tmp_path, redis_url, console_port=9999) as listeners:
        seen = 0
        for name, visitor in listeners.items():
            app: web.Application = visitor.client.server.app  # type: ignore[union-attr]
            asked = {(r.method, r.resource.canonical) for r in app.router.routes() if r.resource}
            asked |= {("GET", path) for path in STRANGE} | {("PUT", "/"), ("DELETE", "/console/inbox")}
            asked |= {("GET", "/?embed=1"), ("POST", "/chat/send?embed=1")} if name == CHAT else set()
            for method, path in sorted(asked):
                url = re.sub(r"\{\w+\}", "0123456789abcdef0123", path)
                async with visitor.client.request(method, url, allow_redirects=False) as answer:
                    assert not judged(answer.headers, framed="embed=1" in path), (method, path, answer.status)
                    seen += 1
            async with visitor.client.post(
                "/chat/send" if name == CHAT else "/console/login", data=b"x" * 4_000_000
            ) as much:
                assert much.status >= 400
                assert not judged(much.headers)
        assert seen > 60


async def test_signed_in(at_work: House) -> None:
    """What a handler says itself is never weaker, and an error within one is covered as well."""
    ada, conversation = await at_work.signed_in("ada"), await at_work.citizen("1", "hallo")
    for route in at_work.routes:
        url = re.sub(r"\{\w+\}", lambda m: conversation if m[0] == "{conversation}" else "1", route.path)
        if route.path.endswith("logout"):
            continue
        data = {"csrf": ada.token} if route.method == "POST" else None
        async with ada.client.request(route.method, url, data=data, allow_redirects=False) as answer:
            assert not judged(answer.headers), (route.method, route.path, answer.status)


@pytest.mark.parametrize("listener", [CHAT, CONSOLE])
async def test_a_route_that_no_policy_names_refuses_the_start(tmp_path: Path, redis_url: str, listener: str) -> None:
    """Of the product's own applications, those of citizens as well as those of clerks and of the settings."""
    core = build_core(Settings(home=tmp_path, redis_url=redis_url, lanes=2, console_port=9999))
    redis = redis_of(core.settings)

    async def handler(request: web.Request) -> web.Response:
        raise AssertionError

    try:
        app = build_apps(core, ())[listener]
        policies = [
            Route(r.method, r.resource.canonical, handler, Access.PUBLIC) for r in app.router.routes() if r.resource
        ]
        for forgotten in policies:
            again: Any = web.Application()
            mount(again, policies)
            with pytest.raises(RuntimeError, match="has no policy"):
                guard(again, core, redis, [p for p in policies if p is not forgotten])
        for path in ("/chat/more", "/console/settings/new", "/console/inbox/{conversation}/new", "/x"):
            again = web.Application()
            mount(again, policies)
            again.router.add_post(path, handler)
            with pytest.raises(RuntimeError, match=f"POST {re.escape(path)} has no policy"):
                guard(again, core, redis, policies)
    finally:
        await redis.aclose()
        await core.close()


async def test_what_breaks_is_covered_too() -> None:
    """Also where nothing but the server itself is left to answer."""
    app = web.Application()

    async def broken(request: web.Request) -> web.Response:
        raise ValueError(request.path)

    app.on_response_prepare.append(covered)
    app.router.add_get("/", broken)
    server = TestServer(app)
    await server.start_server()
    async with TestClient(server) as client:
        for path, status in (("/", 500), ("/nowhere", 404)):
            answer = await client.get(path)
            assert answer.status == status
            assert {name: answer.headers.get(name) for name in BARE} == dict(BARE)
