"""Canned responses: ready sentences for clerks, with places that are filled in for the conversation at hand."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.conversation import Conversation
from faq.town import Canned, Town
from faq.town.desks import PLACES

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


def values(town: Town, c: Conversation, clerk: str) -> dict[str, str]:
    """What is known of a conversation for the places of its responses (faq.town.desks.PLACES); `clerk` is the name
    that citizens read. The office is that of the conversation's team."""
    team = town.teams.get(c.team)
    office = town.offices[team.office] if team else None
    return {
        "name": c.sender,
        "nummer": str(c.number or ""),
        "amt": office.name if office else "",
        "telefon": office.phone if office else town.phone,
        "clerk": clerk,
        "stadt": town.name,
    }


def canned(town: Town, team: str, language: str, known: Mapping[str, str]) -> list[Filled]:
    """The responses for that team, its own before those for all, by title; filled in with what is `known`."""
    mine = [response for response in town.canned if response.team in ("", team)]
    ordered = sorted(mine, key=lambda response: (not response.team, response.title.casefold()))
    return [filled(response, language, known) for response in ordered]


def unfilled(text: str) -> str:
    """The first place that still stands in a text with its braces, "" when none does: a citizen must not read it."""
    return next((found[0] for found in _PLACE.finditer(text) if found[1] in PLACES), "")


def ready(town: Town, c: Conversation, clerk: str) -> list[Filled]:
    """Those of the conversation's team in its language; `clerk` is the name that citizens read."""
    return canned(town, c.team, c.language or GERMAN, values(town, c, clerk))


def filled(response: Canned, language: str, known: Mapping[str, str]) -> Filled:
    """One of them. What is filled in stays what it is: a "{" in a name opens no place."""
    spoken = language if response.texts.get(language) else GERMAN
    text, missing = response.texts[spoken], []
    for place in _PLACE.findall(text):
        if not known.get(place) and place not in missing:
            missing.append(place)
    told = _PLACE.sub(lambda found: known.get(found[1]) or found[0], text)
    return Filled(response.id, response.title, response.shortcut, spoken, told, tuple(missing))
