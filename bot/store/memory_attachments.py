"""Files of conversations, in memory: the twin of bot.store.redis.attachments."""

from datetime import UTC, datetime, timedelta

from bot.attachments.attachment import Attachment, Fate
from bot.store.protocol import Change, Write


class MemoryAttachments:
    """See bot.store.protocol.Attachments."""

    def __init__(self) -> None:
        super().__init__()
        self._files: dict[str, dict[str, Attachment]] = {}
        self._fetch: dict[tuple[str, str], datetime] = {}

    async def attachments(self, conversation: str) -> list[Attachment]:
        return list(self._files.get(conversation, {}).values())

    async def wanted(self, now: datetime, for_: timedelta, limit: int) -> list[tuple[str, Attachment]]:
        due = sorted((at, name) for name, at in self._fetch.items() if at <= now)[:limit]
        for _, name in due:
            self._fetch[name] = now + for_
        return [(conversation, self._files[conversation][ident]) for _, (conversation, ident) in due]

    async def settle_attachment(self, conversation: str, attachment: Attachment, again: datetime | None) -> bool:
        known = self._files.get(conversation, {})
        self._fetch.pop((conversation, attachment.id), None)
        if attachment.id not in known:
            return False
        known[attachment.id] = attachment
        if again:
            self._fetch[conversation, attachment.id] = again
        await self._notify(Change(conversation, "", "", "", "", 0))
        return True

    def _forget_files(self, conversation: str) -> None:
        for ident in self._files.pop(conversation, {}):
            self._fetch.pop((conversation, ident), None)

    def _keep_files(self, conversation: str, write: Write) -> None:
        if write.erase:
            self._forget_files(conversation)
        for attachment in write.attachments:
            self._files.setdefault(conversation, {})[attachment.id] = attachment
            if attachment.fate is Fate.QUEUED:
                self._fetch[conversation, attachment.id] = datetime.now(UTC)

    async def _notify(self, change: Change | None = None) -> None:
        """Tell the watchers."""
        raise NotImplementedError
