"""What rendering has in common on all messengers: pieces within limits, footers, short labels. Pure."""

from collections.abc import Sequence

import regex

from bot.document import EMPTY, Block, Document, Items, Paragraph, Span, clean, from_text, joined
from bot.message import Button, Spoken
from bot.render import utf16
from bot.split import MIN_LIMIT, Measure, split


def pieces(spoken: Spoken, limit: int, measure: Measure, buttons: int, last: int = 0) -> list[Document]:
    """The reply's words in pieces of at most `limit`, the last one at most `last` where that is less.

    The footer stays with the last words, in italics. More than `buttons` buttons become lines: typed words count too.
    Never empty while there are buttons: a keyboard needs a message to hang on.
    """
    body = joined(spoken.document, overflow(spoken.buttons, buttons))
    footer = Document(tuple(Paragraph((Span(p.spans[0].text, italic=True),)) for p in _paragraphs(spoken.footer)))
    last = min(last or limit, limit)
    room = measure(footer) + 2 if footer.blocks else 0
    if room > last - max(last // 2, MIN_LIMIT):  # a footer of such a length is an ordinary paragraph
        body, footer, room = joined(body, footer), EMPTY, 0
    if last < limit:
        front, body = tail(body, last - room, measure)
        out = [*split(front, limit, measure), *split(body, last - room, measure)]
    else:
        out = split(body, limit - room, measure)
    if footer.blocks:
        out = [*out[:-1], joined(*out[-1:], footer)]
    return out or ([from_text("…")] if spoken.buttons else [])


def _paragraphs(text: str) -> list[Paragraph]:
    return [block for block in from_text(text).blocks if isinstance(block, Paragraph)]


def tail(document: Document, limit: int, measure: Measure) -> tuple[Document, Document]:
    """The document cut in two, the second as many blocks from the end as fit (or the end of the last block)."""
    front = list(document.blocks)
    back: tuple[Block, ...] = ()
    while front and measure(Document((front[-1], *back))) <= limit:
        back = (front.pop(), *back)
    if front and not back:
        *head, end = split(Document((front.pop(),)), limit, measure) or [EMPTY]
        return joined(Document(tuple(front)), *head), end
    return Document(tuple(front)), Document(back)


def overflow(buttons: Sequence[Button], room: int) -> Document:
    """The buttons that a messenger has no room for, as a list of their labels."""
    rest = tuple((Span(clean(button.label)),) for button in buttons[room:])
    return Document((Items(rest),)) if rest else EMPTY


def short(label: str, limit: int) -> str:
    """A label of one line, at most `limit` UTF-16 code units, cut between graphemes; never empty."""
    line = " ".join(clean(label).split()) or "…"
    if utf16(line) <= limit:
        return line
    out = ""
    for grapheme in regex.findall(r"\X", line):
        if utf16(out + grapheme) > limit - 1:
            break
        out += grapheme
    return out.rstrip() + "…"
