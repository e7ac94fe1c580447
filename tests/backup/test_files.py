"""Citizens' files in a backup: they come back as they were, and a file made to harm puts nothing anywhere."""

import hashlib
import io
import tarfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.attachments.vault import FolderVault
from bot.backup.archive import FILES, BackupError
from bot.backup.files import pack, size, unpack
from bot.backup.make import back_up
from bot.backup.restore import restore
from bot.settings import Settings
from tests.backup.test_backup import laid_out, quiet

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CID, OTHER = "00000001aaaaaaaaaaaa", "ff000001aaaaaaaaaaaa"


async def kept(vault: FolderVault, conversation: str, content: bytes) -> str:
    async with vault.receiving(conversation) as incoming:
        await incoming.write(content)
        return await incoming.keep()


async def test_there_and_back(tmp_path: Path) -> None:
    home = laid_out(replace(Settings(), home=tmp_path / "home", lanes=4, redis_url="redis://127.0.0.1:1"))
    vault = FolderVault(home.files)
    first, second = await kept(vault, CID, b"a" * 100_000), await kept(vault, OTHER, b"b")
    async with vault.receiving(CID) as incoming:  # on its way: no part of the state yet
        await incoming.write(b"c")
        made = await back_up(home, tmp_path / "b.tar.gz", NOW, quiet)
    assert FILES in made.manifest.files

    there = replace(home, home=tmp_path / "there", attachment_folder=tmp_path / "disk" / "files")
    await restore(there, tmp_path / "b.tar.gz", False, NOW, quiet)
    back = FolderVault(there.files)
    assert await back.conversations() == [CID, OTHER]
    assert await back.read(CID, first) == b"a" * 100_000
    assert await back.read(OTHER, second) == b"b"
    assert not any(p.stat().st_mode & 0o077 for p in there.files.rglob("*"))

    await kept(back, OTHER, b"newer")
    with pytest.raises(BackupError, match="files"):
        await restore(there, tmp_path / "b.tar.gz", False, NOW, quiet)
    again = await restore(there, tmp_path / "b.tar.gz", True, NOW, quiet)
    assert again.aside
    assert size(again.aside / "files") == 100_006
    assert size(there.files) == 100_001


async def test_without_files_there_is_no_such_member(tmp_path: Path) -> None:
    home = laid_out(replace(Settings(), home=tmp_path / "home", lanes=4, redis_url="redis://127.0.0.1:1"))
    made = await back_up(home, tmp_path / "b.tar.gz", NOW, quiet)
    assert FILES not in made.manifest.files


GOOD = f"00/{CID}/{hashlib.sha256(b'x').hexdigest()}"


@pytest.mark.parametrize(
    ("name", "kind", "content"),
    [
        ("../../evil", tarfile.REGTYPE, b"x"),
        ("/etc/passwd", tarfile.REGTYPE, b"x"),
        (f"00/{CID}/evil.sh", tarfile.REGTYPE, b"x"),
        (f"ff/{CID}/{hashlib.sha256(b'x').hexdigest()}", tarfile.REGTYPE, b"x"),
        (GOOD, tarfile.SYMTYPE, b""),
        (GOOD, tarfile.LNKTYPE, b""),
        (GOOD, tarfile.FIFOTYPE, b""),
        (GOOD, tarfile.REGTYPE, b"something else"),
    ],
)
def test_what_is_made_to_harm_is_refused(name: str, kind: bytes, content: bytes, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        info = tarfile.TarInfo(name)
        info.type, info.size, info.linkname = kind, len(content), "/etc/passwd"
        tar.addfile(info, io.BytesIO(content))
    with pytest.raises(BackupError):
        unpack(tmp_path / "evil.tar", tmp_path / "out")
    assert not (tmp_path.parent / "evil").exists()
    assert not [p for p in (tmp_path / "out").rglob("*") if p.is_symlink() or p.name.endswith(".sh")]


def test_a_damaged_one_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "vault" / "00" / CID
    place.mkdir(parents=True)
    (place / hashlib.sha256(b"x" * 5000).hexdigest()).write_bytes(b"x" * 5000)
    pack(tmp_path / "vault", tmp_path / "files.tar", quiet)
    whole = (tmp_path / "files.tar").read_bytes()
    (tmp_path / "cut.tar").write_bytes(whole[:2000])
    with pytest.raises(BackupError):
        unpack(tmp_path / "cut.tar", tmp_path / "out")
