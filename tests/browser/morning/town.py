"""The product in one process, as it is wired: Valkey, SQLite, the real channels at simulated platforms, a worker, the
web edge with the console. Its clock stands still until it is moved."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web

from bot.answers import Answers
from bot.attachments.bringing import Bringing
from bot.composition import Core, build_core
from bot.console.accounts import Accounts
from bot.conversation import Conversation, Line, conversation_id
from bot.message import Arrival, DeliveryState
from bot.processes.clock import tick
from bot.rasa import names
from bot.reception import Reception
from bot.settings import Settings
from bot.simulator import UNLIMITED, Citizen, ManualClock, Simulator
from bot.webapp import build_apps
from bot.worker import Worker
from faq.retrieval.index import Index
from nlu.keywords import KeywordNlu
from tests.console.house import PASSWORD, QUICK

T = TypeVar("T")
PATIENCE = 120.0  # seconds for what others do; a limit, never a verdict
NINE = datetime(2026, 11, 24, 8, 0, tzinfo=UTC).timestamp()  # 9 o'clock in Lindenfurt, a Tuesday
STAFF = {"kim": ("clerk", "Kim Berger"), "ada": ("clerk", "Ada Novak"), "lea": ("lead", "Lea Sommer")}


@dataclass
class Town:
    """What a test holds."""

    core: Core
    simulator: Simulator
    clock: ManualClock
    url: str

    def id(self, citizen: Citizen) -> str:
        """The conversation of a citizen."""
        return conversation_id(self.core.secret, citizen.account.platform, citizen.key)

    async def held(self, ident: str) -> Conversation | None:
        """A conversation as it is now."""
        return (await self.core.store.load(ident)).conversation

    async def lines(self, ident: str) -> list[Line]:
        """Its transcript."""
        return await self.core.store.transcript(ident)

    async def deliveries(self, ident: str) -> Mapping[str, DeliveryState]:
        """What became of each part, by its id."""
        return await self.core.store.deliveries(ident)

    async def until(self, check: Callable[[], Awaitable[T]]) -> T:
        """Wait for what others do; the value of check()."""
        async with asyncio.timeout(PATIENCE):
            while not (found := await check()):
                await asyncio.sleep(0.2)
            return found

    async def tick(self) -> None:
        """The clock process looks."""
        await tick(self.core, self.core.turns.now())


def settings_of(state: Settings, simulator: Simulator, folder: Path, redis_url: str, port: int) -> Settings:
    """The state directory's settings, connected to the simulator."""
    hooks = simulator.whatsapp.hooks
    return replace(
        state,
        redis_url=redis_url,
        port=port,
        attachment_folder=folder / "files",
        telegram_token=simulator.telegram.token,
        telegram_api_url=simulator.telegram.url,
        whatsapp_enabled=True,
        whatsapp_token=simulator.whatsapp.token,
        whatsapp_phone_number_id=hooks.number.phone_number_id,
        whatsapp_app_secret=hooks.app_secret,
        whatsapp_verify_token=hooks.verify_token,
        whatsapp_api_url=simulator.whatsapp.url,
    )


@asynccontextmanager
async def town(state: Settings, folder: Path, redis_url: str, index: Index) -> AsyncIterator[Town]:
    """All of it, at nine in the morning."""
    clock = ManualClock(NINE)
    async with Simulator(clock=clock, rates=UNLIMITED) as simulator:
        bound = socket.create_server(("127.0.0.1", 0))
        settings = settings_of(state, simulator, folder, redis_url, bound.getsockname()[1])
        found: list[Answers] = []
        core = build_core(
            settings,
            find=lambda _: lambda entry, revision: found[0].revision(entry, revision),
            now=lambda: datetime.fromtimestamp(clock.now(), UTC),
        )
        found.append(Answers(core.catalogue, core.town, index))
        reception = Reception(core.turns, KeywordNlu(names(settings)), found[0], core.deliver, found[0].meaning)
        worker = Worker("morning", core.store, reception, core.channels, wait=0.2)
        bringing = Bringing(core.store, core.channels, core.intake, core.metrics, look_seconds=0.1)
        accounts = Accounts(settings.database, QUICK)
        for name, (role, shown) in STAFF.items():
            if accounts.get(name) is None:
                accounts.add(name, PASSWORD, role, display_name=shown)
        runner = web.AppRunner(build_apps(core, ())["chat"], access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.SockSite(runner, bound).start()
        await simulator.whatsapp.subscribe(f"{settings.base_url}/channels/whatsapp")

        async def deliver(arrival: Arrival) -> None:
            await core.deliver(arrival)

        working = asyncio.create_task(worker.run())
        others: list[asyncio.Task[Any]] = [
            asyncio.create_task(task) for task in (bringing.run(), core.channels["telegram"].poll(deliver))
        ]
        try:
            yield Town(core, simulator, clock, settings.base_url)
        finally:
            worker.stop()
            await working
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await runner.cleanup()
            found[0].close()
            await core.close()
