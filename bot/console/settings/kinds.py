"""Every section of the settings: its fields, and what its form does beside listing rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from multidict import MultiMapping

from bot.console.settings.fields import Field, Kind, meant, short_slot, shown, tidied
from bot.console.settings.keyed import Keyed
from bot.console.settings.rows import NUMBER, Form, item_of, one, slug
from bot.console.settings.section import DAYS, Choices, Section
from bot.console.settings.signing import Signing
from bot.console.words import Words

_DAY = {day: Field(day, Kind.SLOTS) for day in DAYS}
_CLOSE = (
    Field("topics", Kind.MANY, "topics", nothing="settings.nothing.topic"),
    Field("districts", Kind.MANY, "districts", nothing="settings.nothing.district"),
)
OTHER_LANGUAGES = ("tr", "uk", "ar", "ru", "fr")


@dataclass(frozen=True)
class Hours(Section):
    """A week table, one office a page."""

    def form(self, document: Any) -> Form:
        """Of no office yet."""
        return Form()

    def form_of(self, document: Any, office: str) -> Form:
        """An office's week."""
        week = document.get(office, {})
        return Form((), {"office": office} | {day: (shown(_DAY[day], week.get(day)) or ("",))[0] for day in DAYS})

    def posted(self, posted: MultiMapping[Any]) -> Form:
        """The office and its week."""
        return Form((), {name: tidied(posted.get(name, "")) for name in ("office", *DAYS)})

    def document(self, form: Form, before: Any) -> Any:
        """Only this office's week is another one."""
        week = {day: slots for day in DAYS if (slots := meant(_DAY[day], (form.more[day],)))}
        return {**before, form.more["office"]: week}

    def merged(self, form: Form, seen: Any, newest: Any) -> Any:
        """Somebody changed another office's week: both hold."""
        office = form.more["office"]
        return self.document(form, newest) if seen.get(office) == newest.get(office) else None

    def field_of(self, place: Sequence[str | int]) -> str:
        """A day."""
        return str(place[1]) if len(place) > 1 else ""

    def sentences(self, document: Any, choices: Choices, t: Words) -> list[str]:
        """An office a line."""
        found = []
        for office, week in document.items():
            found.append(f"{choices.word('offices', office)}: {week_in_words(week, t)}")
        return found


@dataclass(frozen=True)
class Teams(Section):
    """The first team takes what no topic names; the form has a mark for it."""

    def form(self, document: Any) -> Form:
        """The first one is marked."""
        return replace(super().form(document), more={"first": "0"})

    def posted(self, posted: MultiMapping[Any]) -> Form:
        """The mark names a row by the number under which it was posted."""
        form = super().posted(posted)
        numbers, first = [one(row, NUMBER) for row in form.rows], tidied(posted.get("first", ""))
        return replace(form, more={"first": str(numbers.index(first) if first in numbers else 0)})

    def document(self, form: Form, before: Any) -> Any:
        """Each with an id, a new one's out of its name; ids of teams that are gone stay theirs."""
        taken = [team["id"] for team in before]
        items: list[dict[str, Any]] = []
        for row in form.rows:
            key = one(row, "id") if one(row, "id") in taken else slug(one(row, "name"), taken)
            taken.append(key)
            items.append({**item_of(row, self.fields), "id": key})
        first = int(form.more.get("first", "0"))
        return [*items[first : first + 1], *items[:first], *items[first + 1 :]]


@dataclass(frozen=True)
class Routing(Section):
    """A team for each topic, and rows for the districts and languages that go elsewhere."""

    def form(self, document: Any) -> Form:
        """Topics and rows."""
        return replace(super().form(document["routes"]), more={f"topics.{k}": v for k, v in document["topics"].items()})

    def posted(self, posted: MultiMapping[Any]) -> Form:
        """Topics and rows."""
        topics = {name: tidied(posted[name]) for name in posted if name.startswith("topics.")}
        return replace(super().posted(posted), more=topics)

    def document(self, form: Form, before: Any) -> Any:
        """A topic that the form does not name keeps its team."""
        named = {name.removeprefix("topics."): team for name, team in form.more.items()}
        topics = {topic: named.get(topic, team) for topic, team in before["topics"].items()}
        return {"topics": topics, "routes": super().document(form, before)}

    def field_of(self, place: Sequence[str | int]) -> str:
        """A topic, or a row's field."""
        if place[:1] == ("topics",):
            return ".".join(str(part) for part in place[:2])
        return super().field_of(place[1:])

    def sentences(self, document: Any, choices: Choices, t: Words) -> list[str]:
        """Topics first."""
        topics = [
            f"{choices.word('topics', topic)} → {choices.word('teams', team)}"
            for topic, team in document["topics"].items()
        ]
        return topics + super().sentences(document["routes"], choices, t)


