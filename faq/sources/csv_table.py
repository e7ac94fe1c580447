"""Reads and writes tables: one line per entry and language, several variants or papers on lines within their cell.

Reads semicolons, commas and tabs, UTF-8, UTF-16 and Windows-1252, headers in German and English; writes what a German
Excel opens. No cell that we write can be taken for a formula.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from faq.entry import Draft
from faq.sources import table
from faq.sources.decode import SAID, decoded
from faq.sources.rows import RowError, file_day
from faq.sources.table import Chosen, Row, Wrong, column, row_of

__all__ = ["column", "export", "plain", "read", "rows", "safe"]

# A spreadsheet runs a cell that begins so; quotes of the same kind before it are ours or were there already.
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")


def safe(cell: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would run."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def plain(cell: str) -> str:
    """The inverse of `safe`."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def read(place: Path, chosen: Chosen | None = None) -> Iterator[Draft | RowError]:
    """One draft per name, in the order of their first lines; an error per cell that cannot be used."""
    return table.entries(place, rows(place), file_day(place), chosen)


def rows(place: Path, _chosen: Chosen | None = None) -> Iterator[Row]:
    """The table's rows by their first lines. Raises Unreadable."""
    text, wrong = decoded(place)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            message = f"cannot be split into cells ({error}); look for a quote that is not closed."
            yield Row(number, (), {-1: Wrong(message, "csv.broken", (("cause", str(error)),))})
            return
        if cells is None:
            return
        yield Row(number, [plain(cell) for cell in cells], _of_lines(wrong, number, reader.line_num))


def export(place: Path, drafts: Iterable[Draft]) -> int:
    """Writes a table that reads back as it was."""
    count = 0
    with place.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL)
        writer.writerow([names[0] for names in table.headers().values()])
        for draft in drafts:
            count += 1
            for text in draft.content.texts.values():
                row = row_of(draft, text)
                writer.writerow([safe(row[name]) for name in table.headers()])
    return count


def _of_lines(wrong: Mapping[int, str], first: int, last: int) -> Mapping[int, Wrong]:
    """What is wrong with the lines of one row, which may be several."""
    why = next((wrong[line] for line in range(first, last + 1) if line in wrong), "") if wrong else ""
    return {-1: Wrong(SAID[why], why)} if why else {}


def _delimiter(text: str) -> str:
    """Whichever of ; , TAB stands most often in the first line."""
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    return max(";,\t", key=first.count)
