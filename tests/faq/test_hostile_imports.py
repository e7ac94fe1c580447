"""What somebody could send to hurt the town, or by mistake: clear errors, at once, and the catalogue as it was."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from faq.catalogue import Catalogue
from faq.importing import plan
from faq.sources import read_for
from faq.town import Town, load_town
from tests.faq.town import CORPUS, NOW

HEAD = "Kennung;Frage;Antwort\n"


@pytest.fixture(scope="module")
def town() -> Town:
    return load_town(CORPUS / "town.yml")


def csv(raw: bytes | str, name: str = "liste.csv") -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(raw.encode() if isinstance(raw, str) else raw)
        return folder / name

    return make


def book(*rows: list[object], change: Callable[[Workbook], None] = lambda book: None) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        made = Workbook()
        for row in ([["Kennung", "Frage", "Antwort"]] if not rows or rows[0] != ["bare"] else []) + [
            row for row in rows if row != ["bare"]
        ]:
            made.active.append(row)  # type: ignore[union-attr]
        change(made)
        made.save(folder / "liste.xlsx")
        return folder / "liste.xlsx"

    return make


def patched(make: Callable[[Path], Path], part: str, old: bytes, new: bytes) -> Callable[[Path], Path]:
    """The workbook with other bytes in one of its parts."""

    def changed(folder: Path) -> Path:
        place = make(folder)
        with zipfile.ZipFile(place) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        assert old in parts[part]
        parts[part] = parts[part].replace(old, new, 1)
        with zipfile.ZipFile(place, "w") as archive:
            for name, raw in parts.items():
                archive.writestr(name, raw)
        return place

    return changed


def bomb(name: str, inner: str, size: int = 1024**3) -> Callable[[Path], Path]:
    """A zip of some megabytes that unpacks to a gigabyte of zeros."""

    def make(folder: Path) -> Path:
        packing = zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        with packing as archive, archive.open(inner, "w", force_zip64=True) as member:
            block = bytes(1024 * 1024)
            for _ in range(size // len(block)):
                member.write(block)
        return folder / name

    return make


def packed(names: dict[str, bytes], name: str = "ordner.zip") -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for inner, raw in names.items():
                archive.writestr(inner, raw)
        return folder / name

    return make


def elsewhere(make: Callable[[Path], Path], part: str = "sheet1.xml") -> Callable[[Path], Path]:
    """The workbook with one of its parts in a file whose name no XML has."""
    old, new = part.encode(), part.replace(".xml", ".txt").encode()

    def changed(folder: Path) -> Path:
        place = make(folder)
        with zipfile.ZipFile(place) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, raw in parts.items():
                archive.writestr(name.replace(part, new.decode()), raw.replace(old, new))
        return place

    return changed


def damaged(make: Callable[[Path], Path], part: str) -> Callable[[Path], Path]:
    """The workbook with a byte of that packed part changed."""

    def changed(folder: Path) -> Path:
        place = make(folder)
        raw = bytearray(place.read_bytes())
        with zipfile.ZipFile(place) as archive:
            raw[archive.getinfo(part).header_offset + 30 + len(part)] = 0xFF  # no kind of block that deflate knows
        place.write_bytes(raw)
        return place

    return changed


def lines(*raw: str | bytes) -> Callable[[Path], Path]:
    return csv(b"".join(one.encode() if isinstance(one, str) else one for one in raw), "liste.jsonl")


def _merged(made: Workbook) -> None:
    made.active.merge_cells("B2:C3")  # type: ignore[union-attr]


BOOK = "workbook.xml"
SHEET = "xl/worksheets/sheet1.xml"
GOOD = ["a", "Wo?", "Hier."]
LOL = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
XML = '<?xml version="1.0" encoding="UTF-8"?>'

HOSTILE: dict[str, tuple[Callable[[Path], Path], set[tuple[int, str, str]]]] = {
    "formula": (book(["a", "Wo?", "=HYPERLINK(1)"]), {(2, "Antwort", "cell.formula")}),
    "formula-of-an-id": (book(["=1+1", "Wo?", "Hier."]), {(2, "Kennung", "cell.formula")}),
    "error-cell": (book(["a", "Wo?", "#REF!"]), {(2, "Antwort", "cell.error")}),
    "merged": (
        book(GOOD, GOOD, change=_merged),
        {(2, "Frage", "cell.merged"), (2, "Antwort", "cell.merged")}
        | {(3, "Frage", "cell.merged"), (3, "Antwort", "cell.merged"), (3, "Kennung", "twice")},
    ),
    "zip-bomb": (bomb("liste.xlsx", SHEET), {(1, "", "zip.large")}),
    "zip-bomb-of-80-MB": (bomb("liste.xlsx", SHEET, 80 * 1024**2), {(1, "", "zip.ratio")}),
    "no-zip": (csv(b"PK\x03\x04 nothing", "liste.xlsx"), {(1, "", "zip.broken")}),
    "zip-but-no-workbook": (packed({"a.txt": b"x"}, "liste.xlsx"), {(1, "", "xlsx.broken")}),
    "workbook-as-csv": (lambda folder: book(GOOD)(folder).rename(folder / "x.csv"), {(1, "", "encoding.packed")}),
    "name-that-leads-elsewhere": (packed({"../../etc/x": b"x"}, "liste.xlsx"), {(1, "", "zip.name")}),
    "damaged-on-its-way": (damaged(book(GOOD), SHEET), {(1, "", "zip.broken")}),
    "damaged-where-nobody-looked": (
        damaged(elsewhere(book(GOOD), BOOK), "xl/workbook.txt"),
        {(1, "", "xlsx.broken")},
    ),
    "broken-where-nobody-looked": (
        patched(elsewhere(book(GOOD), BOOK), "xl/workbook.txt", b"<workbook", b"<<<"),
        {(1, "", "xlsx.broken")},
    ),
    "more-merged-cells-than-anybody-has": (
        patched(book(GOOD), SHEET, b"</sheetData>", b"</sheetData>" + b'<mergeCell ref="A1:B2"/>' * 50_001),
        {(1, "", "xlsx.merged")},
    ),
    "lists-within-lists": (lines(b'{"id": ' + b"[" * 100_000), {(1, "", "json.broken")}),
    "number-of-5000-digits": (lines(b'{"id": ' + b"9" * 5000 + b"}"), {(1, "", "json.broken")}),
    "nul-by-name": (
        lines(rb'{"id": "a", "question": "Wo\u0000?", "answer": "Hier."}'),
        {(1, "question", "text.control")},
    ),
    "half-a-sign-by-name": (lines(rb'{"question": "Wo?", "answer": "Hier\ud83d."}'), {(1, "answer", "text.control")}),
    "mixed-lines": (
        lines(
            '{"question": "Öl?", "answer": "Nö."}\n' * 2, '{"question": "Müll?", "answer": "Grün."}'.encode("cp1252")
        ),
        {(2, "id", "twice"), (3, "", "encoding.mixed")},
    ),
    "macros": (packed({"xl/vbaProject.bin": b"x"}, "liste.xlsx"), {(1, "", "xlsx.macros")}),
    "entities": (patched(book(GOOD), SHEET, b"<worksheet", f"{LOL}<worksheet".encode()), {(1, "", "xml.entities")}),
    "outside": (patched(book(GOOD), SHEET, b"<worksheet", f"{OUTSIDE}<worksheet".encode()), {(1, "", "xml.entities")}),
    "sheet-that-nobody-looked-at": (elsewhere(book(GOOD)), {(1, "", "xlsx.broken")}),
    "row-number": (patched(book(GOOD), SHEET, b'r="2"', b'r="99999999999"'), {(1, "", "table.rows")}),
    "not-even-xml": (patched(book(GOOD), SHEET, b"<worksheet", b"<<<"), {(1, "", "xml.broken")}),
    "workbook-of-a-million-columns": (
        patched(book(GOOD), SHEET, b"<sheetData>", b'<sheetData><row r="1">' + b"<c/>" * 1_000_000 + b"</row>"),
        {(1, "", "table.columns")},
    ),
    "deep-xml": (
        patched(book(GOOD), SHEET, b"<sheetData>", b"<x>" * 5000 + b"</x>" * 5000 + b"<sheetData>"),
        {(1, "", "xml.large")},
    ),
    "empty-workbook": (book(["bare"]), {(1, "", "table.empty")}),
    "million-columns": (csv(";".join(["Frage"] * 1_000_000) + "\na\n"), {(1, "", "table.columns")}),
    "too-many-rows": (csv(HEAD + "x;Wo?;Hier.\n" + "\n" * 60_000), {(50_001, "", "table.rows")}),
    "too-large": (csv(HEAD.encode() + b"x" * (21 * 1024**2)), {(1, "", "file.large")}),
    "huge-cell": (csv(HEAD + f'a;Wo?;"{"x" * 60_000}"\n'), {(2, "Antwort", "cell.long")}),
    "gigantic-cell": (csv(HEAD + f'a;Wo?;"{"x" * 200_000}"\n'), {(2, "", "csv.broken")}),
    "duplicate-headers": (csv("Frage;Antwort;Frage\nA;B;C\n"), {(1, "Frage", "header.twice")}),
    "two-headers-for-one-field": (csv("Frage;Antwort;Titel\nA;B;C\n"), {(1, "Frage", "header.twice")}),
    "nul": (csv(HEAD + "a;Wo\x00?;Hier.\n"), {(2, "", "text.control")}),
    "bell": (csv(HEAD + "a;Wo?;Hier.\nb;Wer?;\x07\n"), {(3, "", "text.control")}),
    "utf-16-without-mark": (csv((HEAD + "a;Wo?;Hier.\n").encode("utf-16-le")), {(1, "", "encoding.utf16")}),
    "half-of-utf-16": (csv(b"\xff\xfe" + HEAD.encode("utf-16-le")[:-1]), {(1, "", "encoding.utf16")}),
    "mixed": (
        csv(HEAD.encode() + "a;Müll?;Grün.\nb;Öl?;Nö.\n".encode() + "c;Bäume?;Später.\n".encode("cp1252")),
        {(4, "", "encoding.mixed")},
    ),
    "no-letters": (csv(HEAD.encode() + b"a;M\x81ll?;Hier.\n"), {(2, "", "encoding.unknown")}),
    "open-quote": (csv(HEAD + 'a;"Wo?;Hier.\n'), {(2, "", "csv.broken")}),
    "script": (csv(HEAD + "a;Wo?;Hier <script>alert(1)</script>\n"), {(2, "Antwort", "html")}),
    "picture": (csv(HEAD + "a;Wo <img src=x onerror=alert(1)>?;Hier.\n"), {(2, "Frage", "html")}),
    "html-in-a-workbook": (book(["a", "Wo?", "<p>Hier.</p>"]), {(2, "Antwort", "html")}),
    "empty": (csv(b""), {(1, "", "table.empty")}),
    "half-a-character": (book(["a", "Wo?", "Hier.\u2028"], ["b", "Wer?", None]), {(3, "Antwort", "empty")}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_end_in_clear_errors_and_change_nothing(
    tmp_path: Path, town: Town, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    make, expected = HOSTILE[name]
    place = make(tmp_path)
    catalogue = Catalogue.open(f"sqlite:///{tmp_path}/faq.db", lambda: NOW)
    try:
        with monkeypatch.context() as patch:
            if name.startswith("zip-bomb"):  # judged by the zip's directory: nothing of it is unpacked
                patch.setattr(zipfile.ZipFile, "open", pytest.fail)
            found = read_for(town, place)
        assert {(error.row, error.column, error.why) for error in found.errors} == expected
        assert all(len(str(error)) < 500 and "\n" not in error.message for error in found.errors)
        plan(catalogue.engine, found.drafts)
        assert (catalogue.serial(), catalogue.list().total) == (0, 0)
    finally:
        catalogue.close()


def test_what_looks_hostile_and_is_not(tmp_path: Path, town: Town) -> None:
    """Formulas as texts, quotes, both writing directions, emoji, UTF-16 with its mark."""
    words = ["'=1+1", '"Zitat"', "مرحبا =1", "👪 ja", "a < b und c > d", "x_x0041_y", "5 <6>"]
    rows = "".join(f'e{n};"{word.replace(chr(34), chr(34) * 2)}";Antwort {n}.\n' for n, word in enumerate(words))
    place = tmp_path / "liste.csv"
    place.write_bytes(b"\xff\xfe" + (HEAD + rows).encode("utf-16-le"))
    found = read_for(town, place)
    assert found.errors == ()
    assert [draft.content.texts["de"].question for draft in found.drafts] == ["=1+1", *words[1:]]


def test_a_bomb_that_lies_about_its_size(tmp_path: Path, town: Town) -> None:
    place = bomb("liste.xlsx", SHEET, 8 * 1024**2)(tmp_path)
    raw = bytearray(place.read_bytes())
    at = raw.rfind(b"PK\x01\x02")
    raw[at + 24 : at + 28] = (1000).to_bytes(4, "little")  # the unpacked size in the directory
    place.write_bytes(raw)
    (error,) = read_for(town, place).errors
    assert error.why in ("zip.broken", "zip.ratio", "xml.broken")


def test_a_zip_in_a_zip_is_not_opened(tmp_path: Path, town: Town) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.md", "---\nquestion: Wo?\n---\nHier.\n")
    found = read_for(
        town, packed({"innen.zip": inner.getvalue(), "a.md": b"---\nquestion: Wo?\n---\nHier.\n"})(tmp_path)
    )
    assert found.errors == ()
    assert [draft.entry for draft in found.drafts] == ["a"]
