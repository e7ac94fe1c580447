"""Marked-up text as the messengers read it: Telegram's HTML, WhatsApp's marks; and safe HTML out of both.

Rules of Telegram's parser as in tdlib's MessageEntity.cpp; offsets and lengths are UTF-16 code units, as there.
"""

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

TAGS: Mapping[str, str] = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "tg-emoji": "custom_emoji",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
}
SHOWN: Mapping[str, str] = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_ENTITY = re.compile(r"&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(lt|gt|amp|quot));?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_SPACE = " \t\r\n\v\f\0"


class CannotParse(Exception):
    """Telegram would refuse this text; str() is the reason in its words."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A styled run: offset and length in UTF-16 code units."""

    type: str
    offset: int
    length: int
    url: str = ""

    def json(self) -> dict[str, Any]:
        """As the Bot API writes it."""
        body: dict[str, Any] = {"type": self.type, "offset": self.offset, "length": self.length}
        return {**body, "url": self.url} if self.url else body


def utf16(text: str) -> int:
    """Length in UTF-16 code units, which is how Telegram counts."""
    return len(text) + sum(1 for c in text if ord(c) > 0xFFFF)


def _decode(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        hexadecimal, decimal, name = match.groups()
        if name:
            return _NAMED[name]
        code = int(hexadecimal, 16) if hexadecimal else int(decimal)
        if code == 0 or code >= 0x10FFFF:
            return match.group()
        if 0xD800 <= code <= 0xDFFF:
            raise CannotParse("Text contains invalid Unicode characters after decoding HTML entities")
        return chr(code)

    return _ENTITY.sub(one, text)


def _byte(source: str, position: int) -> int:
    return len(source[:position].encode("utf-8"))


def _attributes(source: str, i: int, tag: str, begin: int) -> tuple[dict[str, str], int]:
    """Attributes of a start tag from position i on, and the position of its ">"."""
    found: dict[str, str] = {}
    where = f"at byte offset {_byte(source, begin)}"
    end = len(source)
    while True:
        while i < end and source[i] in _SPACE:
            i += 1
        if i >= end:
            raise CannotParse(f'Unclosed start tag "{tag}" {where}')
        if source[i] == ">":
            return found, i
        match = re.compile(r"([^\s=]*)\s*(=?)\s*").match(source, i)
        assert match is not None  # every part of the pattern may be empty
        name, equal = match.groups()
        if not name:
            raise CannotParse(f'Empty attribute name in the tag "{tag}" {where}')
        if not equal:
            raise CannotParse(f'Expected equal sign in declaration of an attribute of the tag "{tag}" {where}')
        i = match.end()
        if i < end and source[i] in "'\"":
            close = source.find(source[i], i + 1)
            if close < 0:
                raise CannotParse(f"Unclosed start tag {where}")
            value, i = _decode(source[i + 1 : close]), close + 1
        else:
            token = re.compile(r"[A-Za-z0-9.\-]*").match(source, i)
            assert token is not None  # the pattern may be empty
            value, i = token.group().lower(), token.end()
            if i < end and source[i] not in _SPACE + ">":
                raise CannotParse(f"Unexpected end of name token at byte offset {_byte(source, token.start())}")
        if i >= end:
            raise CannotParse(f"Unclosed start tag {where}")
        found[name] = value


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Plain text and entities of Telegram's parse_mode HTML; raises CannotParse as Telegram would."""
    parts: list[str] = []
    entities: list[Entity] = []
    stack: list[tuple[str, str, int, int]] = []  # tag, link, offset, number of parts
    offset = i = 0
    while i < len(source):
        if source[i] != "<":
            stop = source.find("<", i)
            stop = len(source) if stop < 0 else stop
            plain = _decode(source[i:stop])
            parts.append(plain)
            offset += utf16(plain)
            i = stop
            continue
        begin = i
        where = f"at byte offset {_byte(source, begin)}"
        closing = source.startswith("/", i + 1)
        i += 2 if closing else 1
        start = i
        while i < len(source) and source[i] not in _SPACE + ">":
            i += 1
        tag = source[start:i].lower()
        if not closing:
            if i >= len(source):
                raise CannotParse(f"Unclosed start tag {where}")
            if tag not in TAGS:
                raise CannotParse(f'Unsupported start tag "{tag}" {where}')
            attributes, i = _attributes(source, i, tag, begin)
            if tag == "span" and attributes.get("class") != "tg-spoiler":
                raise CannotParse(f'Tag "span" must have class "tg-spoiler" {where}')
            stack.append((tag, attributes.get("href", ""), offset, len(parts)))
        else:
            if not stack:
                raise CannotParse(f"Unexpected end tag {where}")
            while i < len(source) and source[i] in _SPACE:
                i += 1
            if i >= len(source) or source[i] != ">":
                raise CannotParse(f"Unclosed end tag {where}")
            opened, link, at, number = stack.pop()
            if tag not in ("", opened):
                raise CannotParse(f'Unmatched end tag {where}, expected "</{opened}>", found "</{tag}>"')
            if offset > at:
                url = checked_link(link or "".join(parts[number:])) if opened == "a" else ""
                if opened != "a" or url:
                    entities.append(Entity(TAGS[opened], at, offset - at, url))
        i += 1
    if stack:
        raise CannotParse(f"Can't find end tag corresponding to start tag {stack[-1][0]}")
    return "".join(parts), sorted(entities, key=lambda e: (e.offset, -e.length))


def checked_link(url: str) -> str:
    """The address if a messenger would open it, else "": such a link is shown as plain text."""
    url = url.strip()
    if re.match(r"(?i)(https?|tg|ton)://[^\s/]", url) or re.match(r"(?i)(mailto|tel):[^\s]", url):
        return url
    return "http://" + url if re.fullmatch(r"(?i)[a-z0-9-]+(\.[a-z0-9-]+)+(/\S*)?", url) else ""


def trim(text: str, entities: Iterable[Entity]) -> tuple[str, list[Entity]]:
    """Spaces at both ends go, as Telegram takes them off; entities are moved and cut to what is left."""
    kept = text.lstrip()
    lead = utf16(text) - utf16(kept)
    kept = kept.rstrip()
    size = utf16(kept)
    moved = []
    for entity in entities:
        begin = max(0, entity.offset - lead)
        end = min(size, entity.offset - lead + entity.length)
        if end > begin:
            moved.append(Entity(entity.type, begin, end - begin, entity.url))
    return kept, moved


_MARKS = re.compile(
    r"```(?P<pre>.+?)```"
    r"|`(?P<code>[^`\n]+)`"
    r"|(?P<link>https?://[^\s<>]+[^\s<>.,;:!?)\]*_~])"
    r"|(?<![\w*])\*(?=\S)(?P<bold>[^*\n]*[^*\s])\*(?![\w*])"
    r"|(?<![\w_])_(?=\S)(?P<italic>[^_\n]*[^_\s])_(?![\w_])"
    r"|(?<![\w~])~(?=\S)(?P<strikethrough>[^~\n]*[^~\s])~(?![\w~])",
    re.DOTALL,
)


def parse_marks(source: str, base: int = 0) -> tuple[str, list[Entity]]:
    """Plain text and entities of WhatsApp's *bold*, _italic_, ~struck~, `code` and bare links."""
    parts: list[str] = []
    entities: list[Entity] = []
    offset, position = base, 0
    for match in _MARKS.finditer(source):
        before = source[position : match.start()]
        parts.append(before)
        offset += utf16(before)
        kind = match.lastgroup or ""
        inner = match.group(kind)
        if kind in ("pre", "code", "link"):
            text, nested = inner, list[Entity]()
        else:
            text, nested = parse_marks(inner, offset)
        url = inner if kind == "link" else ""
        entities += [Entity("text_link" if url else kind, offset, utf16(text), url), *nested]
        parts.append(text)
        offset += utf16(text)
        position = match.end()
    parts.append(source[position:])
    return "".join(parts), entities


def to_html(text: str, entities: Iterable[Entity]) -> str:
    """Safe HTML: only tags of SHOWN and checked links, everything else escaped; line feeds stay as they are."""
    units = text.encode("utf-16-le")
    out: list[str] = []
    open_: list[tuple[int, str]] = []
    position = 0

    def copy(until: int) -> None:
        nonlocal position
        out.append(html.escape(units[position * 2 : until * 2].decode("utf-16-le", "replace")))
        position = until

    def close(until: float) -> None:
        while open_ and open_[-1][0] <= until:
            end, tag = open_.pop()
            copy(end)
            out.append(f"</{tag}>")

    for entity in sorted(entities, key=lambda e: (e.offset, -e.length)):
        close(entity.offset)
        end = entity.offset + entity.length
        url = checked_link(entity.url) if entity.type == "text_link" else ""
        tag = "a" if url else SHOWN.get(entity.type, "")
        if not tag or (open_ and end > open_[-1][0]) or end * 2 > len(units):
            continue  # unknown, or crosses its neighbour: shown without style
        copy(entity.offset)
        out.append(f'<a href="{html.escape(url)}">' if url else f"<{tag}>")
        open_.append((end, tag))
    close(float("inf"))
    copy(len(units) // 2)
    return "".join(out)
