"""Conversations in memory: the twin of bot.store.redis.conversations."""

import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from bot.attachments.attachment import Fate
from bot.conversation import Conversation, Line, Status
from bot.handoff.fact import Handoff
from bot.message import DeliveryState
from bot.store.facts import FACTS
from bot.store.memory.shelves import Entry, Kept, Room
from bot.store.protocol import AlreadyDone, Change, Conflict, Held, Outgoing, Ticket, Write


class ConversationsRoom(Room):
    """See bot.store.protocol.Conversations."""

    async def load(self, conversation: str) -> Held:
        kept = self._shelves.kept.get(conversation)
        return Held(kept.conversation, kept.version) if kept and kept.version else Held(None, 0)

    async def keep(self, conversation: str, version: int, write: Write, ticket: Ticket | None = None) -> int:
        shelves, lane = self._shelves, self._shelves.lane(conversation)
        if ticket is not None:
            shelves.fence(ticket)
            if ticket.id not in shelves.inbox[lane]:
                raise AlreadyDone(conversation)
        kept = shelves.kept.get(conversation)
        if (kept.version if kept else 0) != version:
            raise Conflict(conversation)
        if ticket is not None:
            del shelves.inbox[lane][ticket.id]
        if write.erase:
            self._erase(conversation, lane)
        if kept is None or write.erase:
            kept = shelves.kept[conversation] = Kept(version=version)
        c = write.conversation
        kept.state, kept.version, kept.epoch = c.to_json(), version + 1, c.epoch
        kept.last = c.last_citizen.timestamp() if c.last_citizen else 0.0
        kept.urgency, kept.look = write.urgency, write.look.timestamp() if write.look else None
        kept.lines += [line.to_json() for line in write.lines]
        if write.handoff:
            kept.handoffs[write.handoff.number] = write.handoff
        for attachment in write.attachments:
            shelves.files.setdefault(conversation, {})[attachment.id] = attachment
            if attachment.fate is Fate.QUEUED:
                shelves.fetch[conversation, attachment.id] = datetime.now(UTC)
        shelves.facts[lane] |= {shelves.id(): fact for fact in write.facts}
        while len(shelves.facts[lane]) > FACTS:
            del shelves.facts[lane][next(iter(shelves.facts[lane]))]
        for sending in write.sendings:
            i = shelves.id()
            shelves.outbox[lane][i] = Entry(time.time(), Outgoing(lane, i, "", conversation, c.epoch, sending))
            kept.parts[sending.id], kept.authors[sending.id] = DeliveryState.QUEUED, sending.by
        await shelves.notify(None if write.quiet else Change(c.id, c.channel, c.chat, c.status, c.team, kept.version))
        return kept.version

    async def transcript(self, conversation: str) -> list[Line]:
        kept = self._shelves.kept.get(conversation)
        return [Line.from_json(line) for line in kept.lines] if kept else []

    async def deliveries(self, conversation: str) -> Mapping[str, DeliveryState]:
        kept = self._shelves.kept.get(conversation)
        return dict(kept.parts) if kept else {}

    async def queue(self, teams: Collection[str] | None, limit: int) -> list[tuple[Conversation, int]]:
        found: list[tuple[Conversation, int]] = []
        ranked = [(k.conversation, k.version) for k in sorted(self._shelves.written(), key=lambda k: k.urgency)]
        for status in (Status.WAITING, Status.ASSIGNED):
            some = [(c, v) for c, v in ranked if c.status is status and (teams is None or c.team in teams)]
            found += some[:limit]
        return found

    async def waiting(self, teams: Collection[str] | None) -> int:
        every = (kept.conversation for kept in self._shelves.written())
        return sum(c.status is Status.WAITING and (teams is None or c.team in teams) for c in every)

    async def recent(self, limit: int) -> list[Conversation]:
        kept = sorted(self._shelves.written(), key=lambda k: -k.last)
        return [k.conversation for k in kept[:limit]]

    async def earlier(self, before: float | None, limit: int) -> list[tuple[float, Conversation]]:
        kept = [k for k in self._shelves.written() if before is None or k.last < before]
        return [(k.last, k.conversation) for k in sorted(kept, key=lambda k: -k.last)[:limit]]

    async def numbered(self, number: int) -> list[str]:
        return [cid for cid, kept in self._shelves.kept.items() if number in kept.handoffs]

    async def due(self, before: datetime, limit: int = 500) -> list[str]:
        looks = ((kept.look, cid) for cid, kept in self._shelves.kept.items() if kept.look is not None)
        return [cid for at, cid in sorted(looks) if at <= before.timestamp()][:limit]

    async def handoffs(self, since: datetime, until: datetime) -> list[Handoff]:
        every = (h for kept in self._shelves.kept.values() for h in kept.handoffs.values())
        return sorted((h for h in every if since <= h.opened < until), key=lambda h: (h.opened, h.number))

    async def handoff(self, conversation: str, number: int) -> Handoff | None:
        kept = self._shelves.kept.get(conversation)
        return kept.handoffs.get(number) if kept else None

    async def next_number(self) -> int:
        return next(self._shelves.numbers)

    def _erase(self, conversation: str, lane: int) -> None:
        """All that lies elsewhere than in its own place, but for what waits in its inbox."""
        shelves = self._shelves
        shelves.dead = {i: d for i, d in shelves.dead.items() if d.conversation != conversation}
        shelves.outbox[lane] = {i: e for i, e in shelves.outbox[lane].items() if e.what.conversation != conversation}
        shelves.forget_files(conversation)
        for i, fact in shelves.facts[lane].items():
            if fact.conversation == conversation:
                shelves.facts[lane][i] = replace(fact, text="")
