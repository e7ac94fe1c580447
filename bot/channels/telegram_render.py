"""A reply as Telegram's messages. Pure: the editor's preview shows the same."""

from dataclasses import asdict
from typing import Any

from bot.channels.parts import pieces, short
from bot.document import Document
from bot.message import Part, Spoken
from bot.render import plain, telegram_html, telegram_length, telegram_words, utf16

TEXT, BUTTONS, LABEL = 4096, 20, 64  # UTF-16 code units of a text and of a button's label


def rendered(spoken: Spoken) -> tuple[Part, ...]:
    """Text parts in HTML (with the plain words, should Telegram refuse the HTML), then the file."""
    parts: list[dict[str, Any]] = [
        {"type": "text", "html": telegram_html(piece), "plain": _words(piece)}
        for piece in pieces(spoken, TEXT, telegram_length, BUTTONS)
    ]
    if spoken.file:
        parts.append({"type": "file", "name": spoken.file.name, "content": spoken.file.content})
    if spoken.enclosed:
        parts.append({"type": "enclosed", **asdict(spoken.enclosed)})
    if spoken.buttons:
        parts[-1]["buttons"] = [[button.data, short(button.label, LABEL)] for button in spoken.buttons[:BUTTONS]]
    return tuple(parts)


def _words(piece: Document) -> str:
    """The piece without HTML: with its addresses where there is room for them."""
    full = plain(piece)
    return full if utf16(full) <= TEXT else telegram_words(piece)
