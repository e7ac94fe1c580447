"""One section of the settings as a form: the general kind, a list of rows. bot.console.settings.kinds has them all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from multidict import MultiMapping

from bot.console.settings.fields import Field, Kind
from bot.console.settings.rows import Form, item_of, posted_rows, row_of
from bot.console.words import Words
from faq.town import Town
from faq.town.model import LEVELS, PINS, SHOWN
from faq.town.sections import by_day

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Choices:
    """What there is to choose from, by name: ids with what people call them, in the page's language."""

    def __init__(self, town: Town, languages: Sequence[str], t: Words) -> None:
        self._lists: Mapping[str, Mapping[str, str]] = {
            "offices": {o.id: o.named(t.language) for o in town.offices.values()},
            "teams": {x.id: x.name for x in town.teams.values()},
            "topics": {x.id: x.named(t.language) for x in town.topics.values()},
            "districts": {d.id: d.name for d in town.districts.values()},
            "levels": {level: t(f"notice.{level}") for level in LEVELS},
            "pins": {level: t(f"pinned.{level}") for level in PINS},
            "where": {place: t(f"settings.where.{place}") for place in SHOWN},
            "languages": {code: t.maybe(f"language.{code}", code) for code in languages},
        }

    def of(self, name: str) -> Mapping[str, str]:
        """Ids and names; empty for a name that is none of ours."""
        return self._lists.get(name, {})

    def word(self, name: str, value: str) -> str:
        """What one is called; itself when it is gone."""
        return self.of(name).get(value, value)


@dataclass(frozen=True)
class Section:
    """A section that is a list of rows."""

    name: str
    fields: tuple[Field, ...]
    template: str = "settings/rows.html"

    @property
    def first(self) -> str:
        """The field with which a new row begins."""
        return next((f.name for f in self.fields if f.kind is not Kind.HIDDEN), "")

    def label(self, f: Field, t: Words) -> str:
        """What a field is called here."""
        return t.maybe(f"settings.field_of.{self.name}.{f.name}", t(f"settings.field.{f.name}"))

    def form(self, document: Any) -> Form:
        """What stands in the form while nobody has typed."""
        return Form(tuple(row_of(item, self.fields) for item in document))

    def posted(self, posted: MultiMapping[Any]) -> Form:
        """What was typed."""
        return Form(posted_rows(posted, self.fields))

    def document(self, form: Form, before: Any) -> Any:
        """What the form says, as a document; `before` is the live one."""
        return [item_of(row, self.fields) for row in form.rows]

    def signed(self, document: Any, before: Any, who: str, at: datetime, four_eyes: bool) -> Any:
        """The document with who stands for it, where a section keeps that; `before` is the live one."""
        return document

    def settled(self, document: Any) -> Any:
        """A document that fits, in the order in which it is kept and shown."""
        return by_day(document) if any(f.name == "date" for f in self.fields) else document

    def merged(self, form: Form, seen: Any, newest: Any) -> Any:
        """The form over what somebody else saved since `seen`, where the two changed different things; else None."""
        return None

    def field_of(self, place: Sequence[str | int]) -> str:
        """The field beside which an error stands; `place` without the section's name. A row's own: its number."""
        number, *rest = place or ("",)
        name = ".".join(str(part) for part in rest)
        for f in self.fields:
            if name == f.name or name.startswith(f"{f.name}."):
                return f"{number}.{f.name}"
        if name and (within := next((f.name for f in self.fields if f.name.startswith(f"{name}.")), "")):
            return f"{number}.{within}"
        return str(number)

    def sentences(self, document: Any, choices: Choices, t: Words) -> list[str]:
        """Each row in words, so that two versions can be laid beside one another."""
        return [self._sentence(item, choices, t) for item in document]

    def _sentence(self, item: Mapping[str, Any], choices: Choices, t: Words) -> str:
        row, told = row_of(item, self.fields), []
        for f in self.fields:
            values = [self._word(f, value, choices, t) for value in row[f.name]]
            if not values or not any(values):
                if f.nothing:
                    told.append(t(f.nothing))
                continue
            if f.kind is Kind.HIDDEN:
                continue
            label = self.label(f, t) + ": " if f.kind in (Kind.NUMBER, Kind.AREA, Kind.LINES, Kind.MOMENT) else ""
            told.append(label + ", ".join(values))
        return " · ".join(told)

    def _word(self, f: Field, value: str, choices: Choices, t: Words) -> str:
        if f.kind is Kind.FLAG:
            return t(f"settings.field.{f.name}")
        if f.kind in (Kind.DATE, Kind.MOMENT):
            day, _, clock = value.partition("T")
            try:
                return f"{t.day(date.fromisoformat(day))} {clock}".strip()
            except ValueError:
                return value
        return choices.word(f.choices, value) if f.choices else value
