"""What an entry says: its answer with its facts below it, one of its facts alone, what it says about somebody."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from bot.calendar import Calendar
from bot.document import (
    EMPTY,
    Block,
    Document,
    Items,
    Paragraph,
    Span,
    from_lines,
    from_markdown,
    joined,
    link,
)
from faq.entry import LEICHT, NO_LINK, Elsewhere, Facts, Revision, Text
from faq.town import Office
from nlu.text import fold, words

GERMAN = "de"
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_MARKS = re.compile(r"^[-*•\d.)\s]+|\*\*|__")
QUOTED = 3  # sentences of an answer that are repeated at most


class Words(Protocol):
    """The phrasebook as it is needed here."""

    def words(self, language: str, key: str, default: str | None = None) -> str:
        """A label."""
        ...

    def said(
        self, key: str, language: str, params: Mapping[str, str], trusted: Mapping[str, str] | None = None
    ) -> Document:
        """A reply's text."""
        ...

    def quotes(self, language: str, aspect: str) -> tuple[str, ...]:
        """Folded beginnings of words by which a sentence says something about the aspect."""
        ...


def place(office: Office) -> Document:
    """Name, address and telephone."""
    return Document((Paragraph((Span(office.full_name, bold=True), Span(f"\n{office.address}\n{office.phone}"))),))


def elsewhere(other: Elsewhere) -> Document:
    """An office that is not the town's: its name, a link where it has one, and its telephone."""
    name = link(other.office, other.url) if other.url else Span(other.office, bold=True)
    phone = (Span(f"\n{other.phone}"),) if other.phone else ()
    return Document((Paragraph((name, *phone)),))


class Telling:
    """Entries of the calendar's town, as it stands, in one phrasebook's words."""

    def __init__(self, book: Words, calendar: Calendar) -> None:
        self._book, self._calendar = book, calendar

    def answer(self, revision: Revision, language: str) -> Document:
        """The answer, its facts on lines of their own; LEICHT asks for Leichte Sprache.

        Where the entry does not have that language, a sentence says so and the German text follows.
        """
        if language == LEICHT:
            return self._easy(revision)
        text = revision.text(language)
        before = EMPTY
        if text.language != language and language != GERMAN:
            before = self._book.said("answer.german_only", language, {})
        told = joined(before, from_markdown(text.answer), self._facts(text, language))
        return self._not_us(revision.elsewhere, told, language) if revision.elsewhere else told

    def aspects(self, revision: Revision, aspects: tuple[str, ...], language: str, whole: bool = False) -> Document:
        """These facts below the entry's question. Without them the whole answer, or the honest way on: where to read
        and whom to ask. `none_of` tells which it was."""
        text = revision.text(language)
        found = joined(*(self._aspect(revision, text, aspect, language) for aspect in dict.fromkeys(aspects)))
        title = Document((Paragraph((Span(text.question, bold=True),)),))
        if found.blocks:
            return joined(title, found)
        if whole:
            return self.answer(revision, language)
        url = revision.source.url or self._calendar.town.website
        nothing = self._book.said(
            "follow_up.none", language, {"title": revision.source.title or text.question}, {"url": url}
        )
        office = self._calendar.town.offices.get(revision.office)
        return joined(nothing, self._book.said("follow_up.office", language, {}), place(office)) if office else nothing

    def none_of(self, revision: Revision, aspects: tuple[str, ...], language: str) -> bool:
        """Does the entry say nothing of any of these?"""
        text = revision.text(language)
        return not any(self._aspect(revision, text, aspect, language).blocks for aspect in aspects)

    def _not_us(self, other: Elsewhere, told: Document, language: str) -> Document:
        """Who does it instead of the town comes first; 115 knows authorities only."""
        first = self._book.said("elsewhere", language, {"office": other.office})
        hotline = EMPTY if other.level == "other" else self._book.said("elsewhere.hotline", language, {})
        contact = elsewhere(other) if other.url or other.phone else EMPTY
        return joined(first, told, contact, hotline)

    def _easy(self, revision: Revision) -> Document:
        text = revision.texts.get(LEICHT)
        if text is None:
            return joined(self._book.said("answer.not_easy", GERMAN, {}), self.answer(revision, GERMAN))
        # A text of its own names what it costs in its own words; where to click must not be lost.
        link_only = Facts(link=text.facts.link or revision.text(GERMAN).facts.link)
        facts = text.facts if text.facts != Facts() else link_only
        return joined(from_lines(text.answer), self._facts(replace(text, facts=facts), GERMAN))

    def _facts(self, text: Text, language: str) -> Document:
        facts = text.facts
        blocks: list[Block] = []
        if facts.documents:
            blocks.append(Paragraph((Span(self._book.words(language, "documents") + ":", bold=True),)))
            blocks.append(Items(tuple((Span(d),) for d in facts.documents)))
        lines = [(name, getattr(facts, name)) for name in ("fee", "duration", "deadline", "appointment")]
        for name, value in lines:
            if value:
                blocks.append(Paragraph((Span(self._book.words(language, name) + ": ", bold=True), Span(value))))
        if facts.link:
            blocks.append(Paragraph((link(facts.link.title, facts.link.url),)))
        return Document(tuple(blocks))

    def _aspect(self, revision: Revision, text: Text, aspect: str, language: str) -> Document:
        """One fact, from its field, named in the citizen's language; for what has no field, the answer's own sentences
        about it."""
        if aspect == "office":
            if revision.elsewhere:
                return elsewhere(revision.elsewhere)
            office = self._calendar.town.offices.get(revision.office)
            return place(office) if office else EMPTY
        facts = text.facts
        one = {
            "fee": Facts(fee=facts.fee),
            "documents": Facts(documents=facts.documents),
            "duration": Facts(duration=facts.duration),
            "deadline": Facts(deadline=facts.deadline),
            "appointment": Facts(appointment=facts.appointment, link=facts.link if facts.appointment else None),
        }.get(aspect, Facts())
        if one != Facts():
            return self._facts(replace(text, facts=one), language)
        said = self._sentences(text, aspect)
        if aspect == "online" and said and facts.link not in (None, NO_LINK):
            return joined(
                Document((Paragraph((Span(" ".join(said)),)),)),
                self._facts(replace(text, facts=Facts(link=facts.link)), language),
            )
        return Document((Paragraph((Span(" ".join(said)),)),)) if said else EMPTY

    def _sentences(self, text: Text, aspect: str) -> list[str]:
        """The first sentences of the answer, and of the fee, that speak of the aspect."""
        signs = self._book.quotes(text.language, aspect)
        if not signs:
            return []
        fee = [f"{self._book.words(text.language, 'fee')}: {text.facts.fee}."] if text.facts.fee else []
        sentences = [_MARKS.sub("", s).strip() for s in [*_SENTENCE.split(text.answer), *fee]]
        return [s for s in sentences if s and _speaks_of(s, signs)][:QUOTED]


def _speaks_of(sentence: str, signs: tuple[str, ...]) -> bool:
    said = words(fold(sentence))
    return any(word.startswith(sign) for word in said for sign in signs)
