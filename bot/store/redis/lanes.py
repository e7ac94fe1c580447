"""Lanes: who holds which, and reading what is not done in them."""

import json
import time
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from bot.kept import known
from bot.store.keys import PREFIX, key
from bot.store.protocol import Batch, Outgoing, Sending, Ticket
from bot.store.redis.inbox import arrival_in, pairs
from bot.store.redis.server import Room

WORKERS = f"{PREFIX}:{{workers}}:seen"


class LanesRoom(Room):
    """See bot.store.protocol.Lanes."""

    async def own_lanes(self, worker: str, seconds: float) -> Sequence[int]:
        """A fair share: lanes divided by the workers that were seen within one lease."""
        now = time.time()
        seen = [("ZADD", WORKERS, now, worker), ("ZREMRANGEBYSCORE", WORKERS, 0, now - seconds), ("ZCARD", WORKERS)]
        count = (await self._server.many(seen))[2]
        share = -(-self.lanes // max(1, int(count)))
        # Each worker starts elsewhere, so that they rarely reach for the same lane.
        start = int(blake2b(worker.encode(), digest_size=4).hexdigest(), 16) % self.lanes
        order = sorted(range(self.lanes), key=lambda n: (n - start) % self.lanes)
        holders = dict(enumerate(await self._server.each_lane("GET", "owner")))
        name = worker.encode()
        owned: list[int] = []
        # Those it has come first: a lane that changes hands is a pause for its conversations.
        for lane in sorted(order, key=lambda n: holders[n] != name):
            if len(owned) < share:
                if holders[lane] in (None, name) and await self._lease(lane, worker, seconds):
                    owned.append(lane)
            elif holders[lane] == name:
                await self._server.run("unlane", [key(lane, "owner")], worker)
        return sorted(owned)

    async def release_lanes(self, worker: str) -> None:
        async with self._server.translated():
            await self._server.redis.zrem(WORKERS, worker)
        for lane in range(self.lanes):
            await self._server.run("unlane", [key(lane, "owner")], worker)

    async def read(
        self, lane: int, holder: str, inbox: str | None, outbox: str | None, count: int, wait: float
    ) -> Batch:
        asked = {key(lane, name): at for name, at in (("inbox", inbox), ("outbox", outbox)) if at is not None}
        async with self._server.translated():
            answer = await self._server.waiting.xread(asked, count=count, block=max(1, int(wait * 1000)))
        found = _streams(answer)
        arrived, leaving = found.get(key(lane, "inbox"), []), found.get(key(lane, "outbox"), [])
        tickets = tuple(
            Ticket(lane, entry, holder, data[b"cid"].decode(), arrival_in(data[b"arrival"])) for entry, data in arrived
        )
        outgoing = tuple(
            Outgoing(
                lane,
                entry,
                holder,
                data[b"cid"].decode(),
                int(data[b"epoch"]),
                Sending(**known(Sending, json.loads(data[b"sending"]))),
            )
            for entry, data in leaving
        )
        return Batch(
            tickets,
            outgoing,
            arrived[-1][0] if arrived else inbox or "",
            leaving[-1][0] if leaving else outbox or "",
        )

    async def _lease(self, lane: int, worker: str, seconds: float) -> bool:
        return bool(await self._server.run("lane", [key(lane, "owner")], worker, int(seconds * 1000)))


def _streams(answer: Any) -> dict[str, list[tuple[str, dict[bytes, bytes]]]]:
    """Entries by stream, whatever shape the client library gave them."""
    found: dict[str, list[tuple[str, dict[bytes, bytes]]]] = {}
    for name, entries in answer.items() if isinstance(answer, dict) else answer or ():
        flat = entries[0] if entries and isinstance(entries[0], list) and isinstance(answer, dict) else entries
        found[name.decode()] = pairs(flat)
    return found
