"""The slash commands, under one canonical name each, however a citizen types them; and the words for menus."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from nlu.data import read_data

ALIASES: Mapping[str, str] = {
    "start": "start",
    "hilfe": "hilfe",
    "help": "hilfe",
    "mensch": "mensch",
    "human": "mensch",
    "sprache": "sprache",
    "language": "sprache",
    "datenschutz": "datenschutz",
    "privacy": "datenschutz",
    "meinedaten": "meinedaten",
    "mydata": "meinedaten",
    "loeschen": "loeschen",
    "löschen": "loeschen",
    "delete": "loeschen",
    "stop": "stop",
    "stopp": "stop",
}
_COMMAND = re.compile(r"\s*/(?P<name>\w{1,32})(?:@(?P<bot>\w{1,64}))?(?:\s+(?P<argument>.*))?\s*", re.DOTALL)
_WORDS = Path(__file__).with_name("words.yml")
_STOP = re.compile(r"\W*stopp?\W*", re.IGNORECASE)


def command(text: str, bot: str = "") -> tuple[str, str] | None:
    """(canonical name, argument) of a known command, else None: unknown ones are ordinary words.

    `bot` is our own user name, where known: a command for another bot is none of ours.
    """
    found = _COMMAND.fullmatch(text)
    if not found or (bot and found["bot"] and found["bot"].casefold() != bot.casefold()):
        return None
    name = ALIASES.get(found["name"].casefold())
    return (name, (found["argument"] or "").strip()) if name else None


def is_stop(text: str) -> bool:
    """STOP alone, as WhatsApp's rules let people write it."""
    return bool(_STOP.fullmatch(text))


def load_words() -> Mapping[str, Mapping[str, Any]]:
    """Language -> the few words that belong to messengers: menu entries and the label of a list."""
    return cast(Mapping[str, Mapping[str, Any]], read_data(_WORDS))
