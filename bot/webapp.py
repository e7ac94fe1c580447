"""The web edge: webhooks, health, web chat and console on one aiohttp application."""

import logging
from collections.abc import Sequence

from aiohttp import web

from bot.ask import WAITING, AskClient
from bot.composition import Core, redis_of
from bot.console.app import guard
from bot.console.app import routes as console_routes
from bot.edge import LARGEST, Edge
from bot.parts import Parts
from bot.route import Route
from bot.webchat.app import Chat

log = logging.getLogger(__name__)


def build_app(core: Core, expected: tuple[str, ...]) -> web.Application:
    """All routes, each with its policy."""
    redis, asking = redis_of(core.settings), redis_of(core.settings, timeout=WAITING)
    parts = Parts(redis, expected)
    app = web.Application(client_max_size=LARGEST)
    chat = Chat(core)
    routes = [*Edge(core, parts).routes(), *chat.routes(), *console_routes(core, redis, AskClient(asking))]
    mount(app, routes)
    guard(app, core, redis, routes)
    app.on_shutdown.append(chat.close)

    async def close(_: web.Application) -> None:
        await redis.aclose()
        await asking.aclose()

    app.on_cleanup.append(close)
    return app


def mount(app: web.Application, routes: Sequence[Route]) -> None:
    """Add the routes; a path that is there twice is a mistake of ours."""
    for route in routes:
        app.router.add_route(route.method, route.path, route.handler)
