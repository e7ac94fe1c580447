"""A round through the addresses that are due: hosts side by side, one host's pages one after the other, with pauses."""

import asyncio
import logging
from collections.abc import Iterable
from urllib.parse import urlsplit

from faq.catalogue import Catalogue
from faq.links.found import links_of
from faq.links.kept import Links
from faq.links.look import Looker

log = logging.getLogger(__name__)
AT_ONCE = 4  # hosts
PAUSE = 1.0  # seconds between two requests to one host
MOST = 50  # addresses of one round


def named(catalogue: Catalogue) -> set[str]:
    """Every address that an entry names, as it answers now or as its newest version says."""
    found = {link.url for revision in catalogue.live() for link in links_of(revision.content)}
    waiting = catalogue.revisions(catalogue.pending().values())
    return found | {link.url for revision in waiting for link in links_of(revision.content)}


async def round_of(links: Links, looker: Looker, pause: float = PAUSE) -> int:
    """Look at what is due, record it, and say how many that were."""
    urls = await asyncio.to_thread(links.due, MOST)
    hosts: dict[str, list[str]] = {}
    for url in urls:
        hosts.setdefault(_host(url), []).append(url)
    free = asyncio.Semaphore(AT_ONCE)

    async def visit(some: Iterable[str]) -> None:
        async with free:
            for number, url in enumerate(some):
                if number:
                    await asyncio.sleep(pause)
                outcome = await looker.look(url)
                await asyncio.to_thread(links.record, url, outcome)
                log.info("a link was looked at", extra={"state": outcome.state.value, "status": outcome.status})

    await asyncio.gather(*(visit(some) for some in hosts.values()))
    return len(urls)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
