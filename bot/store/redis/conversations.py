"""Conversations: state with its version, transcript, the lists they stand in."""

import json
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.attachments.attachment import Fate
from bot.conversation import Conversation, Line, Status
from bot.handoff.fact import Handoff
from bot.kept import shallow, written
from bot.message import DeliveryState
from bot.store.changes import summary
from bot.store.facts import FACTS
from bot.store.keys import CHANGES, PREFIX, key
from bot.store.protocol import Held, Ticket, Write
from bot.store.redis.server import Room, Server

SCANNED = 10_000  # members of a lane's list that one look goes through
KEPT = ("outbox", "inbox", "queue", "due", "known", "dead", "owner", "tries", "since", "opened", "fetch", "facts")
QUEUED = (Status.WAITING, Status.ASSIGNED)
PARSED = 2500  # conversations of lists that are kept as objects: more than any list or search looks at


class ConversationsRoom(Room):
    """See bot.store.protocol.Conversations."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._known: dict[str, tuple[bytes, Conversation]] = {}

    async def load(self, conversation: str) -> Held:
        async with self._server.translated():
            version, state = await self._server.redis.hmget(self._key(conversation, "conv"), ["v", "state"])
        return Held(Conversation.from_json(state) if state else None, int(version or 0))

    async def keep(self, conversation: str, version: int, write: Write, ticket: Ticket | None = None) -> int:
        lane, c, h = self._server.lane(conversation), write.conversation, write.handoff
        names = [key(lane, name, conversation) for name in ("conv", "log", "deliver", "handoffs", "files")]
        names += [key(lane, name) for name in KEPT]
        args: list[Any] = [
            conversation,
            version,
            c.to_json(),
            c.epoch,
            c.last_citizen.timestamp() if c.last_citizen else 0,
            ticket.id if ticket else "",
            ticket.holder if ticket else "",
            int(write.erase),
            c.status if c.is_open else "",
            c.team,
            write.urgency,
            c.waiting_since.timestamp() if c.waiting_since and c.status is Status.WAITING else "",
            write.look.timestamp() if write.look else "",
            time.time(),
            self._server.ttl,
            "" if write.quiet else CHANGES,
            json.dumps(summary(c, 0) | {"v": "@V@"}),
            *((h.number, written(shallow(h)), h.opened.timestamp()) if h else ("", "", "")),
            len(write.lines),
            len(write.attachments),
            len(write.facts),
            FACTS,
            *(line.to_json() for line in write.lines),
        ]
        for attachment in write.attachments:
            args += [attachment.id, attachment.to_json(), int(attachment.fate is Fate.QUEUED)]
        for fact in write.facts:
            args += [fact.to_json(), fact.text]
        for sending in write.sendings:
            args += [sending.id, sending.by, written(shallow(sending))]
        return int(await self._server.run("keep", names, *args))

    async def transcript(self, conversation: str) -> list[Line]:
        async with self._server.translated():
            lines = await self._server.redis.lrange(self._key(conversation, "log"), 0, -1)
        return [Line.from_json(line) for line in lines]

    async def deliveries(self, conversation: str) -> Mapping[str, DeliveryState]:
        async with self._server.translated():
            raw = await self._server.redis.hgetall(self._key(conversation, "deliver"))
        return {
            name.decode()[2:]: DeliveryState(value.decode()) for name, value in raw.items() if name.startswith(b"p:")
        }

    async def queue(self, teams: Collection[str] | None, limit: int) -> list[tuple[Conversation, int]]:
        names = [(status, name) for status in QUEUED for name in _queues(status, teams)]
        commands = [
            ("ZRANGE", key(lane, "queue", name), 0, limit - 1, "WITHSCORES")
            for lane in range(self.lanes)
            for _, name in names
        ]
        ranked: dict[Status, list[tuple[float, str]]] = {status: [] for status in QUEUED}
        for (status, _), answer in zip(names * self.lanes, await self._server.many(commands), strict=True):
            ranked[status] += scored(answer)
        some = sorted({entry for entries in ranked.values() for entry in sorted(entries)[:limit]})
        loaded = await self._loaded(list(dict.fromkeys(cid for _, cid in some)))
        # It may have moved on since: it says itself where it stands, so that none is listed twice or to another team.
        seen = [(c, version) for c, version in loaded if teams is None or c.team in teams]
        return [each for status in QUEUED for each in [x for x in seen if x[0].status is status][:limit]]

    async def waiting(self, teams: Collection[str] | None) -> int:
        commands = [
            ("ZCARD", key(lane, "queue", name)) for lane in range(self.lanes) for name in _queues(Status.WAITING, teams)
        ]
        return sum(await self._server.many(commands))

    async def recent(self, limit: int) -> list[Conversation]:
        answers = await self._server.each_lane("ZRANGE", "known", -limit, -1, "WITHSCORES")
        latest = sorted((entry for answer in answers for entry in scored(answer)), reverse=True)[:limit]
        some = [c for c, _ in await self._loaded([cid for _, cid in latest])]
        oldest = datetime.min.replace(tzinfo=UTC)
        return sorted(some, key=lambda c: c.last_citizen or oldest, reverse=True)

    async def earlier(self, before: float | None, limit: int) -> list[tuple[float, Conversation]]:
        top = "+inf" if before is None else f"({before!r}"
        range_ = (top, "-inf", "WITHSCORES", "LIMIT", 0, limit)
        answers = await self._server.each_lane("ZREVRANGEBYSCORE", "known", *range_)
        latest = sorted((entry for answer in answers for entry in scored(answer)), reverse=True)[:limit]
        at = {cid: score for score, cid in latest}
        return [(at[c.id], c) for c, _ in await self._loaded([cid for _, cid in latest])]

    async def numbered(self, number: int) -> list[str]:
        scan = ("MATCH", f"*:{number}", "COUNT", SCANNED)
        found, at = [], dict.fromkeys(range(self.lanes), b"0")
        while at:
            commands = [("ZSCAN", key(lane, "opened"), cursor, *scan) for lane, cursor in at.items()]
            answers = dict(zip(at, await self._server.many(commands), strict=True))
            found += [member for _, entries in answers.values() for member in _members(entries)]
            at = {lane: cursor for lane, (cursor, _) in answers.items() if int(cursor)}
        return list(dict.fromkeys(member.partition(":")[0] for member in found))

    async def due(self, before: datetime, limit: int = 500) -> list[str]:
        answers = await self._server.each_lane("ZRANGEBYSCORE", "due", 0, before.timestamp(), "LIMIT", 0, limit)
        return [cid.decode() for answer in answers for cid in answer][:limit]

    async def handoffs(self, since: datetime, until: datetime) -> list[Handoff]:
        answers = await self._server.each_lane("ZRANGEBYSCORE", "opened", since.timestamp(), f"({until.timestamp()}")
        members = [member.decode().partition(":") for answer in answers for member in answer]
        facts = await self._server.many([("HGET", self._key(cid, "handoffs"), number) for cid, _, number in members])
        found = [Handoff.read(json.loads(fact)) for fact in facts if fact]
        return sorted(found, key=lambda h: (h.opened, h.number))

    async def handoff(self, conversation: str, number: int) -> Handoff | None:
        async with self._server.translated():
            fact = await self._server.redis.hget(self._key(conversation, "handoffs"), str(number))
        return Handoff.read(json.loads(fact)) if fact else None

    async def next_number(self) -> int:
        async with self._server.translated():
            return 1000 + int(await self._server.redis.incr(f"{PREFIX}:{{numbers}}:handoff"))

    def _key(self, conversation: str, name: str) -> str:
        return key(self._server.lane(conversation), name, conversation)

    async def _loaded(self, conversations: Sequence[str]) -> list[tuple[Conversation, int]]:
        """Many at once, those that exist, in that order. One call a lane: hundreds of commands cost the client much."""
        lanes: dict[int, list[str]] = {}
        for cid in conversations:
            lanes.setdefault(self._server.lane(cid), []).append(cid)
        names = [[key(lane, "conv", cid) for cid in some] for lane, some in lanes.items()]
        answers = await self._server.run_each("load", names)
        rows = {
            cid: row
            for some, answer in zip(lanes.values(), answers, strict=True)
            for cid, row in zip(some, answer, strict=True)
        }
        return [(self._parsed(cid, rows[cid][1]), int(rows[cid][0])) for cid in conversations if rows[cid][1]]

    def _parsed(self, conversation: str, state: bytes) -> Conversation:
        """The same object as long as the same bytes lie there: lists are read again and again, and little changes."""
        known = self._known.pop(conversation, None)
        if known is None or known[0] != state:
            known = (state, Conversation.from_json(state))
        self._known[conversation] = known  # at the end: the oldest goes first
        if len(self._known) > PARSED:
            del self._known[next(iter(self._known))]
        return known[1]


def _members(entries: Any) -> list[str]:
    """Of a ZSCAN's entries, whatever shape the client library gave them."""
    if entries and isinstance(entries[0], list | tuple):
        return [member.decode() for member, _ in entries]
    return [member.decode() for member in entries[::2]]


def _queues(status: Status, teams: Collection[str] | None) -> list[str]:
    """Names of the sorted sets in which conversations of that status stand; keep.lua writes them."""
    return [str(status)] if teams is None else [f"{status}/{team}" for team in sorted(teams)]


def scored(answer: Any) -> list[tuple[float, str]]:
    """(score, member) of a ZRANGE … WITHSCORES, whatever shape the client library gave it."""
    if answer and isinstance(answer[0], list | tuple):
        return [(float(score), member.decode()) for member, score in answer]
    return [(float(score), member.decode()) for member, score in zip(answer[::2], answer[1::2], strict=True)]
