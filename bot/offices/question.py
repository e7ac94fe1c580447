"""A question about an office or a place, understood: what is asked, of whom, for when. No guessing here."""

from dataclasses import dataclass
from datetime import date

from bot.offices.asks import asks
from bot.offices.directory import Directory
from faq.retrieval.places import places
from nlu.days import When, find_days
from nlu.phrases import tokenise

_LONGEST = 16  # words; whoever writes more has told a story, and the FAQ search reads it


@dataclass(frozen=True)
class OfficeQuestion:
    """What a message asks about offices (ids) or a kind of places.

    `aspect` is phone, where, next, until or hours, "" where only a name or a day was said; `bare` says that the
    message holds nothing else, so that it may be a follow-up, `us` that it speaks to the town ("habt ihr").
    """

    aspect: str
    offices: tuple[str, ...] = ()
    kind: str = ""
    district: str = ""
    when: When | None = None
    bare: bool = False
    us: bool = False

    @property
    def names_it(self) -> bool:
        """Does it say of whom and what, so that no model's doubt counts against it?"""
        if self.kind:
            return self.aspect == "where" or bool(self.district)
        return bool(self.offices and (self.aspect or self.when or self.district))

    @property
    def only_district(self) -> bool:
        """Is it nothing but "in der Nordstadt"? That answers something, and asks nothing."""
        return self.bare and bool(self.district) and not (self.aspect or self.offices or self.kind or self.when)


def understand(text: str, directory: Directory, today: date, language: str) -> OfficeQuestion | None:
    """The question that the text asks about offices or places; None where it asks something else."""
    words = tokenise(text)
    if not words or len(words) > _LONGEST:
        return None
    names, said = directory.find(words), find_days(text, today, language)
    asked = asks().find(words, said.covered if said else frozenset())
    covered = names.covered | (asked.covered if asked else frozenset()) | (said.covered if said else frozenset())
    rest = asks().rest_of(words, covered)
    aspect, allowed = (asked.aspect, asked.rest) if asked else ("", 0)
    if rest > allowed or (rest and not names.offices and not names.kind):
        return None
    if rest and places().elsewhere(text, directory.knows):
        return None  # "bürgeramt hamburg öffnungszeiten"
    when = said.when if said else None
    if aspect == "until" and asked and not (asked.opening or when or names.offices):
        return None  # "wie lange?" asks after whatever was spoken of
    if not (aspect or when or names.offices or names.kind or names.district):
        return None
    us = any(word.text in asks().us for word in words)
    offices = names.offices
    if len(offices) == 1 and names.district:
        offices = (directory.nearest(offices[0], names.district),)
    return OfficeQuestion(aspect, offices, names.kind, names.district, when, rest == 0, us)
