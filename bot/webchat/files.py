"""Files in the web chat: a form's file streamed in within limits, and a visitor's own files served."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import BodyPartReader, web

from bot.attachments.attachment import MOST, Attachment, Fate, attachment_id
from bot.attachments.names import clean_name
from bot.attachments.serving import as_file, serve
from bot.attachments.vault import CHUNK
from bot.composition import Core
from bot.conversation import Status
from bot.webchat.form import Throttle, Unacceptable, form_ident

SLACK = 2 * 1024 * 1024  # bytes of a form beyond its file: somewhat too large a file is read, and refused in words
UPLOAD_SECONDS = 300.0  # the largest file at 280 kbit/s
STATUS = {"size": 413, "type": 415, "infected": 422, "scanner": 503, "disk": 503}


@dataclass(frozen=True, slots=True)
class Taken:
    """A form's file, taken in; `ident` is the form's own id."""

    ident: str
    file: Attachment


class Files:
    """For one process."""

    def __init__(self, core: Core, throttle: Throttle | None = None, seconds: float = UPLOAD_SECONDS) -> None:
        """`seconds`: how long one form may take to arrive."""
        self._seconds = seconds
        self._store, self._intake, self._metrics = core.store, core.intake, core.metrics
        self._throttle = throttle or Throttle(burst=10, rate=0.1)

    async def take(self, request: web.Request, chat: str, conversation: str) -> Taken:
        """The posted file. Raises Unacceptable with what is wrong with it, StoreUnavailable."""
        if request.content_type != "multipart/form-data":
            raise Unacceptable(415, "form")
        rules = self._intake.rules
        if (request.content_length or 0) > rules.largest + SLACK:
            raise Unacceptable(413, "file_size", megabytes=rules.largest >> 20)
        if not self._throttle.allow(chat):
            raise Unacceptable(429, "often")
        await self._wanted(conversation)
        try:
            async with asyncio.timeout(self._seconds):
                return await self._read(request, conversation)
        except TimeoutError:
            raise Unacceptable(408, "offline") from None
        except ValueError:  # no multipart after all
            raise Unacceptable(400, "form") from None

    async def _wanted(self, conversation: str) -> None:
        held = (await self._store.load(conversation)).conversation
        if self._intake.rules.off or held is None or held.status not in (Status.WAITING, Status.ASSIGNED):
            raise Unacceptable(409, "file_bot")
        if len(await self._store.attachments(conversation)) >= MOST:
            raise Unacceptable(409, "file_many")

    async def _read(self, request: web.Request, conversation: str) -> Taken:
        reader, ident = await request.multipart(), ""
        for _ in range(5):  # fields; ours has two
            part = await reader.next()
            if not isinstance(part, BodyPartReader):
                break
            if part.name == "id":
                ident = (await part.read_chunk(100)).decode("ascii", "replace")
            elif part.name == "file" and part.filename:
                ident = form_ident(
                    ident, part.filename, scripted="application/json" in request.headers.get("Accept", "")
                )
                return Taken(ident, await self._kept(conversation, ident, part))
        raise Unacceptable(400, "file_none")

    async def _kept(self, conversation: str, ident: str, part: BodyPartReader) -> Attachment:
        named = Attachment(attachment_id(ident), clean_name(part.filename or ""))
        file = await self._intake.take(conversation, named, _chunks(part))
        self._metrics.attachments.labels("citizen", str(file.fate)).inc()
        if file.fate is Fate.READY:
            return file
        why = file.reason or str(file.fate)
        raise Unacceptable(STATUS.get(why, 400), f"file_{why}", megabytes=self._intake.rules.largest >> 20)

    async def serve(
        self, request: web.Request, conversation: str, ident: str, inline: bool = False
    ) -> web.StreamResponse:
        """A file of that conversation; 404 for any other."""
        files = {file.id: file for file in await self._store.attachments(conversation)}
        file = files.get(ident)
        if file is None or file.fate is not Fate.READY or (inline and not file.shown):
            raise web.HTTPNotFound
        return await serve(request, self._intake.vault, conversation, file, "inline" if inline else as_file(file.name))


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await part.read_chunk(CHUNK):
        yield chunk
