"""An entry as each messenger shows it: cut into messages, counted, with its buttons, by the channels' own code."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import escape

from markupsafe import Markup

from bot.bidi import direction
from bot.channels import telegram_render, whatsapp_render
from bot.channels.webchat import WebChat
from bot.composition import Core
from bot.effects import Choice, Reply
from bot.judging.asking import BEGIN
from bot.judging.choices import FEEDBACK
from bot.message import Part, Spoken
from bot.phrasebook import Phrasebook
from bot.policy import townhall_at
from bot.render import utf16
from faq.entry import LEICHT, Revision

CHANNELS = ("telegram", "whatsapp", "web")


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message: safe HTML, how many characters of how many it takes, and a small line below (web chat)."""

    html: Markup
    count: int
    limit: int
    footer: str = ""


@dataclass(frozen=True, slots=True)
class Phone:
    """What a citizen gets on one channel. `opens` is the label of the button behind which WhatsApp hides a list."""

    channel: str
    bubbles: tuple[Bubble, ...]
    buttons: tuple[str, ...]
    opens: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """One language on all channels; `direction` is rtl or ltr, of the question."""

    language: str
    question: str
    direction: str
    phones: tuple[Phone, ...]


def previews(core: Core, revision: Revision, languages: Iterable[str], now: datetime) -> list[Preview]:
    """The revision as it would be answered with, in each of the languages."""
    book = Phrasebook(core.phrasebook.languages, core.calendar, lambda *_: revision, core.settings.retention_days)
    form = townhall_at(core.calendar, now).form(revision.topic, revision.entry)
    found = []
    for language in languages:
        spoken_in = "de" if language == LEICHT else language
        begin = (Choice(BEGIN + form.id, label=form.begin(spoken_in)),) if form else ()
        reply = Reply("answer", entry=revision.entry, choices=(*FEEDBACK, *begin), easy=language == LEICHT)
        spoken = book.compose(reply, spoken_in, now)
        question = revision.text(language).question
        phones = (_telegram(spoken), _whatsapp(spoken), _web(spoken))
        found.append(Preview(language, question, direction(question), phones))
    return found


def _telegram(spoken: Spoken) -> Phone:
    parts = telegram_render.rendered(spoken)
    bubbles = tuple(
        Bubble(_lines(part["html"]), utf16(_bare(part["html"])), telegram_render.TEXT)
        for part in parts
        if part["type"] == "text"
    )
    return Phone("telegram", bubbles, _labels(parts))


def _whatsapp(spoken: Spoken) -> Phone:
    bubbles, buttons, opens = [], [], ""
    for part in whatsapp_render.rendered(spoken):
        if part["type"] == "text":
            body, limit = part["text"]["body"], whatsapp_render.TEXT
        else:
            asked = part["interactive"]
            body, limit = asked["body"]["text"], whatsapp_render.INTERACTIVE_BODY
            if asked["type"] == "button":
                buttons = [button["reply"]["title"] for button in asked["action"]["buttons"]]
            else:
                opens = asked["action"]["button"]
                buttons = [_row(row) for row in asked["action"]["sections"][0]["rows"]]
        bubbles.append(Bubble(_lines(_marked(body)), utf16(body), limit))
    return Phone("whatsapp", tuple(bubbles), tuple(buttons), opens)


def _web(spoken: Spoken) -> Phone:
    chat = WebChat()
    parts = chat.render(spoken)
    bubbles = tuple(
        Bubble(Markup(part["html"]), utf16(part["text"]), chat.limits.text, part["footer"])  # noqa: S704 - made of escaped words
        for part in parts
    )
    return Phone("web", bubbles, _labels(parts))


def _labels(parts: tuple[Part, ...]) -> tuple[str, ...]:
    return tuple(label for part in parts for _, label in part.get("buttons", ()))


def _row(row: dict[str, str]) -> str:
    return f"{row['title']} ({row['description']})" if "description" in row else row["title"]


def _lines(html: str) -> Markup:
    """Escaped words with their line ends as a browser shows them."""
    return Markup(html.replace("\n", "<br>"))  # noqa: S704 - the renderers escape


def _bare(html: str) -> str:
    """The words that Telegram counts: its HTML knows only b, i, a and three escapes."""
    text = re.sub(r"<[^>]*>", "", html)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


_STRONG = re.compile(r"(?<![\w*])\*(\S(?:[^*\n]*\S)?)\*(?![\w*])")
_EMPHASIS = re.compile(r"(?<![\w_])_(\S(?:[^_\n]*\S)?)_(?![\w_])")


def _marked(body: str) -> str:
    """WhatsApp's marks as a telephone shows them; all else is escaped."""
    return _EMPHASIS.sub(r"<em>\1</em>", _STRONG.sub(r"<strong>\1</strong>", escape(body)))
