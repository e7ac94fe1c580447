"""The chat's HTML: the page, the lines of a conversation, the widget's script and its demonstration."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.attachments.attachment import Attachment, Fate
from bot.attachments.intake import Rules
from bot.attachments.kinds import ENDINGS
from bot.calendar import Calendar
from bot.conversation import Conversation, Line, Status
from bot.document import from_json, from_text
from bot.notices import in_force
from bot.render import web_html
from bot.webchat.form import LONGEST, new_ident
from bot.webchat.static_files import Assets
from bot.webchat.transcript import Seen, View
from bot.webchat.words import Words
from nlu.text import detect_language

TEMPLATES = Path(__file__).with_name("templates")
SURE = 0.75  # below, a line's language is left unsaid
WIDGET_TEXTS = '"%TEXTS%"'


@dataclass(frozen=True, slots=True)
class Notice:
    """What stands beside the box: an error, with the text that was not taken."""

    key: str
    status: int
    text: str = ""
    values: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """In which surroundings something is rendered."""

    words: Words
    embedded: bool
    now: datetime
    files: Mapping[str, Attachment] = field(default_factory=dict)  # of the conversation, by id


class Pages:
    """Renders for the calendar's town, as it stands."""

    def __init__(self, assets: Assets, calendar: Calendar, rules: Rules) -> None:
        """`rules` say which files are taken."""
        self._rules = rules
        self._assets, self._calendar = assets, calendar
        self._env = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,  # files that an upgrade puts in place are not ours before the restart
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=False,
        )
        self._env.globals["asset"] = assets.url

    def chat(self, frame: Frame, view: View, notice: Notice | None = None, again: str = "") -> str:
        """The whole page. `again` is the address to look at again while a reply is on its way."""
        words = frame.words
        return self._env.get_template("chat.html").render(
            t=words,
            town=self._calendar.town.full_name,
            privacy_url=self._calendar.town.privacy_url,
            embedded=frame.embedded,
            lines=[self._shown(frame, seen) for seen in view.lines],
            notices=Markup(self.notices(frame)),  # noqa: S704 - its template escapes every word
            cursor=view.cursor,
            state=state_of(view.conversation, words),
            notice=notice and {"text": error(words, notice.key, dict(notice.values)), "kept": notice.text},
            again=again,
            ident=new_ident(),
            script=self._for_script(words),
            upload=self._upload(words),
        )

    def notices(self, frame: Frame) -> str:
        """What the town tells everybody at this moment, for the top of the page; "" where there is nothing."""
        found = []
        for notice in in_force(self._calendar, frame.now, "page"):
            text, is_german = notice.text(frame.words.language)
            found.append((notice.level, text, "de" if is_german else ""))
        return self._env.get_template("notices.html").render(t=frame.words, notices=found).strip()

    def line(self, frame: Frame, seen: Seen) -> str:
        """One line as it is sent to an open page."""
        return self._env.get_template("one.html").render(
            t=frame.words, embedded=frame.embedded, line=self._shown(frame, seen), ident=new_ident()
        )

    def demo(self, words: Words, root: str) -> str:
        """The page that shows the widget at work; `root` is our public address."""
        tag = f'<script src="{root}/widget.js" defer></script>'
        policy = f"script-src {root}; frame-src {root}"
        town, script = self._calendar.town.full_name, {"copied": words.say("demo.copied")}
        return self._env.get_template("demo.html").render(t=words, town=town, tag=tag, policy=policy, script=script)

    def widget(self, every: Iterable[Words]) -> tuple[str, str]:
        """The widget's script with its texts, and the hash of it."""
        texts = {words.language: {**words.table("widget"), "dir": words.direction} for words in every}
        script = self._assets.text("widget.js").replace(WIDGET_TEXTS, json.dumps(texts, ensure_ascii=True))
        return script, hashlib.blake2b(script.encode(), digest_size=8).hexdigest()

    def _for_script(self, words: Words) -> dict[str, object]:
        """What the page's script says by itself."""
        plain = ("sending", "arrived", "slow", "left", "over", "new_title", "bot", "you")
        errors = {key: error(words, key, {}) for key in ("empty", "offline", "away")}
        return {**{key: words.say(key) for key in plain}, "long": words.say("errors.long"), "limit": LONGEST} | errors

    def _upload(self, words: Words) -> dict[str, object] | None:
        """What the form for a file needs; None where none are taken."""
        if self._rules.off:
            return None
        endings = sorted({f".{ending}" for media_type in self._rules.types for ending in ENDINGS[media_type]})
        megabytes = self._rules.largest >> 20
        too_large = error(words, "file_size", {"megabytes": megabytes})
        return {
            "accept": ",".join(endings),
            "largest": self._rules.largest,
            "too_large": too_large,
            "hint": words.say("file.hint", megabytes=megabytes),
        }

    def _files(self, frame: Frame, line: Line) -> list[dict[str, object]]:
        """A line's files that are there."""
        found = [frame.files[ident] for ident in line.attachments if ident in frame.files]
        return [{"id": file.id, "name": file.name, "image": file.shown} for file in found if file.fate is Fate.READY]

    def _shown(self, frame: Frame, seen: Seen) -> dict[str, object]:
        line, words = seen.line, frame.words
        local = line.at.astimezone(self._calendar.zone)
        today = frame.now.astimezone(self._calendar.zone).date() == local.date()
        clock = f"{local.hour}:{local.minute:02d}"
        return {
            "id": line.id,
            "place": seen.place,
            "by": line.by,
            "who": _who(line, words),
            "at": line.at.isoformat(),
            "time": clock if today else f"{local.day}.{local.month}. {clock}",
            "html": Markup(self._said(seen, words)),  # noqa: S704 - web_html escapes every word
            "language": _language(line.text) if line.by == "bot" else "",
            "footer": line.footer,
            "buttons": [(data, words.known("buttons", data, label)) for data, label in line.buttons],
            "live": seen.live,
            "pressed": line.by == "citizen" and line.what == "choice",
            "file": words.say("export_file") if line.what == "export" else "",
            "files": self._files(frame, line),
        }

    def _said(self, seen: Seen, words: Words) -> str:
        line = seen.line
        if line.by == "citizen":
            text = line.text
            if line.what == "choice":
                text = words.known("buttons", line.text, seen.label or words.say("choice"))
            elif line.what == "command":
                text = words.known("commands", line.text, line.text)
            return web_html(from_text(text))
        return web_html(from_json(line.document) if line.document else from_text(line.text))


