"""The store on a Redis-protocol server: each atomic move is one of the .lua files beside this module."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from bot.conversation import Conversation, Line, Status
from bot.message import RANK, Arrival, DeliveryState
from bot.store.keys import CHANGES, DELIVERY, MEMORY_OF_UPDATES, PREFIX, RECEPTION, key, lane_of
from bot.store.protocol import (
    AlreadyDone,
    Change,
    Conflict,
    DeadLetter,
    Held,
    Outgoing,
    Sending,
    StoreUnavailable,
    Ticket,
    Write,
    summary,
)

CALL_SECONDS = 1.5  # an edge that cannot write must say 503 within two seconds
RANKS = json.dumps({str(state): rank for state, rank in RANK.items()})
HEARTBEAT = 15.0


class RedisStore:
    """See bot.store.protocol.Store."""

    def __init__(self, url: str, lanes: int, retention_days: int) -> None:
        self.lanes = lanes
        self._ttl = retention_days * 86400
        options: dict[str, Any] = {
            "socket_connect_timeout": CALL_SECONDS,
            "retry": Retry(NoBackoff(), 0),  # we decide what is repeated
            "health_check_interval": 0,
        }
        # Any: redis-py types every answer as "value or awaitable of many shapes", which says nothing here.
        self._redis: Any = Redis.from_url(url, socket_timeout=CALL_SECONDS, **options)
        # Reads that wait have connections of their own: a slow reader must not time out a writer.
        self._waiting: Any = Redis.from_url(url, socket_timeout=60, **options)
        folder = Path(__file__).parent
        self._scripts: dict[str, Any] = {
            f.stem: self._redis.register_script(f.read_text("utf-8")) for f in folder.glob("*.lua")
        }

    # --- inbox ---------------------------------------------------------------------------------------------

    async def append(self, conversation: str, arrival: Arrival) -> bool:
        lane = self._lane(conversation)
        async with _translated():
            new = await self._scripts["append"](
                keys=[self._seen(lane, arrival), key(lane, "inbox")],
                args=[MEMORY_OF_UPDATES, conversation, _arrival_out(arrival)],
            )
        return bool(new)

    async def bury(self, conversation: str, arrival: Arrival, reason: str, ticket: Ticket | None = None) -> None:
        lane = self._lane(conversation)
        async with _translated():
            await self._scripts["bury"](
                keys=[key(lane, "dead"), key(lane, "inbox"), self._seen(lane, arrival)],
                args=[
                    conversation,
                    _arrival_out(arrival),
                    reason,
                    time.time(),
                    RECEPTION,
                    ticket.id if ticket else "",
                    MEMORY_OF_UPDATES,
                ],
            )

    async def dead(self) -> list[DeadLetter]:
        found = []
        async with _translated():
            for lane in range(self.lanes):
                for entry, data in await self._redis.xrange(key(lane, "dead")):
                    at = datetime.fromtimestamp(float(data[b"at"]), UTC)
                    arrival = _arrival_in(data[b"arrival"])
                    found.append(DeadLetter(entry.decode(), lane, at, data[b"reason"].decode(), arrival))
        return sorted(found, key=lambda d: d.at)

    async def receive(self, lane: int, count: int, wait: float) -> list[Ticket]:
        entries = await self._read_group(lane, "inbox", RECEPTION, ">", count, wait)
        return [Ticket(lane, i, _arrival_in(data[b"arrival"])) for i, data in entries]

    async def reclaim(self, lane: int) -> list[Ticket]:
        tickets = []
        for entry, data, tries in await self._claimed(lane, "inbox", RECEPTION):
            tickets.append(Ticket(lane, entry, _arrival_in(data[b"arrival"]), tries))
        return tickets

    async def finish(self, ticket: Ticket) -> None:
        async with _translated():
            stream = key(ticket.lane, "inbox")
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.xack(stream, RECEPTION, ticket.id).xdel(stream, ticket.id)
                await pipe.execute()

    # --- conversations -------------------------------------------------------------------------------------

    async def load(self, conversation: str) -> Held:
        async with _translated():
            version, state = await self._redis.hmget(
                key(self._lane(conversation), "conv", conversation), ["v", "state"]
            )
        return Held(Conversation.from_json(state) if state else None, int(version or 0))

    async def keep(self, conversation: str, version: int, write: Write, ticket: Ticket | None = None) -> int:
        lane, c = self._lane(conversation), write.conversation
        now = time.time()
        open_score = c.waiting_since.timestamp() if c.waiting_since else now
        names: list[tuple[str, ...]] = [("conv", conversation), ("log", conversation), ("deliver", conversation)]
        names += [("outbox",), ("inbox",), ("open",), ("leases",), ("known",), ("dead",)]
        args: list[Any] = [
            conversation,
            version,
            c.to_json(),
            c.epoch,
            c.last_citizen.timestamp() if c.last_citizen else 0,
            ticket.id if ticket else "",
            RECEPTION,
            int(write.erase),
            open_score if c.status in (Status.WAITING, Status.ASSIGNED) else "",
            c.lease_until.timestamp() if c.lease_until else "",
            now,
            self._ttl,
            CHANGES,
            json.dumps(summary(c, 0) | {"v": "@V@"}),
            len(write.lines),
            *(line.to_json() for line in write.lines),
        ]
        for sending in write.sendings:
            args += [sending.id, json.dumps(asdict(sending), ensure_ascii=False)]
        async with _translated():
            answer = await self._scripts["keep"](keys=[key(lane, *n) for n in names], args=args)
        if answer == b"done":
            raise AlreadyDone(conversation)
        if answer == b"conflict":
            raise Conflict(conversation)
        return int(answer)

    async def transcript(self, conversation: str) -> list[Line]:
        async with _translated():
            lines = await self._redis.lrange(key(self._lane(conversation), "log", conversation), 0, -1)
        return [Line.from_json(line) for line in lines]

    async def deliveries(self, conversation: str) -> Mapping[str, DeliveryState]:
        async with _translated():
            raw = await self._redis.hgetall(key(self._lane(conversation), "deliver", conversation))
        return {
            name.decode()[2:]: DeliveryState(value.decode()) for name, value in raw.items() if name.startswith(b"p:")
        }

    # --- outbox --------------------------------------------------------------------------------------------

    async def outgoing(self, lane: int, count: int, wait: float) -> list[Outgoing]:
        entries = await self._read_group(lane, "outbox", DELIVERY, ">", count, wait)
        return [_outgoing(lane, i, data) for i, data in entries]

    async def unsent(self, lane: int) -> list[Outgoing]:
        return [_outgoing(lane, i, data) for i, data, _ in await self._claimed(lane, "outbox", DELIVERY)]

    async def take(self, outgoing: Outgoing) -> tuple[str, float]:
        o = outgoing
        async with _translated():
            verdict, last = await self._scripts["take"](
                keys=[
                    key(o.lane, "conv", o.conversation),
                    key(o.lane, "outbox"),
                    key(o.lane, "deliver", o.conversation),
                ],
                args=[o.id, o.sending.id, o.sending.by, int(o.sending.urgent), o.epoch, DELIVERY],
            )
        return verdict.decode(), float(last)

    async def settle(self, outgoing: Outgoing, state: DeliveryState, external: str = "", reason: str = "") -> None:
        o = outgoing
        change = json.dumps({"c": o.conversation, "ch": o.sending.channel, "chat": o.sending.chat})
        async with _translated():
            await self._scripts["settle"](
                keys=[key(o.lane, "outbox"), key(o.lane, "deliver", o.conversation)],
                args=[
                    o.id,
                    o.sending.id,
                    str(state),
                    external,
                    DELIVERY,
                    RANKS,
                    self._ttl,
                    CHANGES,
                    change,
                    reason,
                ],
            )

    async def report(self, conversation: str, external: str, state: DeliveryState, reason: str = "") -> None:
        async with _translated():
            await self._scripts["report"](
                keys=[key(self._lane(conversation), "deliver", conversation)],
                args=[external, str(state), RANKS, self._ttl, reason, CHANGES, json.dumps({"c": conversation})],
            )

    # --- lists ---------------------------------------------------------------------------------------------

    async def open(self) -> list[tuple[Conversation, int]]:
        found = await self._loaded(await self._members("open", 0, -1))
        return [(c, version) for c, version in found if c.status in (Status.WAITING, Status.ASSIGNED)]

    async def recent(self, limit: int) -> list[Conversation]:
        some = [c for c, _ in await self._loaded(await self._members("known", -limit, -1))]
        oldest = datetime.min.replace(tzinfo=UTC)
        return sorted(some, key=lambda c: c.last_citizen or oldest, reverse=True)[:limit]

    async def leases(self, before: datetime) -> list[str]:
        found: list[str] = []
        async with _translated():
            for lane in range(self.lanes):
                due = await self._redis.zrangebyscore(key(lane, "leases"), 0, before.timestamp())
                found += [cid.decode() for cid in due]
        return found

    async def next_number(self) -> int:
        async with _translated():
            return 1000 + int(await self._redis.incr(f"{PREFIX}:{{numbers}}:handoff"))

    # --- lanes ---------------------------------------------------------------------------------------------

    async def own_lanes(self, worker: str, seconds: float) -> Sequence[int]:
        """A fair share: lanes divided by the workers that were seen within one lease."""
        now = time.time()
        workers = f"{PREFIX}:{{workers}}:seen"
        async with _translated():
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.zadd(workers, {worker: now}).zremrangebyscore(workers, 0, now - seconds).zcard(workers)
                count = (await pipe.execute())[2]
            share = -(-self.lanes // max(1, int(count)))
            owned: list[int] = []
            # Each worker starts elsewhere, so that they rarely reach for the same lane.
            start = int(blake2b(worker.encode(), digest_size=4).hexdigest(), 16) % self.lanes
            for lane in sorted(range(self.lanes), key=lambda n: (n - start) % self.lanes):
                name = key(lane, "owner")
                if len(owned) < share:
                    if await self._scripts["lane"](keys=[name], args=[worker, int(seconds * 1000)]):
                        owned.append(lane)
                else:
                    await self._scripts["unlane"](keys=[name], args=[worker])
        return owned

    async def release_lanes(self, worker: str) -> None:
        async with _translated():
            await self._redis.zrem(f"{PREFIX}:{{workers}}:seen", worker)
            for lane in range(self.lanes):
                await self._scripts["unlane"](keys=[key(lane, "owner")], args=[worker])

    async def tidy(self, now: datetime) -> int:
        gone = 0
        border = now.timestamp() - self._ttl
        async with _translated():
            for lane in range(self.lanes):
                gone += int(await self._redis.zremrangebyscore(key(lane, "known"), 0, border))
                await self._redis.xtrim(key(lane, "dead"), minid=f"{max(0, int(border * 1000))}-0", approximate=False)
        return gone

    async def changes(self) -> AsyncIterator[Change | None]:
        while True:
            pubsub = self._waiting.pubsub()
            try:
                await pubsub.subscribe(CHANGES)
                yield None  # whatever happened before we listened: look again
                while True:
                    message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=HEARTBEAT)
                    yield _change(message["data"]) if message else None
            except (RedisError, OSError):
                await asyncio.sleep(0.5)
            finally:
                await pubsub.aclose()

    async def ping(self) -> None:
        async with _translated():
            await self._redis.set(f"{PREFIX}:ping", "1", ex=60)

    async def close(self) -> None:
        await self._redis.aclose()
        await self._waiting.aclose()

    # --- small things --------------------------------------------------------------------------------------

    def _lane(self, conversation: str) -> int:
        return lane_of(conversation, self.lanes)

    def _seen(self, lane: int, arrival: Arrival) -> str:
        # Hashed: an id may hold a telephone number.
        name = blake2b(f"{arrival.channel}\0{arrival.chat}\0{arrival.id}".encode(), digest_size=16)
        return key(lane, "seen", name.hexdigest())

    async def _members(self, name: str, start: int, stop: int) -> list[str]:
        async with _translated(), self._redis.pipeline(transaction=False) as pipe:
            for lane in range(self.lanes):
                pipe.zrange(key(lane, name), start, stop)
            lanes = await pipe.execute()
        return [member.decode() for members in lanes for member in members]

    async def _loaded(self, conversations: Sequence[str]) -> list[tuple[Conversation, int]]:
        """Many at once, those that exist."""
        async with _translated(), self._redis.pipeline(transaction=False) as pipe:
            for cid in conversations:
                pipe.hmget(key(self._lane(cid), "conv", cid), ["v", "state"])
            rows = await pipe.execute()
        return [(Conversation.from_json(state), int(version)) for version, state in rows if state]

    async def _read_group(
        self, lane: int, stream: str, group: str, since: str, count: int, wait: float
    ) -> list[tuple[str, dict[bytes, bytes]]]:
        name = key(lane, stream)
        async with _translated():
            try:
                answer = await self._waiting.xreadgroup(
                    group, "lane", {name: since}, count=count, block=max(1, int(wait * 1000))
                )
            except ResponseError as error:
                if "NOGROUP" not in str(error):
                    raise
                await self._make_group(name, group)  # first start, or the server lost it: from the beginning
                return []
        if not answer:
            return []
        entries = answer[0][1] if isinstance(answer, list) else next(iter(answer.values()))[0]
        return [(i.decode(), data) for i, data in entries if data]

    async def _claimed(self, lane: int, stream: str, group: str) -> list[tuple[str, dict[bytes, bytes], int]]:
        name, found, cursor = key(lane, stream), [], "0-0"
        async with _translated():
            while True:
                try:
                    answer = await self._redis.xautoclaim(name, group, "lane", 0, cursor, count=100)
                except ResponseError as error:
                    if "NOGROUP" not in str(error):
                        raise
                    await self._make_group(name, group)
                    return []
                for entry, data in answer[1]:
                    if data:
                        pending = await self._redis.xpending_range(name, group, entry, entry, 1)
                        tries = int(pending[0]["times_delivered"]) if pending else 1
                        found.append((entry.decode(), data, tries))
                cursor = answer[0].decode() if isinstance(answer[0], bytes) else str(answer[0])
                if cursor == "0-0":
                    return found

    async def _make_group(self, name: str, group: str) -> None:
        try:
            await self._redis.xgroup_create(name, group, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        raise StoreUnavailable(type(error).__name__) from error


def _arrival_out(arrival: Arrival) -> str:
    return json.dumps(asdict(arrival), ensure_ascii=False)


def _arrival_in(text: bytes) -> Arrival:
    return Arrival(**json.loads(text))


def _outgoing(lane: int, entry: str, data: Mapping[bytes, bytes]) -> Outgoing:
    sending = Sending(**json.loads(data[b"sending"]))
    return Outgoing(lane, entry, data[b"cid"].decode(), int(data[b"epoch"]), sending)


def _change(data: bytes) -> Change:
    raw = json.loads(data)
    c = Change(raw["c"], raw.get("ch", ""), raw.get("chat", ""), raw.get("s", ""), raw.get("t", ""), 0)
    return replace(c, version=int(raw.get("v") or 0))
