"""The backup's file: what goes in comes out; what was damaged, changed or made to harm is refused."""

import io
import os
import tarfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.backup.archive import KEY, MANIFEST, SQLITE, VALKEY, BackupError, Manifest, Member, measured, read, write

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
Change = Callable[[tarfile.TarInfo], None]


def quiet(member: str, share: float) -> None:
    assert 0 <= share <= 1


def manifest(folder: Path) -> Manifest:
    files = {file.name: measured(file) for file in sorted(folder.iterdir())}
    return Manifest(AT, "0.1.0", "0001", 16, "ab" * 16, "embedded", "sqlite", files)


def filled(folder: Path, **contents: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in ({KEY: b"k" * 64, SQLITE: os.urandom(3000), VALKEY: b""} | contents).items():
        (folder / name).write_bytes(content)
    return folder


def packed(file: Path, folder: Path, told: Manifest) -> Path:
    with file.open("wb") as stream:
        write(stream, told, folder, quiet)
    return file


def rewritten(file: Path, first: int, change: Change) -> Path:
    """The same archive with its members from `first` on changed."""
    with tarfile.open(file) as old:
        members = [(info, old.extractfile(info).read()) for info in old.getmembers()]  # type: ignore[union-attr]
    with tarfile.open(file, "w:gz") as new:
        for number, (info, content) in enumerate(members):
            if number >= first:
                change(info)
            new.addfile(info, io.BytesIO(content))
    return file


def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@given(st.dictionaries(st.sampled_from([KEY, SQLITE, VALKEY]), st.binary(max_size=5000)))
@settings(max_examples=25)
def test_what_goes_in_comes_out(tmp_path_factory: pytest.TempPathFactory, contents: dict[str, bytes]) -> None:
    tmp_path = tmp_path_factory.mktemp("archive")
    folder = tmp_path / "in"
    folder.mkdir()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    told = manifest(folder)
    found = out(tmp_path)
    assert read(packed(tmp_path / "b.tar.gz", folder, told), found, quiet) == told
    assert {file.name: file.read_bytes() for file in found.iterdir()} == contents
    assert {file.stat().st_mode & 0o777 for file in found.iterdir()} <= {0o600}


def test_every_cut_is_noticed(tmp_path: Path) -> None:
    whole = packed(tmp_path / "b.tar.gz", folder := filled(tmp_path / "in"), manifest(folder)).read_bytes()
    for end in (0, 5, 20, 200, len(whole) // 2, len(whole) - 600):
        (tmp_path / "cut.tar.gz").write_bytes(whole[:end])
        target = tmp_path / f"out-{end}"
        target.mkdir()
        with pytest.raises(BackupError):
            read(tmp_path / "cut.tar.gz", target, quiet)


def test_every_turned_bit_in_a_member_is_noticed(tmp_path: Path) -> None:
    folder = filled(tmp_path / "in")
    file = packed(tmp_path / "b.tar.gz", folder, manifest(folder))
    content = bytearray((folder / SQLITE).read_bytes())
    content[1234] ^= 1
    with tarfile.open(file) as tar:
        assert tar.getnames() == [MANIFEST, KEY, SQLITE, VALKEY]
    told = manifest(folder)
    (folder / SQLITE).write_bytes(content)
    packed(file, folder, told)
    with pytest.raises(BackupError, match="another hash"):
        read(file, out(tmp_path), quiet)


def link(info: tarfile.TarInfo, kind: bytes) -> None:
    info.type, info.linkname = kind, "/etc/passwd"


HARM: dict[str, Change] = {
    "a way up": lambda info: setattr(info, "name", "../" + info.name),
    "an absolute name": lambda info: setattr(info, "name", "/tmp/" + info.name),
    "a name in a folder": lambda info: setattr(info, "name", "a/" + info.name),
    "a symbolic link": lambda info: (setattr(info, "type", tarfile.SYMTYPE), setattr(info, "linkname", "/etc/passwd"))[
        0
    ],
    "a hard link": lambda info: (setattr(info, "type", tarfile.LNKTYPE), setattr(info, "linkname", "/etc/passwd"))[0],
    "a device": lambda info: setattr(info, "type", tarfile.CHRTYPE),
    "a pipe": lambda info: setattr(info, "type", tarfile.FIFOTYPE),
    "a folder": lambda info: setattr(info, "type", tarfile.DIRTYPE),
    "another name": lambda info: setattr(info, "name", "authorized_keys"),
    "a member twice": lambda info: setattr(info, "name", KEY),
}


@pytest.mark.parametrize("what", HARM)
def test_what_is_made_to_harm_is_refused(what: str, tmp_path: Path) -> None:
    folder = filled(tmp_path / "in")
    file = rewritten(packed(tmp_path / "b.tar.gz", folder, manifest(folder)), 2, HARM[what])
    before = {path for path in tmp_path.rglob("*") if "out" not in path.parts}
    with pytest.raises(BackupError):
        read(file, found := out(tmp_path), quiet)
    assert {path.name for path in found.rglob("*")} <= {KEY}
    assert {path for path in tmp_path.rglob("*") if "out" not in path.parts} == before


def test_the_list_of_contents_is_not_trusted_either(tmp_path: Path) -> None:
    folder = filled(tmp_path / "in")
    told = manifest(folder)
    odd = replace(told, files={**told.files, "../../etc/cron.d/x": Member(1, "00")})
    (tmp_path / "etc").mkdir()
    file = packed(tmp_path / "b.tar.gz", folder, told)
    vast = replace(told, files={SQLITE: Member(1 << 60, "00")})
    contents = (
        vast.to_json().encode(),
        odd.to_json().encode(),
        b"[]",
        b"{}",
        b"\xff",
        b'{"format": 99}',
        b"x" * 100_000,
        b'{"format":1}',
    )
    for number, content in enumerate(contents):
        with tarfile.open(file, "w:gz") as tar:
            info = tarfile.TarInfo(MANIFEST)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        target = tmp_path / f"out{number}"
        target.mkdir()
        with pytest.raises(BackupError):
            read(file, target, quiet)
        assert not list(target.iterdir())


def test_what_is_no_backup(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "words").write_text("Dies ist keine Sicherung.", "utf-8")
    with tarfile.open(tmp_path / "other.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "words", "words")
    found = out(tmp_path)
    for name in ("empty", "words", "other.tar.gz", "nowhere", "."):
        with pytest.raises(BackupError):
            read(tmp_path / name, found, quiet)
    assert not list(found.iterdir())
