"""What an import says of rows: everything that is wrong, where, and what to do; offices and topics by their names."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from faq.entry import Draft
from faq.sources import Checked, check, read_for
from faq.sources.known import Known
from faq.town import Town, load_town
from tests.faq.town import CORPUS, ROOT

HEAD = "Kennung;Sprache;Frage;Antwort;Amt;Thema;Stand;Quelle-Adresse;Andere Formulierungen\n"


@pytest.fixture(scope="module")
def town() -> Town:
    return load_town(CORPUS / "town.yml")


def table(tmp_path: Path, town: Town, *rows: str) -> Checked:
    place = tmp_path / "liste.csv"
    place.write_bytes((HEAD + "".join(f"{row}\n" for row in rows)).encode("cp1252"))
    return read_for(town, place)


def told(errors: object) -> list[tuple[int, str]]:
    return [(error.row, error.column) for error in errors]  # type: ignore[attr-defined]


def test_all_that_is_wrong_with_a_row_is_told(tmp_path: Path, town: Town) -> None:
    found = table(
        tmp_path,
        town,
        "a;de;;;bürgramt;steuern;gestern;nirgends;",
        "b;de;Gut?;Ja.;Bürgeramt;steuern;01.11.2026;https://a.example;",
        f"c;de;Lang?;[hier](javascript:x);steueramt;steuern;;;{'w' * 301}",
    )
    assert told(found.errors) == [(2, "Frage"), (2, "Antwort"), (2, "Stand"), (2, "Amt")]
    assert told(found.blocks) == [(2, "Quelle-Adresse"), (4, "Andere Formulierungen"), (4, "Antwort")]
    assert [draft.entry for draft in found.drafts] == ["b", "c"]
    assert found.drafts[0].content.office == "buergeramt"
    unsafe = str(found.blocks[2])
    assert unsafe.startswith(f"{tmp_path}/liste.csv:4: Antwort: ")
    assert '"javascript:x"' in unsafe
    assert "https://, http://, mailto: or tel:" in unsafe
    assert "number 1 is longer than 300 characters" in str(found.blocks[1])


def test_each_language_has_its_row(tmp_path: Path, town: Town) -> None:
    found = table(
        tmp_path,
        town,
        "a;de;Eins?;Ja.;steueramt;steuern;gestern;;",
        "a;en;One?;[here](vbscript:x);;;;;",
        "b;en;Two?;Yes.;steueramt;steuern;;;",
        "c;z. B. Deutsch;Drei?;Ja.;steueramt;steuern;;;",
        "a;de;Noch einmal?;Ja.;;;morgen;;",
    )
    assert told(found.errors) == [(2, "Stand"), (6, "Kennung"), (6, "Stand")]
    assert told(found.blocks) == [(3, "Antwort"), (4, "Sprache"), (5, "Sprache"), (5, "Sprache")]
    assert "add its German text" in found.blocks[1].message
    assert '"z. B. Deutsch"' in found.blocks[3].message
    assert {draft.entry for draft in found.drafts} == {"b", "c"}


@pytest.mark.parametrize(
    ("given", "office"),
    [
        ("buergeramt-nord", "buergeramt-nord"),
        ("Bürgeramt Nord", "buergeramt-nord"),
        ("STEUERAMT", "steueramt"),
        ("Ausländerbehörde", "auslaenderbehoerde"),
        ("", "import"),
        ("Import", "Import"),
    ],
)
def test_an_office_by_its_id_or_a_name(tmp_path: Path, town: Town, given: str, office: str) -> None:
    found = table(tmp_path, town, f"a;;Eins?;Ja.;{given};Steuern;;;")
    assert found.errors == ()
    (draft,) = found.drafts
    assert (draft.content.office, draft.content.topic) == (office, "steuern")


def test_every_name_of_the_sample_town_is_known(town: Town) -> None:
    offices, topics = check.offices_of(town), check.topics_of(town)
    assert all(
        office.id in offices.meant(name) for office in town.offices.values() for name in (office.name, office.id)
    )
    assert all(topics.meant(name) == (topic.id,) for topic in town.topics.values() for name in (topic.name, topic.id))


def test_a_slip_is_an_error_and_another_towns_office_a_remark(tmp_path: Path, town: Town) -> None:
    found = table(
        tmp_path,
        town,
        "a;;Eins?;Ja.;steueramt;rathuas;;;",
        "b;;Zwei?;Ja.;steueramt;Seilbahnen;;;",
        "c;;Drei?;Ja.;steueramt;Seilbahnen;;;",
    )
    (slip,) = found.errors
    assert (slip.row, slip.column) == (2, "Thema")
    assert 'did you mean "rathaus"?' in slip.message
    assert told(found.remarks) == [(3, "Thema")]  # once, not on every row
    assert [draft.content.topic for draft in found.drafts[1:]] == ["Seilbahnen", "Seilbahnen"]


def test_a_name_that_two_share_is_asked_about() -> None:
    known = Known({"mitte": ("Rathaus", "Ämterhaus"), "nord": ("Rathaus Nord", "Ämterhaus"), "rathaus": ("Altes",)})
    assert known.meant("aemterhaus") == ("mitte", "nord")
    assert known.meant("Rathaus") == ("rathaus",)  # an id goes before a name
    assert known.meant("Rathaus-Nord") == ("nord",)
    assert (known.near("rathuas"), known.near("Seilbahn")) == ("rathaus", "")
    assert known.meant("") == ()


def test_a_name_of_two_offices_stops_the_import(tmp_path: Path, town: Town) -> None:
    offices = {id: replace(office, also=("Ämterhaus",)) for id, office in town.offices.items()}
    (error,) = table(tmp_path, replace(town, offices=offices), "a;;Eins?;Ja.;Aemterhaus;steuern;;;").errors
    assert "several" in error.message
    assert "buergeramt, buergeramt-nord" in error.message
    assert (error.row, error.column) == (2, "Amt")


def test_json_lines_tell_all_of_a_line_too(tmp_path: Path, town: Town) -> None:
    place = tmp_path / "liste.jsonl"
    facts = {"fee": 5, "documents": "Ausweis", "link": {"title": "x", "url": "nirgends"}}
    row = {"id": "a", "question": "", "answer": 7, "facts": facts, "office": "steuramt", "as_of": "gestern"}
    place.write_text(json.dumps(row) + "\n", encoding="utf-8")
    found = read_for(town, place)
    assert {column for _, column in told(found.errors)} == {"question", "answer", "fee", "documents", "office", "as_of"}
    assert told(found.blocks) == [(1, "facts.link")]
    assert found.drafts == ()


def test_the_sample_town_has_nothing_to_say(town: Town) -> None:
    found = read_for(town, CORPUS)
    assert (found.errors, found.blocks, found.remarks) == ((), (), ())
    assert all(isinstance(draft, Draft) for draft in found.drafts)
    assert len(found.drafts) > 100


def test_every_problem_has_its_words() -> None:
    source = (ROOT / "faq" / "entry.py").read_text("utf-8")
    keys = re.findall(r'Problem\([^"]*(?:f?"[^"]*", )?"([a-z-]+\.[a-z-]+)"(?![^\n]*blocks=False)', source)
    assert len(set(keys)) >= 9
    assert set(keys) <= set(check._TOLD)
