"""Taking files in: what they are called, what they are, what the scanner says, how much of them is read."""

import asyncio
import io
import os
import stat
import struct
import tempfile
import tracemalloc
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientTimeout, web
from aiohttp.test_utils import TestServer
from hypothesis import example, given
from hypothesis import strategies as st

from bot.attachments.attachment import Attachment, Fate
from bot.attachments.carrier import Gone, TooLarge
from bot.attachments.intake import Intake, Rules
from bot.attachments.kinds import ENDINGS, KINDS, taken
from bot.attachments.names import LONGEST, clean_name
from bot.attachments.pixels import pixels
from bot.attachments.scan import Scanner, Verdict
from bot.attachments.serving import as_file
from bot.attachments.sniff import media_type
from bot.attachments.vault import FolderVault, VaultUnavailable
from bot.bidi import readable
from bot.channels.channel import ChannelThrottled, NotConnected
from bot.channels.streaming import streamed
from bot.settings import SettingsError, read
from bot.simulator.samples import sample

C = "00000001aaaaaaaaaaaa"
NAMED = Attachment("aa", "bild.jpg")
ALL = frozenset(ENDINGS)


async def chunks(content: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for at in range(0, len(content), size):
        yield content[at : at + size]


# --- names --------------------------------------------------------------------------------------------------------


@given(st.one_of(st.text(), st.text(alphabet="./\\: a\u202e\u2066\u200b\x00\n.jpgexe", max_size=300)))
@example("e\u061c\u0301")
def test_a_name_is_a_name_and_nothing_else(name: str) -> None:
    for kind in ("", *ENDINGS):
        clean = clean_name(name, kind)
        assert clean
        assert len(clean) <= LONGEST
        assert not set(clean) & set('/\\:*?"<>|\x00\n\r\u202e\u2066\u200b')
        assert clean.isprintable()
        assert clean not in (".", "..")
        assert not clean.startswith(".")
        assert clean_name(clean, kind) == clean
        assert not kind or clean.rpartition(".")[2].casefold() in ENDINGS[kind]
        assert Path(clean).name == clean
        header = as_file(clean)
        assert header.isascii()
        assert "\n" not in header
        assert header.count('"') == 2


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("../../etc/passwd", "", "passwd"),
        ("C:\\Users\\erika\\Bild.JPG", "image/jpeg", "Bild.JPG"),
        ("rechnung\u202egpj.exe", "", "rechnunggpj.exe"),
        ("rechnung\u202egpj.exe", "image/jpeg", "rechnunggpj.exe.jpg"),
        ("seite.html", "text/plain", "seite.html.txt"),
        ("nul", "", "_nul"),
        ("", "application/pdf", "file.pdf"),
        ("...", "", "file"),
        ("Führerschein  (Vorder\nseite).pdf", "application/pdf", "Führerschein (Vorder seite).pdf"),
        ("صورة البطاقة.jpg", "image/jpeg", "صورة البطاقة.jpg"),
        ("x" * 300 + ".pdf", "application/pdf", "x" * 76 + ".pdf"),
    ],
)
def test_names(name: str, kind: str, expected: str) -> None:
    assert clean_name(name, kind) == expected
    assert str(readable(expected))


# --- content ------------------------------------------------------------------------------------------------------


def zipped(*names: str, mimetype: bytes = b"") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        if mimetype:
            archive.writestr(zipfile.ZipInfo("mimetype"), mimetype)
        for name in names:
            archive.writestr(name, b"x")
    return made.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
