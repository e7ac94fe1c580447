"""Files of conversations in Redis: a hash a conversation, and in each lane a sorted set of what is to be fetched."""

import json
from datetime import datetime, timedelta

from bot.attachments.attachment import Attachment
from bot.store.keys import CHANGES, key
from bot.store.redis.server import Room


class AttachmentsRoom(Room):
    """See bot.store.protocol.Attachments."""

    async def attachments(self, conversation: str) -> list[Attachment]:
        async with self._server.translated():
            values = await self._server.redis.hvals(self._files(conversation))
        return [Attachment.from_json(value) for value in values]

    async def wanted(self, now: datetime, for_: timedelta, limit: int) -> list[tuple[str, Attachment]]:
        found: list[tuple[str, Attachment]] = []
        before = await self._server.each_lane("ZCOUNT", "fetch", "-inf", now.timestamp())
        for lane in (lane for lane, count in enumerate(before) if count):
            if len(found) >= limit:
                break
            args = (now.timestamp(), (now + for_).timestamp(), limit - len(found))
            for member in await self._server.run("wanted", [key(lane, "fetch")], *args):
                conversation, _, ident = member.decode().partition(":")
                async with self._server.translated():
                    value = await self._server.redis.hget(self._files(conversation), ident)
                    if value is None:  # it outlived the conversation
                        await self._server.redis.zrem(key(lane, "fetch"), member)
                if value is not None:
                    found.append((conversation, Attachment.from_json(value)))
        return found

    async def settle_attachment(self, conversation: str, attachment: Attachment, again: datetime | None) -> bool:
        keys = [self._files(conversation), key(self._server.lane(conversation), "fetch")]
        when = again.timestamp() if again else ""
        change = json.dumps({"c": conversation})
        args = (conversation, attachment.id, attachment.to_json(), when, CHANGES, change)
        return bool(await self._server.run("settle_attachment", keys, *args))

    def _files(self, conversation: str) -> str:
        return key(self._server.lane(conversation), "files", conversation)
