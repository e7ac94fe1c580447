"""The web process: webhooks, web chat and console."""

import asyncio
import contextlib
import logging

from bot.composition import build_core, redis_of
from bot.durability import warned
from bot.metrics.looks import listen, web_look
from bot.parts import Parts
from bot.processes.life import end, life
from bot.processes.listener import Listener
from bot.processes.sockets import CHAT, CONSOLE, bound, inherited
from bot.settings import OFF, Settings
from bot.store.protocol import StoreUnavailable

log = logging.getLogger(__name__)
BEAT = 3.0


def expected_parts(settings: Settings) -> tuple[str, ...]:
    """What /ready waits for in this installation."""
    encoder = () if settings.encoder == OFF else ("encoder",)
    return ("web", "worker", "clock", *encoder, *(() if settings.nlu_url in ("", "off") else ("nlu",)))


async def web_process(settings: Settings) -> None:
    """Serve until told to stop."""
    from bot.webapp import build_apps  # the pages are needed by this process alone

    async with life("web") as me:
        core, redis = build_core(settings, process="web"), redis_of(settings)
        with contextlib.suppress(StoreUnavailable):  # it may come later; connecting now saves the first citizen time
            await core.store.ping()
        given = inherited()
        places = {CHAT: (settings.host, settings.port), CONSOLE: (settings.console_host, settings.console_port)}
        listeners = [
            Listener(app, given.get(name) or bound(*places[name], shared=True), name in given)
            for name, app in build_apps(core, expected_parts(settings)).items()
        ]
        told, parts = await listen(core, me.name, web_look(core)), Parts(redis, ())
        await parts.say(me.name, {"web": True})
        for listener in listeners:
            await listener.start()

        async def beat() -> None:
            while True:
                await asyncio.sleep(BEAT)
                await parts.say(me.name, {"web": True})

        beating = [asyncio.create_task(task) for task in (beat(), warned(redis), core.live_town.follow())]
        log.info("listening", extra={"host": settings.host, "port": settings.port})
        me.ready()
        await me.stop.wait()
        await asyncio.gather(*(listener.stop() for listener in listeners))
        await end(beating)
        await parts.leave(me.name)
        await told.close()
        await redis.aclose()
        await core.close()