OOXML, ODF = "application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument."
CONTENTS = [
    (sample("photo", 1), "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF89a", "image/gif"),
    (sample("sticker", 1), "image/webp"),
    (b"\0\0\0\x18ftypheic\0\0\0\0", "image/heic"),
    (sample("document", 1), "application/pdf"),
    (zipped("[Content_Types].xml", "word/document.xml"), OOXML + "wordprocessingml.document"),
    (zipped("[Content_Types].xml", "xl/workbook.xml"), OOXML + "spreadsheetml.sheet"),
    (zipped("content.xml", mimetype=(ODF + "text").encode()), ODF + "text"),
    (OLE + "WordDocument".encode("utf-16-le"), "application/msword"),
    ("Grüße aus 東京\n\tund 🏛".encode(), "text/plain"),
    ("Grüße".encode("cp1252"), "text/plain"),
    (sample("voice", 1), "audio/ogg"),
    (sample("audio", 1), "audio/mpeg"),
    (b"\xff\xf1\x50\x80", "audio/aac"),
    (b"#!AMR\n", "audio/amr"),
    (b"\0\0\0\x18ftypM4A \0\0\0\0", "audio/mp4"),
    (sample("video", 1), "video/mp4"),
    # what is refused
    (b"", ""),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", ""),
    (b"\xef\xbb\xbf \n<!DOCTYPE html>", ""),
    (b"harmlos " * 2000 + b"<ScRipt>", ""),
    (b"<?php system($_GET[0]);", ""),
    (b"#!/bin/sh\nrm -rf /", ""),
    (b"MZ\x90\0", ""),
    (b"\x7fELF", ""),
    (b"PK\x03\x04 no archive", ""),
    (zipped("evil.exe"), ""),
    (zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), ""),
    (zipped("content.xml", "Basic/Standard/script-lb.xml", mimetype=(ODF + "text").encode()), ""),
    (zipped("a", mimetype=b"text/html"), ""),
    (OLE, ""),
    (OLE + "WordDocument_VBA_PROJECT".encode("utf-16-le"), ""),
    (b"words\0and zeros", ""),
    (b"\0\0\0\x18ftypqt  ", ""),
    (b" %PDF-1.4", ""),
]


@pytest.mark.parametrize(("content", "expected"), CONTENTS)
def test_what_a_file_is(content: bytes, expected: str, tmp_path: Path) -> None:
    file = tmp_path / "whatever.jpg"
    file.write_bytes(content)
    found = media_type(file)
    if content == b" %PDF-1.4":
        assert found in ("", "text/plain")  # words, served as words
    else:
        assert found == expected
    assert not found or found in ALL


def test_a_list_of_members_that_no_document_has_is_not_read(tmp_path: Path) -> None:
    """It would be fifteen times as large in memory, and the process stands still while it is read."""
    file, many = tmp_path / "long.docx", 40_000
    members = (b"PK\x01\x02" + bytes(42)) * many
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, many, many, len(members), 30, 0)
    file.write_bytes(b"PK\x03\x04" + bytes(26) + members + end)
    tracemalloc.start()
    try:
        assert media_type(file) == ""
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
    some = [f"word/{n}.xml" for n in range(4000)]
    file.write_bytes(zipped("[Content_Types].xml", *some))
    assert media_type(file).endswith("wordprocessingml.document")


