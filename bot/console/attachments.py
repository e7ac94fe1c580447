"""Files of conversations in the console: shown, downloaded, sent, asked for again.

Whoever may see the conversation may see its files, and nobody else. A file is never a page of ours: it comes with a
policy under which nothing in it runs, and all but pictures is downloaded.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

from aiohttp import web

from bot.attachments.attachment import Attachment, Fate, attachment_id
from bot.attachments.carrier import Carrier
from bot.attachments.kinds import ENDINGS
from bot.attachments.names import clean_name
from bot.attachments.serving import as_file, serve
from bot.attachments.vault import CHUNK
from bot.console.console import Console, epoch_of, field
from bot.console.identity import WHO
from bot.console.session import ROOT
from bot.console.words import Words
from bot.conversation import Conversation, Line, NotNow
from bot.handoff.desk import Clerk, Opened
from bot.privacy.masking import mask
from bot.route import Access, Route

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileShown:
    """A file in the transcript. `state` says in words why it is not there; `again`: it may be asked for."""

    id: str
    name: str
    about: str  # kind and size in words
    alt: str
    ready: bool = False
    image: bool = False
    state: str = ""
    trouble: bool = False
    again: bool = False


class Attachments:
    """Handlers, and the verbs `file` (send one) and `fetch` (ask for one again)."""

    def __init__(self, console: Console) -> None:
        self._console, self._desk, self._intake = console, console.core.desk, console.core.intake
        # Somewhat more than is taken, so that most of what is too large is refused in words beside the field.
        self.largest = self._intake.rules.largest + 2 * MEGABYTE
        self.verbs = {"file": self.send, "fetch": self.fetch}

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        file = f"{ROOT}/inbox/{{conversation}}/files/{{file}}"
        return [
            Route("GET", file, self.download, Access.CLERK),
            Route("GET", file + "/image", self.image, Access.CLERK),
        ]

    async def download(self, request: web.Request) -> web.StreamResponse:
        """To be saved, never shown; who took it is written down."""
        conversation, file = await self._found(request)
        await self._console.audit.record(request[WHO].account.name, "file_read", conversation)
        return await serve(request, self._intake.vault, conversation, file, as_file(file.name))

    async def image(self, request: web.Request) -> web.StreamResponse:
        """A picture in the transcript; who opens it by itself is written down."""
        conversation, file = await self._found(request)
        if not file.shown:
            raise web.HTTPNotFound
        if request.headers.get("Sec-Fetch-Dest") != "image":
            await self._console.audit.record(request[WHO].account.name, "file_read", conversation)
        return await serve(request, self._intake.vault, conversation, file, "inline")

    async def _found(self, request: web.Request) -> tuple[str, Attachment]:
        """Raises 404 for what is not there, is another team's, or must not be served."""
        conversation = request.match_info["conversation"]
        try:
            opened = await self._desk.open(request[WHO].clerk, conversation)
            file = opened.attachments[request.match_info["file"]]
        except (KeyError, ValueError):
            raise web.HTTPNotFound from None
        if file.fate is not Fate.READY:
            raise web.HTTPNotFound
        return conversation, file

    async def send(self, request: web.Request, clerk: Clerk, conversation: str) -> object:
        """The posted file is taken in, then sent. Raises NotNow with what is wrong with it."""
        epoch = await epoch_of(request)
        c = await self._desk.look(clerk, conversation)
        posted: Any = (await request.post()).get("file")
        if not isinstance(posted, web.FileField) or not posted.filename:
            raise NotNow("file.none")
        ident = attachment_id(f"{conversation} {clerk.user} {self._console.now().isoformat()}")
        file = await self._intake.take(conversation, Attachment(ident, clean_name(posted.filename)), _read(posted.file))
        self._console.core.metrics.attachments.labels("clerk", str(file.fate)).inc()
        if file.fate is not Fate.READY:
            raise NotNow(f"file.{file.reason or file.fate}", megabytes=self._intake.rules.largest // MEGABYTE)
        if not self._may_go(c, file):
            raise NotNow("file.channel")
        return await self._desk.send_file(clerk, conversation, file, epoch, await field(request, "once"))

    async def fetch(self, request: web.Request, clerk: Clerk, conversation: str) -> object:
        """Have a citizen's file fetched (again)."""
        return await self._desk.fetch(clerk, conversation, await field(request, "file"))

    def _may_go(self, c: Conversation, file: Attachment) -> bool:
        channel = self._console.core.channels.get(c.channel)
        return isinstance(channel, Carrier) and channel.takes(file.media_type, file.size)


def offered(console: Console, c: Conversation, t: Words) -> Mapping[str, Any] | None:
    """What the form for a file needs; None where none can be sent."""
    channel, rules = console.core.channels.get(c.channel), console.core.intake.rules
    if rules.off or channel is None or not channel.limits.attachments:
        return None
    endings = sorted({f".{ending}" for media_type in rules.types for ending in ENDINGS[media_type]})
    megabytes = rules.largest // MEGABYTE
    hint = t("file.hint", megabytes=megabytes)
    too_large = t("notnow.file.size", megabytes=megabytes)
    return {"accept": ",".join(endings), "largest": rules.largest, "hint": hint, "too_large": too_large}


def shown(opened: Opened, line: Line, in_charge: bool, t: Words) -> tuple[FileShown, ...]:
    """A line's files. Who is not in charge sees names masked, as all words."""
    found = [opened.attachments[ident] for ident in line.attachments if ident in opened.attachments]
    return tuple(_shown(file, in_charge, t) for file in found)


def _shown(file: Attachment, in_charge: bool, t: Words) -> FileShown:
    name = file.name if in_charge else mask(file.name)
    ready = file.fate is Fate.READY
    state = "" if ready else t(f"file.fate.{file.fate}")
    if file.fate in (Fate.FAILED, Fate.REFUSED) and file.reason:
        state = f"{state} {t.maybe(f'file.reason.{file.reason}', '')}".strip()
    return FileShown(
        file.id,
        name,
        _size(file.size, t),
        t("file.alt", name=name),
        ready,
        ready and file.shown,
        state,
        file.fate in (Fate.FAILED, Fate.REFUSED, Fate.INFECTED),
        file.fate in (Fate.FAILED, Fate.HELD) and bool(file.source),
    )


def _size(size: int, t: Words) -> str:
    if not size:
        return ""
    return t("file.mb", n=t.number(round(size / MEGABYTE, 1))) if size >= MEGABYTE else t("file.kb", n=-(-size // 1024))


async def _read(file: IO[bytes]) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(file.read, CHUNK):
        yield chunk
