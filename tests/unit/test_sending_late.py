"""The window is checked once more when a part is sent: free text ends as failed, a template goes."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.conversation import Conversation
from bot.message import DeliveryState
from bot.metrics.metrics import Metrics
from bot.outbox import Leaving
from bot.store.memory import MemoryStore
from bot.store.protocol import START, Sending, Write
from tests.console.house import Pigeon


class Late(Pigeon):
    """Keeps what was sent."""

    def __init__(self) -> None:
        super().__init__("whatsapp", window=3600)
        self.sent: list[Any] = []

    async def send(self, chat: str, part: Any) -> str:
        self.sent.append(part)
        return "1"


async def test_after_the_window_only_a_template_leaves() -> None:
    store, channel = MemoryStore(), Late()
    c = Conversation("a" * 20, "whatsapp", "1", last_citizen=datetime.now(UTC) - timedelta(hours=2))
    text, template = {"type": "text", "text": {"body": "x"}}, {"type": "template", "template": {"name": "x"}}
    parts = [Sending(name, name, "whatsapp", "1", part, "clerk") for name, part in [("a", text), ("b", template)]]
    await store.keep(c.id, 0, Write(c, (), tuple(parts)))
    await store.own_lanes("test", 60)

    async def pause(seconds: float) -> bool:
        await asyncio.sleep(0)
        return False

    leaving = Leaving(store, {"whatsapp": channel}, pause, lambda lane: None, Metrics("worker", {}, "0"))
    for lane in range(store.lanes):
        for outgoing in (await store.read(lane, "test", None, START, 9, 0.0)).outgoing:
            leaving.put(outgoing)
    async with asyncio.timeout(60):
        while leaving.size:
            await asyncio.sleep(0)
    assert channel.sent == [template]
    assert await store.deliveries(c.id) == {"a": DeliveryState.FAILED, "b": DeliveryState.SENT}
