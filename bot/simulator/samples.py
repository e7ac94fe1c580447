"""What simulated citizens send where a test names no file of its own: small, and really of that kind."""

import base64

_JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQ"
    "Ew8QEBD/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AVN//2Q=="
)
_PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""
_STARTS = {
    "photo": _JPEG,
    "sticker": b"RIFF\x1a\0\0\0WEBPVP8 ",
    "document": _PDF,
    "voice": b"OggS\0\2" + bytes(22),
    "audio": b"ID3\4\0\0\0\0\0\0",
    "video": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
}


def sample(what: str, number: int) -> bytes:
    """A file of that kind; two are never the same."""
    return _STARTS.get(what, b"") + f"\nsimulated {what} {number}\n".encode()
