"""A document in the forms that channels speak. Pure; what is literal in the document stays literal everywhere.

split() is in bot.split and offered here too.
"""

import re
from collections.abc import Callable, Sequence
from html import escape

from bot.bidi import FSI, PDI, direction, isolated
from bot.document import Document, Items, Paragraph, Span, merged, text_of
from bot.split import split

__all__ = [
    "plain",
    "spelled",
    "split",
    "telegram_html",
    "telegram_length",
    "telegram_words",
    "utf16",
    "web_html",
    "whatsapp_length",
    "whatsapp_text",
]

Run = Callable[[Sequence[Span]], str]


def utf16(text: str) -> int:
    """Length in UTF-16 code units, as Telegram counts: most emoji are two."""
    return len(text) + sum(char > "\uffff" for char in text)


def _lay(document: Document, run: Run) -> str:
    """Blocks as lines; a list follows its paragraph directly, other blocks after an empty line."""
    out = ""
    before: Paragraph | Items | None = None
    for block in document.blocks:
        if isinstance(block, Paragraph):
            text = run(block.spans)
        else:
            marks = (f"{block.start + number}. " if block.ordered else "• " for number in range(len(block.items)))
            text = "\n".join(mark + run(item) for mark, item in zip(marks, block.items, strict=True))
        follows = isinstance(block, Items) and isinstance(before, Paragraph)
        out += ("" if before is None else "\n" if follows else "\n\n") + text
        before = block
    return out


def _address(url: str) -> str:
    """A link's address as people write it: telephone numbers and e-mail without their scheme."""
    scheme, _, rest = url.partition(":")
    if scheme.casefold() == "mailto":
        return rest.partition("?")[0]
    return rest if scheme.casefold() == "tel" else url


def _same(text: str, url: str) -> bool:
    """Whether the words of a link already are its address."""
    if url.casefold().startswith("tel:"):
        return re.sub(r"\D", "", text) == re.sub(r"\D", "", url)

    def bare(value: str) -> str:
        return re.sub(r"^(https?://|mailto:)", "", value.strip().casefold()).rstrip("/")

    return bare(text) == bare(_address(url))


def spelled(spans: Sequence[Span], keep: Callable[[str], bool] = lambda url: False) -> tuple[Span, ...]:
    """The run with links as "title: address"; those whose url `keep` accepts stay links.

    The address becomes a Span without style, so that no mark ever touches it.
    """
    out: list[Span] = []
    after_address = False
    for span in merged(spans):
        if after_address and span.text[0] not in " \n\t.,;:!?)":
            out.append(Span(" "))
        after_address = False
        if not span.url or keep(span.url):
            out.append(span)
            continue
        title = "" if _same(span.text, span.url) else span.text.strip()
        head = span.text[: len(span.text) - len(span.text.lstrip())]
        tail = span.text[len(span.text.rstrip()) :] if span.text.strip() else ""
        out += [Span(head), Span(title, span.bold, span.italic)]
        colon = "" if not title else " " if title.endswith(":") else ": "
        out += [Span(colon), Span(_address(span.url)), Span(tail)]
        after_address = not tail
    return tuple(span for span in out if span.text)


def plain(document: Document) -> str:
    """Words only; a link is "title: url"."""
    return _lay(document, _plain_run)


def _plain_run(spans: Sequence[Span]) -> str:
    return "".join(span.text for span in spelled(spans))


def _is_web(url: str) -> bool:
    return url[:4].casefold() == "http"  # Telegram drops tel: and mailto: links without a word, so they are spelled


def telegram_html(document: Document) -> str:
    """Telegram's HTML parse mode: b, i, a and nothing else."""
    return _lay(document, _telegram_run)


def _telegram_run(spans: Sequence[Span]) -> str:
    out = ""
    for span in isolated(spelled(spans, _is_web)):
        text = escape(span.text, quote=False)
        text = f"<i>{text}</i>" if span.italic else text
        text = f"<b>{text}</b>" if span.bold else text
        out += f'<a href="{escape(span.url)}">{text}</a>' if span.url else text
    return out


def telegram_words(document: Document) -> str:
    """What telegram_html shows, without marks and addresses behind words."""
    return _lay(document, lambda spans: "".join(span.text for span in isolated(spelled(spans, _is_web))))


def telegram_length(document: Document) -> int:
    """What Telegram counts: UTF-16 code units of the text once the marks are taken out."""
    return utf16(telegram_words(document))


