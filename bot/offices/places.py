"""Places without staff, such as bottle banks: those of the district named, or a few to choose from."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from bot.document import Block, Document, Items, Span, joined
from faq.town import Kind, Place, Town
from faq.town.model import worded
from faq.town.near import nearest_districts

SHOWN = 4  # places listed where nobody knows which one is near


class Book(Protocol):
    """The phrasebook as it is needed here."""

    def words(self, language: str, key: str, default: str | None = None) -> str:
        """A label."""
        ...

    def said(
        self, key: str, language: str, params: Mapping[str, str], trusted: Mapping[str, str] | None = None
    ) -> Document:
        """A reply's text."""
        ...

    def weekdays(self, language: str) -> tuple[str, ...]:
        """Short names, Monday first."""
        ...


def places(book: Book, town: Town, kind_id: str, district_id: str, language: str) -> Document:
    """The places of that kind in the district; where there is none, or none was named, others with their district."""
    kind, district = town.kinds[kind_id], town.districts.get(district_id)
    params = {"kind": kind.named(language), "district": district.name if district else ""}
    here = [p for p in kind.places if p.district == district_id]
    if here:
        return joined(book.said("places.here", language, params), listed(_row(p, language) for p in here))
    if len(kind.places) <= SHOWN + 1:
        key, some = "places.all", list(kind.places)
    else:
        key, some = "places.some", _spread(kind, nearest_districts(town, district_id))
    rows = (_row(p, language, town.districts[p.district].name) for p in some)
    return joined(book.said("places.none" if district else key, language, params), listed(rows))


def listed(rows: Iterable[str]) -> Document:
    """A list, one line a row."""
    blocks: tuple[Block, ...] = (Items(tuple((Span(row),) for row in rows)),)
    return Document(blocks)


def _row(place: Place, language: str, district: str = "") -> str:
    note = worded(language, place.note, place.note_en)
    where = f"{place.address} ({district})" if district else place.address
    return ", ".join(part for part in (place.name, where, note) if part)


def _spread(kind: Kind, districts: Iterable[str]) -> list[Place]:
    """A few places, each in another district, in that order."""
    first = {p.district: p for p in reversed(kind.places)}
    return [first[d] for d in districts if d in first][:SHOWN]
