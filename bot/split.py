"""Cuts a document into pieces that a messenger takes: between blocks, sentences, words, at last graphemes.

A link is never cut; one that alone is too long is spelled out as words first. Pure.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import regex

from bot.document import Block, Document, Items, Paragraph, Span, merged, stripped, text_of

Measure = Callable[[Document], int]
MIN_LIMIT = 64  # room for a list's number, marks around one letter, and the letter

_ENDS = (
    # lines and sentences; "z. B.", "24. November" and "Str. 3" are no ends
    regex.compile(r"\n+|(?:(?<=[!?…؟。]['\"“”»)]*)|(?<=\p{L}{3}\.['\"“”»)]*))\s+(?=[^\p{Ll}\d])"),
    regex.compile(r"\s+"),
    regex.compile(r"\X"),
    regex.compile(r"(?s)."),
)


def split(document: Document, limit: int, measure: Measure) -> list[Document]:
    """The document in pieces with measure(piece) <= limit, in order; only white space at cuts is lost.

    `measure` counts in the platform's own units what the rendered piece takes, a code point at least one.
    Raises ValueError for a limit under MIN_LIMIT.
    """
    if limit < MIN_LIMIT:
        raise ValueError(f"the limit must be at least {MIN_LIMIT}")
    pieces: list[Document] = []
    current: tuple[Block, ...] = ()
    waiting = [block for block in map(_tidy, document.blocks) if block is not None][::-1]
    while waiting:
        block = waiting.pop()
        if measure(Document(_appended(current, block))) <= limit:
            current = _appended(current, block)
        elif isinstance(block, Items) and (fitting := _fitting(current, block, limit, measure)):
            current = _appended(current, replace(block, items=block.items[:fitting]))
            waiting.append(_rest(block, fitting))
        elif isinstance(block, Items) and len(block.items) > 1 and not current:
            waiting += [_rest(block, 1), replace(block, items=block.items[:1])]
        elif current:
            pieces.append(Document(current))
            current = ()
            waiting.append(block)
        else:
            head, rest = _cut(block, limit, measure)
            pieces.append(Document((head,)))
            waiting += [rest] if rest else []
    return [*pieces, Document(current)] if current else pieces


def _tidy(block: Block) -> Block | None:
    """The block without empty runs, or None where nothing is left."""
    if isinstance(block, Paragraph):
        spans = stripped(block.spans)
        return Paragraph(spans) if spans else None
    items = tuple(item for item in map(stripped, block.items) if item)
    return replace(block, items=items) if items else None


def _fitting(current: tuple[Block, ...], block: Items, limit: int, measure: Measure) -> int:
    """How many items of a list still fit behind what is there already; not all of them do."""
    low, high = 0, min(len(block.items) - 1, limit)
    while low < high:  # one by one would measure a list of a thousand items a thousand times
        middle = (low + high + 1) // 2
        some = replace(block, items=block.items[:middle])
        if measure(Document(_appended(current, some))) <= limit:
            low = middle
        else:
            high = middle - 1
    return low


def _rest(block: Items, after: int) -> Items:
    return replace(block, items=block.items[after:], start=block.start + after)


def _appended(blocks: tuple[Block, ...], block: Block) -> tuple[Block, ...]:
    """Blocks with one more; the items of one list that was taken apart find together again."""
    last = blocks[-1] if blocks else None
    if isinstance(last, Items) and isinstance(block, Items) and _continues(last, block):
        return (*blocks[:-1], replace(last, items=last.items + block.items))
    return (*blocks, block)


def _continues(last: Items, block: Items) -> bool:
    return last.ordered == block.ordered and last.start + len(last.items) == block.start


def _cut(block: Block, limit: int, measure: Measure) -> tuple[Block, Block | None]:
    """A block too long for any piece: what fits of it, and the rest as a paragraph."""

    def built(spans: Sequence[Span]) -> Block:
        spans = stripped(spans)
        return Paragraph(spans) if isinstance(block, Paragraph) else replace(block, items=(spans,))

    def fits(spans: Sequence[Span]) -> bool:
        return measure(Document((built(spans),))) <= limit

    run = block.spans if isinstance(block, Paragraph) else block.items[0]
    run = merged(span if not span.url or fits([span]) else _spelled(span) for span in run)
    if fits(run):  # a link that was too long as a title and fits as words
        return built(run), None
    text = text_of(run)
    for level in _ENDS:
        ends = _free(_marks(text, level, limit), run)
        low, high = 0, len(ends)
        while low < high:  # the longest head that fits
            middle = (low + high + 1) // 2
            if fits(_slice(run, 0, ends[middle - 1])):
                low = middle
            else:
                high = middle - 1
        head = _slice(run, 0, ends[low - 1]) if low else ()
        if stripped(head):
            rest = stripped(_slice(run, ends[low - 1], len(text)))
            return built(head), Paragraph(rest) if rest else None
    raise ValueError("the limit is too small for a single character in this form")


def _marks(text: str, level: "regex.Pattern[str]", limit: int) -> Iterable[int]:
    """Where a cut may fall at this level; what lies behind the limit cannot fit and is only read as context."""
    found = level.finditer(text, endpos=limit + 64)
    ends = (match.start() if match[0].isspace() else match.end() for match in found)
    return (end for end in ends if end <= limit)


def _free(marks: Iterable[int], run: Sequence[Span]) -> list[int]:
    """The marks that fall inside no link, and the two ends of every link, rising."""
    ends = set(marks)
    position = 0
    for span in run:
        if span.url:
            ends -= set(range(position + 1, position + len(span.text)))
            ends |= {position, position + len(span.text)}
        position += len(span.text)
    return sorted(ends - {0, position})


def _slice(run: Sequence[Span], start: int, end: int) -> tuple[Span, ...]:
    """The characters from start to end of a run, in their styles."""
    out = []
    position = 0
    for span in run:
        low, high = max(start - position, 0), min(end - position, len(span.text))
        if low < high:
            out.append(replace(span, text=span.text[low:high]))
        position += len(span.text)
    return tuple(out)


def _spelled(span: Span) -> Span:
    """A link too long to stay one: its words and its whole address, as text."""
    return replace(span, text=f"{span.text}: {span.url} ", url="")
