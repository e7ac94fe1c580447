"""Reads a corpus of YAML files: one file a topic, named after it, with a list under `entries:`.

docs/corpus.md describes the format. A folder's town.yml is not an entry file.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from faq.entry import LEICHT, LEVELS, NO_LINK, Content, Draft, Elsewhere, Facts, Link, Text
from faq.marked import FileError, Marked, load_marked, strings
from faq.sources.rows import RowError

TOWN = "town.yml"
_KEYS = {
    "id", "office", "topic", "question", "variants", "answer", "facts", "source", "as_of", "review_by",
    "valid_from", "valid_until", "service_key", "elsewhere",
}  # fmt: skip
_TEXT_KEYS = {"question", "variants", "answer", "facts"}
_ELSEWHERE_KEYS = ("level", "office", "url", "phone")
_FACT_KEYS = {"fee", "documents", "duration", "appointment", "deadline", "link"}


def read(place: Path) -> Iterator[Draft | RowError]:
    """Drafts in the files' order; an error names file and line and what to do, and reading goes on after it."""
    files = entry_files(place) if place.is_dir() else [place]
    if not files:
        yield RowError(1, "", "holds no .yml file with entries.", str(place))
    seen: dict[str, str] = {}
    for path in files:
        for found in _read_file(path):
            if isinstance(found, Draft):
                if found.entry in seen:
                    path_line, _, number = found.place.rpartition(":")
                    message = f'"{found.entry}" stands in {seen[found.entry]} already; give it another id.'
                    yield RowError(int(number), "id", message, path_line)
                    continue
                seen[found.entry] = found.place
            yield found


def entry_files(folder: Path) -> list[Path]:
    """A folder's files of entries; none where a town has its entries from a table."""
    return sorted(path for path in folder.glob("*.y*ml") if path.name != TOWN)


def _read_file(path: Path) -> Iterator[Draft | RowError]:
    try:
        entries = load_marked(path).get("entries")
        if not isinstance(entries, list):
            raise FileError(path, 1, 'needs a list under "entries:".')
    except FileError as error:
        yield RowError(error.line, "", error.message, str(path))
        return
    for entry in entries:
        try:
            if not isinstance(entry, Marked):
                raise FileError(path, 1, f'holds {entry!r} among its entries, which is no "key: value" block.')
            yield _draft(path, entry)
        except FileError as error:
            yield RowError(error.line, "", error.message, str(path))


def _draft(path: Path, entry: Marked) -> Draft:
    languages = {key for key, value in entry.items() if isinstance(value, Marked) and (key == LEICHT or len(key) == 2)}
    for key in entry:
        if key not in _KEYS | languages:
            raise FileError(path, entry.line_of(key), f'"{key}" is no field of an entry; correct or remove it.')
    german = _text(path, entry, "de", None)
    texts = {"de": german}
    for language in sorted(languages):
        texts[language] = _text(path, entry[language], language, german)
    content = Content(
        texts,
        _string(path, entry, "topic", path.stem),
        _string(path, entry, "office"),
        _link(path, entry, "source") or NO_LINK,
        _day(path, entry, "as_of", required=True) or date.min,
        _day(path, entry, "review_by"),
        _day(path, entry, "valid_from"),
        _day(path, entry, "valid_until"),
        _string(path, entry, "service_key", ""),
        _elsewhere(path, entry),
    )
    return Draft(_string(path, entry, "id"), content, f"{path}:{entry.line}")


def _text(path: Path, block: Marked, language: str, german: Text | None) -> Text:
    if german is not None:
        for key in block:
            if key not in _TEXT_KEYS:
                raise FileError(path, block.line_of(key), f'"{key}" is no field of a text; correct or remove it.')
    borrowed = german if language == LEICHT else None
    question = _string(path, block, "question", borrowed.question if borrowed else None)
    facts = borrowed.facts if borrowed and "facts" not in block else _facts(path, block)
    variants = strings(path, block.line_of("variants"), "variants", block.get("variants"))
    return Text(language, question, variants, _string(path, block, "answer"), facts)


def _facts(path: Path, block: Marked) -> Facts:
    facts = block.get("facts") or Marked(block.line)
    line = block.line_of("facts")
    if not isinstance(facts, Marked):
        raise FileError(path, line, '"facts" must be a mapping such as {fee: "37,00 €"}.')
    for key in facts:
        if key not in _FACT_KEYS:
            raise FileError(path, facts.line_of(key), f'"{key}" is no fact; use {", ".join(sorted(_FACT_KEYS))}.')
    told = {name: _string(path, facts, name, "") for name in ("fee", "duration", "appointment", "deadline")}
    documents = strings(path, facts.line_of("documents"), "documents", facts.get("documents"))
    return Facts(**told, documents=documents, link=_link(path, facts, "link"))


def _elsewhere(path: Path, entry: Marked) -> Elsewhere | None:
    block = entry.get("elsewhere")
    if block is None:
        return None
    if not isinstance(block, Marked):
        raise FileError(path, entry.line_of("elsewhere"), '"elsewhere" must look like {level: bund, office: …}.')
    for key in block:
        if key not in _ELSEWHERE_KEYS:
            raise FileError(path, block.line_of(key), f'"{key}" is no field here; use {", ".join(_ELSEWHERE_KEYS)}.')
    level = _string(path, block, "level")
    if level not in LEVELS:
        raise FileError(path, block.line_of("level"), f'"{level}" is no level; use {", ".join(LEVELS)}.')
    office, url = _string(path, block, "office"), _string(path, block, "url", "")
    return Elsewhere(level, office, url, _string(path, block, "phone", ""))


def _string(path: Path, block: Marked, name: str, default: str | None = None) -> str:
    value = block.get(name, default)
    if value is None or (value == "" and default is None):
        raise FileError(path, block.line, f'an entry that begins here lacks "{name}"; add it.')
    if not isinstance(value, str):
        raise FileError(path, block.line_of(name), f'"{name}" must be a text; put {value!r} into quotes.')
    return value.strip()


def _link(path: Path, block: Marked, name: str) -> Link | None:
    value = block.get(name)
    if value is None:
        return None
    if not isinstance(value, Marked):
        raise FileError(path, block.line_of(name), f'"{name}" must look like {{title: …, url: "https://…"}}.')
    return Link(_string(path, value, "title"), _string(path, value, "url"))


def _day(path: Path, block: Marked, name: str, required: bool = False) -> date | None:
    value: Any = block.get(name)
    if value is None:
        if required:
            raise FileError(path, block.line, f'an entry that begins here lacks "{name}"; add it, as "2026-11-02".')
        return None
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise FileError(path, block.line_of(name), f'"{name}" is {value!r}; write a day as "2026-11-02".') from None
