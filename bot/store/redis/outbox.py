"""The outbox: tokens, taking, settling, reports."""

import json

from bot.message import RANK, DeliveryState, Rate
from bot.store.keys import CHANGES, PREFIX, key
from bot.store.protocol import Fenced, Outgoing, Unsettled
from bot.store.redis.server import Room

RANKS = json.dumps({str(state): rank for state, rank in RANK.items()})


class OutboxRoom(Room):
    """See bot.store.protocol.Outbox."""

    async def reserve(self, bucket: str, rate: Rate) -> float:
        return await self._reserve(f"{PREFIX}:{{rate:{bucket}}}", rate, 0.0)

    async def reserve_chat(self, outgoing: Outgoing, rate: Rate) -> float:
        return await self._reserve(_bucket(outgoing), rate, 0.0)

    async def hold_back(self, outgoing: Outgoing, rate: Rate, seconds: float) -> None:
        await self._reserve(_bucket(outgoing), rate, seconds)

    async def take(self, outgoing: Outgoing, token: str) -> tuple[str, float]:
        o = outgoing
        keys = [key(o.lane, "conv", o.conversation), key(o.lane, "outbox"), _deliver(o), key(o.lane, "owner")]
        args = (o.id, o.sending.id, o.sending.by, int(o.sending.urgent), o.epoch, o.holder, token)
        verdict, last = await self._server.run("take", keys, *args)
        if verdict == b"fenced":
            raise Fenced("take")
        return verdict.decode(), float(last)

    async def settle(self, outgoing: Outgoing, state: DeliveryState, external: str = "", reason: str = "") -> None:
        o = outgoing
        change = json.dumps({"c": o.conversation, "ch": o.sending.channel, "chat": o.sending.chat})
        args = (o.id, o.sending.id, str(state), external, RANKS, self._server.ttl, reason, CHANGES, change)
        await self._server.run("settle", [key(o.lane, "outbox"), _deliver(o)], *args)

    async def report(self, conversation: str, external: str, state: DeliveryState, reason: str = "") -> None:
        deliver = key(self._server.lane(conversation), "deliver", conversation)
        change = json.dumps({"c": conversation})
        args = (external, str(state), RANKS, self._server.ttl, reason, CHANGES, change)
        await self._server.run_durably("report", [deliver], *args)

    async def unsettled(self, conversation: str) -> list[Unsettled]:
        async with self._server.translated():
            raw = await self._server.redis.hgetall(key(self._server.lane(conversation), "deliver", conversation))
        return [
            Unsettled(name[2:].decode(), DeliveryState(raw[b"p:" + name[2:]].decode()), by.decode())
            for name, by in raw.items()
            if name.startswith(b"o:") and b"p:" + name[2:] in raw
        ]

    async def doubt(self, conversation: str, part: str) -> bool:
        lane = self._server.lane(conversation)
        keys = [key(lane, "outbox"), key(lane, "deliver", conversation)]
        return bool(await self._server.run("doubt", keys, part, CHANGES, json.dumps({"c": conversation})))

    async def _reserve(self, bucket: str, rate: Rate, back: float) -> float:
        each = 1000.0 / rate.per_second
        return int(await self._server.run("reserve", [bucket], each, rate.burst, int(back * 1000))) / 1000


def _bucket(o: Outgoing) -> str:
    return key(o.lane, "rate", o.conversation)


def _deliver(o: Outgoing) -> str:
    return key(o.lane, "deliver", o.conversation)
