"""A folder of Markdown: what towns keep in their own repositories, and what we write into a zip."""

import re
import time
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from faq.entry import Draft, Link
from faq.sources import RowError, export, read
from faq.sources.headings import section, title
from tests.faq.town import content

DOG = """\
---
topic: steuern
Gebühr: 60 €
documents: [Ausweis, SEPA-Mandat]
link_title: Formular
link_url: https://a.example
as_of: 2026-11-02
---
# Wie melde ich meinen Hund an?

Im **Steueramt**.

---

Oder online.
"""
SECTIONS = """\
---
question: Wo ist das Fundbüro?
sections: true
---
Im Rathaus.

## Nicht so gemeint

Auch im Keller.

## en: Where is the lost property office?

In the town hall.

## Leichte Sprache

Das Fund-Büro ist im Rathaus.
"""


def folder(place: Path, **files: str) -> Path:
    for name, text in files.items():
        path = place / f"{name.replace('__', '/').replace('_', '.')}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return place


def test_a_file_is_an_entry_and_its_languages_stand_beside_it(tmp_path: Path) -> None:
    (dog,) = read(folder(tmp_path, hund=DOG, hund_en="---\nquestion: Dog?\nfee: 60 euros\n---\nHere.\n"))
    assert isinstance(dog, Draft)
    german, english = dog.content.texts["de"], dog.content.texts["en"]
    assert (dog.entry, german.question) == ("hund", "Wie melde ich meinen Hund an?")
    assert german.answer == "Im **Steueramt**.\n\n---\n\nOder online."
    assert (german.facts.fee, german.facts.documents) == ("60 €", ("Ausweis", "SEPA-Mandat"))
    assert (german.facts.link, dog.content.as_of) == (Link("Formular", "https://a.example"), date(2026, 11, 2))
    assert (english.question, english.answer, english.facts.fee) == ("Dog?", "Here.", "60 euros")
    assert (dog.content.topic, dog.places["en"]) == ("steuern", f"{tmp_path}/hund.en.md:1")


def test_what_looks_like_a_number_stays_as_it_was_written(tmp_path: Path) -> None:
    """YAML takes 0221123456 for octal, 12:30 for 750 and 12.50 for 12.5; who wrote it meant a telephone and a fee."""
    front = "question: Ja\nKosten: 12.50\nDauer: 12:30\nvariants: [0x10, 1_000, no]\nZuständig Telefon: 0221123456\n"
    (draft,) = read(folder(tmp_path, wo=f"---\n{front}Frist:\nas_of: 2026-11-02\n---\nHier.\n"))
    assert isinstance(draft, Draft)
    text, elsewhere = draft.content.texts["de"], draft.content.elsewhere
    assert (text.question, text.facts.fee, text.facts.duration, text.facts.deadline) == ("Ja", "12.50", "12:30", "")
    assert (text.variants, elsewhere and elsewhere.phone) == (("0x10", "1_000", "no"), "0221123456")
    assert draft.content.as_of == date(2026, 11, 2)


def test_sections_of_one_file_are_its_languages(tmp_path: Path) -> None:
    (found,) = read(folder(tmp_path, amt__fundbuero=SECTIONS))
    assert isinstance(found, Draft)
    texts = found.content.texts
    assert {language: text.question for language, text in texts.items()} == {
        "de": "Wo ist das Fundbüro?",
        "en": "Where is the lost property office?",
        "leicht": "Wo ist das Fundbüro?",
    }
    assert texts["de"].answer == "Im Rathaus.\n\n## Nicht so gemeint\n\nAuch im Keller."
    assert texts["leicht"].answer == "Das Fund-Büro ist im Rathaus."
    assert found.places["en"].endswith("fundbuero.md:11")


@pytest.mark.parametrize(
    ("text", "row", "why"),
    [
        ("---\nquestion: Wo?\n", 1, "markdown.front"),
        ("---\nquestion: [Wo?\n---\nHier.\n", 3, "markdown.front"),
        ("Nur Text.\n", 1, "empty"),
        ("---\nquestion: Wo?\n---\n", 1, "empty"),
        ("---\nquestion: Wo?\nas_of: gestern\n---\nHier.\n", 1, "day"),
        ("---\nquestion: Wo?\n---\nHier\x00.\n", 1, "text.control"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, text: str, row: int, why: str) -> None:
    found = list(read(folder(tmp_path, gut="# Gut?\n\nJa.\n", hund=text)))
    errors = [one for one in found if isinstance(one, RowError)]
    assert [(error.row, error.why, Path(error.place).name) for error in errors] == [(row, why, "hund.md")]
    assert [one.entry for one in found if isinstance(one, Draft)] == ["gut"]


def test_a_file_of_bytes_and_an_empty_zip(tmp_path: Path) -> None:
    (tmp_path / "x.md").write_bytes(b"# M\xfcll?\n\nJa.\n")
    (error,) = read(tmp_path)
    assert isinstance(error, RowError)
    assert error.why == "encoding.unknown"
    with zipfile.ZipFile(tmp_path / "leer.zip", "w") as archive:
        archive.writestr("bild.png", b"x")
    (error,) = read(tmp_path / "leer.zip")
    assert isinstance(error, RowError)
    assert error.why == "markdown.none"


def test_an_unpacked_export_reads_as_the_zip_does(tmp_path: Path) -> None:
    drafts = [Draft("hund", content("Hund?", "# keine Überschrift\n\n---\n\nJa: [x](https://a.example)"))]
    export(tmp_path / "alle.zip", drafts)
    with zipfile.ZipFile(tmp_path / "alle.zip") as archive:
        archive.extractall(tmp_path / "alle")
    for place in (tmp_path / "alle.zip", tmp_path / "alle"):
        assert [(d.entry, d.content) for d in read(place) if isinstance(d, Draft)] == [("hund", drafts[0].content)]


# What headings are, as patterns: they say it shortly, and go through a long line again from each of its places.
TITLE = re.compile(r"#[ \t]+(.+?)[ \t]*#*[ \t]*")
SECTION = re.compile(r"##[ \t]+([^:\n]+?)[ \t]*(?::[ \t]*(.+?)[ \t]*)?")


@given(st.text("#: \tab", max_size=12).map("#".__add__))
@example("# # #")
def test_headings_are_what_they_look_like(line: str) -> None:
    found = TITLE.fullmatch(line)
    assert title(line) == (found[1].strip(" \t") if found and found[1].strip(" \t#") else "")
    cut = SECTION.fullmatch(line)
    name, question = ((part or "").strip(" \t") for part in cut.groups()) if cut else ("", "")
    expected = (name, question) if name and (question or ":" not in line) else None
    assert section(line) == expected


@pytest.mark.parametrize(
    "body",
    [
        "# a" + " \t" * 60_000 + "x",
        "# a" + "#" * 120_000 + "x",
        "# Wo?\n\n## de" + " " * 120_000 + "x",
        "# Wo?\n\n## de:" + " a" * 60_000 + "\nHier.",
        "# Wo?\n\n" + "## de\nHier.\n" * 9_000,
        "# Wo?\n\n" + "\n" * 120_000 + "## de",
    ],
    ids=["blanks", "signs", "blanks in a name", "words", "sections", "lines"],
)
def test_a_hostile_file_is_gone_through_once(tmp_path: Path, body: str) -> None:
    """Once is milliseconds; once for each of its places would be minutes."""
    place = folder(tmp_path, hund="---\nsections: true\n---\n" + body)
    began = time.process_time()
    assert len(list(read(place))) >= 1
    assert time.process_time() - began < 4