def state_of(conversation: Conversation | None, words: Words) -> dict[str, str]:
    """Who has the conversation, for the script, and in words where a person has it."""
    status = conversation.status if conversation else Status.BOT
    text = ""
    if conversation and status is Status.WAITING:
        text = words.say("state_waiting", number=conversation.number)
    elif status is Status.ASSIGNED:
        text = words.say("state_assigned")
    return {"status": str(status), "text": text, "language": words.language}


def error(words: Words, key: str, values: dict[str, object]) -> str:
    """The text of an error, numbers written as the language writes them."""
    written = {
        name: number(value, words) if isinstance(value, int) else value
        for name, value in {"limit": LONGEST, **values}.items()
    }
    return words.say(f"errors.{key}", **written)


def number(value: int, words: Words) -> str:
    """4.213 in German, 4,213 in English, 4 213 in Ukrainian."""
    return f"{value:,}".replace(",", words.say("thousands"))


def _who(line: Line, words: Words) -> str:
    if line.by == "citizen":
        return words.say("you")
    if line.by == "bot":
        return words.say("bot")
    return words.say("human", name=line.name) if line.name else words.say("human_unnamed")


@lru_cache(maxsize=4096)
def _language(text: str) -> str:
    """The language of something the bot said, else "": answers may be in German where the page is not."""
    found = detect_language(text)
    return found.language if found.confidence >= SURE else ""
