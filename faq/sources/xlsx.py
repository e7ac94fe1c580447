"""Reads and writes workbooks of Excel and LibreOffice: a table on a sheet, of which the cells' values are taken.

Nothing is computed: a cell with a formula is an error, and so are cells that were merged. Of several sheets the first
is read whose header fits. What we write holds texts only, marked so that no program takes one for a formula.
"""

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils.exceptions import InvalidFileException

from faq.entry import Draft
from faq.sources import bounds, table
from faq.sources.decode import CONTROL, SAID, has_control
from faq.sources.rows import RowError, Unreadable, file_day
from faq.sources.table import ABOVE, REQUIRED, Chosen, Row, Wrong, fields_of, head, row_of

LONGEST = 32_767
"""Characters of a cell, by Excel's own specification; more would be cut without a word."""

_WIDTHS = {"question": 50, "answer": 80, "variants": 50}
_FORMULA = Wrong("holds a formula, which is not run; write its value instead.", "cell.formula")
_MERGED = "is merged with other cells ({where}); split them and write each value into its own cell."
_BROKEN = (
    *(InvalidFileException, ParseError, *bounds.DAMAGED),
    *(KeyError, ValueError, TypeError, IndexError, AttributeError),
)
"""What openpyxl raises for a file that is a zip but no workbook, or one with nonsense in its cells."""


class TooLong(ValueError):
    """A cell would be longer than a workbook holds; `where` names entry and column."""

    def __init__(self, where: str) -> None:
        super().__init__(f"{where} is longer than {LONGEST} characters")
        self.where = where


def read(place: Path, chosen: Chosen | None = None) -> Iterator[Draft | RowError]:
    """One draft per name, in the order of their first rows; an error per cell that cannot be used."""
    yield from table.entries(place, rows(place, chosen), file_day(place), chosen)
    try:
        others = _others(place, chosen)
    except Unreadable:
        return  # that is the error above
    for title in others:
        message = f'is not read: the sheet "{title}"; one sheet is taken, the first whose header fits.'
        yield RowError(1, "", message, str(place), None, "sheet.other", (("sheet", title),), remark=True)


def rows(place: Path, chosen: Chosen | None = None) -> Iterator[Row]:
    """The sheet's rows. Raises Unreadable."""
    with _workbook(place) as (book, merged):
        sheet = book[_sheet(book, chosen)[0]]
        begin: dict[int, list[Span]] = {}
        for span in merged.get(_part(sheet), ()):
            begin.setdefault(span[1], []).append(span)
        until: dict[int, tuple[int, str]] = {}  # by column: the last row of the merged cells that reach furthest down
        try:
            for number, cells in enumerate(sheet.iter_rows(max_row=bounds.ROWS + 2), 1):
                for where, _, bottom, left, right in begin.get(number, ()):
                    for column in range(left - 1, min(right, bounds.COLUMNS)):
                        until[column] = max(until.get(column, (0, "")), (bottom, where))
                row = _row(number, cells)
                joined = {column: _merged(where) for column, (bottom, where) in until.items() if bottom >= number}
                yield replace(row, wrong={**row.wrong, **joined})
        except _BROKEN as error:
            raise _broken(error) from None


def export(place: Path, drafts: Iterable[Draft]) -> int:
    """Writes a workbook that reads back as it was. Raises TooLong."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("FAQ")
    for number, name in enumerate(table.headers(), 1):
        sheet.column_dimensions[_letter(number)].width = _WIDTHS.get(name, 20)
    sheet.freeze_panes = "A2"
    bold, wrapped = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    sheet.append([_text(sheet, names[0], font=bold) for names in table.headers().values()])
    count = 0
    for draft in drafts:
        count += 1
        for text in draft.content.texts.values():
            row = row_of(draft, text)
            for name, cell in row.items():
                if len(cell) > LONGEST:
                    raise TooLong(f"{draft.entry}: {table.column(name)}")
            sheet.append([_text(sheet, row[name], alignment=wrapped) for name in table.headers()])
    book.save(place)
    return count


def _merged(where: str) -> Wrong:
    return Wrong(_MERGED.format(where=where), "cell.merged", (("where", where),))


def _text(sheet: Any, value: str, **style: Any) -> Any:
    """A cell that is a text whatever it begins with, in Excel as in LibreOffice."""
    cell = WriteOnlyCell(sheet, value="".join("\ufffd" if has_control(one) else one for one in value))
    if value:
        cell.data_type = "s"
        cell.quotePrefix = True
    for name, told in style.items():
        setattr(cell, name, told)
    return cell


def _letter(number: int) -> str:
    return (chr(64 + (number - 1) // 26) if number > 26 else "") + chr(65 + (number - 1) % 26)


Span = tuple[str, int, int, int, int]


@contextmanager
def _workbook(place: Path) -> Iterator[tuple[Any, Mapping[str, list[Span]]]]:
    """The workbook, read as it is asked for, and by sheet's file the cells that were merged. Raises Unreadable."""
    with bounds.opened(place) as archive:
        merged = {}
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                merged[name] = _gone_through(archive.read(name))
        if "xl/vbaProject.bin" in archive.namelist():
            raise Unreadable("holds macros; save it as .xlsx without them.", "xlsx.macros")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what of Excel openpyxl cannot keep is not asked for
            book = load_workbook(place, read_only=True, keep_links=False)
    except _BROKEN as error:
        raise _broken(error) from None
    try:
        for sheet in book.worksheets:
            if _part(sheet) not in merged:  # a sheet may lie in a file of any name, also one that nobody went through
                raise Unreadable("keeps a sheet where none belongs; save it anew as .xlsx.", "xlsx.broken", cause="")
            sheet.reset_dimensions()  # what the file says of its size is not to be trusted
        yield book, merged
    finally:
        book.close()


