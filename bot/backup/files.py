"""Citizens' and clerks' files in a backup: one member, a plain tar of the vault, checked name by name when put back."""

import hashlib
import os
import re
import tarfile
from pathlib import Path

from bot.backup.archive import BLOCK, BackupError, Progress, private

_NAME = re.compile(r"([0-9a-f]{2})/(\1[0-9a-f]{18})/([0-9a-f]{64})")


def size(folder: Path) -> int:
    """Bytes of all files in the vault."""
    return sum(file.stat().st_size for file in _files(folder))


def pack(folder: Path, target: Path, progress: Progress) -> None:
    """The vault's files into a tar; one that is erased meanwhile is left out."""
    found = _files(folder)
    with open(target, "xb", opener=private) as stream, tarfile.open(fileobj=stream, mode="w") as tar:
        for number, file in enumerate(found):
            try:
                with file.open("rb") as content:
                    info = tarfile.TarInfo(str(file.relative_to(folder)))
                    info.size, info.mode = os.fstat(content.fileno()).st_size, 0o600
                    tar.addfile(info, content)
            except FileNotFoundError:
                continue
            progress(target.name, number / len(found))
    progress(target.name, 1.0)


def unpack(source: Path, folder: Path) -> None:
    """Into a new folder. Raises BackupError for anything that is no file of a vault under its own hash."""
    folder.mkdir(mode=0o700)
    try:
        with tarfile.open(source, "r:") as tar:
            for info in tar:
                name = _NAME.fullmatch(info.name)
                content = tar.extractfile(info) if name and info.type == tarfile.REGTYPE and not info.sparse else None
                if name is None or content is None:
                    raise BackupError(
                        f"The backup is damaged or was changed: {info.name[:80]!r} is no file of a citizen's."
                    )
                place, told = folder / info.name, hashlib.sha256()
                for above in (place.parent.parent, place.parent):
                    above.mkdir(exist_ok=True, mode=0o700)
                with open(place, "xb", opener=private) as stream:
                    while block := content.read(BLOCK):
                        told.update(block)
                        stream.write(block)
                    stream.flush()
                    os.fsync(stream.fileno())
                if told.hexdigest() != name[3]:
                    raise BackupError("The backup is damaged: a citizen's file has another hash than its name says.")
    except (tarfile.TarError, EOFError, FileExistsError) as error:
        raise BackupError(f"The backup's files cannot be read ({type(error).__name__}).") from None


def _files(folder: Path) -> list[Path]:
    found = folder.glob("[0-9a-f][0-9a-f]/*/*")
    return sorted(file for file in found if _NAME.fullmatch(str(file.relative_to(folder))) and file.is_file())
