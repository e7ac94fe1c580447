"""The inbox in memory: the twin of bot.store.redis.inbox."""

from bot.message import Arrival
from bot.store.memory.shelves import Name, Room
from bot.store.protocol import AlreadyDone, DeadLetter, Ticket


class InboxRoom(Room):
    """See bot.store.protocol.Inbox."""

    async def append(self, conversation: str, arrival: Arrival) -> bool:
        if _name(arrival) in self._shelves.seen:
            return False
        self._shelves.seen.add(_name(arrival))
        self._shelves.enter(conversation, arrival)
        await self._shelves.notify()
        return True

    async def begin(self, ticket: Ticket) -> int:
        self._shelves.fence(ticket)
        if ticket.id not in self._shelves.inbox[ticket.lane]:
            raise AlreadyDone(ticket.id)
        self._shelves.tries[ticket.id] += 1
        return self._shelves.tries[ticket.id]

    async def finish(self, ticket: Ticket) -> None:
        self._shelves.fence(ticket)
        self._shelves.inbox[ticket.lane].pop(ticket.id, None)

    async def bury(self, conversation: str, arrival: Arrival, reason: str, ticket: Ticket | None = None) -> None:
        if ticket is not None:
            self._shelves.fence(ticket)
            if self._shelves.inbox[ticket.lane].pop(ticket.id, None) is None:
                return
        elif _name(arrival) in self._shelves.seen:
            return
        self._shelves.seen.add(_name(arrival))
        self._shelves.inter(conversation, arrival, reason)

    async def dead(self, limit: int = 1000) -> list[DeadLetter]:
        return list(self._shelves.dead.values())[:limit]

    async def replay(self, letter: str) -> bool:
        found = self._shelves.dead.pop(letter, None)
        if found is not None:
            self._shelves.enter(found.conversation, found.arrival)
            await self._shelves.notify()
        return found is not None


def _name(arrival: Arrival) -> Name:
    return arrival.channel, arrival.chat, arrival.id
