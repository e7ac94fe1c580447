"""Reads and writes tables: one line per entry and language, several variants or papers on lines within their cell.

Reads semicolons, commas and tabs, UTF-8 and Windows-1252, headers in German and English; writes what a German Excel
opens. No cell that we write can be taken for a formula.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from faq.entry import NO_LINK, Content, Draft, Elsewhere, Facts, Link, Text
from faq.sources.gather import Gathered
from faq.sources.rows import Bad, Problems, RowError, file_day, read_text, slug

DEFAULT = "import"
# A spreadsheet runs a cell that begins so; quotes of the same kind before it are ours or were there already.
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_REQUIRED = ("question", "answer")
_CELLS = {"source": "source_url", "facts.link": "link_url"}  # where an address stands, which has two cells


def safe(cell: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would run."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def plain(cell: str) -> str:
    """The inverse of `safe`."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def read(place: Path) -> Iterator[Draft | RowError]:
    """One draft per name, in the order of their first lines; an error per cell that cannot be used."""
    text = read_text(place)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    gathered = Gathered(place, slug, lambda name: column(name) if name else "")
    day = file_day(place)
    fields: list[str | None] | None = None
    line = 1
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            gathered.fail(line, "", f"cannot be split into cells ({error}); look for a quote that is not closed.")
            break
        if cells is None:
            break
        if not any(cell.strip() for cell in cells):
            continue
        if fields is None:
            fields = [_field(cell) for cell in cells]
            missing = [name for name in _REQUIRED if name not in fields]
            if missing:
                wanted = ", ".join(_headers()[name][0] for name in missing)
                yield RowError(line, "", f"is the header and lacks the columns {wanted}; add them.", str(place))
                return
            continue
        row = {name: plain(cell) for name, cell in zip(fields, cells, strict=False) if name}
        problems = Problems()
        draft = _draft(row, day, f"{place}:{line}", problems)
        gathered.add(line, _cell(row, "id") or _cell(row, "question"), draft, problems)
    yield from gathered.result()


def column(field: str) -> str:
    """The header over a field: of a row ("answer") or as JSON lines call it ("facts.link")."""
    return _headers()[_CELLS.get(field, field.removeprefix("facts.").replace(".", "_"))][0]


def export(place: Path, drafts: Iterable[Draft]) -> int:
    """Writes a table that reads back as it was."""
    count = 0
    with place.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL)
        writer.writerow([names[0] for names in _headers().values()])
        for draft in drafts:
            count += 1
            for text in draft.content.texts.values():
                row = _row(draft, text)
                writer.writerow([safe(row[name]) for name in _headers()])
    return count


def _draft(row: Mapping[str, str], day: date, place: str, problems: Problems) -> Draft:
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
    question, answer = (problems.tried("", _filled, row, name) for name in _REQUIRED)
    content = Content(
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
    return Draft("", content, place)


def _row(draft: Draft, text: Text) -> dict[str, str]:
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


@cache
def _headers() -> dict[str, list[str]]:
    found: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("columns.yml").read_text(encoding="utf-8"))
    return found


def _field(header: str) -> str | None:
    """Which field a header means; None for a column that is not ours."""
    told = re.sub(r"[\s_-]+", " ", header.casefold()).strip()
    for name, headers in _headers().items():
        if told in (re.sub(r"[\s_-]+", " ", known.casefold()) for known in headers):
            return name
    return None


def _delimiter(text: str) -> str:
    """Whichever of ; , TAB stands most often in the first line."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(";,\t", key=first.count)


def _cell(row: Mapping[str, str], name: str) -> str:
    return row.get(name, "").strip()


def _filled(row: Mapping[str, str], name: str) -> str:
    if value := _cell(row, name):
        return value
    raise Bad(name, "is empty; fill it or remove the line.")


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
        german = _GERMAN_DAY.fullmatch(value)
        if german:
            return date(int(german[3]), int(german[2]), int(german[1]))
        return date.fromisoformat(value)
    except ValueError:
        raise Bad(name, f'is "{value}"; write a day as 02.11.2026 or 2026-11-02.') from None
