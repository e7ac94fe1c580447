"""Server-sent events, as the HTML standard reads them."""

from collections.abc import AsyncIterator

import aiohttp


async def events(answer: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, str]]:
    """(event, data) of each event of the response, until it ends."""
    name, data = "message", list[str]()
    async for raw in answer.content:
        line = raw.decode().rstrip("\r\n")
        if line.startswith("event:"):
            name = line[6:].strip()
        elif line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line:
            if data:
                yield name, "\n".join(data)
            name, data = "message", []
