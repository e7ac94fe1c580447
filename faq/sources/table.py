"""Rows of a table, wherever they come from, as entries: one row per entry and language, under a header of fields.

A header that we do not know is no field, unless a person said which one it is (`Chosen`).
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from functools import cache
from itertools import chain, islice
from pathlib import Path

from faq.entry import NO_LINK, Content, Draft, Elsewhere, Facts, Link, Text
from faq.sources.bounds import CELL, COLUMNS, ROWS
from faq.sources.gather import Gathered
from faq.sources.known import folded
from faq.sources.rows import Bad, Problems, RowError, Unreadable, name_for
from faq.typed_day import day_of
from nlu.data import read_data

DEFAULT = "import"
REQUIRED = ("question", "answer")
OF_TEXT = (
    *("question", "variants", "answer", "fee", "documents", "duration", "appointment", "deadline"),
    *("link_title", "link_url"),
)
"""Fields that each language has for itself; the others are the entry's."""
ABOVE = 20
"""Rows among which the header is looked for."""
Chosen = Mapping[str, str]
"""Which field a header stands for, as a person said; "" for a column that is left out. Others go by their names."""

_ADDRESS = re.compile(r"\s*(https?://|www\.)", re.IGNORECASE)
_KEYWORDS = re.compile(r"(stich|schlag|such)(wort|worte|woerter|begriffe?)|keywords?|tags|synonym(e|s)?")
_ISO_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?")
_CELLS = {"source": "source_url", "facts.link": "link_url"}  # where an address stands, which has two cells
_ALIKE = 0.8  # letters in common, as in faq.sources.known


@dataclass(frozen=True)
class Wrong:
    """Why a cell is not to be used, as in RowError."""

    message: str
    why: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Row:
    """A row of the file by its number, from 1; `wrong` by column from 0, -1 for the whole row."""

    number: int
    cells: Sequence[str]
    wrong: Mapping[int, Wrong] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Nothing stands in it, and nothing is wrong with it."""
        return not self.wrong and not any(cell.strip() for cell in self.cells)


def entries(place: Path, rows: Iterable[Row], day: date, chosen: Chosen | None = None) -> Iterator[Draft | RowError]:
    """One draft per name, in the order of their first rows; an error per cell that cannot be used.

    `day` stands for the date that a row does not tell. Raises nothing: a file that ends in the midst is an error.
    """
    gathered = Gathered(place, name_for, lambda name: column(name) if name else "")
    number = 1
    try:
        some = bounded(rows)
        above = list(islice(some, ABOVE))
        at = head(above, chosen)
        header = above[at]
        number = header.number
        fields = fields_of(header.cells, chosen)
        if error := _unusable(header, fields, place):
            yield error
            return
        told = frozenset(fields) - {""}
        listed = {number for number, cell in enumerate(header.cells) if _KEYWORDS.fullmatch(folded(cell))}
        for row in chain(above[at + 1 :], some):
            number = row.number
            if not row.empty:
                _take(gathered, _apart(row, listed), fields, told, day, place)
    except Unreadable as error:
        gathered.fail(number, "", error.message, None, error.why, **dict(error.values))
    yield from gathered.result()


def head(rows: Sequence[Row], chosen: Chosen | None = None) -> int:
    """Where the header stands in the first rows: the first that names question and answer, else the first of all.

    Towns write a title above their tables. Raises Unreadable where nothing stands.
    """
    filled = [number for number, row in enumerate(rows) if not row.empty]
    if not filled:
        raise Unreadable("holds no table.", "table.empty")
    fitting = (number for number in filled if set(REQUIRED) <= set(fields_of(rows[number].cells, chosen)))
    return next(fitting, filled[0])


def bounded(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows, as many as are taken. Raises Unreadable."""
    for count, row in enumerate(rows):
        if count > ROWS:
            raise Unreadable(f"has more than {ROWS} rows; split it.", "table.rows", most=ROWS)
        if len(row.cells) > COLUMNS and any(cell.strip() for cell in row.cells[COLUMNS:]):
            many = len(row.cells)
            raise Unreadable(f"has {many} columns, where {COLUMNS} are taken.", "table.columns", most=COLUMNS)
        yield row