def week_in_words(week: Mapping[str, Sequence[str]], t: Words) -> str:
    """Mo. 8–12, 13–16; Di. 8–12"""
    days = (
        f"{t(f'weekdays.{number}')} {', '.join(short_slot(slot) for slot in week[day])}"
        for number, day in enumerate(DAYS)
        if week.get(day)
    )
    return "; ".join(days) or t("settings.say.never")


ALL: Mapping[str, Section] = {
    section.name: section
    for section in (
        Hours("hours", (), "settings/hours.html"),
        Section(
            "special_days",
            (
                Field("date", Kind.DATE, needed=True),
                Field("until", Kind.DATE),
                Field("offices", Kind.MANY, "offices", nothing="settings.nothing.offices"),
                Field("hours", Kind.SLOTS, nothing="settings.nothing.hours"),
                Field("reason", Kind.TEXT, language="de"),
                Field("reason_en", Kind.TEXT, language="en"),
            ),
        ),
        Section(
            "holidays",
            (
                Field("date", Kind.DATE, needed=True),
                Field("name", Kind.TEXT, needed=True, language="de"),
                Field("name_en", Kind.TEXT, language="en"),
            ),
        ),
        Teams(
            "teams",
            (
                Field("id", Kind.HIDDEN),
                Field("name", Kind.TEXT, needed=True, language="de"),
                Field("office", Kind.ONE, "offices", needed=True),
            ),
        ),
        Routing(
            "routing",
            (
                Field("topic", Kind.MANY, "topics", needed=True),
                Field("district", Kind.MANY, "districts", nothing="settings.nothing.district"),
                Field("language", Kind.MANY, "languages", nothing="settings.nothing.language"),
                Field("team", Kind.ONE, "teams", needed=True),
            ),
            "settings/routing.html",
        ),
        Section(
            "promises",
            (
                Field("team", Kind.ONE, "teams", needed=True),
                Field("topic", Kind.ONE, "topics", nothing="settings.nothing.topic"),
                Field("minutes", Kind.NUMBER, needed=True),
            ),
        ),
        Signing(
            "notices",
            (
                Field("id", Kind.HIDDEN),
                Field("level", Kind.ONE, "levels", needed=True),
                Field("from", Kind.MOMENT, nothing="settings.nothing.from"),
                Field("until", Kind.MOMENT),
                Field("open_ended", Kind.FLAG),
                Field("where", Kind.MANY, "where", nothing="settings.nothing.where"),
                *_CLOSE,
                Field("texts.de", Kind.AREA, needed=True, language="de"),
                Field("texts.en", Kind.AREA, language="en"),
                *(Field(f"texts.{code}", Kind.AREA, aside=True, language=code) for code in OTHER_LANGUAGES),
            ),
            by="texts.de",
            levels=("crisis",),
        ),
        Signing(
            "pinned",
            (
                Field("id", Kind.HIDDEN),
                Field("level", Kind.ONE, "pins", needed=True),
                Field("wordings", Kind.LINES, language="de"),
                Field("entries", Kind.LINES),
                Field("from", Kind.MOMENT, nothing="settings.nothing.from"),
                Field("until", Kind.MOMENT),
                Field("open_ended", Kind.FLAG),
                *_CLOSE,
                Field("texts.de", Kind.AREA, needed=True, language="de"),
                Field("texts.en", Kind.AREA, language="en"),
                *(Field(f"texts.{code}", Kind.AREA, aside=True, language=code) for code in OTHER_LANGUAGES),
            ),
            by="texts.de",
        ),
        Keyed(
            "canned",
            (
                Field("id", Kind.HIDDEN),
                Field("title", Kind.TEXT, needed=True, language="de"),
                Field("shortcut", Kind.TEXT),
                Field("team", Kind.ONE, "teams", nothing="settings.nothing.team"),
                Field("texts.de", Kind.AREA, needed=True, language="de"),
                Field("texts.en", Kind.AREA, language="en"),
                *(Field(f"texts.{code}", Kind.AREA, aside=True, language=code) for code in OTHER_LANGUAGES),
            ),
        ),
    )
}
"""In the order in which the pages list them."""
