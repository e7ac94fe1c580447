"""The web edge: webhooks, health, web chat and console, on one listener or two."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from bot.ask import WAITING, AskClient
from bot.composition import Core, redis_of
from bot.console.app import guard
from bot.console.app import routes as console_routes
from bot.console.hub import Hub
from bot.edge import LARGEST, Edge
from bot.parts import Parts
from bot.processes.sockets import CHAT, CONSOLE
from bot.route import Route
from bot.webchat.app import Chat


def build_apps(core: Core, expected: tuple[str, ...]) -> dict[str, web.Application]:
    """An application for each listener, all routes with their policies.

    "chat" serves citizens and platforms, and the console where that has no listener of its own; "console" that alone.
    """
    redis, asking = redis_of(core.settings), redis_of(core.settings, timeout=WAITING)
    edge, chat, hub = Edge(core, Parts(redis, expected)), Chat(core), Hub(core.store)
    console = console_routes(core, redis, AskClient(asking), hub)
    citizens = [*edge.routes(), *chat.routes()]
    if core.settings.console_port:
        apps = {CHAT: _app(core, redis, citizens), CONSOLE: _app(core, redis, [*edge.watched(), *console])}
    else:
        apps = {CHAT: _app(core, redis, [*citizens, *console])}
    apps[CHAT].on_shutdown.append(chat.close)
    apps.get(CONSOLE, apps[CHAT]).on_shutdown.append(hub.close)

    async def close(_: web.Application) -> None:
        await redis.aclose()
        await asking.aclose()

    apps[CHAT].on_cleanup.append(close)
    return apps


def _app(core: Core, redis: Any, routes: Sequence[Route]) -> web.Application:
    app = web.Application(client_max_size=LARGEST)
    mount(app, routes)
    guard(app, core, redis, routes)
    return app


def mount(app: web.Application, routes: Sequence[Route]) -> None:
    """Add the routes; a path that is there twice is a mistake of ours."""
    for route in routes:
        app.router.add_route(route.method, route.path, route.handler)
