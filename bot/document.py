"""The typed answer document: what is said, free of any messenger's marks.

Made once from Markdown (CommonMark by markdown-it-py; HTML, images, tables and headings become plain text or
bold paragraphs), kept as JSON, rendered per channel in bot.render.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

MAX_URL = 2000  # longer addresses are cut by clients and proxies on the way


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style; `url` makes it a link (http, https, tel or mailto only).

    Raises ValueError for any other url, so that no renderer ever meets one; link() drops it instead.
    """

    text: str
    bold: bool = False
    italic: bool = False
    url: str = ""

    def __post_init__(self) -> None:
        if self.url and not is_allowed(self.url):
            raise ValueError("a link must be http, https, tel or mailto")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines of one thought; a Span text may hold "\\n" for a hard break."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list; `ordered` numbers it from `start` (the rest of a list that was split goes on counting)."""

    items: tuple[tuple[Span, ...], ...]
    ordered: bool = False
    start: int = 1


Block = Paragraph | Items


@dataclass(frozen=True, slots=True)
class Document:
    """Blocks from top to bottom."""

    blocks: tuple[Block, ...]


EMPTY = Document(())

# a mark such as "_" never stands at a word's edge here, so an address needs no neutralising in WhatsApp
_MAILTO = re.compile(
    r"mailto:[a-z0-9]+(?:[._+-][a-z0-9]+)*@[a-z0-9]+(?:[.-][a-z0-9]+)*(?:\?[\w.~%&=+-]*)?", re.IGNORECASE | re.ASCII
)
_TEL = re.compile(r"tel:\+?[0-9](?:[-.()]?[0-9])*", re.IGNORECASE | re.ASCII)
_HTTP = re.compile(r"https?://[^\s\x00-\x20\x7f<>\"'`\\^{|}\u0080-\u00a0\u2000-\u206f\u3000\ufeff]+", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def is_allowed(url: str) -> bool:
    """Whether a link may go there: http(s) with a host, tel with digits, mailto with one address."""
    if len(url) > MAX_URL or _CONTROL.search(url):
        return False
    if _MAILTO.fullmatch(url) or _TEL.fullmatch(url):
        return True
    try:
        return bool(_HTTP.fullmatch(url) and urlsplit(url).hostname)
    except ValueError:
        return False


def clean(text: str) -> str:
    """Text that every store and messenger takes: "\\n" as the only line end, no control characters or surrogates."""
    return _CONTROL.sub("", re.sub("\r\n?|\u2028|\u2029|\x0b|\x0c|\x85", "\n", text))


def link(text: str, url: str, bold: bool = False, italic: bool = False) -> Span:
    """A link where `url` is allowed, else just the text."""
    url = url.strip()
    return Span(clean(text), bold, italic, url if is_allowed(url) else "")


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same run with neighbours of one style joined and empty ones gone."""
    out: list[Span] = []
    for span in spans:
        if not span.text:
            continue
        if out and (out[-1].bold, out[-1].italic, out[-1].url) == (span.bold, span.italic, span.url):
            out[-1] = replace(out[-1], text=out[-1].text + span.text)
        else:
            out.append(span)
    return tuple(out)


def stripped(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The run without white space at its two ends."""
    run = list(merged(spans))
    while run and not run[0].text.lstrip():
        run.pop(0)
    while run and not run[-1].text.rstrip():
        run.pop()
    if run:
        run[0] = replace(run[0], text=run[0].text.lstrip())
        run[-1] = replace(run[-1], text=run[-1].text.rstrip())
    return tuple(run)


def text_of(spans: Iterable[Span]) -> str:
    """The words of a run, without styles and links."""
    return "".join(span.text for span in spans)


def from_text(text: str) -> Document:
    """Plain words, nothing interpreted: an empty line parts paragraphs, other line ends are kept."""
    parts = (part.strip() for part in re.split(r"\n[ \t]*\n\s*", clean(text)))
    return Document(tuple(Paragraph((Span(part),)) for part in parts if part))


def joined(*documents: Document) -> Document:
    """One document after the other."""
    return Document(tuple(block for document in documents for block in document.blocks))


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    # is_allowed() judges links; without this, `[a](javascript:…)` would stay in the text as it was typed
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    return parser


_MARKDOWN = _parser()


def from_markdown(text: str) -> Document:
    """CommonMark to a document; never raises. HTML stays literal, images become their alternative text."""
    root = SyntaxTreeNode(_MARKDOWN.parse(clean(text)))
    return Document(tuple(_blocks(root.children)))


def from_lines(text: str) -> Document:
    """As from_markdown, but every line stays a line: Leichte Sprache has one thought on each."""
    return from_markdown(re.sub(r"(?<=\S)[ \t]*\n(?=[ \t]*\S)", "  \n", clean(text)))


def _blocks(nodes: Sequence[SyntaxTreeNode]) -> Iterable[Block]:
    for node in nodes:
        if node.type in {"bullet_list", "ordered_list"}:
            items = tuple(item for item in (_item(child) for child in node.children) if item)
            if items:
                yield Items(items, node.type == "ordered_list", int(node.attrs.get("start", 1)))
        elif node.type == "blockquote":
            yield from _blocks(node.children)
        else:
            spans = stripped(_flow(node))
            if spans:
                yield Paragraph(spans)


def _flow(node: SyntaxTreeNode) -> Iterable[Span]:
    """The words of one leaf block."""
    if node.type == "heading":
        return [replace(span, bold=True) for child in node.children for span in _inline(child)]
    if node.type in {"fence", "code_block", "html_block"}:
        return [Span(node.content)]
    if node.type == "table":
        return _table(node)
    return [span for child in node.children for span in _inline(child)]


def _item(node: SyntaxTreeNode) -> tuple[Span, ...]:
    """One list item; what it nests (paragraphs, lists) follows on lines of its own."""
    out: list[Span] = []
    for block in _blocks(node.children):
        runs = [block.spans] if isinstance(block, Paragraph) else [(Span("– "), *item) for item in block.items]
        for run in runs:
            out += [*([Span("\n")] if out else []), *run]
    return stripped(out)


def _table(node: SyntaxTreeNode) -> list[Span]:
    """A line per row, cells parted by a middle dot; the head is bold."""
    out: list[Span] = []
    for section in node.children:
        for row in section.children:
            out += [Span("\n")] if out else []
            for number, cell in enumerate(row.children):
                out += [Span(" · ")] if number else []
                spans = [span for child in cell.children for span in _inline(child)]
                out += [replace(span, bold=True) for span in spans] if section.type == "thead" else spans
    return out


def _inline(node: SyntaxTreeNode, bold: bool = False, italic: bool = False, url: str = "") -> Iterable[Span]:
    if node.type in {"softbreak", "hardbreak"}:
        yield Span(" " if node.type == "softbreak" else "\n", bold, italic, url)
    elif node.type == "image":
        yield Span(clean(_words(node)), bold, italic, url)
    elif node.type in {"text", "code_inline", "html_inline"}:
        yield Span(clean(node.content), bold, italic, url)
    else:
        if node.type == "link":
            href = str(node.attrs.get("href", ""))
            url = href if is_allowed(href) else ""
            if not _words(node).strip():
                yield Span(href, bold, italic, url)
        for child in node.children:
            yield from _inline(child, bold or node.type == "strong", italic or node.type == "em", url)


def _words(node: SyntaxTreeNode) -> str:
    """All words under a node: alternative texts lose their own marks."""
    return "".join(_words(child) for child in node.children) if node.children else str(node.content)


def to_json(document: Document) -> list[dict[str, Any]]:
    """The document as JSON; from_json reads it back to an equal one."""
    return [
        {"p": _spans_out(block.spans)}
        if isinstance(block, Paragraph)
        else {"ol" if block.ordered else "ul": [_spans_out(item) for item in block.items], "start": block.start}
        for block in document.blocks
    ]


def _spans_out(spans: Iterable[Span]) -> list[dict[str, Any]]:
    return [_span_out(span) for span in spans]


def _span_out(span: Span) -> dict[str, Any]:
    styles = {"b": span.bold, "i": span.italic, "url": span.url}
    return {"t": span.text, **{key: value for key, value in styles.items() if value}}


def from_json(data: Sequence[Mapping[str, Any]]) -> Document:
    """Read to_json's output; a link that is not allowed is dropped. Raises ValueError for another shape."""
    try:
        return Document(tuple(_block_in(block) for block in data))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a document: {error!r}") from error


def _block_in(block: Mapping[str, Any]) -> Block:
    if "p" in block:
        return Paragraph(tuple(_span_in(span) for span in block["p"]))
    ordered = "ol" in block
    items = tuple(tuple(_span_in(span) for span in item) for item in block["ol" if ordered else "ul"])
    return Items(items, ordered, int(block.get("start", 1)))


def _span_in(span: Mapping[str, Any]) -> Span:
    if not isinstance(span["t"], str):
        raise TypeError("a span's text must be a string")
    url = str(span.get("url", ""))
    return Span(span["t"], bool(span.get("b")), bool(span.get("i")), url if is_allowed(url) else "")
