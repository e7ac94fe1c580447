"""The console's own style, scripts and pictures: read once, served under a name that changes with their content."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Static:
    """Files by name, and the hash over all of them: modules import each other by relative paths."""

    files: dict[str, tuple[str, bytes]]
    hash: str

    def url(self, name: str) -> str:
        """Where it is served. Raises KeyError for a file that is not there."""
        self.files[name]
        return f"/console/static/{self.hash}/{name}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """GET /console/static/{hash}/{name}; an older page's hash finds the file of today, but not for ever."""
        found = self.files.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        current = request.match_info["hash"] == self.hash
        headers = {"Cache-Control": FOR_EVER if current else "no-cache"}
        return web.Response(body=found[1], content_type=found[0], charset="utf-8", headers=headers)


@lru_cache(maxsize=1)
def load() -> Static:
    """Everything in static/."""
    digest, files = hashlib.sha256(), {}
    for path in sorted(FOLDER.iterdir()):
        if path.suffix in TYPES:
            content = path.read_bytes()
            digest.update(path.name.encode() + b"\0" + content)
            files[path.name] = (TYPES[path.suffix], content)
    return Static(files, digest.hexdigest()[:12])
