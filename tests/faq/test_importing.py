"""What an import would change is exactly what is different, and only that is written."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faq.catalogue import Catalogue
from faq.entry import Content, Draft, Facts, Link, Text, content_to_json
from faq.importing import Plan, plan, take_in
from faq.sources import export, read
from tests.faq.town import NOW, content

MANY = 1000
CHANGES: dict[str, Callable[[Content, str], Content]] = {
    "question": lambda c, w: with_text(c, question=w),
    "answer": lambda c, w: with_text(c, answer=w),
    "variants": lambda c, w: with_text(c, variants=(w,)),
    "fee": lambda c, w: with_text(c, facts=replace(c.texts["de"].facts, fee=w)),
    "documents": lambda c, w: with_text(c, facts=replace(c.texts["de"].facts, documents=(w, "Ausweis"))),
    "link_url": lambda c, w: with_text(c, facts=replace(c.texts["de"].facts, link=Link("Seite", w))),
    "topic": lambda c, w: replace(c, topic=w),
    "as_of": lambda c, w: replace(c, as_of=date(2026, 12, 24)),
    "valid_until": lambda c, w: replace(c, valid_until=date(2027, 1, 1)),
    "source_url": lambda c, w: replace(c, source=Link(c.source.title, w)),
}
WORDS = ["=1+1", '"neu" mit Zeichen;', "zwei\nZeilen", "مرحبا", "👪 Familie", "'=x", "-5 €"]


def with_text(c: Content, **changes: object) -> Content:
    return replace(c, texts={**c.texts, "de": replace(c.texts["de"], **changes)})  # type: ignore[arg-type]


def corpus(size: int) -> list[Draft]:
    found = []
    for n in range(size):
        made = content(f"Frage {n} zu Ämtern?", f"Antwort {n}.\n\n- eins\n- zwei", variants=(f"wort {n}", f"=form {n}"))
        if n % 10 == 0:
            english = Text("en", f"Question {n}?", ("x",), f"Answer {n}.", Facts(fee="10 €"))
            made = replace(made, texts={**made.texts, "en": english})
        found.append(Draft(f"eintrag-{n}", made))
    return found


@pytest.fixture(scope="module")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    folder = tmp_path_factory.mktemp("thousand")
    catalogue = Catalogue.open(f"sqlite:///{folder}/faq.db", lambda: NOW)
    take_in(catalogue.engine, plan(catalogue.engine, corpus(MANY)), "import", NOW)
    yield catalogue
    catalogue.close()


def there_and_back(place: Path, drafts: list[Draft]) -> list[Draft]:
    export(place, drafts)
    return [one for one in read(place) if isinstance(one, Draft)]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@given(seed=st.integers(0, 10**6), many=st.integers(0, 40))
@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_a_changed_table_of_a_thousand_changes_what_is_different(
    tmp_path: Path, thousand: Catalogue, suffix: str, seed: int, many: int
) -> None:
    chance = random.Random(seed)
    drafts = corpus(MANY)
    wanted = {}
    for n in chance.sample(range(MANY), many):
        field, change = chance.choice(list(CHANGES.items()))
        # White space at the ends of a cell is not kept.
        drafts[n] = replace(drafts[n], content=change(drafts[n].content, chance.choice(WORDS)))
        wanted[f"eintrag-{n}"] = field
    new = [Draft("ganz-neu", content("Ganz neu?", "Ja."))] if chance.random() < 0.5 else []
    chance.shuffle(drafts)
    found = plan(thousand.engine, there_and_back(tmp_path / f"liste{suffix}", [*drafts, *new]))
    assert {change.entry: {one.field for one in change.differs} for change in found.changed} == {
        entry: {field, "link_title"} if field == "link_url" else {field} for entry, field in wanted.items()
    }
    assert [change.entry for change in found.new] == [draft.entry for draft in new]
    assert (len(found.same), found.errors) == (MANY - many, ())


@pytest.fixture
def catalogue(database_url: str) -> Iterator[Catalogue]:
    found = Catalogue.open(database_url, lambda: NOW)
    yield found
    found.close()


def heads(catalogue: Catalogue) -> dict[str, Content]:
    return {state.entry: state.head.content for state in catalogue.list(limit=1000).states}


def take(catalogue: Catalogue, drafts: list[Draft]) -> Plan:
    wanted = plan(catalogue.engine, drafts)
    take_in(catalogue.engine, wanted, "import", NOW)
    return wanted


def test_an_import_makes_drafts_and_a_second_one_nothing(tmp_path: Path, catalogue: Catalogue) -> None:
    told: list[tuple[int, int]] = []
    drafts = there_and_back(tmp_path / "liste.xlsx", corpus(30))
    kept = take_in(catalogue.engine, plan(catalogue.engine, drafts), "eda", NOW, lambda *at: told.append(at))
    assert (len(kept.new), kept.changed, kept.conflicts, catalogue.serial()) == (30, (), (), 0)
    assert (told[0], told[-1]) == ((0, 30), (30, 30))
    assert {entry: content_to_json(c) for entry, c in heads(catalogue).items()} == {
        draft.entry: content_to_json(draft.content) for draft in drafts
    }
    again = plan(catalogue.engine, drafts)
    assert (again.new, again.changed, len(again.same)) == ((), (), 30)
    take_in(catalogue.engine, again, "eda", NOW)
    assert all(len(catalogue.history(draft.entry)) == 1 for draft in drafts)


def test_what_somebody_saved_meanwhile_is_told_and_left_alone(catalogue: Catalogue) -> None:
    take(catalogue, corpus(4))
    changed = [replace(d, content=with_text(d.content, answer="Aus der Tabelle.")) for d in corpus(4)]
    wanted = plan(catalogue.engine, [*changed, Draft("neu", content("Neu?", "Tabelle."))])
    state = catalogue.get("eintrag-2")
    assert state
    catalogue.save_draft("eintrag-2", with_text(state.head.content, answer="Von Hand."), "eda", state.head.id)
    catalogue.save_draft("neu", content("Neu?", "Von Hand."), "eda")
    kept = take_in(catalogue.engine, wanted, "import", NOW)
    assert kept.conflicts == ("neu", "eintrag-2")
    assert kept.changed == ("eintrag-0", "eintrag-1", "eintrag-3")
    answers = {entry: c.texts["de"].answer for entry, c in heads(catalogue).items()}
    by_hand = {entry for entry, answer in answers.items() if answer == "Von Hand."}
    assert by_hand == {"eintrag-2", "neu"}
    assert [v.revision.number for v in catalogue.history("eintrag-0")] == [2, 1]


def test_all_or_nothing(catalogue: Catalogue) -> None:
    wanted = plan(catalogue.engine, corpus(3))
    broken = replace(wanted, new=(*wanted.new, replace(wanted.new[0], content=None)))  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        take_in(catalogue.engine, broken, "import", NOW)
    assert catalogue.list().total == 0


def table(folder: Path, text: str) -> list[Draft]:
    place = folder / "fremd.csv"
    place.write_text(text, "utf-8")
    return [one for one in read(place) if isinstance(one, Draft)]


def test_a_table_without_ids_finds_its_entries_by_their_questions(tmp_path: Path, catalogue: Catalogue) -> None:
    catalogue.save_draft("muellabfuhr", content("Wann kommt die Müllabfuhr?", "Montags."), "eda")
    found = plan(catalogue.engine, table(tmp_path, "Frage;Antwort\nwann kommt die  MUELLABFUHR;Dienstags.\n"))
    (change,) = found.changed
    assert (change.entry, found.new) == ("muellabfuhr", ())
    assert {one.field for one in change.differs} == {"question", "answer", "as_of"}
    (more,) = plan(catalogue.engine, table(tmp_path, "id;lang;Frage;Antwort\nmuellabfuhr;en;When?;Mondays.\n")).changed
    assert [(one.language, one.field) for one in more.differs if one.field != "as_of"] == [
        ("en", "question"),
        ("en", "answer"),  # and not all that the entry has for every language
    ]
    named = plan(catalogue.engine, table(tmp_path, "id;Frage;Antwort\nx;Wann kommt die Müllabfuhr?;Dienstags.\n"))
    assert [change.entry for change in named.new] == ["x"]  # who names entries means what they name
    twice = plan(catalogue.engine, table(tmp_path, "Frage;Antwort\nHund?;Ja.\nWann kommt die Müllabfuhr?;A.\n"))
    assert (len(twice.new), len(twice.changed)) == (1, 1)
    both = "Frage;Antwort\nWann kommt die Müllabfuhr?;A.\nwann kommt die müllabfuhr;B.\n"
    for same in (both, "Frage;Antwort\nDarf der Hund rein?;Ja.\ndarf der hund rein;Nein.\n"):
        (error,) = plan(catalogue.engine, table(tmp_path, same)).errors
        assert (error.row, error.why) == (3, "same.entry")


def test_what_a_table_has_no_column_for_stays(tmp_path: Path, catalogue: Catalogue) -> None:
    """An editor's work on an imported entry outlives the next delivery of the same list."""
    first = "Frage;Antwort;Thema\nHund?;Ja.;steuern\n"
    take(catalogue, table(tmp_path, first))
    state = catalogue.get("hund")
    assert state
    english = Text("en", "Dog?", (), "Yes.")
    mine = with_text(state.head.content, variants=("hund anmelden",), facts=Facts(fee="5 €"))
    mine = replace(mine, texts={**mine.texts, "en": english}, office="steueramt", as_of=date(2026, 1, 1))
    catalogue.save_draft("hund", mine, "eda", state.head.id)
    again = plan(catalogue.engine, table(tmp_path, first))
    assert (again.changed, len(again.same)) == ((), 1)
    (change,) = plan(catalogue.engine, table(tmp_path, first.replace("Ja.", "Nein."))).changed
    assert change.content.texts == {**with_text(mine, answer="Nein.").texts}
    assert (change.content.office, change.content.topic) == ("steueramt", "steuern")
    assert change.content.as_of != mine.as_of  # the day of the file: something changed
