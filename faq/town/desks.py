"""Who answers, how soon, and with which ready words: routing, promises and canned responses of a town.yml."""

import re
from collections.abc import Collection
from pathlib import Path

from faq.marked import FileError, Marked, every
from faq.town.fields import LANGUAGE, among, is_id, items, known, missing, said, text, texts
from faq.town.model import Canned, Promise, Route

PLACES = ("name", "nummer", "amt", "telefon", "clerk", "stadt")
"""What a canned response may leave to be filled in: the citizen's name, the conversation's number, the team's office
and its telephone, the clerk's name, the town."""

LONGEST_TEXT = 2000  # characters of a canned response in one language; a channel's message is twice that
LONGEST_PROMISE = 40 * 60  # minutes in opening hours: more than a week of them is no promise
_SHORTCUT = re.compile(r"[a-z0-9äöüß]{1,12}")
_PLACE = re.compile(r"\{([^{}\n]*)\}")


def routes(
    path: Path, top: Marked, topics: Collection[str], districts: Collection[str], teams: Collection[str]
) -> tuple[Route, ...]:
    """The section `routing`: each line's topics, in each of its districts and languages, go to its team."""
    found: dict[tuple[str, str, str], Route] = {}

    def read(item: Marked) -> None:
        known(path, item, ("topic", "district", "language", "team"))
        for name in ("topic", "team"):
            if not item.get(name):
                raise missing(path, item, name)
        if not (item.get("district") or item.get("language")):
            raise missing(path, item, "district")
        text(path, item, "team")
        (team,) = among(path, item, "team", teams, "teams")
        for topic in among(path, item, "topic", topics, "topics"):
            for district in among(path, item, "district", districts, "districts") or ("",):
                for language in _languages(path, item) or ("",):
                    if (topic, district, language) in found:
                        raise FileError(
                            path,
                            item.line,
                            f'"{topic}" in "{district or language}" has a team already; keep one.',
                            "twice.route",
                        )
                    found[topic, district, language] = Route(topic, district, team, language)

    every(items(path, top, "routing", "{topic: meldewesen, district: nordstadt, team: …}"), read)
    return tuple(found[key] for key in sorted(found))


def promises(path: Path, top: Marked, topics: Collection[str], teams: Collection[str]) -> tuple[Promise, ...]:
    """The section `promises`: within how many minutes of opening hours a team reads what waits for it."""
    found: dict[tuple[str, str], Promise] = {}

    def read(item: Marked) -> None:
        known(path, item, ("team", "topic", "minutes"))
        text(path, item, "team")
        (team,) = among(path, item, "team", teams, "teams")
        (topic,) = among(path, item, "topic", topics, "topics") or ("",)
        minutes = item.get("minutes")
        if minutes is None:
            raise missing(path, item, "minutes", "30")
        if not isinstance(minutes, int) or isinstance(minutes, bool) or not 1 <= minutes <= LONGEST_PROMISE:
            message = f'"minutes" must be a whole number from 1 to {LONGEST_PROMISE}.'
            raise FileError(path, item.line_of("minutes"), message, "minutes", most=LONGEST_PROMISE)
        if (team, topic) in found:
            message = f'"{team}" has a promise for "{topic or "every topic"}" already; keep one.'
            raise FileError(path, item.line, message, "twice.promise")
        found[team, topic] = Promise(team, topic, minutes)

    every(items(path, top, "promises", "{team: …, minutes: 30}"), read)
    return tuple(found.values())


def canned(path: Path, top: Marked, teams: Collection[str]) -> tuple[Canned, ...]:
    """The section `canned`: ready sentences for clerks. Two that one clerk sees never share a shortcut."""
    found: dict[str, Canned] = {}

    def read(item: Marked) -> None:
        known(path, item, ("id", "title", "shortcut", "team", "texts"))
        key = text(path, item, "id")
        is_id(path, item.line_of("id"), key)
        title, shortcut = text(path, item, "title"), text(path, item, "shortcut", "")
        if shortcut and not _SHORTCUT.fullmatch(shortcut):
            message = f'"{shortcut}" is no shortcut; use up to 12 small letters and digits.'
            raise FileError(path, item.line_of("shortcut"), message, "shortcut", value=shortcut)
        (team,) = among(path, item, "team", teams, "teams") or ("",)
        for other in found.values():
            if other.id == key:
                raise FileError(
                    path, item.line_of("id"), f'"{key}" stands there twice; keep one.', "twice.id", value=key
                )
            if shortcut and other.shortcut == shortcut and (not team or not other.team or team == other.team):
                message = f'the shortcut "{shortcut}" belongs to "{other.title}" already; choose another.'
                raise FileError(path, item.line_of("shortcut"), message, "twice.shortcut", other=other.title)
        found[key] = Canned(key, title, shortcut, team, said(path, item, "texts", LONGEST_TEXT, _fillable))

    every(items(path, top, "canned", '{id: …, title: …, texts: {de: "…"}}'), read)
    return tuple(found.values())


def _fillable(path: Path, line: int, words: str) -> None:
    """Refuses a place that nobody fills in."""
    for place in _PLACE.findall(words):
        if place not in PLACES:
            message = f'"{{{place}}}" is nothing to fill in; use {", ".join(f"{{{p}}}" for p in PLACES)}.'
            raise FileError(path, line, message, "placeholder", value=f"{{{place}}}")


def _languages(path: Path, item: Marked) -> tuple[str, ...]:
    found = texts(path, item, "language")
    for one in found:
        if not LANGUAGE.fullmatch(one):
            message = f'"{one}" is no language; write de, en, tr …'
            raise FileError(path, item.line_of("language"), message, "language", value=one)
    return found
