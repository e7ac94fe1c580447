"""The web addresses that an entry names, by field."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from faq.entry import Content

# As Markdown has them: in brackets, which may stand in the address as well (…/Hamm_(Sieg)); alone; below, under a name.
_IN_TEXT = re.compile(
    r"\]\(\s*<?(https?://(?:[^()\s<>]|\([^()\s<>]*\))+)|<(https?://[^<>\s]+)>|^ {0,3}\[[^\]\n]+\]:\s*<?(https?://[^<>\s]+)",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True)
class Found:
    """An address, and the field that names it, as faq.entry.Problem calls it ("texts.de.facts.link")."""

    field: str
    url: str


def links_of(content: Content) -> tuple[Found, ...]:
    """Every web address of an entry; mail and telephone are none."""
    return tuple(found for found in _links(content) if found.url.casefold().startswith(("http://", "https://")))


def _links(content: Content) -> Iterator[Found]:
    yield Found("source", content.source.url)
    if content.elsewhere:
        yield Found("elsewhere.url", content.elsewhere.url)
    for language, text in content.texts.items():
        if text.facts.link:
            yield Found(f"texts.{language}.facts.link", text.facts.link.url)
        for groups in _IN_TEXT.findall(text.answer):
            yield Found(f"texts.{language}.answer", "".join(groups))


def by_field(found: tuple[Found, ...]) -> Mapping[str, tuple[str, ...]]:
    """The addresses of each field, each once."""
    fields: dict[str, dict[str, None]] = {}
    for one in found:
        fields.setdefault(one.field, {})[one.url] = None
    return {field: tuple(urls) for field, urls in fields.items()}
