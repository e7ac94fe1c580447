"""What the columns of a table are called on a page: by the editor's words for the fields that they fill."""

from bot.console.words import Words
from faq.sources.table import headers

_GROUPS = {"fee": "facts", "documents": "facts", "duration": "facts", "appointment": "facts", "deadline": "facts"}
_WITH_TITLE = {"link": "facts.link", "source": "source"}
OWN = ("id", "lang", "elsewhere_level", "elsewhere_office", "elsewhere_url", "elsewhere_phone")
"""What a table has beside the editor's fields, or must say with more words, as no heading stands above it there."""


def words_of(t: Words) -> dict[str, str]:
    """Every column that can be taken in, in their order, and what it is called."""
    return {name: t(f"import.field.{name}" if name in OWN else f"faq.field.{_field(name)}") for name in headers()}


def _field(name: str) -> str:
    """As the editor's form calls it: "facts.fee", "source.url"."""
    whole, _, part = name.partition("_")
    if whole in _WITH_TITLE:
        return f"{_WITH_TITLE[whole]}.{part}"
    return f"{_GROUPS[name]}.{name}" if name in _GROUPS else name
