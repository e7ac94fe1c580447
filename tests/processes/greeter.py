"""A small web process for the tests: answers "hello" until SIGTERM, by the product's own Listener.

python -m tests.processes.greeter PORT      with STADTBOTE_SOCKETS: on the inherited socket
"""

import asyncio
import sys

from aiohttp import web

from bot.processes import listener as draining
from bot.processes.life import life
from bot.processes.listener import Listener
from bot.processes.sockets import CHAT, bound, inherited


async def greet(port: int) -> None:
    """Serve. /slow is answered only when the process is about to end; /busy tells how many wait for that."""
    waiting = 0

    async def hello(request: web.Request) -> web.Response:
        return web.Response(text="hello")

    async def busy(request: web.Request) -> web.Response:
        return web.Response(text=str(waiting))

    async with life("web") as me:

        async def slow(request: web.Request) -> web.Response:
            nonlocal waiting
            waiting += 1
            await me.stop.wait()
            await asyncio.sleep(0.3)
            return web.Response(text="hello")

        app = web.Application()
        app.add_routes([web.get("/", hello), web.post("/", hello), web.get("/slow", slow), web.get("/busy", busy)])
        given = inherited().get(CHAT)
        listener = Listener(app, given or bound("127.0.0.1", port, shared=True), given is not None)
        await listener.start()
        me.ready()
        await me.stop.wait()
        await listener.stop()


if __name__ == "__main__":
    draining.IDLE_SECONDS = 60.0  # on a busy machine those who ask all the time are late, too
    asyncio.run(greet(int(sys.argv[1])))
