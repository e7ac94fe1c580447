"""What is wrong with a setting, in the words of the console and beside the field that it is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.console.settings.section import Section
from bot.console.words import Words
from faq.marked import FileError


@dataclass(frozen=True)
class Trouble:
    """`beside`: by the field's name in the form, a row's own by its number; `general`: about no field of this form."""

    beside: Mapping[str, Sequence[str]] = field(default_factory=dict)
    general: Sequence[str] = ()

    @classmethod
    def of(cls, error: FileError, section: Section, t: Words) -> "Trouble":
        """Everything that the reader of town.yml said."""
        beside: dict[str, list[str]] = {}
        general: list[str] = []
        for one in error.all:
            name = section.field_of(one.place[1:]) if one.place and one.place[0] == section.name else ""
            if name:
                beside.setdefault(name, []).append(said_of(one, t))
            else:
                general.append(elsewhere(one, t))
        return cls(beside, tuple(dict.fromkeys(general)))  # nine rules for a team that would be gone: said once


def said_of(error: FileError, t: Words) -> str:
    """One fault in words."""
    values = {k: t.day(v) if isinstance(v, date) else v for k, v in error.values.items()}
    return t.maybe(f"settings.problem.{error.why}", t("settings.problem.other", message=error.message), **values)


def elsewhere(error: FileError, t: Words) -> str:
    """A fault that shows in another section, such as a rule for a team that would be gone."""
    if not error.place:
        return said_of(error, t)
    name = t.maybe(f"settings.name.{error.place[0]}", str(error.place[0]))
    what = str(error.values.get("value", ""))
    return t("settings.problem.elsewhere", section=name, value=what, why=said_of(error, t))
