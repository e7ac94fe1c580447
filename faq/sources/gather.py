"""Puts the rows of a table together: rows of one name, each with another language, are one entry."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from faq.entry import Draft
from faq.sources.rows import Names, Problems, RowError


class Gathered:
    """The entries and errors of one table, in the order of their rows.

    `name_of` makes an entry's name out of what a row calls it; `column` says what a field is called in the file.
    """

    def __init__(self, place: Path, name_of: Callable[[str], str], column: Callable[[str], str] = str) -> None:
        self._place, self._name_of, self._column = str(place), name_of, column
        self._names: dict[str, str] = {}
        self._free = Names()
        self._drafts: dict[str, Draft] = {}
        self._errors: list[RowError] = []
        self._broken: dict[str, int] = {}  # an entry with a row in error, and its first error

    def fail(self, row: int, field: str, message: str, draft: Draft | None = None, why: str = "", **of: object) -> None:
        """A row that cannot be used; `of` fills the words for `why` in."""
        values = tuple((name, str(value)) for name, value in of.items())
        self._errors.append(RowError(row, self._column(field), message, self._place, draft, why, values))

    def remark(self, row: int, message: str, why: str, **of: object) -> None:
        """What the file's owner should know, and what stops nothing."""
        values = tuple((name, str(value)) for name, value in of.items())
        self._errors.append(RowError(row, "", message, self._place, None, why, values, remark=True))

    def add(self, row: int, given: str, draft: Draft, problems: Problems, named: bool = True) -> None:
        """A row with one text. `given` is what it calls its entry: an id (`named`), or for want of one its question.

        The entry's other fields are its first row's.
        """
        (language,) = draft.content.texts
        name = self._names.get(given)
        if name is None:
            name = self._free.give(self._name_of(given))
            if given:  # rows without any name have nothing in common
                self._names[given] = name
            draft = replace(draft, entry=name, places={language: draft.place}, named=named)
        else:
            before, twice = self._drafts[name], language in self._drafts[name].content.texts
            content = replace(before.content, texts={**before.content.texts, **draft.content.texts})
            draft = replace(before, content=content, places={**before.places, language: draft.place})
            if twice:
                told = f'"{given}" stands in an earlier line already; give it another name or language.'
                self.fail(row, "id", told, draft, "twice", value=given)
                self._fail(row, problems)
                return
        self._drafts[name] = draft
        if problems.found:
            self._broken.setdefault(name, len(self._errors))
            self._fail(row, problems)

    def _fail(self, row: int, problems: Problems) -> None:
        for error in problems.found:
            self.fail(row, error.column, error.message, None, error.why, **dict(error.values))

    def result(self) -> Iterator[Draft | RowError]:
        """The errors, then the entries all of whose rows can be used. An error brings along what was read."""
        for name, first in self._broken.items():
            self._errors[first] = replace(self._errors[first], draft=self._drafts[name])
        yield from self._errors
        yield from (draft for name, draft in self._drafts.items() if name not in self._broken)
