"""A channel that carries files. Those that do not are channels all the same."""

from collections.abc import AsyncGenerator
from typing import Protocol, runtime_checkable

from bot.attachments.vault import Vault, VaultUnavailable
from bot.channels.channel import NotConnected, Refused
from bot.message import Part


class Gone(Refused):
    """The platform has the file no longer, or will not hand it out."""


class TooLarge(Refused):
    """The file is larger than is taken: what came of it is thrown away."""


@runtime_checkable
class Carrier(Protocol):
    """What a channel must do besides. `vault` is set by whoever builds it: send() takes from there what leaves."""

    vault: Vault | None

    def download(self, source: str, largest: int) -> AsyncGenerator[bytes, None]:
        """A file's content by the platform's reference, in chunks, at most `largest` bytes. Raises Gone, TooLarge and
        the other kinds of SendFailed; a content that breaks off, or is shorter than announced, is NotConnected."""
        ...

    def takes(self, media_type: str, size: int) -> bool:
        """May a file of that type and size (bytes) be sent here?"""
        ...


async def enclosed_content(vault: Vault | None, part: Part) -> bytes:
    """What a part of render() encloses (the fields of Enclosed). Raises a SendFailed: nothing was sent then."""
    if vault is None:
        raise Refused("there is no place for files")
    try:
        return await vault.read(part["conversation"], part["digest"])
    except KeyError:
        raise Refused("the file is gone") from None
    except VaultUnavailable as error:
        raise NotConnected(f"files: {error}") from None