def fields_of(headers: Sequence[str], chosen: Chosen | None = None) -> list[str]:
    """Which field each column is; "" for none."""
    called = zip(names_of(headers), headers, strict=False)
    return [chosen[name] if chosen and name in chosen else known(cell) for name, cell in called]


def names_of(headers: Sequence[str]) -> tuple[str, ...]:
    """What each column is called where a person chooses: as its header, with a number if that stood there before."""
    found: list[str] = []
    times: dict[str, int] = {}
    for header in (cell.strip() for cell in headers[:COLUMNS]):
        times[header] = times.get(header, 0) + 1
        found.append(f"{header} ({times[header]})" if header and times[header] > 1 else header)
    return tuple(found)


def known(header: str) -> str:
    """Which field a header means by its name; "" for a column that is not ours."""
    return _by_name().get(folded(header), "")


def guess(headers: Sequence[str], rows: Iterable[Row] = ()) -> dict[str, str]:
    """A proposal which column is which field: by name, then by likeness; each field once. For people to look at.

    A column of sources in which addresses stand (`rows`: how the table begins) is that of their addresses.
    """
    found: dict[str, str] = {}
    called = names_of(headers)
    for look in (known, _like):
        for header, cell in zip(called, headers, strict=False):
            if header and header not in found and (name := look(cell)) and name not in found.values():
                found[header] = name
    named = {name: header for header, name in found.items()}
    if "source_title" in named and "source_url" not in named:
        number = called.index(named["source_title"])
        if any(_ADDRESS.match(cell) for row in rows for cell in row.cells[number : number + 1]):
            found[named["source_title"]] = "source_url"
    return {header: found.get(header, "") for header in called if header}


def column(name: str) -> str:
    """The header over a field: of a row ("answer") or as JSON lines call it ("facts.link")."""
    return headers()[_CELLS.get(name, name.removeprefix("facts.").replace(".", "_"))][0]


@cache
def headers() -> dict[str, list[str]]:
    """What a header may be called, by field; the first is what we write."""
    found: dict[str, list[str]] = read_data(Path(__file__).with_name("columns.yml"))
    return found


def row_of(draft: Draft, text: Text) -> dict[str, str]:
    """One text of an entry as cells by field; the inverse of reading."""
    content, facts = draft.content, text.facts
    days = {name: getattr(content, name) for name in ("as_of", "review_by", "valid_from", "valid_until")}
    return {
        "id": draft.entry,
        "lang": text.language,
        "question": text.question,
        "variants": "\n".join(text.variants),
        "answer": text.answer,
        "topic": content.topic,
        "office": content.office,
        "fee": facts.fee,
        "documents": "\n".join(facts.documents),
        "duration": facts.duration,
        "appointment": facts.appointment,
        "deadline": facts.deadline,
        "link_title": facts.link.title if facts.link else "",
        "link_url": facts.link.url if facts.link else "",
        "source_title": content.source.title,
        "source_url": content.source.url,
        "service_key": content.service_key,
        "elsewhere_level": content.elsewhere.level if content.elsewhere else "",
        "elsewhere_office": content.elsewhere.office if content.elsewhere else "",
        "elsewhere_url": content.elsewhere.url if content.elsewhere else "",
        "elsewhere_phone": content.elsewhere.phone if content.elsewhere else "",
    } | {name: day.isoformat() if day else "" for name, day in days.items()}


def _unusable(row: Row, fields: Sequence[str], place: Path) -> RowError | None:
    """Why this header is none."""
    if row.wrong:
        number, wrong = min(row.wrong.items())
        name = row.cells[number].strip() if 0 <= number < len(row.cells) else ""
        return RowError(row.number, name, wrong.message, str(place), None, wrong.why, wrong.values)
    if missing := [name for name in REQUIRED if name not in fields]:
        wanted = ", ".join(column(name) for name in missing)
        message = f"is the header and lacks the columns {wanted}; add them, or say which columns these are."
        return RowError(row.number, "", message, str(place), None, "header.missing", (("columns", wanted),))
    for name in fields:
        twice = [cell.strip() for cell, found in zip(row.cells, fields, strict=False) if name and found == name]
        if len(twice) > 1:
            both = ", ".join(f'"{cell[:60]}"' for cell in twice)
            message = f"has several columns for {column(name)}: {both}; leave all but one out."
            values = (("columns", both), ("field", column(name)))
            return RowError(row.number, column(name), message, str(place), None, "header.twice", values)
    return None


