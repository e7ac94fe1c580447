"""Reads and writes a folder, or a zip, of Markdown files: one per entry and language, its facts in the front matter.

`hund.md` is German, `hund.en.md` English, `hund.leicht.md` Leichte Sprache: one entry, named after the file. Between
two lines `---` at the top stand question, facts and, in the first file, what all languages share, under the names that
a table's columns have; below is the answer. A file without a question there has it as its first heading. With
`sections: true` one file holds several languages, each under a heading such as `## English` or `## en: How do I …?`.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path, PurePosixPath

import yaml

from faq.entry import Content, Draft, Text
from faq.marked import FileError, Marked, read_marked
from faq.sources import bounds
from faq.sources.decode import CONTROL, SAID, UNKNOWN, has_control
from faq.sources.headings import section, title
from faq.sources.rows import Bad, Problems, RowError, Unreadable, file_day, name_for
from faq.sources.table import OF_TEXT, column, content_of, headers, known, row_of
from nlu.data import read_data

ENDING, SECTIONS = ".md", "sections"
_FRONT = tuple(name for name in OF_TEXT if name != "answer")
_SHARED = tuple(name for name in headers() if name not in (*OF_TEXT, "id", "lang"))
_LISTS = ("variants", "documents")
_YES = frozenset({"true", "yes", "on", "ja", "1"})
_FENCE = re.compile(r"-{3}[ \t]*")


@dataclass(frozen=True)
class _File:
    """A file's name within its folder, and its bytes."""

    name: str
    raw: bytes

    @property
    def entry(self) -> str:
        return PurePosixPath(self.name).name.removesuffix(ENDING).removesuffix(f".{self.language}")

    @property
    def language(self) -> str:
        """By the last part of its name; "" where that tells none."""
        told = PurePosixPath(self.name).name.removesuffix(ENDING).rpartition(".")[2]
        return told if told in languages().values() and "." in self.name.removesuffix(ENDING) else ""


@dataclass(frozen=True)
class _Part:
    """One text: the line where it begins, its language, and its fields as a table's row would have them."""

    line: int
    language: str
    row: Mapping[str, str]


@dataclass(frozen=True)
class _Section:
    """A heading that begins another language: its line, counted from 0, and its question, "" for the file's own."""

    line: int
    language: str
    question: str


def read(place: Path) -> Iterator[Draft | RowError]:
    """One draft per entry, by the files' names. Raises Unreadable."""
    found: dict[str, Draft] = {}
    broken: set[str] = set()
    errors: list[RowError] = []
    day = file_day(place)
    for file in _files(place):
        where, name = str(place / file.name), name_for(file.entry)
        if isinstance(wrong := _text(file), Unreadable):
            errors.append(wrong.error(where))
            broken.add(name)
            continue
        try:
            parts = list(_parts(file, wrong))
        except FileError as error:
            errors.append(RowError(error.line, "", error.message, where, None, "markdown.front", ()))
            broken.add(name)
            continue
        for part in parts:
            problems = Problems()
            content = content_of({**part.row, "lang": part.language}, day, problems)
            given = part.row.get("id", "")
            name = name_for(given) if given else name
            if part.language in (found[name].content.texts if name in found else ()):
                problems.found.append(Bad("lang", "has this language already.", "twice", value=name))
            found[name] = _joined(found.get(name), Draft(name, content, f"{where}:{part.line}", told=_told(part)), part)
            for bad in problems.found:
                errors.append(RowError(part.line, column(bad.column), bad.message, where, None, bad.why, bad.values))
                broken.add(name)
    yield from errors
    yield from (draft for name, draft in found.items() if name not in broken)


def export(place: Path, drafts: Iterable[Draft]) -> int:
    """Writes a zip that reads back as it was."""
    count = 0
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for draft in drafts:
            count += 1
            texts = sorted(draft.content.texts.values(), key=lambda text: text.language != "de")
            for text in texts:
                suffix = "" if text.language == "de" else f".{text.language}"
                archive.writestr(f"{draft.entry}{suffix}{ENDING}", _written(draft, text, text is texts[0]))
    return count


@cache
def languages() -> dict[str, str]:
    """Codes of languages by what a heading may call them."""
    told: dict[str, list[str]] = read_data(Path(__file__).with_name("languages.yml"))
    return {name.casefold(): code for code, names in told.items() for name in (code, *names)}


