"""What two versions of an entry say differently, field by field, in an editor's words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.console.faq_said import said
from bot.console.words import Words
from faq.entry import Content, content_to_json
from faq.town import Town


@dataclass(frozen=True, slots=True)
class Difference:
    """A field's name in words, and its text before and after, "" where it is empty or the entry is not there."""

    label: str
    before: str
    after: str


def differences(before: Content | None, after: Content | None, town: Town, t: Words) -> list[Difference]:
    """Every field in which they differ, in the order of the fields."""
    was, now = (dict(_fields(content_to_json(content))) if content else {} for content in (before, after))
    names = [*now, *(name for name in was if name not in now)]
    return [
        Difference(label(name, t), *(said(name, form.get(name, ""), town, t) for form in (was, now)))
        for name in names
        if was.get(name, "") != now.get(name, "")
    ]


def label(name: str, t: Words) -> str:
    """A field's name in words, with its language."""
    if not name.startswith("texts."):
        return t.maybe(f"faq.field.{name}", name)
    _, code, rest = name.split(".", 2)
    return f"{t.maybe(f'faq.field.{rest}', rest)} ({t.maybe(f'language.{code}', code)})"


def _fields(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _fields(value, f"{prefix}{name}.")
        elif isinstance(value, (list, tuple)):
            yield f"{prefix}{name}", "\n".join(map(str, value))
        elif value is not None and name != "language":
            yield f"{prefix}{name}", str(value)
