"""Files of conversations: which there are, and which are to be fetched."""

from datetime import datetime, timedelta
from typing import Protocol

from bot.attachments.attachment import Attachment


class Attachments(Protocol):
    """Files of conversations, by name; their content lies in the vault (bot.attachments.vault)."""

    async def attachments(self, conversation: str) -> list[Attachment]:
        """All files of a conversation, in no order."""
        ...

    async def wanted(self, now: datetime, for_: timedelta, limit: int) -> list[tuple[str, Attachment]]:
        """Take at most `limit` files that are to be fetched by now; nobody else is given them `for_` so long."""
        ...

    async def settle_attachment(self, conversation: str, attachment: Attachment, again: datetime | None) -> bool:
        """What became of a file, and when it is to be fetched again. False, and nothing kept, where the conversation
        knows no such file (any more): it was erased."""
        ...
