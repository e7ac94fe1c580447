"""Canned responses: ready sentences for clerks, with places that are filled in for the conversation at hand."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from faq.town import Canned, Town

GERMAN = "de"
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Filled:
    """A response ready to be put into the composer.

    `language` is that of the text: German where it has none in the one that was asked for. `missing` names the places
    that nobody could fill; they stand in the text as {name}, for the clerk to see.
    """

    id: str
    title: str
    shortcut: str
    language: str
    text: str
    missing: tuple[str, ...] = ()


def canned(town: Town, team: str, language: str, values: Mapping[str, str]) -> list[Filled]:
    """The responses for that team, its own before those for all, by title; filled in (faq.town.desks.PLACES)."""
    mine = [response for response in town.canned if response.team in ("", team)]
    ordered = sorted(mine, key=lambda response: (not response.team, response.title.casefold()))
    return [filled(response, language, values) for response in ordered]


def filled(response: Canned, language: str, values: Mapping[str, str]) -> Filled:
    """One of them. What is filled in stays what it is: a "{" in a name opens no place."""
    spoken = language if response.texts.get(language) else GERMAN
    text, missing = response.texts[spoken], []
    for place in _PLACE.findall(text):
        if not values.get(place) and place not in missing:
            missing.append(place)
    told = _PLACE.sub(lambda found: values.get(found[1]) or found[0], text)
    return Filled(response.id, response.title, response.shortcut, spoken, told, tuple(missing))
