"""Parts on their way to citizens, and what becomes of them."""

from dataclasses import dataclass
from typing import Protocol

from bot.message import DeliveryState, Part, Rate


@dataclass(frozen=True, slots=True)
class Sending:
    """One part for the outbox."""

    id: str
    line: str
    channel: str
    chat: str
    part: Part
    by: str  # bot or clerk
    urgent: bool = False
    arrival: str = ""  # what logs call the arrival that it answers (bot.logs.name_of)
    arrived: float = 0.0  # unix time when that was kept, on the last part of a reply; 0.0: none, or not known


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A part as read from the outbox."""

    lane: int
    id: str  # of the entry in the outbox
    holder: str
    conversation: str
    epoch: int
    sending: Sending


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A part that has not come to its end: queued or being sent."""

    part: str
    state: DeliveryState
    by: str  # bot or clerk


class Outbox(Protocol):
    """Parts on their way to citizens."""

    async def reserve(self, bucket: str, rate: Rate) -> float:
        """Take the next token of a bucket that all workers share: seconds to wait until it is there."""
        ...

    async def reserve_chat(self, outgoing: Outgoing, rate: Rate) -> float:
        """The same for the bucket of this conversation."""
        ...

    async def hold_back(self, outgoing: Outgoing, rate: Rate, seconds: float) -> None:
        """The platform asked for patience in this conversation: its bucket stays empty for so long."""
        ...

    async def take(self, outgoing: Outgoing, token: str) -> tuple[str, float]:
        """Ask, in one atomic step, whether it may be sent now, and mark it as being sent.

        `token` names the asker's attempt: who asks again with it, because the answer was lost, is told the same.

        Returns ("send" | "stale" | "unknown" | "gone", unix time of the citizen's last message). "unknown":
        somebody began to send it and never said how it ended. Raises Fenced.
        """
        ...

    async def settle(self, outgoing: Outgoing, state: DeliveryState, external: str = "", reason: str = "") -> None:
        """What became of a taken part; QUEUED gives it back for another try. Whoever sent it may say so, also
        after losing the lane: it is the truth."""
        ...

    async def report(self, conversation: str, external: str, state: DeliveryState, reason: str = "") -> None:
        """A platform's report, durable when this returns; never moves a delivery backwards, and may come before
        settle() and again."""
        ...

    async def unsettled(self, conversation: str) -> list[Unsettled]:
        """Parts of this conversation that are queued or being sent."""
        ...

    async def doubt(self, conversation: str, part: str) -> bool:
        """Nobody waits for this part any longer: if it is still being sent, it is unknown from now on."""
        ...
