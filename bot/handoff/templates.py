"""Messages that WhatsApp approved beforehand: all that may be sent once the citizen has been silent for a day.

`messengers/whatsapp.yml` in the corpus folder names them as at Meta, with the approved words by language; where Meta
has {{1}}, {{2}} …, the words here have {name}, {nummer} … or any other place, in the same order.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.conversation import NotNow
from bot.message import Templated
from faq.marked import FileError, Marked, every, load_marked
from faq.town.fields import items, known, missing, text

FILE = Path("messengers") / "whatsapp.yml"
LONGEST_VALUE = 200  # characters: a template's body with all its values has 1,024
GERMAN = "de"
_PLACE = re.compile(r"\{(\w+)\}")
_NAME = re.compile(r"[a-z0-9_]{1,512}")
_REFUSED = re.compile(r"[\n\r\t]| {5}")  # Meta's error 132018


@dataclass(frozen=True, slots=True)
class Template:
    """`name` is the one at Meta; `bodies` are its approved words by language."""

    name: str
    title: str
    bodies: Mapping[str, str]

    def spoken(self, language: str) -> str:
        """The language in which this one goes: German where it is not approved in the other."""
        return language if language in self.bodies else GERMAN

    def places(self, language: str) -> tuple[str, ...]:
        """In the order of Meta's numbers."""
        return tuple(dict.fromkeys(_PLACE.findall(self.bodies[self.spoken(language)])))

    def filled(self, language: str, values: Mapping[str, str]) -> tuple[Templated, str]:
        """What is sent, and how it reads. Raises NotNow for what Meta would refuse."""
        spoken, told = self.spoken(language), []
        for place in self.places(language):
            value = values.get(place, "").strip()
            if not value:
                raise NotNow("empty.place", place=f"{{{place}}}")
            if len(value) > LONGEST_VALUE or _REFUSED.search(value):
                raise NotNow("odd.place", place=f"{{{place}}}", most=LONGEST_VALUE)
            told.append(value)
        by_place = dict(zip(self.places(language), told, strict=True))
        words = _PLACE.sub(lambda found: by_place[found[1]], self.bodies[spoken])
        return Templated(self.name, spoken, tuple(told)), words


def load_templates(folder: Path) -> tuple[Template, ...]:
    """Those of a corpus folder, none without the file. Raises FileError."""
    path = folder / FILE
    if not path.exists():
        return ()
    top = load_marked(path)
    known(path, top, ("templates",))
    return tuple(every(items(path, top, "templates", "{name: …, title: …, texts: {de: …}}"), lambda i: _read(path, i)))


def _read(path: Path, item: Marked) -> Template:
    known(path, item, ("name", "title", "texts"))
    name, title, texts = text(path, item, "name"), text(path, item, "title"), item.get("texts")
    if not _NAME.fullmatch(name):
        raise FileError(path, item.line_of("name"), f'"{name}" is no name at Meta; use small letters, digits and _.')
    if not isinstance(texts, Marked) or GERMAN not in texts:
        raise missing(path, item, "texts", "texts: {de: …}")
    return Template(name, title, {language: text(path, texts, language) for language in texts})