def _gone_through(raw: bytes) -> list[Span]:
    """The merged cells of a sheet. Raises Unreadable for more rows, columns or anything than there may be."""
    found: list[Span] = []
    cells, most = 0, bounds.COLUMNS

    def see(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal cells
        if name == "row":
            cells = 0
            if not attributes.get("r", "1").isdecimal() or int(attributes.get("r", "1")[:9]) > bounds.ROWS + 1:
                raise Unreadable(f"has more than {bounds.ROWS} rows; split it.", "table.rows", most=bounds.ROWS)
        elif name == "c":
            cells += 1
            at = _place(attributes.get("r", ""))
            # Excel keeps formats of empty cells far to the right: cells there count when they hold something.
            if cells > most * 5 or at[1] > 16_384:
                raise Unreadable(f"has more columns than the {most} that are taken.", "table.columns", most=most)
        elif name == "mergeCell":
            where = attributes.get("ref", "")
            first, _, last = where.partition(":")
            (top, left), (bottom, right) = _place(first), _place(last or first)
            found.append((where[:20], top, bottom, left, right))
            if len(found) > bounds.ROWS:
                raise Unreadable(
                    f"has more than {bounds.ROWS} merged cells; split them.", "xlsx.merged", most=bounds.ROWS
                )

    bounds.check_xml(raw, see)
    return found


def _place(reference: str) -> tuple[int, int]:
    """Row and column, from 1, of "B7"; (0, 0) for what is none."""
    letters = reference.rstrip("0123456789")
    number = reference[len(letters) :][:9]
    if not (letters.isascii() and letters.isalpha() and len(letters) <= 3 and number):
        return 0, 0
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return int(number), column


def _others(place: Path, chosen: Chosen | None) -> list[str]:
    with _workbook(place) as (book, _):
        return _sheet(book, chosen)[1]


def _sheet(book: Any, chosen: Chosen | None) -> tuple[str, list[str]]:
    """The first sheet whose header fits, else the first that holds something; and the others that hold something."""
    heads: dict[str, Sequence[str]] = {}
    for sheet in book.worksheets:
        try:
            above = [_row(number, cells) for number, cells in enumerate(sheet.iter_rows(max_row=ABOVE), 1)]
            heads[sheet.title] = above[head(above, chosen)].cells
        except Unreadable:
            continue  # nothing stands on it
        except _BROKEN as error:
            raise _broken(error) from None
    if not heads:
        raise Unreadable("holds no table.", "table.empty")
    fitting = (title for title, cells in heads.items() if set(REQUIRED) <= set(fields_of(cells, chosen)))
    title = next(fitting, next(iter(heads)))
    return title, [other for other in heads if other != title]


def _row(number: int, cells: Sequence[Any]) -> Row:
    found = [_cell(cell) for cell in cells]
    wrong = {column: told for column, told in enumerate(found) if isinstance(told, Wrong)}
    return Row(number, ["" if isinstance(told, Wrong) else told for told in found], wrong)


def _part(sheet: Any) -> str:
    """The sheet's file in the zip."""
    return str(sheet._worksheet_path).lstrip("/")  # read-only sheets tell no merged cells, and this nowhere else


def _cell(cell: Any) -> str | Wrong:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return _FORMULA
    if cell.data_type == "e":
        return Wrong(f"holds {value}, an error of the spreadsheet; correct it.", "cell.error", (("value", str(value)),))
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = str(value)
    return Wrong(SAID[CONTROL], CONTROL) if has_control(text.replace("\r", "\n")) else text


def _broken(error: Exception) -> Unreadable:
    return Unreadable(f"is no workbook that can be read ({error}); save it anew as .xlsx.", "xlsx.broken")
