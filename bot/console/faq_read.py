"""How hard each answer of an entry is to read, in words for beside its field."""

from dataclasses import dataclass

from bot.console.words import Words
from faq.entry import Content
from faq.readability import Hint, Readability, read

MOST = 12
"""Hints of one answer that are shown: who has met these sees the next."""


@dataclass(frozen=True, slots=True)
class Read:
    """`level` is a key of the texts ("easy", …; "" without a figure); `hints`: the sentence, and what to do with it."""

    level: str
    figure: str
    few: bool
    hints: tuple[tuple[str, str], ...]
    more: int


def readings(content: Content, t: Words) -> dict[str, Read]:
    """By language, where there is an answer of which anything can be said."""
    found = {}
    for language, text in content.texts.items():
        judged = read(text.answer, language)
        if judged.words and (judged.level or judged.hints):
            found[language] = _said(judged, t)
    return found


def _said(judged: Readability, t: Words) -> Read:
    figure = ""
    if judged.figure is not None:
        year = judged.year or 0
        figure = t(f"readability.figure.{judged.scale}", figure=t.number(judged.figure, 1), year=year)
    hints = tuple((hint.text, _advice(hint, t)) for hint in judged.hints)
    return Read(str(judged.level or ""), figure, judged.few, hints[:MOST], max(0, len(hints) - MOST))


def _advice(hint: Hint, t: Words) -> str:
    key = f"readability.hint.{hint.kind}{'_instead' if hint.instead else ''}"
    return t(key, word=hint.word, instead=hint.instead)
