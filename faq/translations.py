"""Which translations are older than their German original, read from an entry's history. Pure.

No field says it: a translation was made from the German text that stood beside it when it was last written. It is older
when today's German text is another one. Other wordings are no part of it: they help finding and are read by nobody.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from faq.entry import LEICHT, Revision, Text

ORIGINAL = "de"


@dataclass(frozen=True)
class Behind:
    """A translation whose original is newer: the version it was made from, and the first one that says otherwise."""

    made_from: int
    since: int


def behind(history: Iterable[Revision]) -> Mapping[str, Behind]:
    """By language, the newest version's translations that are older than its German text; versions in any order."""
    versions = sorted(history, key=lambda revision: revision.number)
    if not versions or ORIGINAL not in versions[-1].texts:
        return {}
    newest = versions[-1]
    found = {}
    for language in newest.texts:
        if language == ORIGINAL:
            continue
        written = _written(versions, language)
        source = _original(versions[written], language)
        if source != _original(newest, language):
            since = next(v for v in versions[written + 1 :] if _original(v, language) != source)
            found[language] = Behind(versions[written].number, since.number)
    return found


def _written(versions: list[Revision], language: str) -> int:
    """The position of the version in which the language's text was last written."""
    text = text_for(versions[-1], language, language)
    at = len(versions) - 1
    while at and text_for(versions[at - 1], language, language) == text:
        at -= 1
    return at


def _original(revision: Revision, language: str) -> Text | None:
    return text_for(revision, ORIGINAL, language)


def text_for(revision: Revision, of: str, by: str) -> Text | None:
    """What a citizen reads of that text, as far as it matters to the translation into `by`."""
    text = revision.texts.get(of)
    if text is None:
        return None
    # Leichte Sprache borrows the German question: another question alone makes no new text of it.
    return replace(text, variants=(), question="" if by == LEICHT else text.question)
