"""Links that lead nowhere, or somewhere else by now."""

from collections.abc import Iterator

from faq.entry import Revision
from faq.links.found import links_of
from faq.links.look import State
from faq.lint.corpus import Corpus
from faq.lint.finding import Finding, Level, OpenEntry, ReplaceLink

BROKEN, MOVED = "broken_link", "moved_link"


def broken(revision: Revision, corpus: Corpus) -> Iterator[Finding]:
    """By the last look at it; what nobody has looked at yet is not judged."""
    for link in dict.fromkeys(links_of(revision.content)):
        look = corpus.looks.get(link.url)
        if look and look.broken:
            values = {"url": link.url, "state": look.state.value, "field": link.field}
            fixes = (OpenEntry(revision.entry, link.field),)
            yield Finding(BROKEN, Level.WARNING, (revision.entry,), f"broken_link.{look.state}", fixes, values)


def moved(revision: Revision, corpus: Corpus) -> Iterator[Finding]:
    """The server says where the page is for good: the new address can be taken over."""
    for url in dict.fromkeys(link.url for link in links_of(revision.content)):
        look = corpus.looks.get(url)
        if look and look.state is State.MOVED:
            fixes = (ReplaceLink(revision.entry, url, look.target), OpenEntry(revision.entry))
            values = {"url": url, "target": look.target}
            yield Finding(MOVED, Level.HINT, (revision.entry,), "moved_link", fixes, values)
