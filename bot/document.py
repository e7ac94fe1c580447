"""The typed answer document: what is said, free of any messenger's marks.

Made once from Markdown (CommonMark by markdown-it-py; HTML, images, tables and headings become plain text or
bold paragraphs), kept as JSON, rendered per channel in bot.render.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style; `url` makes it a link (http, https, tel or mailto only)."""

    text: str
    bold: bool = False
    italic: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines of one thought; a Span text may hold "\\n" for a hard break."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list; `ordered` numbers it from 1."""

    items: tuple[tuple[Span, ...], ...]
    ordered: bool = False


Block = Paragraph | Items


@dataclass(frozen=True, slots=True)
class Document:
    """Blocks from top to bottom."""

    blocks: tuple[Block, ...]
