"""Lanes in memory: the twin of bot.store.redis.lanes."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.store.memory.shelves import Entry, Room, Shelves
from bot.store.protocol import Batch, Outgoing, Ticket


class LanesRoom(Room):
    """See bot.store.protocol.Lanes."""

    def __init__(self, shelves: Shelves) -> None:
        super().__init__(shelves)
        self._workers: dict[str, float] = {}

    async def own_lanes(self, worker: str, seconds: float) -> Sequence[int]:
        now, owner = time.monotonic(), self._shelves.owner
        self._workers = {w: at for w, at in self._workers.items() if now - at < seconds} | {worker: now}
        share = -(-self.lanes // len(self._workers))
        owned: list[int] = []
        for lane in sorted(range(self.lanes), key=lambda n: owner(n) != worker):
            if owner(lane) in ("", worker) and len(owned) < share:
                self._shelves.owners[lane] = (worker, now + seconds)
                owned.append(lane)
            elif owner(lane) == worker:
                del self._shelves.owners[lane]
        return sorted(owned)

    async def release_lanes(self, worker: str) -> None:
        self._workers.pop(worker, None)
        self._shelves.owners = {lane: held for lane, held in self._shelves.owners.items() if held[0] != worker}

    async def read(
        self, lane: int, holder: str, inbox: str | None, outbox: str | None, count: int, wait: float
    ) -> Batch:
        def after(entries: Mapping[str, Entry], at: str | None) -> list[str]:
            return [] if at is None else [i for i in entries if _order(i) > _order(at)][:count]

        def found() -> tuple[list[str], list[str]]:
            return after(self._shelves.inbox[lane], inbox), after(self._shelves.outbox[lane], outbox)

        await self._shelves.until(lambda: any(found()), wait)
        arrived, leaving = found()
        tickets = [self._shelves.inbox[lane][i].what for i in arrived]
        outgoing = [self._shelves.outbox[lane][i].what for i in leaving]
        return Batch(
            tuple(replace(t, holder=holder) for t in tickets if isinstance(t, Ticket)),
            tuple(replace(o, holder=holder) for o in outgoing if isinstance(o, Outgoing)),
            arrived[-1] if arrived else inbox or "",
            leaving[-1] if leaving else outbox or "",
        )


def _order(entry: str) -> int:
    return int(entry.partition("-")[0])
