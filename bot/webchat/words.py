"""The page's own words, by language, and which language a page is in."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from bot.bidi import RTL
from nlu.data import read_data

FOLDER = Path(__file__).with_name("texts")
FIRST = "de"


@dataclass(frozen=True)
class Words:
    """One language's texts. `constants` (the town's name, its phone) are filled into every one."""

    language: str
    texts: Mapping[str, Any]
    constants: Mapping[str, str]

    @property
    def direction(self) -> str:
        """rtl or ltr, for the page's dir."""
        return "rtl" if self.language in RTL else "ltr"

    def say(self, key: str, **values: object) -> str:
        """The text of a key such as "errors.long", filled in. Raises KeyError for an unknown key."""
        found = self._at(key)
        if not isinstance(found, str):
            raise KeyError(key)
        return self._filled(found, values)

    def every(self, key: str) -> list[str]:
        """The texts of a list."""
        return [self._filled(text, {}) for text in cast(list[str], self._at(key))]

    def known(self, key: str, name: str, default: str) -> str:
        """A text from a table whose keys are data, such as a button's."""
        return str(cast(Mapping[str, Any], self._at(key)).get(name, default))

    def table(self, key: str) -> dict[str, str]:
        """A whole table of texts, filled in."""
        return {name: self._filled(str(text), {}) for name, text in cast(Mapping[str, Any], self._at(key)).items()}

    def _at(self, key: str) -> Any:
        found: Any = self.texts
        for name in key.split("."):
            found = found[name]
        return found

    def _filled(self, text: str, values: Mapping[str, object]) -> str:
        for name, value in {**self.constants, **values}.items():
            text = text.replace("{" + name + "}", str(value))
        return text


def load_words(constants: Mapping[str, str], folder: Path = FOLDER) -> dict[str, Words]:
    """Every language that has a file, by its code."""
    return {path.stem: Words(path.stem, read_data(path), constants) for path in sorted(folder.glob("*.yml"))}


def choose(known: Collection[str], conversation: str, accept: str) -> str:
    """The language of a page: the conversation's, else the browser's (an Accept-Language header), else German."""
    if conversation in known:
        return conversation
    wanted: list[tuple[float, str]] = []
    for item in accept[:500].split(","):
        tag, _, weight = item.partition(";q=")
        try:
            rank = float(weight) if weight else 1.0
        except ValueError:
            continue
        if rank > 0:
            wanted.append((-rank, tag.strip().partition("-")[0].casefold()))
    wanted.sort(key=lambda one: one[0])  # stable: the first named wins among equals
    return next((code for _, code in wanted if code in known), FIRST)