def _written(draft: Draft, text: Text, first: bool) -> str:
    row = row_of(draft, text)
    # By the name of its file another language would be another entry.
    named = ("id", "lang") if text.language not in languages().values() else ("id",) if first else ()
    front: dict[str, object] = {name: row[name] for name in named}
    for name in (*_FRONT, *(_SHARED if first else ())):
        front[name] = row[name].split("\n") if name in _LISTS and row[name] else [] if name in _LISTS else row[name]
    top = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{top}---\n\n{text.answer}\n"


def _files(place: Path) -> Iterator[_File]:
    """The Markdown files by name, an entry's German first. Raises Unreadable."""
    if place.is_dir():
        paths = [path for path in sorted(place.rglob(f"*{ENDING}")) if path.is_file() and not path.is_symlink()]
        if len(paths) > bounds.FILES or sum(path.stat().st_size for path in paths) > bounds.UNPACKED:
            raise Unreadable(f"holds more than {bounds.FILES} files; split it.", "zip.files", most=bounds.FILES)
        found = [_File(path.relative_to(place).as_posix(), path.read_bytes()) for path in paths]
    else:
        with bounds.opened(place) as archive:
            names = [name for name in archive.namelist() if name.endswith(ENDING) and "__MACOSX" not in name]
            found = [_File(name, archive.read(name)) for name in names]
    if not found:
        raise Unreadable("holds no .md file.", "markdown.none")
    yield from sorted(found, key=lambda file: (file.entry, file.language not in ("", "de"), file.name))


def _text(file: _File) -> str | Unreadable:
    try:
        text = file.raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return Unreadable(SAID[UNKNOWN], UNKNOWN)
    return Unreadable(SAID[CONTROL], CONTROL) if has_control(text) else text


def _parts(file: _File, text: str) -> Iterator[_Part]:
    """The texts of a file, the first with what all share. Raises FileError."""
    lines = text.split("\n")
    front, body = Marked(1), 0
    if _FENCE.fullmatch(lines[0]):
        end = next((number for number, line in enumerate(lines[1:], 1) if _FENCE.fullmatch(line)), 0)
        if not end:
            raise FileError(Path(file.name), 1, "begins with --- and has no second line of it.")
        if any(line.strip() for line in lines[1:end]):
            # The first line stays, empty: so lines count as in the file.
            front = read_marked(Path(file.name), "\n".join(["", *lines[1:end]]), as_written=True)
        body = end + 1
    row = {name: _cell(value) for key, value in front.items() if (name := known(key) or key) in headers()}
    body = _titled(lines, body, row)
    found = list(_sections(lines, body)) if _cell(front.get(SECTIONS)).casefold() in _YES else []
    row["answer"] = _between(lines, body, found[0].line if found else len(lines))
    language = file.language or row.get("lang", "") or "de"
    if row["answer"] or not found:
        yield _Part(1, language, row)
    ends = [*(one.line for one in found), len(lines)][1:]
    for begun, end in zip(found, ends, strict=True):
        question, answer = begun.question or row.get("question", ""), _between(lines, begun.line + 1, end)
        yield _Part(begun.line + 1, begun.language, {"question": question, "answer": answer})


def _titled(lines: Sequence[str], body: int, row: dict[str, str]) -> int:
    """The line at which the answer begins: behind the heading that is the question, where the front matter has none."""
    if row.get("question"):
        return body
    first = next((number for number in range(body, len(lines)) if lines[number]), body)
    if not (found := title(lines[first]) if first < len(lines) else ""):
        return body
    row["question"] = found
    return first + 1


def _sections(lines: Sequence[str], body: int) -> Iterator[_Section]:
    """The headings that name a language."""
    for number in range(body, len(lines)):
        found = section(lines[number])
        if found and (language := languages().get(found[0].casefold())):
            yield _Section(number, language, found[1])


def _between(lines: Sequence[str], first: int, end: int) -> str:
    return "\n".join(lines[first:end]).strip()


def _cell(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(_cell(item) for item in value)
    return "" if value is None or isinstance(value, dict) else str(value).strip()


def _told(part: _Part) -> frozenset[str]:
    """What the file says of its entry; a day that is left empty says nothing."""
    return frozenset(name for name in part.row if name != "as_of" or part.row[name]) | {"lang", "question", "answer"}


def _joined(before: Draft | None, draft: Draft, part: _Part) -> Draft:
    if before is None:
        return replace(draft, places={part.language: draft.place})
    texts: Mapping[str, Text] = {**before.content.texts, **draft.content.texts}
    content: Content = replace(before.content, texts=texts)
    return replace(before, content=content, places={**before.places, part.language: draft.place})
