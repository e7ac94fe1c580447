"""Files over HTTP: downloads that never hold more than a chunk, and time for uploads."""

from collections.abc import AsyncGenerator, Mapping

import aiohttp

from bot.attachments.carrier import Gone, TooLarge
from bot.channels.channel import ChannelThrottled, NotConnected

CHUNK = 64 * 1024
UPLOAD_SECONDS = 60.0


def uploading(timeout: aiohttp.ClientTimeout) -> aiohttp.ClientTimeout:
    """The same patience with a silent server, and more with one that takes a large file."""
    return aiohttp.ClientTimeout(total=UPLOAD_SECONDS, sock_connect=timeout.sock_connect, sock_read=timeout.sock_read)


async def streamed(
    session: aiohttp.ClientSession, url: str, headers: Mapping[str, str], patience: aiohttp.ClientTimeout, largest: int
) -> AsyncGenerator[bytes, None]:
    """A file's bytes; the time limit of the whole is the caller's. Raises Gone, TooLarge, ChannelThrottled and
    NotConnected; also a content that breaks off or is shorter than announced is NotConnected."""
    patience = aiohttp.ClientTimeout(total=None, sock_connect=patience.sock_connect, sock_read=patience.sock_read)
    size = 0
    try:
        async with session.get(url, headers=headers, timeout=patience, allow_redirects=False) as answer:
            if answer.status == 429:
                raise ChannelThrottled(1.0)
            if answer.status >= 500:
                raise NotConnected(f"the file server answered {answer.status}")
            if answer.status != 200:
                raise Gone(f"the file server answered {answer.status}")
            if (answer.content_length or 0) > largest:
                raise TooLarge("by its own account")
            async for chunk in answer.content.iter_chunked(CHUNK):
                size += len(chunk)
                if size > largest:
                    raise TooLarge("by what came")
                yield chunk
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise NotConnected(type(error).__name__) from None
