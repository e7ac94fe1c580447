"""A field's value in an editor's words: topics, offices and levels by name, days as people write them. Pure."""

from datetime import date

from bot.console.faq_form import DATES
from bot.console.words import Words
from faq.town import Town


def said(name: str, value: str, town: Town, t: Words) -> str:
    """What the field holds; as it stands where no name is known for it."""
    if name == "topic" and value in town.topics:
        return town.topics[value].named(t.language)
    if name == "office" and value in town.offices:
        return town.offices[value].named(t.language)
    if name == "elsewhere.level":
        return t.maybe(f"faq.level.{value}", value)
    if name in DATES and value:
        try:
            return t.day(date.fromisoformat(value))
        except ValueError:
            return value  # of a form that was posted: what was typed, to be read again
    return value
