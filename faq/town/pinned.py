"""Answers that stand above all others for a time, corrections of rumours among them: the section `pinned`."""

from collections.abc import Collection
from pathlib import Path

from faq.marked import FileError, Marked
from faq.town.fields import among, known, said, texts
from faq.town.model import PINS, Pinned
from faq.town.notices import LONGEST, SIGNATURE, listed, named, signed, span

MOST, WORDINGS = 30, 50
"""Pinned answers that are kept at a time, and wordings of one."""
_FIELDS = (
    *("id", "level", "from", "until", "open_ended", "topics", "districts", "wordings", "entries", "texts"),
    *SIGNATURE,
)


def pinned(path: Path, top: Marked, topics: Collection[str], districts: Collection[str]) -> tuple[Pinned, ...]:
    """In their order. Each says when it ends, and which questions it answers."""

    def read(item: Marked) -> Pinned:
        known(path, item, _FIELDS)
        first, last = span(path, item)
        wordings, entries = texts(path, item, "wordings"), texts(path, item, "entries")
        if not wordings and not entries:
            message = "it answers no question; add wordings or entries."
            raise FileError(path, item.line_of("wordings"), message, "pinned.nothing")
        if len(wordings) > WORDINGS or any(len(wording) > LONGEST for wording in wordings):
            message = f"more than {WORDINGS} wordings."
            raise FileError(path, item.line_of("wordings"), message, "pinned.wordings", most=WORDINGS)
        key, level = named(path, item, PINS)
        return Pinned(
            key,
            level,
            first,
            last,
            wordings,
            frozenset(entries),
            said(path, item, "texts", LONGEST),
            frozenset(among(path, item, "topics", topics, "topics")),
            frozenset(among(path, item, "districts", districts, "districts")),
            signed(path, item, read),
        )

    example = '{id: …, level: answer, until: "2026-12-02 18:00", wordings: ["…"], texts: {de: "…"}}'
    return listed(path, top, "pinned", example, read, MOST)
