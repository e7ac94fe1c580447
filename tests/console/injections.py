"""The texts of injections.yml, and a page as a browser reads it: what could run, and which words it shows."""

import re
import unicodedata
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

import yaml

GROUPS: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("injections.yml").read_text("utf-8"))
INJECTIONS: tuple[str, ...] = tuple(text for group in GROUPS.values() for text in group)
PARTED = " ¶ "
"""Between two of them in one text."""

_FRAMES = frozenset(
    {"iframe", "object", "embed", "style", "base", "math", "portal", "frameset", "plaintext", "marquee"}
)
_OURS = r"/console/(static/.*|inbox/[0-9a-f]{20}/files/[0-9a-f]{16}/image)|/chat/(static/.*|files/[0-9a-f]{16}/image.*)"


def chunks(longest: int, some: Iterable[str] = INJECTIONS) -> list[str]:
    """All of them in texts of at most so many characters."""
    found = [""]
    for text in some:
        if found[-1] and len(found[-1]) + len(PARTED) + len(text) > longest:
            found.append("")
        found[-1] = (found[-1] + PARTED if found[-1] else "") + text[:longest]
    return found


def bare(text: str) -> str:
    """The letters of a text: without white space, and without what nobody sees, which pages may set right."""
    flat = re.sub(r"\s+", "", text)
    return "".join(c for c in flat if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Cn") and c != "\ufffd")


class Finder(HTMLParser):
    """Reads a page. `found`: what could run or fetch, `shown`: its words and the values of its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._words: list[str] = []
        self._values: list[str] = []
        self.feed(text)
        self.close()
        self.shown = bare("".join(self._words)) + "\n" + "\n".join(map(bare, self._values))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._values += values.values()
        if tag in _FRAMES:
            self.found.append(tag)
        if tag == "script" and not re.match(r"/(console|chat)/static/", values.get("src", "")):
            self.found += [] if values.get("type") == "application/json" else ["script"]
        if tag == "img" and not re.fullmatch(_OURS, values.get("src", "")):
            self.found.append(f"img {values.get('src')}")
        if tag == "meta" and "http-equiv" in values:
            self.found.append("meta")
        for name, value in values.items():
            # "https://…": a link that somebody may press; nothing is fetched from there by itself.
            leads = name in ("href", "src", "action", "formaction", "ping", "srcdoc", "xlink:href")
            goes = value.startswith(("#", "https://")) or bool(re.match(r"/(?!/)|mailto:|tel:[\d+]*$", value))
            strange = not re.fullmatch(r"[a-z][a-z0-9-]*|viewBox|patternUnits|viewbox|patternunits", name)
            if name.startswith("on") or name == "style" or strange or (leads and value and not goes):
                self.found.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        self._words.append(data)

    def lacks(self, texts: Iterable[str]) -> list[str]:
        """Those of the texts that the page does not show as they are."""
        return [text for text in texts if bare(text) not in self.shown]