def _apart(row: Row, listed: Container[int]) -> Row:
    """With one keyword a line in those columns: under such a header towns write them in one, with commas between."""
    cells = [re.sub(r"[,;|]", "\n", cell) if number in listed else cell for number, cell in enumerate(row.cells)]
    return replace(row, cells=cells)


def _take(gathered: Gathered, row: Row, fields: Sequence[str], told: frozenset[str], day: date, place: Path) -> None:
    if whole := row.wrong.get(-1):
        gathered.fail(row.number, "", whole.message, None, whole.why, **dict(whole.values))
        return
    problems = Problems()
    given = {name: cell for name, cell in zip(fields, row.cells, strict=False) if name}
    spoilt = {name: row.wrong[number] for number, name in enumerate(fields) if name and number in row.wrong}
    for name, cell in given.items():
        if len(cell) > CELL:
            message = f"holds {len(cell)} characters, where {CELL} are taken; shorten it."
            spoilt[name] = Wrong(message, "cell.long", (("most", str(CELL)),))
    for name, wrong in spoilt.items():
        problems.found.append(Bad(name, wrong.message, wrong.why, **dict(wrong.values)))
    content = content_of({name: cell for name, cell in given.items() if name not in spoilt}, day, problems)
    # What could not be used is empty then, which needs no second error.
    first = {error.column: error for error in reversed(problems.found)}
    problems.found = [error for error in problems.found if first[error.column] is error]
    if not _cell(given, "as_of"):
        told -= {"as_of"}
    draft = Draft("", content, f"{place}:{row.number}", told=told)
    id = _cell(given, "id")
    gathered.add(row.number, id or _cell(given, "question"), draft, problems, named=bool(id))


def content_of(row: Mapping[str, str], day: date, problems: Problems) -> Content:
    """A row's entry with its one text; what cannot be read is left empty and named in `problems`."""
    language = _cell(row, "lang") or "de"
    facts = Facts(
        _cell(row, "fee"),
        _lines(row, "documents"),
        _cell(row, "duration"),
        _cell(row, "appointment"),
        _cell(row, "deadline"),
        _link(row, "link"),
    )
    question, answer = (problems.tried("", _filled, row, name) for name in REQUIRED)
    return Content(
        {language: Text(language, question, _lines(row, "variants"), answer, facts)},
        _cell(row, "topic") or DEFAULT,
        _cell(row, "office") or DEFAULT,
        _link(row, "source") or NO_LINK,
        problems.tried(None, _day, row, "as_of") or day,
        problems.tried(None, _day, row, "review_by"),
        problems.tried(None, _day, row, "valid_from"),
        problems.tried(None, _day, row, "valid_until"),
        _cell(row, "service_key"),
        _elsewhere(row),
    )


@cache
def _by_name() -> dict[str, str]:
    return {folded(said): name for name, names in headers().items() for said in reversed(names)}


def _like(header: str) -> str:
    close = get_close_matches(folded(header)[:60], _by_name(), 1, _ALIKE)
    return _by_name()[close[0]] if close else ""


def _cell(row: Mapping[str, str], name: str) -> str:
    return row.get(name, "").replace("\r\n", "\n").strip()


def _filled(row: Mapping[str, str], name: str) -> str:
    if value := _cell(row, name):
        return value
    raise Bad(name, "is empty; fill it or remove the line.", "empty")


def _lines(row: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"[\r\n]+", row.get(name, "")) if part.strip())


def _elsewhere(row: Mapping[str, str]) -> Elsewhere | None:
    told = [_cell(row, f"elsewhere_{name}") for name in ("level", "office", "url", "phone")]
    return Elsewhere(*told) if any(told) else None


def _link(row: Mapping[str, str], name: str) -> Link | None:
    title, url = _cell(row, f"{name}_title"), _cell(row, f"{name}_url")
    return Link(title, url) if title or url else None


def _day(row: Mapping[str, str], name: str) -> date | None:
    value = _cell(row, name)
    if not value:
        return None
    try:
        moment = _ISO_MOMENT.fullmatch(value)
        return day_of(moment[1] if moment else value)
    except ValueError:
        raise Bad(name, f'is "{value}"; write a day as 02.11.2026 or 2026-11-02.', "day", value=value[:60]) from None
