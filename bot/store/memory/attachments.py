"""Files of conversations, in memory: the twin of bot.store.redis.attachments."""

from datetime import datetime, timedelta

from bot.attachments.attachment import Attachment
from bot.store.memory.shelves import Room
from bot.store.protocol import Change


class AttachmentsRoom(Room):
    """See bot.store.protocol.Attachments."""

    async def attachments(self, conversation: str) -> list[Attachment]:
        return list(self._shelves.files.get(conversation, {}).values())

    async def wanted(self, now: datetime, for_: timedelta, limit: int) -> list[tuple[str, Attachment]]:
        due = sorted((at, name) for name, at in self._shelves.fetch.items() if at <= now)[:limit]
        for _, name in due:
            self._shelves.fetch[name] = now + for_
        return [(conversation, self._shelves.files[conversation][ident]) for _, (conversation, ident) in due]

    async def settle_attachment(self, conversation: str, attachment: Attachment, again: datetime | None) -> bool:
        known = self._shelves.files.get(conversation, {})
        self._shelves.fetch.pop((conversation, attachment.id), None)
        if attachment.id not in known:
            return False
        known[attachment.id] = attachment
        if again:
            self._shelves.fetch[conversation, attachment.id] = again
        await self._shelves.notify(Change(conversation, "", "", "", "", 0))
        return True
