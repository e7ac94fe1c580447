"""Entries to be judged: right ones, into which a test puts what is wrong."""

from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from bot.composition import SAMPLE_TOWN
from faq.entry import Content, Facts, Link, Revision, Text, revision_of
from faq.lint.corpus import Corpus
from faq.town import Town, load_town

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@cache
def town() -> Town:
    return load_town(SAMPLE_TOWN / "town.yml")


def text(
    question: str = "Wie beantrage ich einen Anglerschein?",
    answer: str = "Das geht im Bürgeramt.",
    variants: tuple[str, ...] = (),
    language: str = "de",
    **facts: Any,
) -> Text:
    return Text(language, question, variants, answer, Facts(**facts))


def entry(name: str, *texts: Text, number: int = 1, **fields: Any) -> Revision:
    fields = {"topic": "ausweise", "office": "buergeramt", "source": Link("Quelle", "https://town.de/q")} | fields
    told = {one.language: one for one in texts or (text(),)}
    content = Content(
        told, fields.pop("topic"), fields.pop("office"), fields.pop("source"), date(2026, 11, 2), **fields
    )
    return revision_of(name, number, content, "eda", NOW)


def corpus(*revisions: Revision, **known: Any) -> Corpus:
    return Corpus(revisions, town(), TODAY, **known)
