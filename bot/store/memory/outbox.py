"""The outbox in memory: the twin of bot.store.redis.outbox."""

import time

from bot.message import RANK, DeliveryState, Rate
from bot.store.memory.shelves import Kept, Room, Shelves
from bot.store.protocol import Change, Outgoing, Unsettled


class OutboxRoom(Room):
    """See bot.store.protocol.Outbox."""

    def __init__(self, shelves: Shelves) -> None:
        super().__init__(shelves)
        self._buckets: dict[str, float] = {}

    async def reserve(self, bucket: str, rate: Rate) -> float:
        now = time.time()
        room = (rate.burst - 1) / rate.per_second
        full = max(self._buckets.get(bucket, 0.0), now)
        self._buckets[bucket] = full + 1 / rate.per_second
        return max(0.0, full - room - now)

    async def reserve_chat(self, outgoing: Outgoing, rate: Rate) -> float:
        return await self.reserve(f"chat:{outgoing.conversation}", rate)

    async def hold_back(self, outgoing: Outgoing, rate: Rate, seconds: float) -> None:
        room = (rate.burst - 1) / rate.per_second
        self._buckets[f"chat:{outgoing.conversation}"] = time.time() + seconds + room

    async def take(self, outgoing: Outgoing, token: str) -> tuple[str, float]:
        o = outgoing
        self._shelves.fence(o)
        kept = self._shelves.kept[o.conversation]
        if o.id not in self._shelves.outbox[o.lane]:
            return "gone", kept.last
        if kept.parts.get(o.sending.id) is DeliveryState.SENDING:
            if kept.tokens.get(o.sending.id) == token:
                return "send", kept.last
            self._shelves.end(kept, o.lane, o.id, o.sending.id, DeliveryState.UNKNOWN)
            return "unknown", kept.last
        if o.sending.by == "bot" and not o.sending.urgent and kept.epoch != o.epoch:
            self._shelves.end(kept, o.lane, o.id, o.sending.id, DeliveryState.DROPPED)
            return "stale", kept.last
        kept.parts[o.sending.id], kept.tokens[o.sending.id] = DeliveryState.SENDING, token
        return "send", kept.last

    async def settle(self, outgoing: Outgoing, state: DeliveryState, external: str = "", reason: str = "") -> None:
        del reason
        o = outgoing
        kept = self._shelves.kept[o.conversation]
        if state is DeliveryState.QUEUED:
            if kept.parts.get(o.sending.id) is DeliveryState.SENDING:
                kept.parts[o.sending.id] = state
            return
        if external:
            early = kept.early.pop(external, state)
            state = early if RANK[early] > RANK[state] else state
            kept.externals[external] = o.sending.id
        kept.forward(o.sending.id, state)
        self._shelves.end(kept, o.lane, o.id, o.sending.id, None)
        await self._shelves.notify(Change(o.conversation, o.sending.channel, o.sending.chat, "", "", 0))

    async def report(self, conversation: str, external: str, state: DeliveryState, reason: str = "") -> None:
        del reason
        kept = self._shelves.kept.setdefault(conversation, Kept())
        part = kept.externals.get(external)
        if part:
            kept.forward(part, state)
        elif external not in kept.early or RANK[state] > RANK[kept.early[external]]:
            kept.early[external] = state
        await self._shelves.notify(Change(conversation, "", "", "", "", 0))

    async def unsettled(self, conversation: str) -> list[Unsettled]:
        kept = self._shelves.kept.get(conversation)
        return [Unsettled(p, kept.parts[p], by) for p, by in kept.authors.items() if p in kept.parts] if kept else []

    async def doubt(self, conversation: str, part: str) -> bool:
        kept = self._shelves.kept.get(conversation)
        if kept is None or kept.parts.get(part) is not DeliveryState.SENDING:
            return False
        lane = self._shelves.lane(conversation)
        items = self._shelves.outbox[lane].items()
        entries = [i for i, entry in items if isinstance(entry.what, Outgoing) and entry.what.sending.id == part]
        self._shelves.end(kept, lane, entries[0] if entries else "", part, DeliveryState.UNKNOWN)
        await self._shelves.notify(Change(conversation, "", "", "", "", 0))
        return True
