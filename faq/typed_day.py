"""A day as people type it, on a page or in a table: 23.11.2026, 23.11.26, or 2026-11-23 as a browser's field has it."""

import re
from datetime import date

GERMAN = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})", re.ASCII)
CENTURY = 2000
"""Of a year of two digits: nothing that a town tells its citizens here is older."""


def day_of(typed: str) -> date:
    """The day. Raises ValueError for what is none."""
    if found := GERMAN.fullmatch(typed):
        day, month, year = map(int, found.groups())
        return date(year if year > 99 else CENTURY + year, month, day)
    return date.fromisoformat(typed)
