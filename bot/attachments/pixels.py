"""How large a picture is once it is unpacked: a few kilobytes may hold a picture that fills a browser's memory.

Read from the headers alone, after the formats' specifications (PNG, GIF89a, JPEG/T.81, WebP container).
"""

import struct
from pathlib import Path

HEAD = 512 * 1024  # a JPEG's size stands behind its thumbnail and profile
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # JPEG's start-of-frame markers
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length


def pixels(file: Path, media_type: str) -> int | None:
    """Width times height; None where the header does not say. Reads the file: call it beside the event loop."""
    with file.open("rb") as stream:
        head = stream.read(HEAD)
    readers = {"image/png": _png, "image/gif": _gif, "image/jpeg": _jpeg, "image/webp": _webp}
    try:
        size = readers[media_type](head)
    except (KeyError, IndexError, struct.error):
        return None
    return size[0] * size[1] if size else None


def _png(head: bytes) -> tuple[int, int] | None:
    return struct.unpack_from(">II", head, 16) if head[12:16] == b"IHDR" else None


def _gif(head: bytes) -> tuple[int, int] | None:
    return struct.unpack_from("<HH", head, 6)


def _jpeg(head: bytes) -> tuple[int, int] | None:
    at = 2
    while head[at] == 0xFF:
        marker = head[at + 1]
        if marker == 0xFF:  # padding
            at += 1
        elif marker in _ALONE:
            at += 2
        elif marker in _FRAMES:
            height, width = struct.unpack_from(">HH", head, at + 5)
            return width, height
        else:
            at += 2 + int(struct.unpack_from(">H", head, at + 2)[0])
    return None


def _webp(head: bytes) -> tuple[int, int] | None:
    kind = head[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", head, 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", head, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None
