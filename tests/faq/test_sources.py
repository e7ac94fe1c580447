"""Import and export: what goes out comes back, nothing in a table can run, errors say where."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faq.entry import LEVELS, NO_LINK, Content, Draft, Elsewhere, Facts, Link, Text, validate
from faq.sources import SOURCES, RowError, UnknownSource, export, preview, read
from faq.sources.csv_table import plain, safe
from faq.sources.known import folded
from faq.sources.rows import Names
from faq.sources.table import Row, guess, headers, known
from faq.town import load_town
from tests.faq.town import CORPUS

_LINE = st.text(
    st.characters(codec="utf-8", exclude_characters="\u2028\u2029", exclude_categories=["Cs", "Cc"]),
    min_size=1,
    max_size=20,
).map(str.strip)
_WORDS = _LINE.filter(bool)
_RISKY = st.builds(
    lambda start, rest: (start + rest).strip(), st.sampled_from(["=", "+", "-", "@", "'", "'=", "''+"]), _LINE
)
_CELL = st.one_of(_WORDS, _RISKY).filter(bool)
_ANSWER = st.lists(_CELL, min_size=1, max_size=3).map("\n".join)
_DAY = st.dates(date(2000, 1, 1), date(2100, 1, 1))
_LINK = st.builds(Link, _CELL, _CELL)
_ELSEWHERE = st.builds(Elsewhere, st.sampled_from(LEVELS), _CELL, st.just("") | _CELL, st.just("") | _CELL)
_FACTS = st.builds(
    Facts, st.one_of(st.just(""), _CELL), st.lists(_CELL, max_size=3).map(tuple), deadline=_CELL, link=st.none() | _LINK
)


@st.composite
def drafts(draw: st.DrawFn) -> list[Draft]:
    found = []
    for number in range(draw(st.integers(1, 3))):
        texts = {
            language: Text(language, draw(_CELL), tuple(draw(st.lists(_CELL, max_size=3))), draw(_ANSWER), draw(_FACTS))
            for language in draw(st.sampled_from([("de",), ("de", "en"), ("de", "leicht", "pl")]))
        }
        dates = [draw(st.none() | _DAY) for _ in range(3)]
        source = draw(st.just(NO_LINK) | _LINK)
        elsewhere = draw(st.none() | _ELSEWHERE)
        key = draw(st.just("") | _CELL)
        content = Content(texts, draw(_CELL), draw(_CELL), source, draw(_DAY), *dates, key, elsewhere)
        found.append(Draft(f"eintrag-{number}", content))
    return found


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".xlsx", ".zip"])
@given(drafts())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_what_is_exported_reads_back_as_it_was(tmp_path: Path, suffix: str, some: list[Draft]) -> None:
    place = tmp_path / f"faq{suffix}"
    assert export(place, some) == len(some)
    back = list(read(place))
    assert [(d.entry, d.content) for d in back if isinstance(d, Draft)] == [(d.entry, d.content) for d in some]


@given(drafts())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_no_cell_of_a_table_can_run(tmp_path: Path, some: list[Draft]) -> None:
    place = tmp_path / "faq.csv"
    export(place, some)
    with place.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.reader(file, delimiter=";"):
            assert not any(cell.startswith(tuple("=+-@\t\r\n＝＋－＠")) for cell in row)


@given(st.text(max_size=12))
def test_safe_and_plain_undo_each_other(cell: str) -> None:
    assert plain(safe(cell)) == cell
    assert not safe(cell).startswith(tuple("=+-@\t\r\n"))


def test_a_foreign_table(tmp_path: Path) -> None:
    place = tmp_path / "export.csv"
    place.write_bytes(
        "Frage,Antwort,Thema,Varianten,Stand,Spalte X\r\n"
        'Wo ist das Fundbüro?,"Im Rathaus, Zimmer 3",ordnung,"fundbüro\nverloren",01.11.2026,?\r\n'.encode("cp1252")
    )
    (draft,) = read(place)
    assert isinstance(draft, Draft)
    text = draft.content.texts["de"]
    assert (draft.entry, text.answer, text.variants) == (
        "wo-ist-das-fundbuero",
        "Im Rathaus, Zimmer 3",
        ("fundbüro", "verloren"),
    )
    assert (draft.content.topic, draft.content.as_of) == ("ordnung", date(2026, 11, 1))


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ("Zuständig", "office"),
        ("ZUSTAENDIG", "office"),
        ("Wer ist zuständig?", "office"),
        ("Amt", "office"),
        ("Weitere Fragen", "variants"),
        ("Stichwörter", "variants"),
        ("Stichworte:", "variants"),
        ("Formulierungen", "variants"),
        ("Varianten", "variants"),
        ("Frage", "question"),
        ("Antwort", "answer"),
        ("Kategorie", "topic"),
        ("Link", "link_url"),
        ("URL", "link_url"),
        ("Stand", "as_of"),
        ("Sprache", "lang"),
        ("Mitzubringen", "documents"),
        ("Unterlagen", "documents"),
        ("Gebühr/Kosten", "fee"),
        ("Lfd. Farbe", ""),
    ],
)
def test_what_towns_call_their_columns(said: str, field: str) -> None:
    assert guess([said]) == {said: field}
    assert known(said) == field


def test_no_header_means_two_fields() -> None:
    names = [(folded(name), field) for field, some in headers().items() for name in some]
    assert len({name for name, _ in names}) == len(set(names))


@pytest.mark.parametrize(
    ("header", "apart"), [("Schlagwörter", True), ("Tags", True), ("Andere Formulierungen", False)]
)
def test_keywords_stand_in_one_cell_and_wordings_keep_their_commas(tmp_path: Path, header: str, apart: bool) -> None:
    place = tmp_path / "faq.csv"
    cell = "Perso, Ausweis; neuer Personalausweis |, "
    place.write_text(f'Frage;Antwort;{header}\nWo?;Dort.;"{cell}"\n', encoding="utf-8")
    (draft,) = read(place)
    assert isinstance(draft, Draft)
    words = ("Perso", "Ausweis", "neuer Personalausweis")
    assert draft.content.texts["de"].variants == (words if apart else (cell.strip(),))


@given(st.lists(st.sampled_from(["a", "a-2", "a-3", "a-2-2", "b"])))
def test_every_name_is_given_once_to_the_first_who_asks(asked: list[str]) -> None:
    names = Names()
    given_names = [names.give(name) for name in asked]
    assert len(set(given_names)) == len(asked)
    for number, name in enumerate(asked):
        if name not in given_names[:number]:
            assert given_names[number] == name


def test_a_column_of_sources_may_hold_their_addresses() -> None:
    titles, addresses = Row(2, ("Wo?", "Amtsblatt")), Row(3, ("Wer?", "www.stadt.example/wer"))
    assert guess(("Frage", "Quelle"), [titles]) == {"Frage": "question", "Quelle": "source_title"}
    assert guess(("Frage", "Quelle"), [titles, addresses]) == {"Frage": "question", "Quelle": "source_url"}
    both = guess(("Quelle", "Quelle-Adresse"), [Row(2, ("https://stadt.example", "https://stadt.example"))])
    assert both == {"Quelle": "source_title", "Quelle-Adresse": "source_url"}


def test_of_two_columns_of_one_name_a_person_says_which_is_which(tmp_path: Path) -> None:
    place = tmp_path / "faq.csv"
    place.write_text("Frage;Antwort;Link;Link\nWo?;Hier.;Seite;https://a.example\n", encoding="utf-8")
    begins = preview(place)
    assert begins
    proposed = guess(begins.headers, begins.rows)
    assert proposed == {"Frage": "question", "Antwort": "answer", "Link": "link_url", "Link (2)": ""}
    (found,) = read(place, proposed | {"Link": "link_title", "Link (2)": "link_url"})
    assert isinstance(found, Draft)
    assert found.content.texts["de"].facts.link == Link("Seite", "https://a.example")


def test_a_tables_errors_name_line_and_column(tmp_path: Path) -> None:
    place = tmp_path / "faq.csv"
    place.write_text(
        "id;question;answer;as of\n"
        'a;"Frage\nüber zwei Zeilen?";Antwort;2026-11-01\n'
        ";;Antwort;\n"
        "c;Frage?;;\n"
        "d;Frage?;Antwort;gestern\n"
        "a;Noch einmal?;Antwort;\n"
        'e;"offen;Antwort\n',
        encoding="utf-8",
    )
    found = list(read(place))
    errors = [(one.row, one.column) for one in found if isinstance(one, RowError)]
    assert errors == [(4, "Frage"), (5, "Antwort"), (6, "Stand"), (7, "Kennung"), (8, "")]
    assert [one.entry for one in found if isinstance(one, Draft)] == ["a"]


def test_a_table_without_its_columns(tmp_path: Path) -> None:
    place = tmp_path / "faq.csv"
    place.write_text("Name;Ort\nA;B\n", encoding="utf-8")
    (error,) = read(place)
    assert isinstance(error, RowError)
    assert "Frage, Antwort" in str(error)


def test_json_lines(tmp_path: Path) -> None:
    place = tmp_path / "faq.jsonl"
    lines = [
        {"id": 7, "question": "Eins?", "answer": "Ja.", "topic": None, "source": "amt/seite"},
        {"id": 7, "question": "One?", "answer": "Yes.", "lang": "en"},
        {"id": "7", "question": "Eins?", "answer": "Nein."},
        {"question": "Ohne Antwort?"},
        ["nichts"],
    ]
    place.write_text("\n".join(json.dumps(line) for line in lines) + "\n{\n", encoding="utf-8")
    found = list(read(place))
    assert [(e.row, e.column) for e in found if isinstance(e, RowError)] == [(3, "id"), (4, "answer"), (5, ""), (6, "")]
    (draft,) = [one for one in found if isinstance(one, Draft)]
    assert (draft.entry, set(draft.content.texts)) == ("7", {"de", "en"})


def test_two_entries_that_would_share_a_name(tmp_path: Path) -> None:
    place = tmp_path / "faq.jsonl"
    rows = [{"id": name, "question": "A?", "answer": "a"} for name in ("form.logout", "form-logout")]
    place.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    assert [one.entry for one in read(place) if isinstance(one, Draft)] == ["form-logout", "form-logout-2"]


CORPUS_FILE = """\
entries:
  - id: hund
    office: steueramt
    question: Hund?
    variants: [hund anmelden]
    answer: Ja.
    facts: {fee: "10 €", documents: [Ausweis]}
    source: {title: Hund, url: "https://a.example"}
    as_of: "2026-11-02"
    leicht:
      answer: |
        Sie haben einen Hund.
  - id: katze
    office: steueramt
    question: Katze?
    answer: Nein.
    as_of: "2026-11-02"
    elsewhere: {level: bund, office: Zoll}
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("    answer: Nein.\n", "", 13, 'lacks "answer"'),
        ("id: katze", "id: hund", 13, "another id"),
        ("question: Katze?", "frage: Katze?", 15, '"frage" is no field'),
        ('fee: "10 €"', "fee: 10", 7, "put 10 into quotes"),
        ("documents: [Ausweis]", "papiere: [Ausweis]", 7, "no fact"),
        ('"2026-11-02"\n    leicht', '"2.11."\n    leicht', 9, "write a day"),
        ("[hund anmelden]", "hund anmelden", 5, "must be a list"),
        ("  - id: katze", "  - katze: [", 13, "not valid YAML"),
        ("level: bund", "level: stadt", 18, "no level"),
        ("level: bund, ", "", 18, 'lacks "level"'),
        ("office: Zoll", "amt: Zoll", 18, '"amt" is no field here'),
        ("{level: bund, office: Zoll}", "Zoll", 18, "must look like"),
    ],
)
def test_a_broken_corpus_line_names_file_and_line(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    path = tmp_path / "steuern.yml"
    assert old in CORPUS_FILE
    path.write_text(CORPUS_FILE.replace(old, new, 1), encoding="utf-8")
    errors = [one for one in read(tmp_path) if isinstance(one, RowError)]
    assert len(errors) == 1
    message = str(errors[0])
    assert message.startswith(f"{path}:")
    assert says in message
    assert "\n" not in message
    assert errors[0].row == line or "not valid YAML" in says


def test_a_good_corpus_file(tmp_path: Path) -> None:
    (tmp_path / "steuern.yml").write_text(CORPUS_FILE, encoding="utf-8")
    dog, cat = read(tmp_path)
    assert isinstance(dog, Draft)
    assert isinstance(cat, Draft)
    assert dog.content.topic == "steuern"
    simple = dog.content.texts["leicht"]
    assert (simple.question, simple.facts.fee, simple.answer) == ("Hund?", "10 €", "Sie haben einen Hund.")
    assert cat.content.elsewhere == Elsewhere("bund", "Zoll")


def test_the_sample_corpus_is_sound() -> None:
    town = load_town(CORPUS / "town.yml")
    found = list(read(CORPUS))
    assert [str(one) for one in found if isinstance(one, RowError)] == []
    entries = [one for one in found if isinstance(one, Draft)]
    assert [(d.entry, problem) for d in entries for problem in validate(d)] == []
    assert {d.content.office for d in entries} <= set(town.offices)
    assert {d.content.topic for d in entries} <= set(town.topics)
    assert len(entries) >= 160
    assert sum("en" in d.content.texts for d in entries) >= 40
    assert all(len(d.content.texts["de"].variants) >= 3 for d in entries)


def test_what_no_source_reads(tmp_path: Path) -> None:
    with pytest.raises(UnknownSource, match=r"\.jsonl"):
        read(tmp_path / "faq.docx")
    with pytest.raises(UnknownSource, match=r"\.csv"):
        export(tmp_path / "faq.yml", [])
    assert {".jsonl", ".csv", ".yml"} <= set(SOURCES)
