"""What a channel is. The core knows this protocol and no messenger."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Protocol

from bot.message import Arrival, DeliveryReport, Limits, Message, Part, Spoken

Deliver = Callable[[Arrival], Awaitable[None]]
"""Writes an arrival to the inbox, durably, before it returns; raises InboxUnavailable otherwise."""


class Unverified(Exception):
    """The update does not prove that it comes from the platform: answer 401 or 403, keep nothing."""


class Unparseable(Exception):
    """The update is genuine but cannot be understood; str() is the reason for the dead-letter list."""


class SendFailed(Exception):
    """A part was not sent. `may_retry`: certainly nothing was delivered, and it may work later."""

    may_retry = False


class ChannelThrottled(SendFailed):
    """The platform asks for patience: 429 or its like. Nothing was delivered."""

    may_retry = True

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"retry after {retry_after:g} s")
        self.retry_after = retry_after


class NotConnected(SendFailed):
    """No connection was made, or the server said 5xx before it did anything: nothing was delivered."""

    may_retry = True


class Refused(SendFailed):
    """The platform will not take this part, now or later: blocked, window closed, malformed."""


class Ambiguous(SendFailed):
    """The request was written and the answer never came: delivered or not, nobody knows."""


class Channel(Protocol):
    """One messenger. `accept`, `parse` and `render` are pure; the others talk to the network."""

    name: str
    limits: Limits

    def accept(self, raw: bytes, headers: Mapping[str, str]) -> Iterable[Arrival]:
        """Verify a webhook's body over its raw bytes and take it apart, every element on its own.

        Headers' names are lower case. Raises Unverified, or Unparseable (then the whole body is a dead letter).
        """
        ...

    def unpack(self, raw: bytes) -> Iterable[Arrival]:
        """Take apart a body that was verified when it came. Raises Unparseable."""
        ...

    def report(self, arrival: Arrival) -> DeliveryReport | None:
        """The delivery report that this is and nothing else; None for all that wants parse(). Cheap: the edge asks."""
        ...

    def parse(self, arrival: Arrival) -> Message | DeliveryReport | None:
        """The element as our own type; None for what needs no reaction. Raises Unparseable."""
        ...

    def render(self, spoken: Spoken) -> tuple[Part, ...]:
        """The parts that say this here, each within the limits; buttons on the last one."""
        ...

    async def send(self, chat: str, part: Part) -> str:
        """Send one part; return the platform's id of it. Raises a SendFailed."""
        ...

    async def acknowledge(self, message: Message) -> None:
        """Tell the platform that a pressed button was seen, where it wants to know; failures are harmless."""
        ...

    async def connect(self, webhook: str) -> None:
        """Tell the platform, at start, what it must know: where to post updates, which commands there are."""
        ...

    async def poll(self, deliver: Deliver) -> None:
        """Fetch updates for ever (until cancelled), where the channel is polled; else return at once."""
        ...

    async def close(self) -> None:
        """Close connections."""
        ...
