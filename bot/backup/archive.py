"""The backup's file: a .tar.gz whose first member names all the others with size and hash. Nothing else is accepted."""

import hashlib
import json
import os
import shutil
import tarfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import IO, Any

FORMAT = 1
MANIFEST = "manifest.json"
MEMBERS = KEY, SQLITE, POSTGRES, VALKEY, FILES, FITTED = (
    "secret.key",
    "stadtbote.sqlite",
    "database.dump",
    "valkey.rdb",
    "files.tar",
    "fitted.json",
)
LARGEST_MANIFEST = 64 * 1024
BLOCK = 1024 * 1024
Progress = Callable[[str, float], None]
"""Told the member at work and the share of it that is done, 0 to 1."""


class BackupError(Exception):
    """A backup cannot be made or put back; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the backup: bytes, and their SHA-256 in hexadecimal."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the file holds, and of which installation."""

    at: datetime
    version: str  # of Stadtbote
    revision: str  # of the database
    lanes: int
    key: str  # a fingerprint of the installation's key
    store: str  # "embedded", or "external": then its conversations are not in the file
    database: str  # "sqlite" or "postgresql"
    files: Mapping[str, Member]

    def to_json(self) -> str:
        """As it stands in the file."""
        return json.dumps({"format": FORMAT, **asdict(self), "at": self.at.isoformat()}, indent=1)

    @classmethod
    def from_json(cls, text: bytes) -> "Manifest":
        """Raises BackupError."""
        try:
            raw: dict[str, Any] = json.loads(text)
            if raw.pop("format") != FORMAT:
                raise BackupError("The file was written by a newer Stadtbote. Install that version to put it back.")
            files = {str(name): Member(int(m["size"]), str(m["sha256"])) for name, m in raw.pop("files").items()}
            return cls(**{**raw, "at": datetime.fromisoformat(raw["at"]), "lanes": int(raw["lanes"]), "files": files})
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BackupError("The file's list of contents cannot be read: it is damaged, or no backup.") from None


def fingerprint(key: bytes) -> str:
    """Tells whether two installations have the same key, and nothing of the key."""
    return hashlib.blake2b(key, digest_size=16, person=b"stadtbote-backup").hexdigest()


def measured(file: Path) -> Member:
    """A file's size and hash."""
    with file.open("rb") as stream:
        return Member(file.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest())


def write(file: IO[bytes], manifest: Manifest, folder: Path, progress: Progress) -> None:
    """The members lie in the folder under their names. Durable when this returns."""
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as tar:
        text = manifest.to_json().encode()
        tar.addfile(_info(MANIFEST, len(text), manifest.at), BytesIO(text))
        for name, member in manifest.files.items():
            with (folder / name).open("rb") as stream:
                told = _Told(stream, member.size, partial(progress, name))
                tar.addfile(_info(name, member.size, manifest.at), told)
    file.flush()
    os.fsync(file.fileno())


def read(file: Path, folder: Path, progress: Progress) -> Manifest:
    """Its members into the folder, each checked. Raises BackupError; then the folder may hold some of them."""
    try:
        with tarfile.open(file, "r|gz") as tar:
            return _read(tar, folder, progress)
    except FileNotFoundError:
        raise BackupError(f"There is no file {file}.") from None
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise BackupError(f"{file.name} is damaged, or no backup ({type(error).__name__}: {error}).") from None


def _read(tar: tarfile.TarFile, folder: Path, progress: Progress) -> Manifest:
    first = tar.next()
    if first is None or first.name != MANIFEST or not _plain(first) or first.size > LARGEST_MANIFEST:
        raise BackupError("The file does not begin with a list of its contents: it is no backup of Stadtbote.")
    manifest = Manifest.from_json(_stream(tar, first).read())
    left = dict(manifest.files)
    if unknown := sorted(set(left) - set(MEMBERS)):
        raise BackupError(f"The backup holds what Stadtbote does not know: {', '.join(unknown)[:200]!r}.")
    needed, free = sum(member.size for member in left.values()), shutil.disk_usage(folder).free
    if free < needed:
        raise BackupError(f"The disk of {folder.parent} has {free >> 20} MB free; the backup needs {needed >> 20} MB.")
    while (info := tar.next()) is not None:
        wanted = left.pop(info.name, None)
        if wanted is None or not _plain(info) or info.size != wanted.size:
            raise BackupError(f"The backup is damaged or was changed: {info.name[:80]!r} is not as its list says.")
        progress(info.name, 0.0)
        if _copied(_stream(tar, info), folder / info.name) != wanted:
            raise BackupError(f"The backup is damaged: {info.name} has another hash than its list says.")
        progress(info.name, 1.0)
    if left:
        raise BackupError(f"The backup is damaged: {', '.join(left)} is missing.")
    return manifest


def _copied(source: IO[bytes], place: Path) -> Member:
    """Written by us, under a name of ours: what the archive says of modes, owners and links is never used."""
    size, told = 0, hashlib.sha256()
    with open(place, "xb", opener=private) as target:
        while block := source.read(BLOCK):
            target.write(block)
            told.update(block)
            size += len(block)
        target.flush()
        os.fsync(target.fileno())
    return Member(size, told.hexdigest())


def private(path: str, flags: int) -> int:
    """An opener for files that only their owner may read, from their first byte on."""
    return os.open(path, flags, 0o600)


def _plain(info: tarfile.TarInfo) -> bool:
    return info.type == tarfile.REGTYPE and not info.sparse


def _stream(tar: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    found = tar.extractfile(info)
    assert found is not None  # a plain file
    return found


def _info(name: str, size: int, at: datetime) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, int(at.timestamp())
    return info


class _Told:
    """A stream that tells how much of it was read."""

    def __init__(self, stream: IO[bytes], size: int, tell: Callable[[float], None]) -> None:
        self._stream, self._size, self._tell, self._done = stream, size, tell, 0

    def read(self, size: int = -1) -> bytes:
        """As a file's."""
        block = self._stream.read(size)
        self._done += len(block)
        self._tell(self._done / self._size if self._size else 1.0)
        return block
