"""What a file is, by its content alone: neither its name nor what its sender says about it counts.

Signatures are those of the formats' own specifications. What may run in a browser or an office program (markup,
scripts, programs, macros) has no type here and is refused.
"""

import io
import os
import re
import unicodedata
import zipfile
from pathlib import Path

from bot.attachments.kinds import ODF, OOXML

HEAD = 4096  # bytes that a signature may lie in
MEMBERS = 5000  # of an office document; more is none
LIST = 1024 * 1024  # bytes of the list of members; a long one takes fifteen times its size in memory
LONGEST_TEXT = 2 * 1024 * 1024
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"), "image/heic"),
    **dict.fromkeys((b"M4A ", b"M4B "), "audio/mp4"),
    **dict.fromkeys((b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V "), "video/mp4"),
    **dict.fromkeys((b"3gp4", b"3gp5", b"3gp6", b"3gg6"), "video/3gpp"),
}
_SIGNS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"#!AMR", "audio/amr"),
)
_MPEG = re.compile(rb"\xff[\xfb\xf3\xf2\xfa]")
_AAC = re.compile(rb"\xff[\xf1\xf9]")
_OOXML = {"word/": "wordprocessingml.document", "xl/": "spreadsheetml.sheet", "ppt/": "presentationml.presentation"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS = (
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
)
_MARKUP = re.compile(
    rb"<\s*(?:!doctype|!--|\?xml|\?php|html|head|body|svg|script|iframe|xsl:|math|meta|link|object|embed)",
    re.IGNORECASE,
)


def media_type(file: Path) -> str:
    """One of bot.attachments.kinds, or "" for anything else; reads the file, so call it beside the event loop."""
    with file.open("rb") as stream:
        head = stream.read(HEAD)
    for sign, found in _SIGNS:
        if head.startswith(sign):
            return found
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "")
    if head.startswith(b"PK\x03\x04"):
        return _office(file)
    if head.startswith(_OLE):
        return _old_office(file.read_bytes())
    if _MPEG.match(head):
        return "audio/mpeg"
    if _AAC.match(head):
        return "audio/aac"
    return "text/plain" if _is_text(file, head) else ""


def _office(file: Path) -> str:
    """Only the list of members is read: nothing is unpacked, so nothing can unfold to more than it is."""
    try:
        with _Sparing(file) as stream, zipfile.ZipFile(stream) as archive:
            names = archive.namelist()
            first = archive.infolist()[0]
            if len(names) > MEMBERS or any(name.casefold().endswith("vbaproject.bin") for name in names):
                return ""
            if first.filename == "mimetype" and first.compress_type == zipfile.ZIP_STORED and first.file_size < 100:
                if any(name.startswith(("Basic/", "Scripts/")) for name in names):
                    return ""
                said = archive.read(first).decode("ascii", "replace").strip()
                return said if said.startswith(ODF) and said.removeprefix(ODF) in _ODF else ""
    except (zipfile.BadZipFile, IndexError, NotImplementedError, OSError, ValueError, RuntimeError):
        return ""
    if "[Content_Types].xml" not in names:
        return ""
    return next((OOXML + kind for folder, kind in _OOXML.items() if any(n.startswith(folder) for n in names)), "")


class _Sparing(io.FileIO):
    """A file of which nobody reads much at once: zipfile reads the whole list of members in one go, however long."""

    def read(self, size: int | None = -1, /) -> bytes:
        left = os.fstat(self.fileno()).st_size - self.tell()
        wanted = left if size is None or size < 0 else size
        if wanted > LIST:
            raise zipfile.BadZipFile("a list of members that no document has")
        return super().read(wanted) or b""


_ODF = frozenset({"text", "spreadsheet", "presentation"})


def _old_office(content: bytes) -> str:
    """By the streams that the compound file names; an installer or a message file has others. Macros are refused."""
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        return ""
    return next((found for name, found in _OLE_STREAMS if name.encode("utf-16-le") in content), "")


def _is_text(file: Path, head: bytes) -> bool:
    """Words in UTF-8, or in the one-byte code of Western Europe, without control characters and markup."""
    if not head or file.stat().st_size > LONGEST_TEXT:
        return False
    content = file.read_bytes()
    if content.startswith(b"MZ") or content.startswith(b"#!") or _MARKUP.search(content):
        return False
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    return not any(unicodedata.category(c) == "Cc" or c == "\ufffd" for c in set(text) - set("\t\n\r\f"))
