"""What watchers of the store are told."""

from dataclasses import dataclass
from typing import Any

from bot.conversation import Conversation


@dataclass(frozen=True, slots=True)
class Change:
    """What watchers are told: which conversation, and who may want to look again. Never words."""

    conversation: str
    channel: str
    chat: str
    status: str
    team: str
    version: int
    people: bool = False  # nothing of it changed but who looks at it or types


def summary(conversation: Conversation, version: int) -> dict[str, Any]:
    """A Change as JSON."""
    c = conversation
    return {"c": c.id, "ch": c.channel, "chat": c.chat, "s": c.status, "t": c.team, "v": version}
