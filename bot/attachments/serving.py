"""How a file leaves for a browser: under a policy in which nothing of it runs, and by a name that is only a name."""

from collections.abc import Mapping
from urllib.parse import quote

from aiohttp import web

from bot.attachments.attachment import Attachment
from bot.attachments.vault import Vault, VaultUnavailable

POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


async def serve(
    request: web.Request, vault: Vault, conversation: str, file: Attachment, disposition: str
) -> web.StreamResponse:
    """The content of a READY file; 404 where it is gone, 503 where the disk is. Who may see it was asked before."""
    content = vault.stream(conversation, file.digest)
    try:
        first = await anext(content, b"")
        response = web.StreamResponse(headers=_headers(file, disposition))
        await response.prepare(request)
        await response.write(first)
        async for chunk in content:
            await response.write(chunk)
    except KeyError:
        raise web.HTTPNotFound from None
    except VaultUnavailable:
        raise web.HTTPServiceUnavailable from None
    finally:
        await content.aclose()
    await response.write_eof()
    return response


def as_file(name: str) -> str:
    """Content-Disposition after RFC 6266: the name in ASCII for old programs, and as it is."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _headers(file: Attachment, disposition: str) -> Mapping[str, str]:
    return {
        "Content-Type": file.media_type,
        "Content-Length": str(file.size),
        "Content-Disposition": disposition,
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
