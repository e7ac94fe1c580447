"""The product with several web processes, and both platforms posting to it."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bot.composition import Core
from bot.conversation import conversation_id
from bot.message import DeliveryState
from bot.simulator import UNLIMITED, Account, Receipts, Simulator
from bot.simulator.defaults import TELEGRAM_SECRET
from bot.store.protocol import StoreUnavailable
from tests.integration.clerk import signed_in
from tests.integration.product import Product, product

SHOWN = "Ob das ankam, ist unklar"  # what the console says of an unknown reply
LOOKED_AT = 25  # conversations with an unknown reply that a clerk opens


@dataclass
class World:
    """A running product, hooked up to the simulator."""

    sim: Simulator
    running: Product
    core: Core

    @property
    def accounts(self) -> list[Account]:
        """All citizens of both platforms."""
        return [*self.sim.telegram.accounts.values(), *self.sim.whatsapp.accounts.values()]

    def conversation(self, account: Account) -> str:
        """Its id."""
        return conversation_id(self.core.secret, account.platform, account.key)

    async def unknown(self) -> Mapping[str, int]:
        """How many replies are unknown, by conversation."""
        found: dict[str, int] = {}
        for account in self.accounts:
            states = await self.core.store.deliveries(self.conversation(account))
            if count := sum(state is DeliveryState.UNKNOWN for state in states.values()):
                found[self.conversation(account)] = count
        return found

    async def drained(self, quiet: float = 90.0) -> bool:
        """Until nothing is in the inbox or the outbox; False when nothing has moved for `quiet` seconds."""
        last, moved = (-1, -1), time.monotonic()
        while time.monotonic() - moved < quiet:
            try:
                ages = await self.core.store.ages()
            except StoreUnavailable:
                await asyncio.sleep(0.5)
                continue
            if not (ages.inbox or ages.outbox):
                return True
            if (ages.inbox, ages.outbox) != last:
                last, moved = (ages.inbox, ages.outbox), time.monotonic()
            await asyncio.sleep(0.2)
        return False

    async def hidden(self, unknown: Mapping[str, int]) -> list[str]:
        """A clerk opens conversations with unknown replies: those of which the console does not say so."""
        found = []
        async with signed_in(self.running, "kim", "clerk", "Kim Berger") as kim:
            for conversation, count in list(unknown.items())[:LOOKED_AT]:
                if (await kim.look(conversation)).words.count(SHOWN) < count:
                    found.append(conversation)
        return found


@asynccontextmanager
async def world(seed: int = 1, web: int = 2, workers: int = 1, **settings: Any) -> AsyncIterator[World]:
    """Ready, with webhooks on both platforms; `settings` are named as in Settings."""
    async with Simulator(rates=UNLIMITED, seed=seed) as sim:
        sim.whatsapp.receipts = Receipts(("delivered",))
        chosen: dict[str, Any] = {"telegram_mode": "webhook", "telegram_secret": TELEGRAM_SECRET, "log_format": "json"}
        chosen |= {"web_processes": str(web), "worker_processes": str(workers), "metrics_port": "0"}
        async with product(sim, **(chosen | settings)) as running, running.core() as core:
            await running.ready()
            await sim.whatsapp.subscribe(f"{running.url}/channels/whatsapp")
            await sim.until(lambda: sim.telegram.updates.webhook.url, 60.0)
            yield World(sim, running, core)