@given(st.binary(max_size=200), st.sampled_from([content for content, _ in CONTENTS]))
def test_no_content_breaks_it(tail: bytes, head: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        for content in (tail, head[:20] + tail, head + tail):
            Path(file.name).write_bytes(content)
            assert media_type(Path(file.name)) in {"", *ALL}


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\2\0\0\0"


@pytest.mark.parametrize(
    ("content", "kind", "expected"),
    [
        (png(640, 480), "image/png", 640 * 480),
        (b"GIF89a" + struct.pack("<HH", 20, 10), "image/gif", 200),
        (sample("photo", 1), "image/jpeg", 1),
        (b"\xff\xd8\xff\xe1\0\x08Exif\0\0\xff\xff\xc2\0\x11\x08" + struct.pack(">HH", 30, 40), "image/jpeg", 1200),
        (b"RIFF....WEBPVP8X" + bytes(8) + b"\x09\0\0\x13\0\0", "image/webp", 200),
        (b"RIFF....WEBPVP8L" + bytes(5) + struct.pack("<I", 9 | 19 << 14), "image/webp", 200),
        (b"RIFF....WEBPVP8 " + bytes(10) + struct.pack("<HH", 10, 20), "image/webp", 200),
        (b"\xff\xd8\xff\xd9", "image/jpeg", None),
        (b"\xff\xd8\xff", "image/jpeg", None),
        (b"\x89PNG\r\n\x1a\n", "image/png", None),
        (b"%PDF-", "application/pdf", None),
    ],
)
def test_how_large_a_picture_is(content: bytes, kind: str, expected: int | None, tmp_path: Path) -> None:
    file = tmp_path / "picture"
    file.write_bytes(content)
    assert pixels(file, kind) == expected


@given(st.binary(max_size=300), st.sampled_from(["image/png", "image/gif", "image/jpeg", "image/webp"]))
def test_no_header_breaks_it(content: bytes, kind: str) -> None:
    with tempfile.NamedTemporaryFile() as file:
        for head in (content, b"\xff\xd8" + content, b"\xff\xd8\xff\xe0" + content, b"RIFF....WEBP" + content):
            Path(file.name).write_bytes(head)
            assert pixels(Path(file.name), kind) is None or pixels(Path(file.name), kind) >= 0  # type: ignore[operator]


async def test_files_never_take_the_last_room_of_the_disk(tmp_path: Path) -> None:
    intake = Intake(FolderVault(tmp_path / "files", spare=1 << 62), Rules(ALL, 10_000), Scanner())
    file = await intake.take("a" * 20, Attachment("a", "b.jpg"), chunks(sample("photo", 1)))
    assert (file.fate, file.reason) == (Fate.FAILED, "disk")
    assert not list((tmp_path / "files" / ".incoming").iterdir())


async def test_a_picture_that_would_fill_the_memory_is_only_downloaded(tmp_path: Path) -> None:
    intake = Intake(FolderVault(tmp_path / "files"), Rules(ALL, 10_000), Scanner())
    for size, shown in (((4000, 3000), True), ((60_000, 60_000), False), ((0, 10), False)):
        file = await intake.take(C, NAMED, chunks(png(*size)))
        assert (file.fate, file.shown) == (Fate.READY, shown)


def test_settings_say_what_is_taken(tmp_path: Path) -> None:
    assert taken("pdf,text") == {"application/pdf", "text/plain"}
    assert taken("off") == frozenset()
    assert taken(read({}, tmp_path).attachments) == frozenset(t for types in KINDS.values() for t in types)
    for name, value, says in (
        ("ATTACHMENTS", "pdf,exe", "write some of: image, pdf"),
        ("ATTACHMENT_MEGABYTES", "100", "from 1 to 20"),
        ("SCANNER", "/no/such/scanner -x", "no such program"),
        ("SCANNER", "'clamdscan", "quotes do not match"),
        ("SCANNER_SECONDS", "0", "from 1 to 600"),
    ):
        with pytest.raises(SettingsError, match=says):
            read({f"STADTBOTE_{name}": value}, tmp_path)
    assert read({"STADTBOTE_ATTACHMENT_FOLDER": "shared"}, tmp_path).files == tmp_path / "shared"
    assert read({}, tmp_path).files == tmp_path / "var" / "files"


# --- the scanner --------------------------------------------------------------------------------------------------


def script(folder: Path, body: str) -> str:
    file = folder / "scanner"
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o700)
    return str(file)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("exit 0", Verdict.CLEAN),
        ('test -s "$1" && exit 1', Verdict.INFECTED),
        ("exit 2", Verdict.UNKNOWN),
        ("kill -9 $$", Verdict.UNKNOWN),
        ('test -n "$STADTBOTE_TELEGRAM_TOKEN" && exit 1; exit 0', Verdict.CLEAN),
    ],
)
async def test_what_the_scanner_says(
    body: str, expected: Verdict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STADTBOTE_TELEGRAM_TOKEN", "1:secret")
    file = tmp_path / "file"
    file.write_bytes(b"x")
    assert await Scanner(script(tmp_path, body), 30).look(file) is expected


async def test_a_scanner_that_hangs_ends_with_all_it_began(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    line = script(tmp_path, f"sleep 600 & echo $! > {pid}; wait")
    assert await Scanner(line, 0.5).look(tmp_path) is Verdict.UNKNOWN
    child = int(pid.read_text())
    async with asyncio.timeout(60):
        while _runs(child):
            await asyncio.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


async def test_a_scanner_that_is_gone_is_no_clean_bill(tmp_path: Path) -> None:
    assert await Scanner(str(tmp_path / "nothing"), 1).look(tmp_path) is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("body", "fate", "reason"),
    [("exit 1", Fate.INFECTED, ""), ("exit 9", Fate.FAILED, "scanner"), ("exit 0", Fate.READY, "")],
)
async def test_only_what_is_clean_is_kept(body: str, fate: Fate, reason: str, tmp_path: Path) -> None:
    vault = FolderVault(tmp_path / "files")
    intake = Intake(vault, Rules(ALL, 10_000), Scanner(script(tmp_path, body), 30))
    file = await intake.take(C, NAMED, chunks(sample("photo", 1)))
    assert (file.fate, file.reason) == (fate, reason)
    left = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert len(left) == (fate is Fate.READY)


# --- the vault ----------------------------------------------------------------------------------------------------


async def test_what_lies_in_the_vault(tmp_path: Path) -> None:
    vault = FolderVault(tmp_path / "files")
    intake = Intake(vault, Rules(ALL, 10_000), Scanner())
    content = sample("photo", 1)
    file = await intake.take(C, NAMED, chunks(content))
    assert file == await intake.take(C, NAMED, chunks(content))  # the same again is the same
    assert await vault.read(C, file.digest) == content
    (path,) = (p for p in (tmp_path / "files").rglob("*") if p.is_file())
    assert (path.name, path.parent.name, path.suffix) == (file.digest, C, "")
    for place in (path, *list(path.parents)[:3]):
        assert not stat.S_IMODE(place.stat().st_mode) & 0o077, place
    assert not os.access(path, os.X_OK) or os.geteuid() == 0
    assert not path.stat().st_mode & 0o111
    for conversation, digest in (("../../etc", file.digest), (C, "../passwd"), ("0" * 20, file.digest), (C, "f" * 64)):
        with pytest.raises(KeyError):
            await vault.read(conversation, digest)
    await vault.forget(C)
    await vault.forget(C)
    assert await vault.conversations() == []


async def test_a_disk_that_fails_is_said(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file where the folder should be")
    vault = FolderVault(tmp_path / "files")
    file = await Intake(vault, Rules(ALL, 10_000), Scanner()).take(C, NAMED, chunks(b"GIF89a"))
    assert (file.fate, file.reason) == (Fate.FAILED, "disk")
    with pytest.raises(VaultUnavailable):
        await vault.read(C, "f" * 64)


async def test_no_more_is_written_than_is_taken(tmp_path: Path) -> None:
    largest, read_bytes = 50_000, 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read_bytes
        while True:
            read_bytes += 10_000
            yield b"GIF89a" + bytes(9_994)

    intake = Intake(FolderVault(tmp_path / "files"), Rules(ALL, largest), Scanner())
    file = await intake.take(C, NAMED, endless())
    assert (file.fate, file.reason, read_bytes) == (Fate.REFUSED, "size", 60_000)
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


# --- streams ------------------------------------------------------------------------------------------------------


async def test_streams_that_lie_never_end_or_break_off() -> None:
    largest, sent = 300_000, 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(16 * 1024):  # a gigabyte
            await response.write(bytes(64 * 1024))
            sent += 64 * 1024
        return response

    async def announced(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(10**9)})
        await response.prepare(request)
        return response

    async def short(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"x" * 10)
        assert request.transport is not None
        request.transport.close()
        return response

    async def says(request: web.Request) -> web.StreamResponse:
        return web.Response(status=int(request.query["status"]), headers={"Location": "/endless"})

    app = web.Application()
    for name, handler in (("endless", endless), ("announced", announced), ("short", short), ("says", says)):
        app.router.add_get(f"/{name}", handler)
    async with TestServer(app) as server, ClientSession() as session:

        async def fetched(path: str) -> int:
            url = str(server.make_url(path))
            return sum([len(c) async for c in streamed(session, url, {}, ClientTimeout(sock_read=5), largest)])

        for path, expected in (
            ("/endless", TooLarge),
            ("/announced", TooLarge),
            ("/short", NotConnected),
            ("/says?status=404", Gone),
            ("/says?status=302", Gone),
            ("/says?status=429", ChannelThrottled),
            ("/says?status=502", NotConnected),
        ):
            with pytest.raises(expected):
                await fetched(path)
    assert sent < 64 * 1024 * 1024, "what is too much must not be read to its end"
