"""The evidence on one chat: what its platform was told 2xx for, what the citizen's screen shows, what the store has.

A storm's messages are of a few kinds, each with its own reply; no kind follows itself in a chat. So a repeated, a
missing or a displaced reply shows on the screen alone, without asking the product.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.conversation import Line, conversation_id
from bot.message import DeliveryState
from bot.simulator import Account
from bot.store.protocol import Store

KINDS: Mapping[str, str] = {
    "start": "/start",
    "help": "/hilfe",
    "privacy": "/datenschutz",
    "language": "/sprache",
    "thanks": "danke schön",
    "goodbye": "auf wiedersehen",
}
"""Kind to words. The last two are understood, searched and answered; the others are commands."""
STRANGE = "?"


@dataclass(frozen=True)
class Evidence:
    """One chat at the end. `said`: (message id, kind) of what was acknowledged, in the order of acknowledgement."""

    conversation: str
    said: tuple[tuple[str, str], ...]
    screen: tuple[str, ...]  # kinds of the replies that the citizen sees, in their order
    lines: tuple[Line, ...]
    deliveries: Mapping[str, DeliveryState]

    @property
    def heard(self) -> list[str]:
        """Ids of the citizen's lines in the transcript."""
        return [line.id for line in self.lines if line.by == "citizen"]

    @property
    def unanswered(self) -> list[str]:
        """Ids of messages that no line of the bot follows."""
        found, waiting = [], ""
        for line in self.lines:
            if line.by == "citizen":
                found += [waiting] if waiting else []
                waiting = line.id
            elif line.by == "bot":
                waiting = ""
        return [*found, waiting] if waiting else found

    def count(self, *states: DeliveryState) -> int:
        """Parts in one of these states."""
        return sum(state in states for state in self.deliveries.values())


@dataclass(frozen=True)
class Replies:
    """What each kind is answered with, learned while all was calm: a text on the screen to its kind."""

    kinds: Mapping[str, str]

    def read(self, texts: Sequence[str]) -> tuple[str, ...]:
        """The kinds of these texts, STRANGE for one that was never learned."""
        return tuple(self.kinds.get(text, STRANGE) for text in texts)


async def gather(account: Account, kinds: Sequence[str], replies: Replies, store: Store, secret: bytes) -> Evidence:
    """All evidence on one account, whose n-th message was of the n-th kind."""
    conversation = conversation_id(secret, account.platform, account.key)
    said = tuple((one.id, kind) for one, kind in zip(account.said, kinds, strict=False) if one.taken)
    screen = replies.read([seen.text for seen in account.seen])
    lines = tuple(await store.transcript(conversation))
    return Evidence(conversation, said, screen, lines, await store.deliveries(conversation))
