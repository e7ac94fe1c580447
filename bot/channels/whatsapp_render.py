"""A reply as bodies for WhatsApp's /messages, without their addressee. Pure: the editor's preview shows the same."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache
from typing import Any

from bot.channels.commands import load_words
from bot.channels.parts import pieces, short
from bot.document import clean
from bot.message import Button, Part, Spoken, Templated
from bot.render import utf16, whatsapp_length, whatsapp_text

TEXT, BUTTONS, INTERACTIVE_BODY = 4096, 10, 1024  # UTF-16 code units; a message with buttons has less room
REPLY_BUTTONS, REPLY_TITLE, ROW_TITLE, ROW_ABOUT, CHOOSE = 3, 20, 24, 72, 20


def rendered(spoken: Spoken) -> tuple[Part, ...]:
    """The messages that say this, and a file part that is uploaded first; buttons on the last one."""
    if spoken.template:
        return (_template(spoken.template),)
    # repeated ids are refused by Meta, and with them the whole message
    buttons = tuple({button.data: button for button in reversed(spoken.buttons)}.values())[::-1]
    spoken = replace(spoken, buttons=buttons)
    last = INTERACTIVE_BODY if buttons else 0
    texts = [whatsapp_text(piece) for piece in pieces(spoken, TEXT, whatsapp_length, BUTTONS, last)]
    parts: list[Part] = [{"type": "text", "text": {"body": text, "preview_url": False}} for text in texts]
    files: list[Part] = []
    if spoken.file:
        files = [{"type": "file", "name": spoken.file.name, "content": spoken.file.content}]
    if spoken.enclosed:
        files.append({"type": "enclosed", **asdict(spoken.enclosed)})
    if not buttons:
        return (*parts, *files)
    asked = _asked(texts[-1], buttons[:BUTTONS], spoken.language)
    return (*parts[:-1], *files, {"type": "interactive", "interactive": asked})


def _asked(body: str, buttons: Sequence[Button], language: str) -> dict[str, Any]:
    """Reply buttons where labels fit and differ, else a list, which has room for a second line."""
    titles = [" ".join(clean(button.label).split()) for button in buttons]
    replies = [short(title, REPLY_TITLE) for title in titles]
    if len(buttons) <= REPLY_BUTTONS and replies == titles and len(set(titles)) == len(titles):
        shown = [{"id": button.data, "title": title} for button, title in zip(buttons, titles, strict=True)]
        replied = [{"type": "reply", "reply": reply} for reply in shown]
        return {"type": "button", "body": {"text": body}, "action": {"buttons": replied}}
    rows = []
    for button, title in zip(buttons, titles, strict=True):
        row = {"id": button.data, "title": short(title, ROW_TITLE)}
        rows.append(row if utf16(title) <= ROW_TITLE else {**row, "description": short(title, ROW_ABOUT)})
    choose = _choose().get(language, _choose()["de"])
    return {"type": "list", "body": {"text": body}, "action": {"button": choose, "sections": [{"rows": rows}]}}


def _template(template: Templated) -> Part:
    values = [{"type": "text", "text": value} for value in template.values]
    components = [{"type": "body", "parameters": values}] if values else []
    body = {"name": template.name, "language": {"code": template.language}, "components": components}
    return {"type": "template", "template": body}


@cache
def _choose() -> Mapping[str, str]:
    """What stands on the button that opens a list, by language."""
    return {language: short(words["choose"], CHOOSE) for language, words in load_words().items()}
