"""What is asked before people take over, as a town writes it."""

from pathlib import Path

import pytest

from faq.marked import FileError
from faq.sources import read_for
from faq.town import load_town
from tests.faq.town import CORPUS

FORM = """
intake:
  - id: schaden
    topic: verkehr
    entry: [schlagloch-melden]
    button: {de: Hier melden, en: Report it}
    questions:
      - {id: ort, label: Ort, label_en: Place, texts: {de: "Wo ist es?", en: "Where is it?"}}
      - {id: was, label: Was, texts: {de: "Was ist es?"}}
"""
MORE = "      - {{id: q{n}, label: A, texts: {{de: B}}}}\n"
ANOTHER = "  - {id: a, topic: verkehr, button: {de: B}, questions: [{id: c, label: D, texts: {de: E}}]}\n"


def town_with(tmp_path: Path, form: str) -> Path:
    path = tmp_path / "town.yml"
    text = (CORPUS / "town.yml").read_text("utf-8")
    path.write_text(text[: text.index("\n# What is asked before")] + form, encoding="utf-8")
    return path


def test_a_form_speaks_the_citizens_language_else_english_else_german(tmp_path: Path) -> None:
    (form,) = load_town(town_with(tmp_path, FORM)).forms
    assert (form.topics, form.entries) == (("verkehr",), ("schlagloch-melden",))
    place, what = form.questions
    assert [place.text(code) for code in ("de", "tr")] == ["Wo ist es?", "Where is it?"]
    assert (what.text("tr"), what.label_en) == ("Was ist es?", "Was")
    assert [form.begin(code) for code in ("de", "fr")] == ["Hier melden", "Report it"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("topic: verkehr\n    entry: [schlagloch-melden]\n    button", "button", '"topic" is missing'),
        ("topic: verkehr", "topic: nirgends", '"nirgends" is not among the topics'),
        ("id: was", "id: ort", "the same id"),
        ("id: schaden", "id: Der Schaden", "no id"),
        ("de: Hier melden", "fr: Ici", '"de" is missing'),
        ("Hier melden", "Den Schaden jetzt gleich hier melden", "more than 20 characters"),
        ('de: "Was ist es?"', 'en: "What is it?"', '"de" is missing'),
        ("label_en: Place", "labl: Place", '"labl" is no field here'),
        ("Was ist es?", "x" * 301, "more than 300 characters"),
        ("questions:", "questions: []\n    entry2:", '"entry2" is no field'),
        ('Was ist es?"}}\n', 'Was?"}}\n' + "".join(MORE.format(n=n) for n in "ab"), "1 to 3"),
        ("\nintake:\n", f"\nintake:\n{ANOTHER}", "has a form already"),
    ],
)
def test_a_wrong_form_is_one_sentence(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in FORM
    with pytest.raises(FileError) as refused:
        load_town(town_with(tmp_path, FORM.replace(old, new, 1)))
    assert says in str(refused.value)


def test_the_sample_towns_forms_name_entries_that_there_are() -> None:
    town = load_town(CORPUS / "town.yml")
    known = {draft.entry for draft in read_for(town, CORPUS).drafts}
    assert town.forms
    assert [entry for form in town.forms for entry in form.entries if entry not in known] == []
    for form in town.forms:
        assert all(set(q.texts) == {"de", "en", "tr", "uk", "ar", "ru", "fr"} for q in form.questions)
