"""Who works on which lane, and what there is to do in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.store.inbox import Ticket
from bot.store.outbox import Outgoing

START = "0-0"
"""Where a new holder begins to read."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one look at a lane found; `inbox` and `outbox` are where the next look goes on."""

    tickets: tuple[Ticket, ...]
    outgoing: tuple[Outgoing, ...]
    inbox: str
    outbox: str


class Lanes(Protocol):
    """Who works on what."""

    lanes: int

    async def own_lanes(self, worker: str, seconds: float) -> Sequence[int]:
        """Renew this worker's share of the lanes and return it; a worker that stops calling loses them."""
        ...

    async def release_lanes(self, worker: str) -> None:
        """Give the lanes of a worker back at once: at its shutdown, or by whoever saw it die."""
        ...

    async def read(
        self, lane: int, holder: str, inbox: str | None, outbox: str | None, count: int, wait: float
    ) -> Batch:
        """What came after these entries (START: from the beginning; None: leave it out), at most `count` of each;
        waits up to `wait` seconds for something. Takes nothing away: after an error, ask again."""
        ...
