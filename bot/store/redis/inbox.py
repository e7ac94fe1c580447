"""The inbox: durable arrivals, repeats named, dead letters."""

import json
import time
from datetime import UTC, datetime

from bot.kept import known
from bot.message import Arrival
from bot.store.keys import MEMORY_OF_UPDATES, key
from bot.store.protocol import DeadLetter, Ticket
from bot.store.redis.server import Room, seen_key


class InboxRoom(Room):
    """See bot.store.protocol.Inbox."""

    async def append(self, conversation: str, arrival: Arrival) -> bool:
        lane = self._server.lane(conversation)
        keys = [seen_key(lane, arrival), key(lane, "inbox")]
        args = (MEMORY_OF_UPDATES, conversation, arrival_out(arrival))
        return bool(await self._server.run_durably("append", keys, *args))

    async def begin(self, ticket: Ticket) -> int:
        return int(await self._server.run("begin", _held(ticket), ticket.holder, ticket.id))

    async def finish(self, ticket: Ticket) -> None:
        await self._server.run("finish", _held(ticket), ticket.holder, ticket.id)

    async def bury(self, conversation: str, arrival: Arrival, reason: str, ticket: Ticket | None = None) -> None:
        lane = self._server.lane(conversation)
        names = [key(lane, "dead"), key(lane, "inbox"), seen_key(lane, arrival), key(lane, "owner"), key(lane, "tries")]
        entry, holder = (ticket.id, ticket.holder) if ticket else ("", "")
        args = (conversation, arrival_out(arrival), reason, time.time(), entry, MEMORY_OF_UPDATES, holder)
        await (self._server.run if ticket else self._server.run_durably)("bury", names, *args)

    async def dead(self, limit: int = 1000) -> list[DeadLetter]:
        found = []
        for lane, entries in enumerate(await self._server.each_lane("XRANGE", "dead", "-", "+", "COUNT", limit)):
            for entry, data in pairs(entries):
                at = datetime.fromtimestamp(float(data[b"at"]), UTC)
                cid, reason = data[b"cid"].decode(), data[b"reason"].decode()
                found.append(DeadLetter(f"{lane}.{entry}", cid, at, reason, arrival_in(data[b"arrival"])))
        return sorted(found, key=lambda d: d.at)[:limit]

    async def replay(self, letter: str) -> bool:
        lane, _, entry = letter.partition(".")
        if not lane.isdecimal() or int(lane) >= self.lanes or not entry.replace("-", "", 1).isdecimal():
            return False
        return bool(await self._server.run("replay", [key(int(lane), "dead"), key(int(lane), "inbox")], entry))


def _held(ticket: Ticket) -> list[str]:
    return [key(ticket.lane, "owner"), key(ticket.lane, "inbox"), key(ticket.lane, "tries")]


def arrival_out(arrival: Arrival) -> str:
    """As the stream keeps it."""
    # Not asdict(): it copies the whole payload first, six times what the writing takes.
    names = {"channel": arrival.channel, "id": arrival.id, "chat": arrival.chat}
    return json.dumps(names | {"payload": arrival.payload}, ensure_ascii=False)


def arrival_in(text: bytes) -> Arrival:
    """What arrival_out wrote."""
    return Arrival(**known(Arrival, json.loads(text)))


def pairs(entries: object) -> list[tuple[str, dict[bytes, bytes]]]:
    """A stream's entries, whatever shape the client library gave them."""
    found = []
    for entry, data in entries or ():  # type: ignore[attr-defined]
        if data is None:
            continue
        fields = data if isinstance(data, dict) else dict(zip(data[::2], data[1::2], strict=True))
        found.append((entry.decode() if isinstance(entry, bytes) else str(entry), fields))
    return found
