"""Static files under addresses that hold their content's hash, so that browsers may keep them for ever."""

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).with_name("static")
PREFIX = "/chat/static/"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, read once."""

    name: str  # with its hash
    media_type: str
    body: bytes


class Assets:
    """The files of one folder."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._by_name: Mapping[str, Asset] = {p.name: _read(p) for p in sorted(folder.iterdir()) if p.is_file()}
        self._by_address = {asset.name: asset for asset in self._by_name.values()}

    def url(self, name: str) -> str:
        """The address of a file. Raises KeyError."""
        return PREFIX + self._by_name[name].name

    def text(self, name: str) -> str:
        """The content of a text file."""
        return self._by_name[name].body.decode("utf-8")

    async def serve(self, request: web.Request) -> web.Response:
        """The route's handler."""
        asset = self._by_address.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound(text="404")
        response = web.Response(body=asset.body, content_type=asset.media_type, charset="utf-8")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.enable_compression()
        return response


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    digest = hashlib.blake2b(body, digest_size=6).hexdigest()
    media_type = {".js": "text/javascript"}.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "text/plain"
    return Asset(f"{path.stem}.{digest}{path.suffix}", media_type, body)