def web_html(document: Document) -> str:
    """HTML for the chat page and the console: everything escaped, links open apart and tell nothing."""
    out = []
    for block in document.blocks:
        if isinstance(block, Paragraph):
            out.append(f'<p dir="auto">{_web_run(block.spans)}</p>')
            continue
        items = "".join(f'<li dir="auto">{_web_run(item)}</li>' for item in block.items)
        start = f' start="{block.start}"' if block.start != 1 else ""
        # Marks stand at the list's side, not at the item's: a German list on an Arabic page keeps its own.
        side = f' dir="{direction(text_of(block.items[0]))}"' if block.items else ""
        out.append(f"<ol{side}{start}>{items}</ol>" if block.ordered else f"<ul{side}>{items}</ul>")
    return "".join(out)


def _web_run(spans: Sequence[Span]) -> str:
    out = ""
    for span in isolated(merged(spans)):
        text = escape(span.text).replace("\n", "<br>")
        text = f"<em>{text}</em>" if span.italic else text
        text = f"<strong>{text}</strong>" if span.bold else text
        if span.url:
            text = f'<a href="{escape(span.url)}" rel="noopener noreferrer nofollow" target="_blank">{text}</a>'
        out += text
    return out


def whatsapp_text(document: Document) -> str:
    """WhatsApp's marks: *bold*, _italic_; marks that are part of the text are replaced by look-alikes."""
    return _lay(document, _whatsapp_run)


def whatsapp_length(document: Document) -> int:
    """The length of whatsapp_text in UTF-16 code units: never less than what WhatsApp counts."""
    return utf16(whatsapp_text(document))


_LOOK_ALIKE = {"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"}
_ESCAPED = {"*": "%2A", "_": "%5F", "~": "%7E", "`": "%60"}
_OPENS_AFTER = " \n\t([„«\"'–-"
_CLOSES_BEFORE = " \n\t.,;:!?)]“”»\"'–-"


def _whatsapp_run(spans: Sequence[Span]) -> str:
    run = isolated(spelled(spans))
    out = ""
    for number, span in enumerate(run):
        before = run[number - 1] if number else None
        after = run[number + 1] if number + 1 < len(run) else None
        text = _neutral(span.text, span.bold or span.italic)
        if span.bold or span.italic:
            text = _marked(text, span, before, after)
        out += text
    return out


def _marked(text: str, span: Span, before: Span | None, after: Span | None) -> str:
    """Marks around each line (they do not span lines); none where WhatsApp would show them as stars."""
    lines = text.split("\n")
    out = []
    for number, line in enumerate(lines):
        core = line.strip()
        first, last = number == 0, number == len(lines) - 1
        opens = line[:1].isspace() or not first or _is_edge(before, -1, _OPENS_AFTER)
        closes = line[-1:].isspace() or not last or _is_edge(after, 0, _CLOSES_BEFORE)
        if core and opens and closes and "://" not in core:  # a mark at its edge would break the address
            marks = ("*" if span.bold else "") + ("_" if span.italic else "")
            start = len(line) - len(line.lstrip())
            line = line[:start] + marks + core + marks[::-1] + line[start + len(core) :]
        out.append(line)
    return "\n".join(out)


def _is_edge(neighbour: Span | None, index: int, allowed: str) -> bool:
    shown = neighbour.text.strip(FSI + PDI) if neighbour else ""
    if neighbour is None or not shown or shown[index].isspace():
        return True
    return not (neighbour.bold or neighbour.italic) and shown[index] in allowed


def _neutral(text: str, every: bool) -> str:
    """Marks that WhatsApp could read, disarmed: a look-alike in words, a percent code inside an address.

    `every` one between marks of ours; elsewhere those within a word or alone between spaces are left as they are.
    """
    out = ""
    position = 0
    for address in re.finditer(r"https?://\S+", text):
        out += _disarm(text, position, address.start(), _LOOK_ALIKE, every)
        out += _disarm(text, address.start(), address.end(), _ESCAPED, False)
        position = address.end()
    return out + _disarm(text, position, len(text), _LOOK_ALIKE, every)


def _disarm(text: str, start: int, end: int, table: dict[str, str], every: bool) -> str:
    out = []
    for index in range(start, end):
        char = text[index]
        before = text[index - 1] if index else "\n"
        after = text[index + 1] if index + 1 < len(text) else "\n"
        if char in table:
            within = _is_word(before) and _is_word(after)
            alone = before in " \t" and after in " \t"
            char = char if (within or alone) and char != "`" and not every else table[char]
        elif char == ">" and before == "\n":
            char = "›"  # "> " at a line's start would make it a quotation
        out.append(char)
    return "".join(out)


def _is_word(char: str) -> bool:
    return char.isalnum() and char < "\u0250"  # what WhatsApp holds for a word in other scripts is not documented
