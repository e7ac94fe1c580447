"""The clerks' verbs: each is one event through the same step(). The console calls these and nothing else."""

from dataclasses import dataclass
from datetime import datetime

from bot.conversation import Conversation, Line, Status
from bot.events import (
    ClerkClaimed,
    ClerkHandedBack,
    ClerkNoted,
    ClerkReleased,
    ClerkReopened,
    ClerkResolved,
    ClerkSeen,
    ClerkWrote,
    Event,
    LeaseExpired,
)
from bot.message import DeliveryState
from bot.turns import Turns


@dataclass(frozen=True, slots=True)
class Clerk:
    """Who acts: `user` is the account's name, `name` what citizens read. No teams means every team."""

    user: str
    name: str
    teams: frozenset[str] = frozenset()

    def sees(self, conversation: Conversation) -> bool:
        """May this clerk look at it? A conversation in the bot's hands belongs to no team yet."""
        return not self.teams or not conversation.team or conversation.team in self.teams


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation as the console shows it. `deliveries`: the worst state of each line's parts, by line id."""

    conversation: Conversation
    version: int
    lines: tuple[Line, ...]
    deliveries: dict[str, DeliveryState]


class Desk:
    """Verbs raise bot.conversation.NotNow with a reason, KeyError for an unknown conversation (also one of another
    team: nobody learns that it exists)."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._store = turns.store

    async def queue(self, clerk: Clerk) -> list[Conversation]:
        """Waiting and assigned conversations the clerk may see, in the order in which they should be taken.

        The order is min(promised time, end of the WhatsApp window), then waiting since.
        """
        seen = [c for c, _ in await self._store.open() if clerk.sees(c)]
        return sorted(seen, key=self._urgency)

    async def recent(self, clerk: Clerk, limit: int = 50) -> list[Conversation]:
        """The latest conversations, whoever has them."""
        return [c for c in await self._store.recent(limit) if clerk.sees(c)]

    async def open(self, clerk: Clerk, conversation: str) -> Opened:
        """One conversation with its transcript."""
        held = await self._store.load(conversation)
        if held.conversation is None or not clerk.sees(held.conversation):
            raise KeyError(conversation)
        lines = await self._store.transcript(conversation)
        states = await self._store.deliveries(conversation)
        shown = {
            line.id: min((states.get(p, DeliveryState.QUEUED) for p in line.parts), key=_worst)
            for line in lines
            if line.parts
        }
        return Opened(held.conversation, held.version, tuple(lines), shown)

    async def claim(self, clerk: Clerk, conversation: str) -> Conversation:
        """Take it; refused while another clerk has it."""
        return await self._do(clerk, conversation, ClerkClaimed(clerk.user, clerk.name, min(clerk.teams, default="")))

    async def seen(self, clerk: Clerk, conversation: str) -> Conversation:
        """Renew the lease."""
        return await self._do(clerk, conversation, ClerkSeen(clerk.user))

    async def write(
        self, clerk: Clerk, conversation: str, text: str, revision: str = "", epoch: int | None = None
    ) -> Conversation:
        """Answer the citizen, with own words or with an entry's revision."""
        return await self._do(clerk, conversation, ClerkWrote(clerk.user, clerk.name, text, revision, epoch))

    async def note(self, clerk: Clerk, conversation: str, text: str) -> Conversation:
        """Write something the citizen does not see."""
        return await self._do(clerk, conversation, ClerkNoted(clerk.user, clerk.name, text))

    async def release(self, clerk: Clerk, conversation: str, team: str = "") -> Conversation:
        """Back to the queue with its old waiting time, or on to another team."""
        return await self._do(clerk, conversation, ClerkReleased(clerk.user, clerk.name, team))

    async def hand_back(self, clerk: Clerk, conversation: str) -> Conversation:
        """Back to the bot."""
        return await self._do(clerk, conversation, ClerkHandedBack(clerk.user, clerk.name))

    async def resolve(self, clerk: Clerk, conversation: str) -> Conversation:
        """Done."""
        return await self._do(clerk, conversation, ClerkResolved(clerk.user, clerk.name))

    async def reopen(self, clerk: Clerk, conversation: str) -> Conversation:
        """Go on with a resolved one."""
        return await self._do(clerk, conversation, ClerkReopened(clerk.user, clerk.name))

    async def expire(self, conversation: str) -> Conversation:
        """The clock's verb: a claim that nobody renewed goes back to the queue."""

        async def judge(c: Conversation) -> Event:
            del c
            return LeaseExpired()

        return (await self._turns.apply(conversation, judge)).conversation

    async def _do(self, clerk: Clerk, conversation: str, event: Event) -> Conversation:
        async def judge(c: Conversation) -> Event:
            if not clerk.sees(c):
                raise KeyError(conversation)
            return event

        return (await self._turns.apply(conversation, judge)).conversation

    def _urgency(self, c: Conversation) -> tuple[bool, float, float]:
        channel = self._turns.channels.get(c.channel)
        window = channel.limits.window if channel else None
        ends: list[datetime] = [c.due] if c.due else []
        times = [t.timestamp() for t in ends]
        if window is not None and c.last_citizen:
            times.append(c.last_citizen.timestamp() + window)
        since = c.waiting_since.timestamp() if c.waiting_since else 0.0
        return c.status is not Status.WAITING, min(times, default=float("inf")), since


def _worst(state: DeliveryState) -> int:
    """What a clerk must know first: trouble, then the slowest part."""
    order = ("unknown", "failed", "dropped", "queued", "sending", "sent", "delivered", "read")
    return order.index(state)
