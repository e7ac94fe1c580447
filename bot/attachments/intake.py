"""How a file comes in, from whichever side: counted while it streams, known by its content, scanned, then kept."""

import asyncio
import logging
from collections.abc import AsyncIterable
from dataclasses import dataclass, replace

from bot.attachments.attachment import Attachment, Fate
from bot.attachments.kinds import SHOWN
from bot.attachments.names import clean_name
from bot.attachments.pixels import pixels
from bot.attachments.scan import Scanner, Verdict
from bot.attachments.sniff import media_type
from bot.attachments.vault import Vault, VaultUnavailable

log = logging.getLogger(__name__)
MOST_PIXELS = 100_000_000  # of a picture that pages show (400 MB unpacked); a larger one is downloaded


@dataclass(frozen=True, slots=True)
class Rules:
    """What is taken: media types, and bytes of one file."""

    types: frozenset[str]
    largest: int

    @property
    def off(self) -> bool:
        """Is nothing taken at all?"""
        return not self.types


class Intake:
    """Takes files in. Their senders' words about them (type, length, name) decide nothing."""

    def __init__(self, vault: Vault, rules: Rules, scanner: Scanner) -> None:
        self.vault, self.rules, self._scanner = vault, rules, scanner

    async def take(self, conversation: str, named: Attachment, content: AsyncIterable[bytes]) -> Attachment:
        """The attachment with what became of it: READY, REFUSED, INFECTED or FAILED. Only READY ones were kept.

        Never raises because of the content; raises whatever `content` itself raises.
        """
        try:
            return await self._taken(conversation, named, content)
        except VaultUnavailable as error:
            log.error("files cannot be kept", extra={"reason": str(error)})
            return replace(named, fate=Fate.FAILED, reason="disk")

    async def _taken(self, conversation: str, named: Attachment, content: AsyncIterable[bytes]) -> Attachment:
        size = 0
        async with self.vault.receiving(conversation) as incoming:
            async for chunk in content:
                size += len(chunk)
                if size > self.rules.largest:
                    return replace(named, fate=Fate.REFUSED, reason="size")
                await incoming.write(chunk)
            if not size:
                return replace(named, fate=Fate.REFUSED, reason="empty")
            found = await asyncio.to_thread(media_type, incoming.path)
            if found not in self.rules.types:
                return replace(named, fate=Fate.REFUSED, reason="type", size=size)
            verdict = await self._scanner.look(incoming.path)
            if verdict is Verdict.INFECTED:
                log.warning("an infected file was not kept", extra={"conversation": conversation})
                return replace(named, fate=Fate.INFECTED, size=size)
            if verdict is Verdict.UNKNOWN:
                return replace(named, fate=Fate.FAILED, reason="scanner", size=size)
            large = await asyncio.to_thread(pixels, incoming.path, found) if found in SHOWN else None
            digest = await incoming.keep()
        name = clean_name(named.name, found)
        shown = large is not None and 0 < large <= MOST_PIXELS
        taken = replace(named, name=name, media_type=found, size=size, digest=digest, shown=shown)
        return replace(taken, fate=Fate.READY, reason="")
