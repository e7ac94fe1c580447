"""Where files lie: apart from everything that is served, a folder a conversation, each under its content's hash.

A conversation's folder goes with the conversation; nothing is shared between two, so nothing need be counted. The
protocol has room for another place (object storage); what is here lies in a folder that all processes see.
"""

import asyncio
import errno
import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import IO, Protocol

CHUNK = 64 * 1024
INCOMING = ".incoming"
SPARE = 256 * 1024 * 1024  # bytes: files never take the last room, without which no message is kept
LEFT_SECONDS = 3600.0  # what lies there so long was left by a process that died
_DIGEST = re.compile(r"[0-9a-f]{64}")
_CONVERSATION = re.compile(r"[0-9a-f]{20}")


class VaultUnavailable(Exception):
    """The place where files lie cannot be read or written: full, gone, or not ours."""


class Incoming(Protocol):
    """A file on its way in; it is gone unless kept."""

    path: Path  # what was written so far, as a local file: for looking at its content

    async def write(self, chunk: bytes) -> None:
        """The next bytes. Raises VaultUnavailable."""
        ...

    async def keep(self) -> str:
        """Durably into the vault; returns its SHA-256. Raises VaultUnavailable."""
        ...


class Vault(Protocol):
    """Files of conversations. All calls raise VaultUnavailable."""

    def receiving(self, conversation: str) -> AbstractAsyncContextManager[Incoming]:
        """`async with vault.receiving(c) as incoming:` a new file."""
        ...

    async def read(self, conversation: str, digest: str) -> bytes:
        """The whole content. Raises KeyError where there is no such file."""
        ...

    def stream(self, conversation: str, digest: str) -> AsyncGenerator[bytes, None]:
        """The content in chunks. Raises KeyError."""
        ...

    async def forget(self, conversation: str) -> None:
        """All files of a conversation go."""
        ...

    async def drop(self, conversation: str, digest: str) -> None:
        """One file goes, if it is there."""
        ...

    async def keep_only(self, conversation: str, digests: Iterable[str], older: float) -> int:
        """Files with other digests go, if they lie there for so many seconds; returns how many went."""
        ...

    async def conversations(self) -> list[str]:
        """Who has files here."""
        ...


class FolderVault:
    """A Vault in a folder; it is made at the first file, for its owner's eyes alone."""

    def __init__(self, folder: Path, spare: int = SPARE) -> None:
        """`spare`: bytes that stay free on the disk."""
        self._folder, self._spare = folder, spare

    @asynccontextmanager
    async def receiving(self, conversation: str) -> AsyncIterator[Incoming]:
        """See Vault."""
        place = self._of(conversation)
        with _translated():
            incoming = await asyncio.to_thread(_Incoming, self._folder / INCOMING, place, self._spare)
        try:
            yield incoming
        finally:
            await asyncio.to_thread(incoming.discard)

    async def read(self, conversation: str, digest: str) -> bytes:
        """See Vault."""
        return b"".join([chunk async for chunk in self.stream(conversation, digest)])

    async def stream(self, conversation: str, digest: str) -> AsyncGenerator[bytes, None]:
        """See Vault."""
        file = self._of(conversation) / _checked(digest)
        with _translated():
            try:
                stream = await asyncio.to_thread(file.open, "rb")
            except FileNotFoundError:
                raise KeyError(digest) from None
            try:
                while chunk := await asyncio.to_thread(stream.read, CHUNK):
                    yield chunk
            finally:
                stream.close()

    async def forget(self, conversation: str) -> None:
        """See Vault."""
        with _translated():
            await asyncio.to_thread(_gone, self._of(conversation))

    async def drop(self, conversation: str, digest: str) -> None:
        """See Vault."""
        file = self._of(conversation) / _checked(digest)
        with _translated():
            await asyncio.to_thread(file.unlink, missing_ok=True)

    async def keep_only(self, conversation: str, digests: Iterable[str], older: float) -> int:
        """See Vault."""
        with _translated():
            return await asyncio.to_thread(_keep_only, self._of(conversation), frozenset(digests), older)

    async def conversations(self) -> list[str]:
        """See Vault; also clears what a killed process left on its way in."""
        with _translated():
            return await asyncio.to_thread(self._listed)

    def _listed(self) -> list[str]:
        _older(self._folder / INCOMING, frozenset(), LEFT_SECONDS)
        found = self._folder.glob("[0-9a-f][0-9a-f]/*")
        return sorted(place.name for place in found if _CONVERSATION.fullmatch(place.name))

    def _of(self, conversation: str) -> Path:
        if not _CONVERSATION.fullmatch(conversation):
            raise KeyError(conversation)  # never a path of somebody else's making
        return self._folder / conversation[:2] / conversation


class _Incoming:
    def __init__(self, folder: Path, place: Path, spare: int) -> None:
        _made(folder)
        if shutil.disk_usage(folder).free < spare:
            raise OSError(errno.ENOSPC, "no room for files")
        self.path, self._place = folder / secrets.token_hex(16), place
        self._told = hashlib.sha256()
        self._stream: IO[bytes] = open(self.path, "xb", opener=_private)  # noqa: SIM115 - closed by discard()

    async def write(self, chunk: bytes) -> None:
        with _translated():
            await asyncio.to_thread(self._write, chunk)

    def _write(self, chunk: bytes) -> None:
        self._told.update(chunk)
        self._stream.write(chunk)
        self._stream.flush()  # whoever looks at the path sees all of it

    async def keep(self) -> str:
        with _translated():
            return await asyncio.to_thread(self._keep)

    def _keep(self) -> str:
        os.fsync(self._stream.fileno())
        _made(self._place)
        digest = self._told.hexdigest()
        os.replace(self.path, self._place / digest)
        os.utime(self._place / digest)
        for folder in (self._place, self._place.parent):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        return digest

    def discard(self) -> None:
        self._stream.close()
        self.path.unlink(missing_ok=True)


def _made(folder: Path) -> None:
    """With the folders above it where they are missing, all for their owner alone; mkdir's own mode is the last's."""
    if not folder.is_dir():
        _made(folder.parent)
        folder.mkdir(exist_ok=True, mode=0o700)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def _checked(digest: str) -> str:
    if not _DIGEST.fullmatch(digest):
        raise KeyError(digest)
    return digest


def _gone(place: Path) -> None:
    if place.exists():
        shutil.rmtree(place)


def _keep_only(place: Path, digests: frozenset[str], older: float) -> int:
    count = _older(place, digests, older)
    if not digests:
        with suppress(OSError):  # not empty, or gone already
            place.rmdir()
    return count


def _older(place: Path, digests: frozenset[str], older: float) -> int:
    border, count = time.time() - older, 0
    for file in place.iterdir() if place.is_dir() else ():
        if file.name not in digests and file.stat().st_mtime < border:
            file.unlink(missing_ok=True)
            count += 1
    return count


@contextmanager
def _translated() -> Iterator[None]:
    """Whatever is wrong with the disk is one exception of ours; the message names no file."""
    try:
        yield
    except OSError as error:
        raise VaultUnavailable(type(error).__name__) from error
